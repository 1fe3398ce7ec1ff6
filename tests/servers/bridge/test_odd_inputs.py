"""Odd but possible inputs are the sender's fault, said in a 4xx; none is a 500 or half a state."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import ClientSession

from bridge.registration import State
from tests.servers.bridge.conftest import BIRTH, OPERATIONS, Stage


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1798761600000},
        {"exp": 1e20},
        {"exp": -1e20},
        {"iat": 1e300},
        {"nbf": -(10**18)},
        {"scope": [1, None]},
        {"scope": "record.register"},
        {"scope": {"a": 1}},
        {"sub": "a\0b"},
    ],
    ids=str,
)
async def test_claims_that_make_no_sense_are_401(stage: Stage, claims: dict[str, Any]) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    assert (await stage.trigger(event, stage.opencrvs.token(event, **claims)))[0] == 401
    url = f"{stage.running.mediator_url}/debug/transactions"
    headers = {"Authorization": f"Bearer {stage.opencrvs.token(event, **claims)}"}
    async with ClientSession() as session, session.get(url, headers=headers) as answer:
        assert answer.status == 401


@pytest.mark.parametrize("name", ["originalActionId", "requestId", "createdAtLocation", "createdAt"])
@pytest.mark.parametrize("value", [{}, [], 1, True], ids=str)
async def test_odd_action_is_400(stage: Stage, name: str, value: Any) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    token = stage.opencrvs.token(event)
    event["actions"][1][name] = value
    assert (await stage.trigger(event, token))[0] == 400


@pytest.mark.parametrize("value", [["verified"], {}, 1], ids=str)
async def test_verification_that_is_no_word_is_400(stage: Stage, value: Any) -> None:
    await stage.restart(verified_parent=True)
    event = stage.opencrvs.record("birth", {**BIRTH, "mother.verified": value})
    assert (await stage.trigger(event))[0] == 400


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
async def test_body_that_is_not_what_its_label_says_is_4xx(stage: Stage, encoding: str) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    running = stage.running
    headers = {"Content-Encoding": encoding, "Authorization": f"Bearer {stage.opencrvs.token(event)}"}
    for url in (
        f"{running.trigger_url}/trigger/events/birth/actions/REGISTER",
        f"{running.mediator_url}/websub/callback",
        f"{running.mediator_url}/events/registration",
        f"{running.mediator_url}/verify",
    ):
        async with (
            ClientSession() as session,
            session.post(url, data=b"{}no such thing", headers=headers) as answer,
        ):
            assert 400 <= answer.status < 500, url


async def test_address_with_a_nul_is_400(stage: Stage) -> None:
    headers = {"Authorization": f"Bearer {OPERATIONS}"}
    async with ClientSession() as session:
        for path in ("/operations/registrations/a%00b", "/websub/callback?hub.topic=%00&hub.challenge=x"):
            async with session.get(f"{stage.running.mediator_url}{path}", headers=headers) as answer:
                assert answer.status == 400


# -- what true traffic does ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page", ["<html>maintenance</html>", "{}", "please wait", "", "null", "AAAA", '"x"', "\x00", "9" * 2000]
)
async def test_share_that_answers_a_page_once_keeps_its_credential(stage: Stage, page: str) -> None:
    event = await stage.submitted()
    packet = (await stage.of(event)).packet_id
    sealed, stage.mosip.shares["s1"] = stage.mosip.credential(packet), page
    body = stage.mosip.event(packet, data_share_uri=f"{stage.mosip.url}/share/s1")
    assert await stage.deliver(body) == 200
    assert not stage.opencrvs.accepted(event)
    stage.mosip.shares["s1"] = sealed
    await stage.world.clock.advance(30)
    assert (await stage.of(event)).state is State.CONFIRMED


async def test_kept_delivery_that_is_not_believed_may_come_again(stage: Stage) -> None:
    event = await stage.submitted()
    packet = (await stage.of(event)).packet_id
    stage.mosip.shares["s1"] = stage.mosip.credential(packet, key="mosip-iam")
    body = stage.mosip.event(packet, data_share_uri=f"{stage.mosip.url}/share/s1")
    assert await stage.deliver(body) == 200
    stage.mosip.shares["s1"] = stage.mosip.credential(packet)
    assert await stage.deliver(body) == 200
    assert (await stage.of(event)).state is State.CONFIRMED


async def test_credential_of_thousands_of_values_is_refused_at_once(stage: Stage) -> None:
    event = await stage.submitted()
    packet = (await stage.of(event)).packet_id
    names = [{"language": "eng", "value": f"name {number}"} for number in range(300)]
    body = stage.mosip.event(packet, stage.mosip.credential(packet, VID="4703420631835716", fullName=names))
    assert await stage.deliver(body) == 422


async def test_hub_with_a_short_lease_is_asked_within_it(stage: Stage) -> None:
    before = stage.mosip.asked["hub"]
    await stage.world.clock.advance(600)
    assert stage.mosip.asked["hub"] == before
    stage.mosip.lease_seconds = 3600
    await stage.restart()
    before = stage.mosip.asked["hub"]
    await stage.world.clock.advance(3600)
    assert stage.mosip.asked["hub"] > before
