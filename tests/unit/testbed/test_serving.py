from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import ClientError, ClientPayloadError, ClientSession, web

from testbed.admin import Admin, problem_middleware
from testbed.faults import GENERIC, Fault, FaultKind, Faults
from testbed.journal import Journal
from testbed.serving import belongs_to, faulty, journal_middleware
from wire.http.listening import Listening, listen
from wire.world import World


@dataclass
class Served:
    url: str
    world: World
    journal: Journal
    faults: Faults
    session: ClientSession
    listening: Listening
    resets: list[str]


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    world = World.virtual()
    journal = Journal("toy", world)
    faults = Faults(world, {"hello": GENERIC})
    resets: list[str] = []

    async def hello(request: web.Request) -> web.Response:
        belongs_to(request, request.query.get("record"))
        return web.json_response({"hello": "world", "said": (await request.read()).decode()})

    async def reset() -> None:
        resets.append("reset")

    app = web.Application(middlewares=[journal_middleware(journal), problem_middleware])
    app.router.add_post("/hello", faulty(faults, "hello", hello))
    app.router.add_routes(Admin(world, journal, faults, reset).routes())
    listening = await listen(app, "127.0.0.1", 0, "TOY_PORT")
    async with ClientSession(listening.url) as session:
        yield Served(listening.url, world, journal, faults, session, listening, resets)
    await listening.close()


async def test_an_exchange_is_written_down_with_its_record(served: Served) -> None:
    async with served.session.post("/hello?record=A", json={"child.nid": "6041872935"}):
        pass
    (exchange,) = served.journal.about("A")
    assert (exchange.operation, exchange.status) == ("hello", 200)
    assert "6041872935" not in exchange.request + exchange.response


async def test_a_status_fault_answers_in_place_of_the_handler_and_says_so(served: Served) -> None:
    served.faults.add(Fault("hello", FaultKind.STATUS, status=502, body="<h1>Bad Gateway</h1>"))
    async with served.session.post("/hello") as response:
        assert response.status == 502
    async with served.session.post("/hello") as response:
        assert response.status == 200
    assert next(iter(served.journal)).faults == ("status 502 at hello",)


async def test_a_truncated_body_breaks_in_the_middle(served: Served) -> None:
    served.faults.add(Fault("hello", FaultKind.TRUNCATED_BODY))
    with pytest.raises(ClientPayloadError):
        async with served.session.post("/hello") as response:
            await response.read()


async def test_a_reset_cuts_the_connection(served: Served) -> None:
    served.faults.add(Fault("hello", FaultKind.RESET))
    with pytest.raises(ClientError):
        await served.session.post("/hello")


async def test_a_slow_answer_takes_its_seconds_on_the_clock(served: Served) -> None:
    served.faults.add(Fault("hello", FaultKind.SLOW, seconds=30))

    async def ask() -> int:
        async with served.session.post("/hello") as response:
            return response.status

    asking = asyncio.create_task(ask())
    await served.world.clock.advance(29)
    assert not asking.done()
    await served.world.clock.advance(1)
    assert await asking == 200


async def test_faults_are_armed_listed_and_cleared_over_http(served: Served) -> None:
    async with served.session.post("/admin/faults", json={"seam": "hello", "kind": "reset"}) as response:
        assert response.status == 201
    async with served.session.get("/admin/faults") as response:
        listed = await response.json()
    assert [fault["kind"] for fault in listed["faults"]] == ["reset"]
    assert "slow" in listed["seams"]["hello"]
    async with served.session.delete("/admin/faults/1") as response:
        assert response.status == 200
    async with served.session.delete("/admin/faults/1") as response:
        assert response.status == 404


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (b"", "body"),
        (b"{", "JSON"),
        (b'{"seam": "hello"}', "kind"),
        (b'{"seam": "nowhere", "kind": "reset"}', "there are: hello"),
        (b'{"seam": "hello", "kind": "reset", "since": "2026-03-02T08:00:00"}', "timezone"),
        (b'{"seam": "hello", "kind": "lose"}', "cannot play lose"),
    ],
)
async def test_a_wrong_fault_is_refused_with_what_is_wrong(served: Served, body: bytes, names: str) -> None:
    async with served.session.post("/admin/faults", data=body) as response:
        assert response.status == 400
        assert response.content_type == "application/problem+json"
        assert names in await response.text()


async def test_the_clock_is_read_and_moved_over_http(served: Served) -> None:
    async with served.session.post("/admin/clock", json={"advance_seconds": 86400}) as response:
        assert await response.json() == {"now": "2026-03-03T08:00:00.000Z"}
    async with served.session.post("/admin/clock", json={"advance_seconds": -1}) as response:
        assert response.status == 400


async def test_the_journal_is_read_by_record_and_streamed(served: Served) -> None:
    for record in ("A", "B", "A"):
        async with served.session.post(f"/hello?record={record}"):
            pass
    async with served.session.get("/admin/journal?record=A") as response:
        assert [exchange["number"] for exchange in (await response.json())["exchanges"]] == [1, 3]
    for misspelt in ("journal?recrod=A", "journal?after=1&before=2", "journal/stream?limit=1"):
        async with served.session.get(f"/admin/{misspelt}") as response:
            assert response.status == 400
            assert "There is no query parameter" in (await response.json())["title"]
    async with served.session.get("/admin/journal?after=x") as response:
        assert response.status == 400
    async with served.session.get("/admin/journal/stream?after=2") as response:
        assert (await response.content.readline()).strip() == b"id: 3"


async def test_reset_forgets_faults_and_journal_and_tells_the_server(served: Served) -> None:
    served.faults.add(Fault("hello", FaultKind.RESET))
    async with served.session.post("/admin/reset") as response:
        assert response.status == 200
    assert (served.faults.listed(), len(served.journal), served.resets) == ([], 0, ["reset"])
