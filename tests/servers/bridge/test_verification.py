"""Every action may wait: people are verified by the country's policy before it is answered."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import ClientSession

from bridge.country import COUNTRIES
from bridge.registration import State, Task
from bridge.starting import CannotStart
from tests.servers.bridge.conftest import BIRTH, DEATH
from tests.servers.bridge.offices import (
    BORN,
    DEACTIVATED,
    FATHER,
    MOTHER,
    NAME,
    NEEDS,
    UNKNOWN,
    Office,
    asks_later,
    at_once_rule,
    office,
)
from tests.servers.bridge.stubs import VID
from tests.servers.bridge.test_country_config import Country
from wire.mosip.envelope import EnvelopeFault

__all__ = ["office"]

ACTIONS = ["NOTIFY", "DECLARE", "VALIDATE", "EDIT", "ARCHIVE", "PRINT_CERTIFICATE", "REQUEST_CORRECTION"]


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("mode", ["sync", "async"])
async def test_people_are_verified_at_any_action(office: Office, action: str, mode: str) -> None:
    await office.policy(**{action: {"verify": NEEDS}}, REGISTER={"identity": True}, settings={"mode": mode})
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
    await office.policy(**{action: {"verify": NEEDS}}, settings={"mode": mode, "forwarded": ()})
    office.people.faults_of[who] = faults
    status, _, event = await office.asks(action)
    assert status == 202, "a 400 carries no reason"
    assert [row["type"] for row in office.stage.opencrvs.rejected(event)] == [action]
    reason = event["actions"][-1]["content"]["reason"]
    assert due in reason and who not in reason
    assert (await office.of(event)).state is State.REJECTED


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
    status, body = await asks_later(office, event, action)
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
    rules = {action: at_once_rule("reject"), "REGISTER": {"identity": True}}
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
    await office.policy(DECLARE={"verify": NEEDS}, REGISTER={"identity": True}, settings=client)
    await office.stage.world.clock.settle()
    ready = f"{office.stage.running.mediator_url}/ready"
    async with ClientSession() as session, session.get(ready) as answer:
        [told] = (await answer.json())["forms_lack"]
    assert "policy.json:1: events.birth.DECLARE.verify.mother: the form of birth has no field" in told
    core.forms["birth"].append("mother.verified")
    await office.stage.world.clock.advance(7 * 3600)
    async with ClientSession() as session, session.get(ready) as answer:
        assert (await answer.json())["forms_lack"] == []
