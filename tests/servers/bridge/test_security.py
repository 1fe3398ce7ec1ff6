"""What senders may not do: each refusal here fails when its check is taken out of the bridge."""

from __future__ import annotations

import asyncio
import gzip
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jwt
import pytest
from aiohttp import ClientSession, web
from yarl import URL

from bridge.registration import State
from tests.servers.bridge.conftest import BIRTH, OPERATIONS, Stage
from tests.servers.bridge.delivered import unchanged, waiting
from tests.servers.bridge.stubs import ISSUER, VID
from tests.servers.bridge.stubs_people import StubPeople
from tests.servers.bridge.test_upstream_defects_people import FORM, USER_INFO, ask
from tests.servers.bridge.test_upstream_defects_people import people as people
from wire.mosip import hub, keys
from wire.mosip.well_known import public_key_url

ALIEN = "https://alien.example"

# -- hosts in verification and data-share URLs ------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ({"issuer": ALIEN, "method": public_key_url(ALIEN)}, "a key that is not allowed"),
        ({"method": f"{ISSUER}/.well-known/another-key.json"}, "a key that is not allowed"),
        ({"method": public_key_url(f"{ISSUER}.alien.example")}, "a key that is not allowed"),
        ({"issuer": ALIEN}, "not the issuer's"),
    ],
    ids=["host", "path", "host that begins alike", "issuer"],
)
async def test_proof_by_the_true_key_under_another_name_is_refused(
    stage: Stage, named: dict[str, str], why: str
) -> None:
    event, registration = await waiting(stage)
    sealed = stage.mosip.credential(registration.packet_id, VID=VID, **named)
    status, said = await delivered(stage, stage.mosip.event(registration.packet_id, sealed))
    assert (status, why in said) == (422, True), said
    assert await unchanged(stage, event)
    assert stage.mosip.asked["public-key.json"] == 0


@pytest.mark.parametrize("stage", [{"well_known_url": ""}], indirect=True)
async def test_key_is_fetched_from_no_address_that_a_message_names(stage: Stage) -> None:
    event, registration = await waiting(stage)
    # the stub itself: reachable, but nobody allowed it
    own = public_key_url(stage.mosip.url)
    sealed = stage.mosip.credential(registration.packet_id, issuer=stage.mosip.url, method=own, VID=VID)
    assert await stage.deliver(stage.mosip.event(registration.packet_id, sealed)) == 422
    assert await unchanged(stage, event)
    assert stage.mosip.asked["public-key.json"] == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example/share/s1",
        "http://127.0.0.1.evil.example/share/s1",
        "http://127.0.0.1@evil.example/share/s1",
        "http://user:word@127.0.0.1:{port}/share/s1",
        "http://[::1]:{port}/share/s1",
        "ftp://127.0.0.1/share/s1",
        "file:///etc/passwd",
        "//127.0.0.1:{port}/share/s1",
        "http://[127.0.0.1/share/s1",
        "",
    ],
)
async def test_data_share_elsewhere_is_not_fetched(stage: Stage, url: str) -> None:
    event, registration = await waiting(stage)
    stage.mosip.shares["s1"] = stage.mosip.credential(registration.packet_id)
    where = url.replace("{port}", str(URL(stage.mosip.url).port))
    assert await stage.deliver(stage.mosip.event(registration.packet_id, data_share_uri=where)) in (400, 422)
    assert await unchanged(stage, event)
    assert stage.mosip.asked["s1"] == 0


async def test_data_share_that_is_no_longer_allowed_is_not_fetched(stage: Stage) -> None:
    event, registration = await waiting(stage)
    stage.mosip.shares["s1"] = stage.mosip.credential(registration.packet_id)
    stage.mosip.faults["s1"] = [lambda: web.Response(status=503)]
    body = stage.mosip.event(registration.packet_id, data_share_uri=f"{stage.mosip.url}/share/s1")
    assert await stage.deliver(body) == 200
    await stage.restart(data_share_hosts="share.example", rehearsal=True)
    await stage.world.clock.advance(600)
    assert stage.mosip.asked["s1"] == 1
    assert await unchanged(stage, event)


