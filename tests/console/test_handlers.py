"""The console over real sockets: whom it refuses, and what it sends."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import pytest

from scenarios.console import app
from scenarios.console.settings import Settings
from tests.console.conftest import House
from tests.console.watched import declared, told
from wire.http.listening import PortTaken

pytestmark = pytest.mark.asyncio(loop_scope="module")


Frame = dict[str, Any]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("declare", {"event": "wedding"}),
        ("declare", None),
        ("register", {"record": "../admin"}),
        ("clock", {"seconds": -1}),
        ("clock", {"seconds": "nan"}),
        ("line", {"line": "nid", "cut": True, "more": 1}),
        ("find", {"text": "x" * 201}),
        ("afresh", {"really": True}),
        ("operate", {"record": "00000000-0000-4000-8000-000000000000", "what": "reject"}),
    ],
)
async def test_bad_input_is_refused_by_name(house: House, path: str, body: object) -> None:
    status, problem = await house.act(path, body)
    assert (status, problem["key"]) == (400, "bad-input")


async def test_foreign_pages_and_foreign_names_are_refused(house: House) -> None:
    before = house.console.session.last
    status, problem = await house.act("declare", {"event": "birth"}, origin="http://evil.example")
    assert (status, problem["key"]) == (403, "foreign-origin")
    async with house.http.post(
        f"{house.url}/acts/declare", data='{"event": "birth"}', headers={"Origin": house.url}
    ) as answer:
        assert answer.status == 415
    async with house.http.get(house.url, headers={"Host": "evil.example"}) as answer:
        assert answer.status == 421
    assert not any(told("declared.birth")(frame) for frame in house.console.session.after(before))


async def test_every_answer_carries_the_security_headers(house: House) -> None:
    for path in (
        "/",
        "/static/main.js",
        "/texts/fr.json",
        "/session.ndjson",
        "/nothing",
        "/static/..%2fapp.py",
    ):
        async with house.http.get(house.url + path) as answer:
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"], path
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.status == (200 if "nothing" not in path and "app.py" not in path else 404), path


async def test_events_come_as_they_happen_and_go_on_after_a_lost_line(house: House) -> None:
    await declared(house)
    last = str(house.console.session.last - 1)
    async with house.http.get(f"{house.url}/events", headers={"Last-Event-ID": last}) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        assert "default-src 'none'" in stream.headers["Content-Security-Policy"]
        async with asyncio.timeout(20):
            async for raw in stream.content:
                if raw.startswith(b"data: "):
                    (first, *_) = json.loads(raw.removeprefix(b"data: "))
                    assert first["frame"] == int(last) + 1
                    break


async def test_a_saved_session_comes_back_as_a_replay(house: House) -> None:
    await declared(house)
    async with house.http.get(f"{house.url}/session.ndjson") as saved:
        text = await saved.text()
    headers = {"Origin": house.url, "Content-Type": "application/json"}
    async with house.http.post(
        f"{house.url}/replay", data=json.dumps({"text": text}), headers=headers
    ) as answer:
        (chapter,) = (await answer.json())["chapters"]
    assert len(chapter["frames"]) == len(text.splitlines())
    async with house.http.post(
        f"{house.url}/replay", data=json.dumps({"text": "hello"}), headers=headers
    ) as answer:
        problem = await answer.json(content_type=None)
    assert (problem["status"], problem["key"], problem["params"]["line"]) == (400, "no-run", 1)


async def test_a_run_of_all_stories_at_their_full_size_can_be_opened(house: House) -> None:
    """Of 52 MB, as `rehearse run --full --ndjson` wrote it."""
    at, body = "2026-03-02T08:00:00.000Z", "x" * 1_000_000
    story = {"event": "ScenarioStarted", "at": at, "story": {"name": "one", "title": "One"}}
    asked = {
        "event": "Exchanged",
        "at": at,
        "sender": "bridge",
        "receiver": "ID system",
        "operation": "packet.create",
        "what": "creates a packet",
        "status": 200,
        "target": "POST /x",
        "request": body,
        "response": "",
    }
    text = "\n".join(json.dumps(line) for line in (story, *[asked] * 52))
    headers = {"Origin": house.url, "Content-Type": "application/json"}
    async with house.http.post(
        f"{house.url}/replay", data=io.BytesIO(json.dumps({"text": text}).encode()), headers=headers
    ) as answer:
        assert answer.status == 200, await answer.text()
        (chapter,) = (await answer.json())["chapters"]
    assert len(chapter["frames"]) == 52


async def test_the_session_holds_no_token_and_no_national_id(house: House) -> None:
    text = house.console.session.ndjson()
    assert "eyJ" not in text
    for registration in house.servers.nid.registrations:
        for number in (registration.uin, registration.vid):
            assert not number or number not in text


async def test_a_taken_port_is_named_with_its_setting(house: House) -> None:
    port = int(house.url.rsplit(":", 1)[1])
    with pytest.raises(PortTaken, match="CONSOLE_PORT"):
        await app.start(Settings(port=port), house.servers, None, house.world)
