"""In front of the country's own server (BRIDGE_COUNTRY_CONFIG_URL): what the bridge does not decide is the
country's to answer, unchanged; what it decides the country may amend.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession, web

from bridge.advice import Stuck
from bridge.registration import State, Task
from bridge.settings import Settings
from bridge.starting import CannotStart
from tests.servers.bridge.conftest import BIRTH, DEATH, Stage, set_up
from tests.servers.bridge.stubs import VID
from wire.http import passing
from wire.http.listening import Listening, listen
from wire.keyfolder import KeyFolder

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
_TRIGGER = "/trigger/events/birth/actions/{}"


class Country:
    """A country's server: notes what it is asked, answers what the test says, else 404 as a stub may."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answers: dict[str, Answer] = {}
        self.down = False

    async def start(self) -> Country:
        app = web.Application(client_max_size=1 << 30)
        app.router.add_route("*", "/{path:.*}", self._any)
        self.listening: Listening = await listen(app, "127.0.0.1", 0, "-")
        return self

    def says(self, path: str, status: int = 200, body: Any = None, **headers: str) -> None:
        async def answer(request: web.Request) -> web.Response:
            return web.json_response(body if body is not None else {}, status=status, headers=headers)

        self.answers[path] = answer

    def paths(self) -> list[str]:
        return [path for _, path, _, _ in self.asked]

    async def _any(self, request: web.Request) -> web.StreamResponse:
        if self.down:
            assert request.transport is not None
            request.transport.abort()
        path = request.rel_url.raw_path_qs
        if request.path in self.answers and request.headers.get("X-Stream"):
            return await self.answers[request.path](request)
        self.asked.append((request.method, path, dict(request.headers), await request.read()))
        if request.path in self.answers:
            return await self.answers[request.path](request)
        return web.Response(status=404)


class Front:
    """The usual stage with a country behind the bridge."""

    def __init__(self, stage: Stage, country: Country) -> None:
        self.stage, self.country = stage, country

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Any, bytes]:
        url = f"{self.stage.running.trigger_url}{path}"
        async with (
            ClientSession(auto_decompress=False) as session,
            session.request(method, url, allow_redirects=False, **options) as answer,
        ):
            return answer.status, answer.headers, await answer.read()


@pytest.fixture
async def front(tmp_path: Path, keys: KeyFolder, request: pytest.FixtureRequest) -> AsyncIterator[Front]:
    country = await Country().start()
    more = getattr(request, "param", {})
    stage = await set_up(tmp_path, keys, country_config_url=country.listening.url, **more)
    yield Front(stage, country)
    await stage.close()
    await country.listening.close()


# -- what is not the bridge's ---------------------------------------------------------------------------


async def test_what_core_demands_at_its_start_is_the_countrys(front: Front) -> None:
    for path in ("/config/events", "/config/workqueues", "/config/roles", "/ping", "/config/application"):
        front.country.says(path, body=[{"id": path}])
        status, _, body = await front.ask("GET", path)
        assert (status, json.loads(body)) == (200, [{"id": path}])


@pytest.mark.parametrize("status", [200, 201, 204, 302, 400, 401, 403, 404, 409, 418, 500, 503])
async def test_its_status_and_headers_are_the_countrys(front: Front, status: int) -> None:
    async def answer(request: web.Request) -> web.Response:
        response = web.Response(status=status, body=b"" if status == 204 else b"words")
        response.headers["X-Own"] = "yes"
        response.headers["Location"] = "/elsewhere?a=1"
        response.headers.add("Set-Cookie", "a=1")
        response.headers.add("Set-Cookie", "b=2")
        return response

    front.country.answers["/triggers/user/user-created"] = answer
    got, headers, body = await front.ask("POST", "/triggers/user/user-created", json={"code": "000000"})
    assert got == status and headers["X-Own"] == "yes" and headers["Location"] == "/elsewhere?a=1"
    assert headers.getall("Set-Cookie") == ["a=1", "b=2"]
    assert body == (b"" if status == 204 else b"words")
    assert front.country.asked[0][3] == b'{"code": "000000"}'