async def test_data_share_does_not_lead_to_another_host(stage: Stage) -> None:
    event, registration = await waiting(stage)
    stage.mosip.shares["elsewhere"] = stage.mosip.credential(registration.packet_id)
    away = {"Location": f"{stage.mosip.url.replace('127.0.0.1', 'localhost')}/share/elsewhere"}
    stage.mosip.faults["s1"] = [lambda: web.Response(status=302, headers=away)] * 99
    body = stage.mosip.event(registration.packet_id, data_share_uri=f"{stage.mosip.url}/share/s1")
    assert await stage.deliver(body) == 200
    await stage.world.clock.advance(60)
    assert (stage.mosip.asked["s1"] > 1, stage.mosip.asked["elsewhere"]) == (True, 0)
    assert await unchanged(stage, event)


async def delivered(stage: Stage, body: bytes) -> tuple[int, str]:
    """(status, what was said) of a delivery with the hub's signature."""
    headers = {hub.SIGNATURE_HEADER: hub.signature("mosip-websub-secret", body)}
    async with ClientSession() as session, session.post(stage.callback, data=body, headers=headers) as answer:
        return answer.status, await answer.text()


# -- tokens -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({}, 200),
        ({"aud": "another-relying-party"}, 503),
        ({"aud": ["another", "and-another"]}, 503),
        ({"exp": 1}, 503),
    ],
)
async def test_userinfo_for_another_or_of_another_time_is_refused(
    stage: Stage, people: StubPeople, claims: dict[str, Any], status: int
) -> None:
    people.claims = claims
    assert (await ask(stage, USER_INFO, FORM))[0] == status


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS512"])
async def test_userinfo_by_another_algorithm_is_refused(
    stage: Stage, people: StubPeople, monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    pair = people.keys["esignet"]
    pem = keys.public_pem(pair.private_key.public_key()).encode()
    monkeypatch.setattr(jwt.algorithms.HMACAlgorithm, "prepare_key", lambda _, key: key)
    key = {"none": None, "HS256": pem, "RS512": pair.private_key}[algorithm]

    def forged(claims: dict[str, Any]) -> str:
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "e1"})

    monkeypatch.setattr(people, "_signed", forged)
    assert (await ask(stage, USER_INFO, FORM))[0] == 503


@pytest.mark.parametrize(
    ("changes", "status"),
    [({}, 202), ({"iss": "somebody"}, 401), ({"aud": ["opencrvs:search-user"]}, 401), ({"exp": 1}, 401)],
)
async def test_tokens_at_the_mediator(stage: Stage, changes: dict[str, Any], status: int) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    body = {"trackingId": event["trackingId"], "requestFields": {"birthCertificateNumber": "2026BABCDEF"}}
    headers = {"Authorization": f"Bearer {stage.opencrvs.token(event, **changes)}"}
    url = f"{stage.running.mediator_url}/events/registration"
    async with ClientSession() as session, session.post(url, json=body, headers=headers) as answer:
        assert answer.status == status
    await stage.world.clock.settle()
    assert len(await stage.running.store.listings.pending()) == (status == 202)


# -- replayed deliveries ----------------------------------------------------------------------------


async def test_old_delivery_does_not_answer_a_new_registration(stage: Stage) -> None:
    """Not the bytes themselves, and not its credential under a message that the hub would sign."""
    old, first = await waiting(stage)
    sealed = stage.mosip.credential(first.packet_id)
    body = stage.mosip.event(first.packet_id, sealed)
    assert await stage.deliver(body) == 200
    new, second = await waiting(stage)
    assert await stage.deliver(body) == 200
    assert await stage.deliver(stage.mosip.event(second.packet_id, sealed)) == 422
    assert await unchanged(stage, new)
    assert (await stage.of(old)).state is State.CONFIRMED and len(stage.opencrvs.accepted(old)) == 1


