"""Every action may wait: people are verified by the country's policy before it is answered."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bridge.advice import Stuck
from bridge.country import COUNTRIES
from bridge.country.folder import FARAJALAND
from bridge.flow.operations import NotPossible
from bridge.registration import State, Task
from bridge.starting import CannotStart
from tests.servers.bridge.conftest import BIRTH, DEATH, Stage, set_up
from tests.servers.bridge.stubs import VID
from tests.servers.bridge.stubs_people import StubPeople
from tests.servers.bridge.test_country_config import Country
from wire.keyfolder import KeyFolder
from wire.mosip.envelope import EnvelopeFault
from wire.world import World

MOTHER, FATHER = BIRTH["mother.nid"], BIRTH["father.nid"]
UNKNOWN = [EnvelopeFault("IDA-MLC-018", "UIN not available in database")]
NAME = [EnvelopeFault("IDA-DEA-001", "Demographic data name in eng did not match")]
DEACTIVATED = [EnvelopeFault("IDA-MLC-003", "UIN has been deactivated")]
BORN = [EnvelopeFault("IDA-DEA-001", "Demographic data dob did not match")]
_NEEDS = {"mother": "if-known", "father": "may"}


def folder(at: Path, *, then: str = "person", hours: float = 72, **rules: Any) -> Path:
    """Farajaland, with other rules for births; `mother` and `father` as in the rules of Uganda."""
    own = Path(shutil.copytree(FARAJALAND, at / f"country-{len(list(at.glob('country-*')))}"))
    policy = {
        "events": {"birth": rules, "death": {"REGISTER": {"identity": True}}},
        "without_verdict": {"after_hours": hours, "then": then},
    }
    (own / "policy.json").write_text(json.dumps(policy))
    ways = json.loads((own / "country.json").read_text())
    ways["identification"]["deactivated_counts_for"] = ["mother"]
    (own / "country.json").write_text(json.dumps(ways))
    return own


class Office:
    """The usual stage, with ID authentication and a policy."""

    def __init__(self, stage: Stage, people: StubPeople, folder: Path) -> None:
        self.stage, self.people, self.folder = stage, people, folder

    async def policy(self, **more: Any) -> None:
        """Restart with these rules, and settings of the bridge in `settings`."""
        settings = more.pop("settings", {})
        await self.stage.restart(country_folder=folder(self.folder, **more), **settings)

    async def asks(self, action: str, declaration: dict[str, Any] | None = None, **more: Any) -> Any:
        """(status, body, event) of a trigger; what the bridge does by itself afterwards is done."""
        event = self.stage.opencrvs.record("birth", declaration or BIRTH, asked=action, **more)
        status, body = await self.stage.trigger(event, action=action)
        await self.stage.world.clock.settle()
        return status, body, event

    async def of(self, event: dict[str, Any]) -> Any:
        found = await self.stage.running.store.lookups.of_event(event["id"])
        return found[-1]

    def asked(self) -> list[str]:
        return [asked.individual_id for asked, _ in self.people.asked]


@pytest.fixture
async def office(tmp_path: Path, keys: KeyFolder) -> AsyncIterator[Office]:
    own = folder(tmp_path, VALIDATE={"verify": _NEEDS}, REGISTER={"identity": True})
    people = await StubPeople(World.virtual(seed=3), keys).start()
    stage = await set_up(tmp_path, keys, country_folder=own, ida_url=people.settings["ida_url"], mode="sync")
    people.world = stage.world
    stage.opencrvs.forms["birth"] += ["mother.verified", "father.verified", "informant.verified"]
    yield Office(stage, people, tmp_path)
    await stage.close()
    await people.close()


ACTIONS = ["NOTIFY", "DECLARE", "VALIDATE", "EDIT", "ARCHIVE", "PRINT_CERTIFICATE", "REQUEST_CORRECTION"]


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("mode", ["sync", "async"])
async def test_people_are_verified_at_any_action(office: Office, action: str, mode: str) -> None:
    await office.policy(**{action: {"verify": _NEEDS}}, REGISTER={"identity": True}, settings={"mode": mode})
    status, body, event = await office.asks(action)
    told = {"mother.verified": "verified", "father.verified": "verified"}
    if mode == "sync":
        assert (status, body) == (200, {"declaration": told}), "and no number, which 1.9 refuses"
    else:
        assert (status, body) == (202, {})
        [accepted] = office.stage.opencrvs.accepted(event, action)[-1:]
        assert accepted["declaration"] == told and "registrationNumber" not in accepted
    assert office.asked() == [MOTHER, FATHER]
    assert (await office.of(event)).state is State.CONFIRMED and not office.stage.mosip.packets


@pytest.mark.parametrize("action", ["VALIDATE", "DECLARE"])
async def test_an_action_waits_while_id_authentication_is_away(office: Office, action: str) -> None:
    """Parked durably: through a crash, verdicts that were obtained are kept, and nobody is asked twice."""
    await office.policy(**{action: {"verify": _NEEDS}}, REGISTER={"identity": True})
    office.people.faults_of[FATHER] = [EnvelopeFault("IDA-MLC-007", "Request could not be processed")]
    status, body, event = await office.asks(action)
    assert (status, body) == (202, {})
    waiting = await office.of(event)
    assert (waiting.state, waiting.task) == (State.QUEUED, Task.VERIFY)
    office.people.down = True
    await office.stage.restart()
    await office.stage.world.clock.advance(20 * 3600)
    office.people.down = False
    office.people.faults_of.clear()
    await office.stage.world.clock.advance(3600)
    [accepted] = office.stage.opencrvs.accepted(event, action)[-1:]
    assert accepted["declaration"] == {"mother.verified": "verified", "father.verified": "verified"}
    assert office.asked().count(MOTHER) == 1
    assert (await office.of(event)).state is State.CONFIRMED


@pytest.mark.parametrize(
    ("who", "faults", "due"),
    [
        (MOTHER, UNKNOWN, "Mother: The national ID system does not know this number."),
        (MOTHER, NAME, "Mother: The name is not the one"),
        (MOTHER, BORN, "Mother: The date of birth is not the one"),
        (MOTHER, [*NAME, *BORN], "this number. Mother: The date"),
    ],
)
@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("action", ["VALIDATE", "REGISTER"])
async def test_a_no_reaches_the_registrar_in_words(
    office: Office, who: str, faults: list[EnvelopeFault], due: str, mode: str, action: str
) -> None:
    await office.policy(**{action: {"verify": _NEEDS}}, settings={"mode": mode, "forwarded": ()})
    office.people.faults_of[who] = faults
    status, _, event = await office.asks(action)
    assert status == 202, "a 400 carries no reason"
    assert [row["type"] for row in office.stage.opencrvs.rejected(event)] == [action]
    reason = event["actions"][-1]["content"]["reason"]
    assert due in reason and who not in reason
    assert (await office.of(event)).state is State.REJECTED


async def _asks_later(office: Office, event: dict[str, Any], action: str) -> tuple[int, Any]:
    """A trigger for another action of the record."""
    core = office.stage.opencrvs
    more: dict[str, Any] = {}
    if action == "APPROVE_CORRECTION":
        changed = {"declaration": {"child.name": {"firstname": "Other", "surname": "Name"}}}
        core._append(event, "REQUEST_CORRECTION", "Accepted", {"transactionId": "asked"} | changed)
        more["requestId"] = event["actions"][-1]["id"]
    core._append(event, action, "Requested", {"transactionId": "later"}, **more)
    told = await office.stage.trigger(event, action=action)
    await office.stage.world.clock.settle()
    return told


@pytest.mark.parametrize(
    ("action", "more"),
    [
        ("PRINT_CERTIFICATE", {}),
        ("REQUEST_CORRECTION", {}),
        ("APPROVE_CORRECTION", {}),
        ("APPROVE_CORRECTION", {"identity": True}),
    ],
)
async def test_people_are_verified_of_a_record_that_has_an_identity(
    office: Office, action: str, more: dict[str, Any]
) -> None:
    """Seen at a real core 2.0.0: the correction of a registered birth was left to the country, unverified."""
    rule = {"verify": {"mother": "if-known"}, "unanswered": "reject"} | more
    await office.policy(REGISTER={"identity": True}, **{action: rule}, settings={"mode": "async"})
    _, _, event = await office.asks("REGISTER")
    assert len(office.stage.mosip.packets) == 1
    status, body = await _asks_later(office, event, action)
    assert office.asked() == [MOTHER]
    if status == 200:
        assert body["declaration"]["mother.verified"] == "verified"
    else:
        [accepted] = office.stage.opencrvs.accepted(event, action)[-1:]
        assert accepted["declaration"]["mother.verified"] == "verified"
    assert len(office.stage.mosip.packets) == 1, "no second identity"


@pytest.mark.parametrize(
    ("who", "need", "faults", "state", "field"),
    [
        ("mother", "if-known", DEACTIVATED, State.CONFIRMED, "verified"),
        ("father", "if-known", DEACTIVATED, State.REJECTED, None),
        ("father", "may", DEACTIVATED, State.CONFIRMED, "failed"),
        ("father", "may", UNKNOWN, State.CONFIRMED, "failed"),
        ("father", "must", UNKNOWN, State.REJECTED, None),
        ("father", "must", [], State.CONFIRMED, "verified"),
    ],
)
async def test_who_must_be_verified_is_policy(
    office: Office, who: str, need: str, faults: list[EnvelopeFault], state: State, field: str | None
) -> None:
    await office.policy(VALIDATE={"verify": {who: need}}, REGISTER={"identity": True})
    office.people.faults_of[BIRTH[f"{who}.nid"]] = faults
    _, body, event = await office.asks("VALIDATE")
    assert (await office.of(event)).state is state
    assert (body.get("declaration") or {}).get(f"{who}.verified") == field


@pytest.mark.parametrize(("need", "state"), [("must", State.REJECTED), ("if-known", None), ("may", None)])
async def test_somebody_without_a_number(office: Office, need: str, state: State | None) -> None:
    await office.policy(VALIDATE={"verify": {"mother": need}}, REGISTER={"identity": True})
    status, body, event = await office.asks("VALIDATE", BIRTH | {"mother.nid": None})
    assert not office.asked()
    if state is None:
        assert (status, body) == (200, {}) and not await office.stage.running.store.lookups.of_event(
            event["id"]
        )
    else:
        assert (await office.of(event)).state is state
        assert "A national ID number is needed" in event["actions"][-1]["content"]["reason"]


async def test_who_was_at_esignet_is_not_asked_about(office: Office) -> None:
    status, body, _ = await office.asks(
        "VALIDATE", BIRTH | {"mother.verified": "authenticated", "father.verified": "verified"}
    )
    assert office.asked() == [FATHER], "only eSignet's word is as good as our own"
    assert (status, body) == (200, {"declaration": {"father.verified": "verified"}})


async def test_one_record_waits_twice_and_everybody_is_asked_about_once(office: Office) -> None:
    verify = {"verify": {"mother": "must", "father": "must"}}
    await office.policy(VALIDATE=verify, REGISTER=verify | {"identity": True}, settings={"mode": "async"})
    office.people.down = True
    status, _, event = await office.asks("VALIDATE")
    assert status == 202
    office.people.down = False
    await office.stage.world.clock.advance(900)
    assert len(office.stage.opencrvs.accepted(event, "VALIDATE")) == 1
    rows = office.stage.opencrvs.events[event["id"]]["actions"]
    rows.append(dict(rows[2], id=office.stage.world.chance.uuid(), type="REGISTER"))
    assert (await office.stage.trigger(event))[0] == 202
    await office.stage.world.clock.settle()
    registered = await office.stage.of(event)
    assert registered.state is State.SUBMITTED and office.asked() == [MOTHER, FATHER]
    rid = registered.packet_id
    await office.stage.deliver(office.stage.mosip.event(rid, office.stage.mosip.credential(rid)))
    [accepted] = office.stage.opencrvs.accepted(event)
    assert accepted["declaration"] == {
        "child.nid": VID,
        "mother.verified": "verified",
        "father.verified": "verified",
    }
    assert [one.state for one in await office.stage.running.store.lookups.of_event(event["id"])] == [
        State.CONFIRMED
    ] * 2


async def test_whose_data_changed_is_asked_about_again(office: Office) -> None:
    office.people.faults_of[MOTHER] = NAME
    _, _, event = await office.asks("VALIDATE")
    rows = office.stage.opencrvs.events[event["id"]]["actions"]
    office.people.faults_of.clear()
    rows.append(dict(rows[2], id=office.stage.world.chance.uuid()))
    assert (await office.stage.trigger(event, action="VALIDATE"))[0] == 200
    assert office.asked() == [MOTHER, FATHER, MOTHER], "a no is no reason not to ask again; a yes is"
    changed = {"father.name": {"firstname": "Else", "surname": "Body"}}
    rows.append(dict(rows[2], id=office.stage.world.chance.uuid(), declaration=changed))
    assert (await office.stage.trigger(event, action="VALIDATE"))[0] == 200
    assert office.asked()[3:] == [FATHER]


@pytest.mark.parametrize(
    ("then", "state", "field"),
    [("person", State.STUCK, None), ("reject", State.REJECTED, None), ("accept", State.CONFIRMED, "pending")],
)
async def test_the_last_decision_is_the_policys(
    office: Office, then: str, state: State, field: str | None
) -> None:
    rules: dict[str, Any] = {"VALIDATE": {"verify": _NEEDS}, "REGISTER": {"identity": True}}
    await office.policy(**rules, then=then, hours=12, settings={"give_up_seconds": 3600 * 4.0})
    office.people.faults_of[FATHER] = [EnvelopeFault("IDA-MLC-007", "later")]
    _, _, event = await office.asks("VALIDATE")
    await office.stage.world.clock.advance(11 * 3600)
    assert (await office.of(event)).state is State.QUEUED, "longer than other work is patient"
    await office.stage.world.clock.advance(2 * 3600)
    found = await office.of(event)
    assert found.state is state
    if then == "accept":
        [accepted] = office.stage.opencrvs.accepted(event, "VALIDATE")
        assert accepted["declaration"] == {"mother.verified": "verified", "father.verified": "pending"}
    elif then == "reject":
        assert "could not be asked" in event["actions"][-1]["content"]["reason"]
    else:
        assert found.reason == Stuck.NOT_VERIFIED
        office.people.faults_of.clear()
        await office.stage.running.way.operations.retry(found)
        await office.stage.world.clock.settle()
        assert (await office.of(event)).state is State.CONFIRMED


@pytest.mark.parametrize("then", ["person", "accept"])
async def test_a_policy_that_is_changed_while_a_record_waits(office: Office, then: str) -> None:
    office.people.faults_of[MOTHER] = [EnvelopeFault("IDA-MLC-007", "Request could not be processed")]
    assert (await office.asks("VALIDATE"))[0] == 202
    [event] = office.stage.opencrvs.events.values()
    await office.policy(REGISTER={"identity": True}, then=then, hours=1)
    await office.stage.world.clock.advance(2 * 3600)
    assert (await office.of(event)).state is State.CONFIRMED
    assert office.stage.opencrvs.accepted(event, "VALIDATE")


async def test_a_fault_of_ours_is_no_verdict_and_ends_by_the_policy(office: Office) -> None:
    """A licence that has run out concerns everybody alike."""
    await office.policy(VALIDATE={"verify": _NEEDS}, REGISTER={"identity": True}, then="reject", hours=24)
    office.people.faults = [EnvelopeFault("IDA-MPA-007", "License key does not belong to a registered MISP")]
    office.people.verdict = {"authStatus": False}
    _, _, event = await office.asks("VALIDATE")
    waiting = await office.of(event)
    assert waiting.held == "IDA-MPA-007"
    await office.stage.world.clock.advance(25 * 3600)
    assert (await office.of(event)).state is State.REJECTED


def _at_once(unanswered: str, **more: Any) -> dict[str, Any]:
    return {"verify": {"mother": "must", "father": "may"}, "unanswered": unanswered} | more


@pytest.mark.parametrize("kind", ["CUSTOM.CHECK", "CUSTOM"])
async def test_a_custom_action_is_rejected_at_once_for_later_is_impossible(office: Office, kind: str) -> None:
    rules = {kind: _at_once("reject"), "REGISTER": {"identity": True}}
    await office.policy(**rules, settings={"mode": "async"})
    told = {"mother.verified": "verified", "father.verified": "verified"}
    assert (await office.asks("CUSTOM", customActionType="CHECK"))[:2] == (200, {"declaration": told})
    office.people.faults_of[MOTHER] = UNKNOWN
    status, body, event = await office.asks("CUSTOM", customActionType="CHECK")
    assert status == 400 and "does not know" in body["reason"]
    assert (await office.of(event)).untold
    if kind == "CUSTOM.CHECK":
        assert (await office.asks("CUSTOM", customActionType="OTHER"))[:2] == (200, {})


@pytest.mark.parametrize("action", ["CUSTOM", "APPROVE_CORRECTION"])
@pytest.mark.parametrize("away", ["down", "never answers"])
async def test_nobody_waits_for_a_no_that_could_not_be_told(office: Office, action: str, away: str) -> None:
    """Seen at core 2.0.0: a rejection after the 202 is a 500, and the record stays locked."""
    await office.policy(**{action: _at_once("reject")}, REGISTER={"identity": True})
    office.people.down = True
    before = office.stage.world.clock.now()
    status, body, event = await office.asks(action)
    assert status == 400 and "could not be asked" in body["reason"]
    assert (office.stage.world.clock.now() - before).total_seconds() <= 9
    found = await office.of(event)
    assert (found.state, found.reason, found.untold) == (State.REJECTED, "VERIFICATION_UNAVAILABLE", True)
    assert not office.stage.opencrvs.rejected(event), "OpenCRVS has its answer"
    await office.policy(**{action: _at_once("accept")}, REGISTER={"identity": True})
    told = {"mother.verified": "pending", "father.verified": "pending"}
    assert (await office.asks(action))[:2] == (200, {"declaration": told})


async def test_a_correction_that_changes_an_identity_is_refused_before_its_packet(office: Office) -> None:
    rule = _at_once("reject", identity=True)
    await office.policy(REGISTER={"identity": True}, APPROVE_CORRECTION=rule, settings={"mode": "async"})
    office.people.faults_of[MOTHER] = UNKNOWN
    declared = BIRTH | {"child.nid": VID}
    for status in (400, 202):
        event = office.stage.opencrvs.record("birth", declared)
        assert (await _asks_later(office, event, "APPROVE_CORRECTION"))[0] == status
        found = await office.of(event)
        assert found.state is (State.REJECTED if status == 400 else State.SUBMITTED)
        office.people.faults_of.clear()
    assert len(office.stage.mosip.packets) == 1


async def test_who_rejects_late_with_words_still_does_where_nobody_waits(office: Office) -> None:
    """`unanswered` at an action that OpenCRVS can reject later: the words reach the registrar."""
    await office.policy(VALIDATE=_at_once("reject"), REGISTER={"identity": True})
    office.people.down = True
    status, _, event = await office.asks("VALIDATE")
    assert status == 202 and (await office.of(event)).state is State.REJECTED
    assert "could not be asked" in event["actions"][-1]["content"]["reason"]


async def test_whose_no_rejects_nothing_does_not_by_silence(office: Office) -> None:
    rules = {"CUSTOM": {"verify": {"mother": "may"}}, "REGISTER": {"identity": True}}
    await office.policy(**rules, then="reject", hours=1)
    office.people.down = True
    status, _, event = await office.asks("CUSTOM", customActionType="CHECK")
    await office.stage.world.clock.advance(2 * 3600)
    [accepted] = office.stage.opencrvs.accepted(event, "CUSTOM")
    assert status == 202 and accepted["declaration"] == {"mother.verified": "pending"}


async def test_an_operator_does_not_lock_a_record(office: Office) -> None:
    await office.policy(CUSTOM={"verify": {"mother": "may"}}, REGISTER={"identity": True}, hours=1)
    office.people.down = True
    status, _, event = await office.asks("CUSTOM", customActionType="CHECK")
    await office.stage.world.clock.advance(2 * 3600)
    found = await office.of(event)
    assert status == 202 and found.reason == Stuck.NOT_VERIFIED
    with pytest.raises(NotPossible, match=r"2\.0 takes no rejection of CUSTOM after a 202.*retry"):
        await office.stage.running.way.operations.reject(found, "no")
    office.people.down = False
    await office.stage.running.way.operations.retry(await office.of(event))
    await office.stage.world.clock.settle()
    assert (await office.of(event)).state is State.CONFIRMED


@pytest.mark.parametrize(
    ("rules", "then", "due"),
    [
        ({"CUSTOM.A": {"verify": {"mother": "must"}}}, "person", "CUSTOM.A: OpenCRVS 2.0 takes no rejection"),
        ({"CUSTOM": {"verify": {"mother": "if-known"}}}, "accept", '"unanswered": "reject"'),
        ({"REJECT": {"payment": "$trackingId"}}, "person", "REJECT: OpenCRVS 2.0 takes no rejection"),
        ({"APPROVE_CORRECTION": {"verify": {"mother": "may"}}}, "reject", None),
        ({"CUSTOM": {"verify": {"mother": "may"}}}, "person", None),
        ({"CUSTOM": {"verify": {"mother": "must"}, "unanswered": "accept"}}, "reject", None),
        ({"PRINT_CERTIFICATE": {"verify": {"mother": "must"}}}, "reject", None),
    ],
)
async def test_a_policy_that_could_lock_records_is_refused_at_the_start(
    office: Office, rules: dict[str, Any], then: str, due: str | None
) -> None:
    rules = rules | {"REGISTER": {"identity": True}}
    if due is None:
        return await office.policy(**rules, then=then)
    with pytest.raises(CannotStart, match=rf"BRIDGE_COUNTRY: \S+policy.json:1: events.birth.*{due}"):
        await office.policy(**rules, then=then)
    await office.policy(**rules, then=then, settings={"profile": "2.1", "payments_url": "http://127.0.0.1:1"})
    return None


async def test_a_registration_without_an_identity_is_verified_too(office: Office) -> None:
    """An older child: nobody is made known to the ID system, and the mother is verified all the same."""
    await office.policy(REGISTER={"verify": {"mother": "must"}, "identity": True})
    status, body, event = await office.asks("REGISTER", BIRTH | {"child.dob": "2010-01-01"})
    assert status == 200 and body["declaration"] == {"mother.verified": "verified"}
    assert body["registrationNumber"].endswith(event["trackingId"]) and not office.stage.mosip.packets


async def test_a_repeated_question_gets_the_same_answer(office: Office) -> None:
    status, body, event = await office.asks("VALIDATE")
    assert await office.stage.trigger(event, action="VALIDATE") == (status, body) == (200, body)
    assert office.asked() == [MOTHER, FATHER]


async def test_id_authentication_that_never_answers_costs_the_time_of_an_answer(office: Office) -> None:
    office.people.faults_of[MOTHER] = UNKNOWN
    await office.policy(VALIDATE={"verify": {"father": "must"}}, REGISTER={"identity": True})
    office.people.down = True
    before = office.stage.world.clock.now()
    status, _, _ = await office.asks("VALIDATE")
    assert status == 202 and (office.stage.world.clock.now() - before).total_seconds() <= 9


async def test_the_same_person_twice_is_asked_about_once(office: Office) -> None:
    await office.policy(
        VALIDATE={"verify": {"mother": "must", "informant": "must"}}, REGISTER={"identity": True}
    )
    twice = {f"informant.{part}": BIRTH[f"mother.{part}"] for part in ("nid", "name", "dob")}
    status, body, _ = await office.asks("VALIDATE", BIRTH | twice)
    assert status == 200 and len(body["declaration"]) == 2 and office.asked() == [MOTHER]


@pytest.mark.parametrize("born", ["soon", "1996-13-14", "1996-W28-7", "19960714"])
async def test_a_birth_date_that_is_none_is_not_asked_about_and_no_500(office: Office, born: str) -> None:
    status, _, _ = await office.asks("VALIDATE", BIRTH | {"mother.dob": born})
    assert status == 200
    assert {who.individual_id: inner["demographics"].get("dob") for who, inner in office.people.asked}[
        MOTHER
    ] is None


async def test_ugandas_ways_at_id_authentication(office: Office) -> None:
    await office.stage.restart(country_folder=COUNTRIES / "uganda")
    status, _, _ = await office.asks("VALIDATE")
    [(asked, inner), _] = office.people.asked
    assert status == 200
    assert (asked.individual_id, asked.individual_id_type) == (f"{MOTHER}@nin", "HANDLE")
    assert inner["demographics"]["dob"] == "14/07/1996"
    assert inner["demographics"]["name"][0]["value"] == "Mulenga Grace"


async def test_a_death_is_verified_by_its_own_rule(office: Office) -> None:
    await office.stage.restart(country_folder=COUNTRIES / "uganda")
    event = office.stage.opencrvs.record("death", DEATH | {"informant.nid": "7314159265"})
    office.stage.opencrvs.forms["death"] = ["informant.verified"]
    assert (await office.stage.trigger(event))[0] == 202
    await office.stage.world.clock.settle()
    assert (await office.of(event)).state is State.SUBMITTED and len(office.asked()) == 1


async def test_an_id_system_that_verifies_nobody_is_told_at_the_start(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CannotStart, match=r"BRIDGE_COUNTRY: policy.json .* verifies people, .*PlainNid"):
        await office.stage.restart(id_system="tests.servers.bridge.plain_nid:PlainNid")
    await office.stage.restart(id_system="mosip")


async def test_no_national_id_is_kept_in_the_open(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.people.faults_of[MOTHER] = NAME
    with caplog.at_level("DEBUG"):
        _, _, event = await office.asks("VALIDATE")
    lines = await office.stage.running.store.listings.history((await office.of(event)).id)
    shown = caplog.text + "".join(line.note for line in lines)
    assert "NAME_MISMATCH" in shown and MOTHER not in shown and "Grace" not in shown


async def test_a_country_config_that_is_away_is_asked_first_and_may_add(office: Office) -> None:
    """Its word, then the people's: what both add is written together."""
    country = await Country().start()
    country.down = True
    await office.stage.restart(country_config_url=country.listening.url)
    office.stage.opencrvs.forms["birth"].append("child.reason")
    status, _, event = await office.asks("VALIDATE")
    assert status == 202 and (await office.of(event)).task is Task.AMEND and not office.asked()
    country.down = False
    country.says("/trigger/events/birth/actions/VALIDATE", body={"declaration": {"child.reason": "x"}})
    await office.stage.world.clock.advance(2000)
    [accepted] = office.stage.opencrvs.accepted(event, "VALIDATE")
    assert accepted["declaration"] == {
        "child.reason": "x",
        "mother.verified": "verified",
        "father.verified": "verified",
    }
    await country.listening.close()