async def test_the_address_and_the_request_arrive_as_they_were(front: Front) -> None:
    headers = {
        "Authorization": "Bearer x",
        "X-Many": "a, b",
        "Content-Encoding": "gzip",
        "Connection": "X-Hop",
    }
    await front.ask(
        "PUT", "/a%2Fb/%C3%A9?q=%20&r", data=b"\x1f\x8bnot really", headers=headers | {"X-Hop": "1"}
    )
    [(method, path, got, body)] = front.country.asked
    assert (method, path, body) == ("PUT", "/a%2Fb/%C3%A9?q=%20&r", b"\x1f\x8bnot really")
    assert got["Authorization"] == "Bearer x" and got["X-Many"] == "a, b"
    assert got["Content-Encoding"] == "gzip" and "X-Hop" not in got and got["Content-Length"] == "12"


async def test_packed_answers_stay_packed(front: Front) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=b"\x1f\x8b..", headers={"Content-Encoding": "gzip"})

    front.country.answers["/config/events"] = answer
    _, headers, body = await front.ask("GET", "/config/events")
    assert headers["Content-Encoding"] == "gzip" and body == b"\x1f\x8b.."
    status, headers, body = await front.ask("HEAD", "/config/events")
    assert (status, body) == (200, b"")


async def test_bodies_pass_in_pieces_both_ways(front: Front) -> None:
    """The answer has begun before the request has ended: nothing is gathered on the way."""
    begun = asyncio.Event()

    async def echo(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        async for piece in request.content.iter_any():
            await response.write(piece)
        return response

    async def body() -> AsyncIterator[bytes]:
        yield b"first"
        await begun.wait()
        yield b"second"

    front.country.answers["/reindex"] = echo
    url = f"{front.stage.running.trigger_url}/reindex"
    async with (
        ClientSession() as session,
        session.post(url, data=body(), headers={"X-Stream": "1"}) as answer,
    ):
        assert await answer.content.readexactly(5) == b"first"
        begun.set()
        assert await answer.read() == b"second"


async def test_a_body_larger_than_our_own_limit_passes(front: Front) -> None:
    front.country.says("/reindex")
    status, _, _ = await front.ask("POST", "/reindex", data=io.BytesIO(b"x" * (3 << 20)))
    assert status == 200 and len(front.country.asked[0][3]) == 3 << 20


@pytest.mark.parametrize("way", ["told", "chunked", "answered"])
async def test_no_body_is_endless(front: Front, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passing, "_LIMIT", 100_000)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b"x" * 10_000

    front.country.says("/reindex", body="x" * (200_000 if way == "answered" else 1))
    body = {"told": b"x" * 200_000, "chunked": pieces(), "answered": b""}[way]
    if way == "answered":
        with pytest.raises(ClientError):
            await front.ask("POST", "/reindex", data=body)
        return
    status, _, _ = await front.ask("POST", "/reindex", data=body)
    assert status == 413


async def test_a_country_that_is_away_is_told_by_name(front: Front) -> None:
    front.country.down = True
    status, headers, body = await front.ask("GET", "/config/events")
    assert status == 502 and headers["Content-Type"].startswith("application/problem+json")
    assert "BRIDGE_COUNTRY_CONFIG_URL" in json.loads(body)["detail"]


async def test_a_country_that_never_answers_is_told_after_its_time(front: Front) -> None:
    hang, asked_of = asyncio.Event(), asyncio.Event()

    async def never(request: web.Request) -> web.Response:
        asked_of.set()
        await hang.wait()
        return web.Response()

    front.country.answers["/ping"] = never
    asked = asyncio.create_task(front.ask("GET", "/ping"))
    await asked_of.wait()
    await front.stage.world.clock.advance(61)
    assert (await asked)[0] == 504
    hang.set()


async def test_an_answer_that_breaks_off_breaks_off(front: Front) -> None:
    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "10"})
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport is not None
        request.transport.abort()
        return response

    front.country.answers["/config/events"] = half
    with pytest.raises(Exception, match=r"payload|closed|reset|disconnected"):
        await front.ask("GET", "/config/events")