async def test_replayed_delivery_does_nothing_for_one_that_waits_again(stage: Stage) -> None:
    """It was refused by a person, who does not want to be overruled by the same message."""
    event, registration = await waiting(stage)
    rejected = stage.mosip.ended(registration.packet_id, "REJECTED")
    assert [await stage.deliver(rejected) for _ in range(3)] == [200] * 3
    body = stage.mosip.event(registration.packet_id, stage.mosip.credential(registration.packet_id))
    assert await stage.deliver(body) == 200
    assert (await stage.of(event)).state is State.REJECTED and not stage.opencrvs.accepted(event)
    assert len(stage.opencrvs.rejected(event)) == 1


# -- big bodies -------------------------------------------------------------------------------------

MIB = 1024 * 1024
HEALTH = b"GET /health HTTP/1.1\r\nHost: bridge\r\n\r\n"


@pytest.mark.parametrize("how", ["told", "chunked", "compressed"])
@pytest.mark.parametrize("route", ["trigger", "interop", "verify", "callback", "operations"])
async def test_big_body_is_refused(stage: Stage, route: str, how: str) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    url, token = _route(stage, route, event)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b" " * (MIB // 16)

    body: Any = {
        "told": io.BytesIO(b" " * (MIB + 1)),
        "chunked": pieces(),
        "compressed": gzip.compress(b" " * 8 * MIB),
    }
    headers = {"Authorization": f"Bearer {token}"} | (
        {"Content-Encoding": "gzip"} if how == "compressed" else {}
    )
    async with ClientSession() as session, session.post(url, data=body[how], headers=headers) as answer:
        # what is packed is not unpacked, however big
        assert answer.status == (415 if how == "compressed" else 413)


def _route(stage: Stage, name: str, event: dict[str, Any]) -> tuple[str, str]:
    """(URL, token) of a route that reads a body."""
    mediator = stage.running.mediator_url
    urls = {
        "trigger": f"{stage.running.trigger_url}/trigger/events/birth/actions/REGISTER",
        "interop": f"{mediator}/events/registration",
        "verify": f"{mediator}/verify",
        "callback": stage.callback,
        "operations": f"{mediator}/operations/registrations/none/reject",
    }
    return urls[name], OPERATIONS if name == "operations" else stage.opencrvs.token(event)


# -- slow senders -----------------------------------------------------------------------------------


@asynccontextmanager
async def connection(
    url: str, within: float = 10
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A socket of one's own; what is awaited in the block fails after so many seconds."""
    where = URL(url)
    reader, writer = await asyncio.open_connection(where.host, where.port)
    try:
        async with asyncio.timeout(within):
            yield reader, writer
    finally:
        writer.close()


@pytest.mark.parametrize("route", ["trigger", "interop", "verify", "callback", "operations"])
async def test_body_that_trickles_is_answered_408(stage: Stage, route: str) -> None:
    url, token = _route(stage, route, stage.opencrvs.record("birth", BIRTH))
    async with connection(url) as (reader, writer):
        head = f"POST {URL(url).path} HTTP/1.1\r\nHost: bridge\r\nAuthorization: Bearer {token}\r\n"
        writer.write(f"{head}Content-Length: 100\r\n\r\n".encode())
        for _ in range(20):  # a byte a second: never silent, never done
            writer.write(b" ")
            await stage.world.clock.advance(1)
        assert b" 408 " in await reader.readline()


@pytest.mark.parametrize("before", [b"", HEALTH], ids=["new", "kept"])
@pytest.mark.parametrize("sent", [b"", b"POST /websub/callback HTTP/1.1\r\nHost: bri"], ids=["none", "half"])
@pytest.mark.parametrize("server", ["trigger_url", "mediator_url"])
async def test_connection_without_a_whole_head_is_closed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, server: str, sent: bytes, before: bytes
) -> None:
    loop = asyncio.get_running_loop()
    real, ahead = loop.time, 0.0
    monkeypatch.setattr(loop, "time", lambda: real() + ahead)
    async with connection(getattr(stage.running, server), within=90) as (reader, writer):
        if before:
            writer.write(before)
            assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(len('{"status": "ok"}'))
        writer.write(sent)
        await stage.world.clock.settle()
        ahead = 60.0
        writer.write(sent and b"X")
        await stage.world.clock.settle()
        assert not reader.at_eof()  # a slow line is no reason yet
        ahead = 80.0
        assert await reader.read() == b""
