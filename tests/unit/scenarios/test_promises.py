"""The judge, by tables: what keeps each promise, what breaks it, and what the finding names."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scenarios.judging.evidence import (
    Decision,
    Evidence,
    Forgery,
    Identity,
    JudgedRecord,
    LogLine,
    Question,
    RecordedAction,
    Secret,
    SentDelivery,
    Unfinished,
)
from scenarios.judging.promises import judge
from scenarios.judging.verdicts import Ruling, Verdict

T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NUMBER = "2026BK7QX2M"
VID = "4703420631835716"


def later(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


REQUESTED = RecordedAction("a1", "REGISTER", "Requested", T0)
ACCEPTED = RecordedAction("r1", "REGISTER", "Accepted", later(10), "a1", NUMBER, {"child.nid": VID})
REJECTED = RecordedAction("r2", "REGISTER", "Rejected", later(10), "a1")
RECORD = JudgedRecord("e1", "K7QX2M", "birth", "Chanda Mulenga", (REQUESTED, ACCEPTED), national_id=VID)
OPEN = replace(RECORD, actions=(REQUESTED,), national_id=None)
ASKED = Question("e1", "a1", "REGISTER", T0, 202)
IDENTITY = Identity("rid1", NUMBER, "Chanda Mulenga", numbers=frozenset({VID}))
DELIVERED = SentDelivery(later(9), "rid1", "issued", 200)
HELD = Unfinished("e1", "a1", "ISSUED", remedies=("retry",), held="form-lacks-field", registration_id="rid1")
STUCK = Unfinished("e1", "a1", "STUCK", "nid-silent", ("retry", "reject"), stuck=True, registration_id="rid1")
GOOD = Evidence(later(60), (RECORD,), (ASKED,), (IDENTITY,), (DELIVERED,))


def ruled(evidence: Evidence, number: int) -> Verdict:
    verdict = judge(evidence)[number - 1]
    assert verdict.promise.number == number
    return verdict


def shown(verdict: Verdict) -> str:
    return "\n".join(" ".join((f.record, f.what, *f.evidence)) for f in verdict.findings)


def test_a_registration_that_went_well_keeps_all_five() -> None:
    assert [v.ruling for v in judge(GOOD)] == [Ruling.KEPT] * 5


@pytest.mark.parametrize(
    ("evidence", "proof"),
    [
        (replace(GOOD, records=(OPEN,)), "does not name it"),
        (replace(GOOD, records=(OPEN,), waiting=(replace(STUCK, action_id="other"),)), "does not name it"),
        (
            replace(GOOD, records=(OPEN,), waiting=(replace(STUCK, stuck=False, state="SUBMITTED"),)),
            "SUBMITTED",
        ),
        (replace(GOOD, records=(OPEN,), waiting=(replace(STUCK, reason=""),)), "lacks a reason"),
        (replace(GOOD, records=(OPEN,), waiting=(replace(STUCK, remedies=()),)), "lacks anything"),
        (replace(GOOD, records=(OPEN,), waiting=(replace(HELD, remedies=()),)), "lacks anything"),
        (replace(GOOD, records=(OPEN,), waiting=(replace(HELD, held=""),)), "not as stuck or held"),
        (replace(GOOD, records=()), "no longer holds it"),
        (replace(GOOD, records=(OPEN,), unseen={"waiting": "this bridge has no list"}), "has no list"),
    ],
)
def test_silence_breaks_the_first(evidence: Evidence, proof: str) -> None:
    verdict = ruled(evidence, 1)
    assert verdict.ruling is Ruling.BROKEN
    assert proof in shown(verdict)


@pytest.mark.parametrize(
    "evidence",
    [
        replace(GOOD, records=(replace(OPEN, actions=(REQUESTED, REJECTED)),)),
        replace(GOOD, records=(OPEN,), waiting=(STUCK,)),
        replace(GOOD, records=(OPEN,), waiting=(HELD,)),
        replace(GOOD, records=(OPEN,), questions=()),
    ],
)
def test_an_end_or_a_listed_stuck_state_keeps_the_first(evidence: Evidence) -> None:
    assert ruled(evidence, 1).kept


AGAIN = RecordedAction("r9", "REGISTER", "Accepted", later(20), "a1", "2026BOTHER1")


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ((REQUESTED, ACCEPTED, AGAIN), "accepted more than once"),
        ((REQUESTED, ACCEPTED, REJECTED), "both accepted and rejected"),
        ((REQUESTED, REJECTED, replace(REJECTED, id="r3")), "rejected more than once"),
        (
            (REQUESTED, ACCEPTED, replace(REQUESTED, id="a2"), replace(AGAIN, original_id="a2")),
            "registered twice",
        ),
    ],
)
def test_a_second_effect_breaks_the_second(rows: tuple[RecordedAction, ...], what: str) -> None:
    verdict = ruled(replace(GOOD, records=(replace(RECORD, actions=rows),)), 2)
    assert verdict.ruling is Ruling.BROKEN
    assert what in shown(verdict)
    assert "K7QX2M" in shown(verdict)


def test_rejected_then_asked_again_and_accepted_keeps_the_second() -> None:
    rows = (REQUESTED, REJECTED, replace(REQUESTED, id="a2"), replace(ACCEPTED, original_id="a2"))
    assert ruled(replace(GOOD, records=(replace(RECORD, actions=rows),)), 2).kept


OTHER_NUMBER = "2026BZZZZZZ"
OTHER_VID = "6041872935217744"
OTHER = JudgedRecord(
    "e2",
    "ZZZZZZ",
    "birth",
    "Mwansa Tembo",
    (
        RecordedAction("b1", "REGISTER", "Requested", T0),
        RecordedAction("s1", "REGISTER", "Accepted", later(11), "b1", OTHER_NUMBER),
    ),
    national_id=OTHER_VID,
)
OTHER_IDENTITY = Identity("rid2", OTHER_NUMBER, "Mwansa Tembo", numbers=frozenset({OTHER_VID}))
BOTH = replace(
    GOOD,
    records=(RECORD, OTHER),
    identities=(IDENTITY, OTHER_IDENTITY),
    deliveries=(DELIVERED, SentDelivery(later(10), "rid2", "issued")),
)


def test_two_records_with_their_own_numbers_keep_the_third() -> None:
    assert [v.ruling for v in judge(BOTH)] == [Ruling.KEPT] * 5


def test_the_same_national_id_twice_breaks_the_third() -> None:
    verdict = ruled(replace(BOTH, records=(RECORD, replace(OTHER, national_id=VID))), 3)
    assert verdict.ruling is Ruling.BROKEN
    assert "carry the same national ID" in shown(verdict)


def test_swapped_national_ids_break_the_third_for_both() -> None:
    swapped = (replace(RECORD, national_id=OTHER_VID), replace(OTHER, national_id=VID))
    verdict = ruled(replace(BOTH, records=swapped), 3)
    assert {f.record for f in verdict.findings} == {RECORD.label, OTHER.label}
    assert "issued it to packet rid2 (Mwansa Tembo" in shown(verdict)
    assert VID not in shown(verdict)


def test_a_number_sent_for_somebody_else_breaks_the_third() -> None:
    wrong = replace(IDENTITY, name="Somebody Else")
    verdict = ruled(replace(GOOD, identities=(wrong,)), 3)
    assert "asked under that number for Somebody Else" in shown(verdict)


@pytest.mark.parametrize(
    ("status", "ruling"), [(500, Ruling.NOT_JUDGED), (None, Ruling.NOT_JUDGED), (401, Ruling.KEPT)]
)
def test_a_record_that_waits_for_ever_after_an_error_is_no_kept_promise(
    status: int | None, ruling: Ruling
) -> None:
    left = replace(
        GOOD, records=(OPEN,), questions=(replace(ASKED, status=status),), identities=(), deliveries=()
    )
    assert ruled(left, 1).ruling is ruling


def test_a_rejection_told_of_a_packet_without_a_name_is_the_id_systems_word() -> None:
    rejected = replace(RECORD, actions=(REQUESTED, replace(ACCEPTED, status="Rejected")), national_id=None)
    nobodys = replace(IDENTITY, name="", certificate_number="", numbers=frozenset())
    told = replace(DELIVERED, means="refused", at=T0)
    evidence = replace(GOOD, records=(rejected,), identities=(nobodys,), deliveries=(told,))
    assert ruled(evidence, 5).ruling is Ruling.KEPT


def test_a_name_that_lost_letters_on_the_way_is_not_another_persons() -> None:
    spoilt = replace(IDENTITY, name="Ch nda Mul nga")
    assert ruled(replace(GOOD, identities=(spoilt,)), 3).ruling is Ruling.KEPT


def test_a_surname_in_front_is_the_same_name() -> None:
    turned = replace(IDENTITY, name=" ".join(reversed(IDENTITY.name.split())))
    assert ruled(replace(GOOD, identities=(turned,)), 3).ruling is Ruling.KEPT


JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLWJ5dGVz"


@pytest.mark.parametrize(
    ("text", "secret", "kind"),
    [
        (f"accepting with {JWT}", None, "a JSON web token"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE", None, "a private key"),
        (f"issued {VID}", Secret("a national ID", VID, "birth K7QX2M"), "a national ID"),
        ("login abcdeABCDE123456 refused", Secret("a client secret", "abcdeABCDE123456"), "a client secret"),
    ],
)
def test_a_leak_breaks_the_fourth_and_is_not_repeated(text: str, secret: Secret | None, kind: str) -> None:
    secrets = (secret,) if secret else ()
    verdict = ruled(replace(GOOD, log=(LogLine("bridge", text),), secrets=secrets), 4)
    assert verdict.ruling is Ruling.BROKEN
    assert kind in shown(verdict)
    assert "bridge" in shown(verdict)
    for value in (JWT, VID, "abcdeABCDE123456"):
        assert value not in shown(verdict)


@pytest.mark.parametrize("text", [f"rid {VID}99", f"1{VID}", "nothing here", "national id «hidden»"])
def test_a_number_inside_another_is_no_leak(text: str) -> None:
    secret = Secret("a national ID", VID)
    assert ruled(replace(GOOD, log=(LogLine("bridge", text),), secrets=(secret,)), 4).kept


FORGED = Forgery(later(5), "a credential for rid1 without a signature", "rid1", 200, "9999888877776666")


@pytest.mark.parametrize(
    ("evidence", "proof"),
    [
        (replace(GOOD, deliveries=()), "had sent nothing about it"),
        (replace(GOOD, deliveries=(replace(DELIVERED, at=later(11)),)), "had sent nothing"),
        (replace(GOOD, deliveries=(replace(DELIVERED, means="refused"),)), "said: refused"),
        (replace(GOOD, deliveries=(), forgeries=(FORGED,)), "a stranger sent: a credential for rid1"),
        (
            replace(GOOD, records=(replace(RECORD, national_id=FORGED.number),), forgeries=(FORGED,)),
            "that a stranger planted",
        ),
        (replace(GOOD, records=(replace(RECORD, national_id="1112223334445556"),)), "never issued"),
        (
            replace(GOOD, records=(replace(OPEN, actions=(REQUESTED, REJECTED)),)),
            "was rejected although",
        ),
    ],
)
def test_an_effect_without_the_id_system_breaks_the_fifth(evidence: Evidence, proof: str) -> None:
    verdict = ruled(evidence, 5)
    assert verdict.ruling is Ruling.BROKEN
    assert proof in shown(verdict)


@pytest.mark.parametrize(
    "evidence",
    [
        replace(GOOD, forgeries=(FORGED,)),
        replace(
            GOOD,
            records=(replace(OPEN, actions=(REQUESTED, REJECTED)),),
            deliveries=(replace(DELIVERED, means="refused"),),
        ),
        replace(
            GOOD,
            records=(replace(OPEN, actions=(REQUESTED, REJECTED)),),
            decisions=(Decision(later(9), "a1", "reject"),),
        ),
        replace(GOOD, deliveries=(), questions=(replace(ASKED, status=200),)),
    ],
)
def test_effects_with_the_id_system_or_an_operator_behind_them_keep_the_fifth(evidence: Evidence) -> None:
    assert ruled(evidence, 5).kept


@pytest.mark.parametrize(
    ("part", "unjudged"),
    [("log", {4}), ("identities", {3, 5}), ("records", {1, 2, 3, 5})],
)
def test_what_cannot_be_seen_is_not_judged_and_not_called_kept(part: str, unjudged: set[int]) -> None:
    verdicts = judge(replace(GOOD, unseen={part: "it belongs to somebody else"}))
    assert {v.promise.number for v in verdicts if v.ruling is Ruling.NOT_JUDGED} == unjudged
    assert all(
        v.looked_at == "it belongs to somebody else" for v in verdicts if v.ruling is Ruling.NOT_JUDGED
    )


@pytest.mark.parametrize(("former", "ruling"), [("CHANDA BANDA", Ruling.KEPT), ("Ruth Banda", Ruling.BROKEN)])
def test_a_name_that_was_corrected_is_still_the_persons(former: str, ruling: Ruling) -> None:
    corrected = replace(RECORD, former_names=frozenset({former, "Chanda Mulenga"}), name="Chanda Phiri")
    packet = replace(IDENTITY, name="Chanda Banda")
    assert ruled(replace(GOOD, records=(corrected,), identities=(packet,)), 3).ruling is ruling


@pytest.mark.parametrize(
    ("packet", "same"),
    [
        ("Wolfeschlegelstein" * 2 + " H.", True),
        ("Wolfeschlegelstein", True),
        ("Wolfeschlegelstein Hausenberger", True),
        ("Hausenberger Wolfeschlegelstein", False),
        ("Mwansa Tembo", False),
        ("", False),
    ],
)
def test_a_long_name_may_be_shortened_and_no_other(packet: str, same: bool) -> None:
    long = replace(RECORD, name="Wolfeschlegelstein" * 3 + " " + "Hausenbergerdorff" * 3)
    assert long.goes_by(packet) is same
    assert not RECORD.goes_by("Chanda"), "what fits is not shortened"


@pytest.mark.parametrize(
    ("name", "packet", "ruling"),
    [
        ("Jos\u00e9 N'Golo", "Jose\u0301 N'Golo", Ruling.KEPT),
        ("José N'Golo", "Jos\u00e9 N&#x27;Golo", Ruling.KEPT),
        ("José Núñez", "Jos? N??ez", Ruling.KEPT),
        ("José Núñez", "José NÃºÃ±ez".replace("Ã", "~"), Ruling.KEPT),
        ("José Núñez", "José Banda", Ruling.BROKEN),
        ("ማርያም", "አልማዝ", Ruling.BROKEN),
    ],
)
def test_a_name_that_was_spoilt_on_the_way_is_nobody_elses(name: str, packet: str, ruling: Ruling) -> None:
    record, identity = replace(RECORD, name=name), replace(IDENTITY, name=packet)
    assert ruled(replace(GOOD, records=(record,), identities=(identity,)), 3).ruling is ruling


def test_a_rejection_of_a_shortened_name_is_found() -> None:
    long = replace(RECORD, name="Wolfeschlegelstein" * 3 + " Banda", national_id=None)
    rejected = replace(long, actions=(REQUESTED, REJECTED))
    packet = replace(IDENTITY, name="Wolfeschlegelstein B.", certificate_number="other", numbers=frozenset())
    refused = replace(DELIVERED, means="refused")
    assert ruled(replace(GOOD, records=(rejected,), identities=(packet,), deliveries=(refused,)), 5).kept