@pytest.mark.parametrize(
    "action", ["NOTIFY", "DECLARE", "VALIDATE", "CUSTOM", "REJECT", "UNARCHIVE", "NEW_ONE"]
)
async def test_an_action_of_the_countrys_is_answered_by_it(front: Front, action: str) -> None:
    front.country.says(
        _TRIGGER.format(action), 202 if action == "DECLARE" else 200, {"declaration": {"a": 1}}
    )
    event = front.stage.opencrvs.record("birth", BIRTH)
    status, body = await front.stage.trigger(event, action=action)
    assert (status, body) == (202 if action == "DECLARE" else 200, {"declaration": {"a": 1}})
    [(_, _, headers, sent)] = front.country.asked
    assert json.loads(sent) == event and headers["Authorization"].startswith("Bearer ey")
    assert not await front.stage.running.store.listings.pending()


@pytest.mark.parametrize(
    ("event_type", "changes"),
    [("birth", {"child.dob": "1990-01-01"}), ("death", {"deceased.nid": None}), ("marriage", {})],
)
async def test_a_record_that_is_not_forwarded_is_the_countrys(
    front: Front, event_type: str, changes: dict[str, Any]
) -> None:
    front.country.says(f"/trigger/events/{event_type}/actions/REGISTER", body={"registrationNumber": "CC-1"})
    declaration = (DEATH if event_type == "death" else BIRTH) | changes
    event = front.stage.opencrvs.record(event_type, declaration)
    assert await front.stage.trigger(event) == (200, {"registrationNumber": "CC-1"})
    assert not await front.stage.running.store.listings.pending()


# -- what is the bridge's -------------------------------------------------------------------------------

_AMENDED = {
    "registrationNumber": "CC-000017",
    "declaration": {"child.reason": "x"},
    "annotation": {"by": "cc"},
}


async def test_a_country_amends_number_and_declaration(front: Front) -> None:
    stage = front.stage
    stage.opencrvs.forms["birth"].append("child.reason")
    front.country.says(_TRIGGER.format("REGISTER"), body=_AMENDED)
    event = await stage.submitted()
    assert await stage.trigger(event) == (202, {})
    assert len(front.country.asked) == 1, "a repeated question is not asked of the country again"
    registration = await stage.of(event)
    assert registration.number == "CC-000017"
    assert stage.mosip.packets[registration.packet_id]["fields"]["birthCertificateNumber"] == "CC-000017"
    rid = registration.packet_id
    await stage.deliver(stage.mosip.event(rid, stage.mosip.credential(rid)))
    [accepted] = stage.opencrvs.accepted(event)
    assert accepted["declaration"] == {"child.reason": "x", "child.nid": VID}
    assert accepted["registrationNumber"] == "CC-000017"
    told = next(given for path, given, _ in stage.opencrvs.calls if path.endswith("register.accept"))
    assert told["annotation"] == {"by": "cc"}


@pytest.mark.parametrize("front", [{"mode": "sync"}], indirect=True)
async def test_a_country_amends_a_synchronous_answer(front: Front) -> None:
    front.stage.opencrvs.forms["birth"].append("child.reason")
    front.country.says(_TRIGGER.format("REGISTER"), body=_AMENDED)
    event = front.stage.opencrvs.record("birth", BIRTH)
    status, body = await front.stage.trigger(event)
    assert status == 200 and body["registrationNumber"] == "CC-000017" and body["annotation"] == {"by": "cc"}
    assert body["declaration"].keys() == {"child.reason", "child.nid"}
    assert await front.stage.trigger(event) == (200, body), "a repetition gets the same"


@pytest.mark.parametrize("status", [400, 202])
async def test_a_country_decides_first(front: Front, status: int) -> None:
    """Its no, and that it confirms by itself, are its own."""
    front.country.says(_TRIGGER.format("REGISTER"), status, {"reason": "no"})
    event = front.stage.opencrvs.record("birth", BIRTH)
    assert await front.stage.trigger(event) == (status, {"reason": "no"})
    assert not await front.stage.running.store.listings.pending() and not front.stage.mosip.packets


