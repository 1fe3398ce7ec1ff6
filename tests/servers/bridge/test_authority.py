"""A token acts on the one action that it is for, and on no other; a log-in token on none."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.registration import State
from tests.servers.bridge.asking import ask
from tests.servers.bridge.conftest import BIRTH, Stage
from tests.servers.bridge.delivered import waiting
from wire.opencrvs import tokens
from wire.opencrvs.profiles import Profile

CLIENT = {"client_id": "bridge", "client_secret": "client-secret"}
USER = ["type=record.search&event=birth,death", "type=record.register&event=birth"]
BOTH = ["type=record.confirm-registration", "type=record.reject-registration"]
DEATH_PACKET = {
    "trackingId": "BK7QX2M",
    "requestFields": {"deathCertificateNumber": "2026DBK7QX2M"},
}
UPDATE = {"trackingId": "BK7QX2M", "requestFields": {"VID": "4703420631835716"}}


def signed(stage: Stage, claims: dict[str, Any]) -> str:
    return tokens.sign(claims, stage.opencrvs.keys["opencrvs-auth"].private_key)


def log_in(stage: Stage, scopes: list[str], **more: Any) -> str:
    now = stage.world.clock.now()
    claims = tokens.user_claims(
        Profile.V2_0, subject="k.mweene", scopes=scopes, role="LOCAL_REGISTRAR", now=now
    )
    return signed(stage, claims | more)


def client(stage: Stage, scopes: list[str]) -> str:
    now = stage.world.clock.now()
    return signed(stage, tokens.system_claims(Profile.V2_0, subject="client", scopes=scopes, now=now))


STRANGERS: dict[str, Any] = {
    "a clerk who may search": lambda stage, event: log_in(stage, USER),
    "a registrar of 1.9 with both confirm scopes": lambda stage, event: log_in(stage, BOTH),
    "a client": lambda stage, event: client(stage, BOTH),
    "a record token without the scopes": lambda stage, event: stage.opencrvs.token(event, scope=[]),
    "with one of them": lambda stage, event: stage.opencrvs.token(event, scope=BOTH[:1]),
    "without an action": lambda stage, event: stage.opencrvs.token(event, actionId=None),
    "without an event": lambda stage, event: stage.opencrvs.token(event, eventId=None),
    "with an empty event": lambda stage, event: stage.opencrvs.token(event, eventId=""),
    "with a list of events": lambda stage, event: stage.opencrvs.token(event, eventId=[event["id"]]),
    "core's of 2.1": lambda stage, event: stage.opencrvs.service_token(),
}


@pytest.mark.parametrize("stage", [CLIENT], indirect=True)
@pytest.mark.parametrize("who", STRANGERS)
async def test_what_is_no_confirmation_token_makes_and_takes_back_nothing(stage: Stage, who: str) -> None:
    standing, registration = await waiting(stage)
    event = stage.opencrvs.record("birth", BIRTH)
    for action in ("REGISTER", "APPROVE_CORRECTION", "DECLARE"):
        assert (await stage.trigger(event, STRANGERS[who](stage, event), action=action))[0] == 403
    token = STRANGERS[who](stage, standing)
    path = f"/debug/transactions/{registration.packet_id}"
    assert (await ask(stage, "DELETE", path, token=token))[0] == 403
    for route, body in (("/events/registration", DEATH_PACKET), ("/events/update-biographics", UPDATE)):
        assert (await ask(stage, "POST", route, token=token, **body))[0] == 403
    await stage.world.clock.settle()
    assert [each.id for each in await stage.running.store.listings.pending()] == [registration.id]
    assert len(stage.mosip.packets) == 1 and (await stage.of(standing)).state is State.SUBMITTED


@pytest.mark.parametrize("stage", [{}, CLIENT], indirect=True, ids=["stored", "client"])
async def test_the_token_of_one_record_acts_on_no_other(stage: Stage) -> None:
    mine, _ = await waiting(stage)
    theirs, registration = await waiting(stage)
    token = stage.opencrvs.token(mine)
    path = f"/debug/transactions/{registration.packet_id}"
    for held in (token, stage.opencrvs.token(theirs, actionId=mine["actions"][-1]["id"])):
        assert (await ask(stage, "DELETE", path, token=held))[0] == 403
    other = stage.opencrvs.record("birth", BIRTH)
    for action in ("REGISTER", "DECLARE", "VALIDATE", "EDIT"):
        assert (await stage.trigger(other, token, action=action))[0] == 403
    correction = stage.opencrvs.record("birth", BIRTH)
    correction["actions"].append(correction["actions"][-1] | {"id": "c1", "type": "APPROVE_CORRECTION"})
    for held in (token, stage.opencrvs.token(correction, eventId=mine["id"])):
        assert (await stage.trigger(correction, held, action="APPROVE_CORRECTION"))[0] == 403
    assert (await stage.of(theirs)).state is State.SUBMITTED
    assert (await ask(stage, "DELETE", path, token=stage.opencrvs.token(theirs)))[0] == 200


PERSONS: dict[str, Any] = {
    "a clerk": lambda stage, event: log_in(stage, USER),
    "a clerk without rights": lambda stage, event: log_in(stage, []),
    "without a role": lambda stage, event: signed(stage, tokens.peek(log_in(stage, [])) | {"role": None}),
    "a client": lambda stage, event: client(stage, []),
    "a record token": lambda stage, event: stage.opencrvs.token(event),
    "for the country config and another": lambda stage, event: stage.opencrvs.service_token(
        aud=[tokens.COUNTRY_CONFIG, tokens.EVENTS]
    ),
    "with scopes": lambda stage, event: stage.opencrvs.service_token(scope=["type=integration.create"]),
    "of a user": lambda stage, event: stage.opencrvs.service_token(userType="user"),
}


@pytest.mark.parametrize("stage", [CLIENT | {"profile": "2.1"}], indirect=True)
@pytest.mark.parametrize("who", PERSONS)
async def test_2_1_takes_cores_own_token_only(stage: Stage, who: str) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    for action in ("REGISTER", "APPROVE_CORRECTION", "DECLARE"):
        assert (await stage.trigger(event, PERSONS[who](stage, event), action=action))[0] == 403
    assert await stage.running.store.listings.pending() == []
    assert (await stage.trigger(event, stage.opencrvs.service_token()))[0] == 202


@pytest.mark.parametrize("stage", [{"number_template": "{year}{sequence:04}"}], indirect=True)
async def test_a_stranger_uses_no_number_up(stage: Stage) -> None:
    grown = stage.opencrvs.record("birth", BIRTH | {"child.dob": "1990-01-01"})  # not forwarded: 200
    assert (await stage.trigger(grown, log_in(stage, USER)))[0] == 403
    assert (await stage.trigger(grown))[1]["registrationNumber"].endswith("0001")
