"""What an ID system owes, judged from calls and deliveries alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from scenarios.foreign.conduct import (
    ENDS_PACKETS,
    PROVES,
    SIGNS,
    TAKES,
    BridgeCall,
    Conduct,
    Delivered,
    OpenedCredential,
    judge_conduct,
    trouble,
)
from scenarios.judging.verdicts import Promise, Ruling, Verdict
from wire.mosip import hub

T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
RID = "10001100045099091717056743371"
SECRET = "a-secret"


def call(operation: str, answer: Any, status: int | None = 200, **more: Any) -> BridgeCall:
    body = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
    return BridgeCall(T0, operation, RID, b"", status, body, **more)


def refused(code: str) -> dict[str, Any]:
    return {"response": None, "errors": [{"errorCode": code, "message": "said so"}]}


STARTED = call("packet.process", {"response": {"workflowInstanceId": "1"}, "errors": []})


@pytest.mark.parametrize(
    ("seen", "wrong"),
    [
        (call("packet.create", {"response": [{"id": RID}], "errors": []}), None),
        (call("packet.create", refused("KER-PUT-006")), "answered 200 and meant an error: KER-PUT-006"),
        (call("packet.create", {"response": None}), "it swallowed one"),
        (call("packet.create", "<html>"), "no MOSIP envelope"),
        (call("packet.create", "", None, note="reset"), "did not answer (reset)"),
        (call("packet.create", {"response": None}, 503), "answered 503"),
        (call("packet.process", refused("RPR-WIS-001")), None),
        (call("auth.token", {"response": {"status": "Success"}}, headers={"Authorization": "t"}), None),
        (call("auth.token", {"response": {"status": "Success"}}), "answered 200 without a token"),
        (call("hub.subscribe", "hub.mode=accepted", 202), None),
        (call("hub.subscribe", "hub.mode=denied&hub.reason=no role", 200), "no role"),
        (call("hub.subscribe", "hub.mode=denied&hub.reason=already registered", 200), None),
    ],
)
def test_the_answer_to_a_good_request_shows_its_trouble(seen: BridgeCall, wrong: str | None) -> None:
    found = trouble(seen)
    assert (found is None) if wrong is None else wrong in str(found)


def judged(promise: Promise, **seen: Any) -> Verdict:
    values: dict[str, Any] = {"calls": (), "deliveries": (), "credentials": (), "ended": frozenset()} | seen
    found = {verdict.promise: verdict for verdict in judge_conduct(Conduct(**values, secret=SECRET))}
    return found[promise]


def test_what_was_not_seen_is_not_judged() -> None:
    for promise in (TAKES, SIGNS, PROVES, ENDS_PACKETS):
        assert judged(promise).ruling is Ruling.NOT_JUDGED


def test_the_same_refusal_is_told_once_with_how_often() -> None:
    verdict = judged(TAKES, calls=(call("packet.create", refused("KER-PUT-006")),) * 3)
    (finding,) = verdict.findings
    assert finding.record == "the packet manager"
    assert finding.evidence == ("3 times", f"about packet {RID}")


def test_a_token_that_ran_out_and_was_renewed_is_no_refusal() -> None:
    taken = call("packet.create", {"response": [{"id": RID}]})
    assert judged(TAKES, calls=(call("packet.create", {}, 401), taken)).kept


def test_services_that_may_say_no_are_not_blamed_for_it() -> None:
    verdict = judged(TAKES, calls=(call("identity.read", refused("IDR-IDC-007")),))
    assert verdict.ruling is Ruling.NOT_JUDGED


@pytest.mark.parametrize("signature", [None, "sha256=00", hub.signature("another", b"{}")])
def test_a_delivery_without_the_right_signature_breaks_a_promise(signature: str | None) -> None:
    verdict = judged(SIGNS, deliveries=(Delivered(T0, RID, b"{}", signature, 401),))
    assert verdict.ruling is Ruling.BROKEN
    assert RID in verdict.findings[0].record
    assert verdict.findings[0].evidence == ("the bridge answered 401",)


def test_a_signed_delivery_keeps_it_and_so_does_an_unsigned_one_where_that_is_allowed() -> None:
    assert judged(SIGNS, deliveries=(Delivered(T0, RID, b"{}", hub.signature(SECRET, b"{}"), 200),)).kept
    assert judged(SIGNS, deliveries=(Delivered(T0, RID, b"{}", None, 200),), unsigned_allowed=True).kept


def test_a_credential_that_is_not_believed_is_named_with_the_reason() -> None:
    verdict = judged(
        PROVES, credentials=(OpenedCredential(RID, "the proof does not hold"), OpenedCredential("1", None))
    )
    (finding,) = verdict.findings
    assert "the proof does not hold" in finding.what
    assert verdict.looked_at == "2 credentials"


def test_a_packet_that_was_taken_must_end() -> None:
    assert judged(ENDS_PACKETS, calls=(STARTED,)).ruling is Ruling.BROKEN
    assert judged(ENDS_PACKETS, calls=(STARTED,), ended=frozenset({RID})).kept