@pytest.mark.parametrize(
    "said", [{}, {"registrationNumber": ""}, {"registrationNumber": 5, "declaration": []}, []]
)
async def test_a_country_that_adds_nothing_usable(front: Front, said: Any) -> None:
    front.country.says(_TRIGGER.format("REGISTER"), body=said)
    event = await front.stage.submitted()
    assert (await front.stage.of(event)).number.endswith(event["trackingId"])


async def test_a_country_without_a_handler_adds_nothing(front: Front) -> None:
    event = await front.stage.submitted()
    assert (await front.stage.of(event)).number.endswith(event["trackingId"])


@pytest.mark.parametrize("status", [500, 503, 401, 201, None])
async def test_a_country_that_is_away_is_asked_later(front: Front, status: int | None) -> None:
    """Story: the country config is down while the bridge is up: 202, and nothing is lost, nor by a crash."""
    stage, path = front.stage, _TRIGGER.format("REGISTER")
    front.country.down = status is None
    if status is not None:
        front.country.says(path, status)
    event = stage.opencrvs.record("birth", BIRTH)
    assert await stage.trigger(event) == (202, {})
    await stage.world.clock.settle()
    assert await stage.trigger(event) == (202, {}), "repeated"
    waiting = await stage.of(event)
    assert (waiting.state, waiting.task) == (State.QUEUED, Task.AMEND) and not stage.mosip.packets
    await stage.restart()
    front.country.down = False
    front.country.says(path, body=_AMENDED)
    await stage.world.clock.advance(2000)
    submitted = await stage.of(event)
    assert (submitted.state, submitted.number) == (State.SUBMITTED, "CC-000017")
    assert stage.mosip.packets[submitted.packet_id]["fields"]["birthCertificateNumber"] == "CC-000017"


@pytest.mark.parametrize(("status", "state"), [(400, State.REJECTED), (202, State.STUCK)])
async def test_a_country_that_comes_back_and_decides(front: Front, status: int, state: State) -> None:
    stage = front.stage
    front.country.down = True
    event = stage.opencrvs.record("birth", BIRTH)
    await stage.trigger(event)
    front.country.down = False
    front.country.says(_TRIGGER.format("REGISTER"), status, {"reason": "The office is closed."})
    await stage.world.clock.advance(2000)
    found = await stage.of(event)
    assert found.state is state and not stage.mosip.packets
    if status == 400:
        assert found.words == "The office is closed."
    else:
        assert found.reason == Stuck.COUNTRY_DECIDES
        front.country.says(_TRIGGER.format("REGISTER"))
        await stage.running.way.operations.retry(found)
        await stage.world.clock.settle()
        assert (await stage.of(event)).state is State.SUBMITTED


async def test_a_country_that_stays_away_ends_named(front: Front) -> None:
    stage = front.stage
    front.country.down = True
    await stage.restart(give_up_seconds=3600)
    event = stage.opencrvs.record("birth", BIRTH)
    await stage.trigger(event)
    await stage.world.clock.advance(2 * 3600)
    found = await stage.of(event)
    assert (found.state, found.reason) == (State.STUCK, Stuck.COUNTRY_UNREACHABLE)


async def test_without_one_the_start_says_what_core_then_misses(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        await stage.restart()
    assert "/config/events" in caplog.text and "BRIDGE_COUNTRY_CONFIG_URL" in caplog.text


@pytest.mark.parametrize("url", ["cc:3040", "ftp://cc", "http://"])
def test_an_address_that_is_none_is_told(url: str) -> None:
    with pytest.raises(ValueError, match="BRIDGE_COUNTRY_CONFIG_URL"):
        Settings.model_validate({"BRIDGE_COUNTRY_CONFIG_URL": url})


async def test_the_bridge_itself_is_no_country_config(tmp_path: Path, keys: KeyFolder) -> None:
    with pytest.raises(CannotStart, match="BRIDGE_COUNTRY_CONFIG_URL"):
        await set_up(tmp_path, keys, trigger_port=39483, country_config_url="http://localhost:39483")