@pytest.mark.parametrize("action", ["CUSTOM", "APPROVE_CORRECTION"])
async def test_a_country_config_that_is_away_does_not_lock_a_record(office: Office, action: str) -> None:
    """Its no could not be told any more."""
    country = await Country().start()
    country.down = True
    rules = {action: _at_once("reject"), "REGISTER": {"identity": True}}
    await office.policy(**rules, settings={"country_config_url": country.listening.url})
    status, body, event = await office.asks(action)
    assert status == 400 and "country config" in body["reason"]
    assert not await office.stage.running.store.lookups.of_event(event["id"])
    await country.listening.close()


async def test_no_packet_is_made_of_what_is_verified_alone(office: Office) -> None:
    """The country config was away: then as at once, a record with an identity gets no second packet."""
    country = await Country().start()
    client = {"client_id": "bridge", "client_secret": "client-secret", "profile": "2.1"}
    own = client | {"country_config_url": country.listening.url, "mode": "async"}
    rule = {"verify": {"mother": "must"}, "identity": True}
    await office.policy(REGISTER={"identity": True}, APPROVE_CORRECTION=rule, settings=own)
    core = office.stage.opencrvs
    event = core.record("birth", BIRTH)
    assert (await office.stage.trigger(event, core.service_token()))[0] == 202
    country.down = True
    core._append(event, "REQUEST_CORRECTION", "Accepted", {"transactionId": "asked"})
    unfit = {"declaration": {"child.name": None}}
    asked = {"requestId": event["actions"][-1]["id"]}
    core._append(event, "APPROVE_CORRECTION", "Requested", {"transactionId": "later"} | unfit, **asked)
    told = await office.stage.trigger(event, core.service_token(), action="APPROVE_CORRECTION")
    assert told[0] == 202
    country.down = False
    await office.stage.world.clock.advance(2000)
    [found] = [
        one
        for one in await office.stage.running.store.lookups.of_event(event["id"])
        if one.action_type == "APPROVE_CORRECTION"
    ]
    assert (found.state, found.number) == (State.CONFIRMED, "")
    assert office.asked() == [MOTHER]
    await country.listening.close()


async def test_a_form_without_the_field_is_told_before_a_record_waits_for_it(office: Office) -> None:
    core = office.stage.opencrvs
    core.forms["birth"].remove("mother.verified")
    client = {"client_id": "bridge", "client_secret": "client-secret"}
    await office.policy(DECLARE={"verify": _NEEDS}, REGISTER={"identity": True}, settings=client)
    await office.stage.world.clock.settle()
    ready = f"{office.stage.running.mediator_url}/ready"
    async with ClientSession() as session, session.get(ready) as answer:
        [told] = (await answer.json())["forms_lack"]
    assert "policy.json:1: events.birth.DECLARE.verify.mother: the form of birth has no field" in told
    core.forms["birth"].append("mother.verified")
    await office.stage.world.clock.advance(7 * 3600)
    async with ClientSession() as session, session.get(ready) as answer:
        assert (await answer.json())["forms_lack"] == []
