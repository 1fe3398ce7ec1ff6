"""The console over real sockets: what its buttons do to the three systems, and whom it refuses."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from scenarios.console import app
from scenarios.console.settings import Settings
from scenarios.console.systems import Systems
from tests.console.conftest import House
from wire.http.listening import PortTaken

pytestmark = pytest.mark.asyncio(loop_scope="module")

Frame = dict[str, Any]


async def until(house: House, wanted: Callable[[Frame], bool], after: int = 0) -> Frame:
    """The first frame for which it holds; waits for it."""
    async with asyncio.timeout(30):
        async for bundle in house.console.session.follow(after):
            for frame in bundle:
                if wanted(frame):
                    return frame
    raise AssertionError("the session ended")


def stage(record: str, name: str) -> Callable[[Frame], bool]:
    """A picture in which the record has reached this stage."""

    def reached(frame: Frame) -> bool:
        rows = frame.get("picture", {}).get("records", [])
        return any(row["id"] == record and row["stage"] == name for row in rows)

    return reached


def told(key: str) -> Callable[[Frame], bool]:
    return lambda frame: frame.get("step", {}).get("key") == key


def counted(slug: str, count: int) -> Callable[[Frame], bool]:
    """A picture whose workqueue of that name holds so many."""
    wanted = (slug, count)
    return lambda frame: (
        wanted in [(q["slug"], q["count"]) for q in frame.get("picture", {}).get("queues", [])]
    )


async def declared(house: House, event: str = "birth") -> str:
    status, answer = await house.act("declare", {"event": event})
    assert status == 200, answer
    return str(answer["record"])


async def waiting(house: House) -> tuple[str, int]:
    """A birth whose packet lies with the ID system."""
    after = house.console.session.last
    record = await declared(house)
    assert (await house.act("register", {"record": record}))[0] == 200
    await until(house, stage(record, "processing"), after)
    return record, after


def row(house: House, record: str) -> dict[str, Any]:
    assert house.console.session.picture is not None
    return next(one for one in house.console.session.picture["records"] if one["id"] == record)


async def test_a_birth_goes_its_way_until_it_is_registered(house: House) -> None:
    record, after = await waiting(house)
    await until(house, counted("in-external-validation", 1), after)
    assert (await house.act("decide", {"record": record, "outcome": "issue"}))[0] == 200
    await until(house, told("accept.done"), after)
    await until(house, stage(record, "registered"), after)
    shown = row(house, record)
    assert shown["number"] and len(shown["nationalId"]) == 4
    keys = [frame["step"]["key"] for frame in house.console.session.after(after) if "step" in frame]
    story = [
        "clicked",
        "trigger.register.later",
        "packet.done",
        "process.done",
        "nid.issue",
        "delivery.issued.done",
        "accept.done",
    ]
    assert [key for key in keys if key in story] == story
    before = house.console.session.last
    assert (await house.act("deliver-again", {"record": record}))[0] == 200
    await until(house, told("delivery.issued.done"), before)
    await until(house, told("again.same"), before)


async def test_a_rejection_comes_back_with_its_reason(house: House) -> None:
    record, after = await waiting(house)
    body = {"record": record, "outcome": "reject", "reason": "Known under another name"}
    assert (await house.act("decide", body))[0] == 200
    await until(house, stage(record, "rejected"), after)


async def test_silence_ends_with_a_person(house: House) -> None:
    record, after = await waiting(house)
    assert (await house.act("decide", {"record": record, "outcome": "stall"}))[0] == 200
    await until(house, stage(record, "silent"), after)
    assert (await house.act("clock", {"seconds": 15 * 86400}))[0] == 200
    await until(house, stage(record, "stuck"), after)
    await until(house, told("stuck"), after)
    body = {"record": record, "what": "reject", "reason": "No answer in two weeks"}
    assert (await house.act("operate", body))[0] == 200
    await until(house, stage(record, "rejected"), after)


async def test_a_cut_line_is_seen_and_mended(house: House) -> None:
    assert (await house.act("line", {"line": "nid", "cut": True}))[0] == 200
    after = house.console.session.last
    record = await declared(house)
    assert (await house.act("register", {"record": record}))[0] == 200
    await until(house, stage(record, "queued-trouble"), after)
    assert house.console.session.picture["lines"] == {"opencrvs": "whole", "nid": "cut"}  # type: ignore[index]
    assert (await house.act("line", {"line": "nid", "cut": False}))[0] == 200
    assert house.servers.nid.faults.listed() == []
    assert (await house.act("clock", {"seconds": 3600}))[0] == 200
    await until(house, stage(record, "processing"), after)


async def test_a_question_that_never_arrived_is_named(house: House) -> None:
    after = house.console.session.last
    record = await declared(house)
    assert (await house.act("line", {"line": "opencrvs", "cut": True}))[0] == 200
    try:
        assert (await house.act("register", {"record": record}))[0] == 200
        await until(house, stage(record, "forgotten"), after)
        status, problem = await house.act("declare", {"event": "birth"})
        assert (status, problem["key"]) == (502, "registrar-failed")
    finally:
        assert (await house.act("line", {"line": "opencrvs", "cut": False}))[0] == 200


async def test_the_bridge_crashes_and_goes_on(house: House) -> None:
    record, after = await waiting(house)
    assert (await house.act("restart-bridge", {}))[0] == 200
    await until(house, told("bridge.up"), after)
    assert (await house.act("decide", {"record": record, "outcome": "issue"}))[0] == 200
    await until(house, stage(record, "registered"), after)


async def test_a_death_of_somebody_whom_the_id_system_knows(house: House) -> None:
    after = house.console.session.last
    assert (await house.act("answers", {"mode": "itself"}))[0] == 200
    record = await declared(house, "death")
    assert (await house.act("register", {"record": record}))[0] == 200
    await until(house, stage(record, "registered"), after)
    assert (await house.act("answers", {"mode": "ask"}))[0] == 200


async def test_what_cannot_be_done_is_said(house: House) -> None:
    record = await declared(house)
    status, problem = await house.act("decide", {"record": record, "outcome": "issue"})
    assert (status, problem["key"]) == (409, "no-open-packet")
    status, problem = await house.act("register", {"record": "00000000-0000-4000-8000-000000000000"})
    assert (status, problem["key"]) == (404, "no-record")
    status, problem = await house.act("operate", {"record": record, "what": "retry"})
    assert (status, problem["key"]) == (409, "nothing-to-operate")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("declare", {"event": "wedding"}),
        ("declare", None),
        ("register", {"record": "../admin"}),
        ("clock", {"seconds": -1}),
        ("clock", {"seconds": "nan"}),
        ("line", {"line": "nid", "cut": True, "more": 1}),
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
        await app.start(Settings(port=port), Systems("http://127.0.0.1:9", "http://127.0.0.1:9"), house.world)


async def test_attached_to_nothing_it_still_says_what_is_missing(house: House) -> None:
    console = await app.start(
        Settings(port=0), Systems("http://127.0.0.1:9", "http://127.0.0.1:9"), house.world
    )
    try:
        async with asyncio.timeout(20):
            async for bundle in console.session.follow():
                shown = [frame["picture"] for frame in bundle if "picture" in frame]
                if shown:
                    assert shown[0]["systems"] == {"opencrvs": False, "bridge": False, "nid": False}
                    break
        headers = {"Origin": console.url, "Content-Type": "application/json"}
        async with house.http.post(
            f"{console.url}/acts/declare", data='{"event": "birth"}', headers=headers
        ) as answer:
            assert answer.status == 502
            assert (await answer.json(content_type=None))["key"] == "registrar-failed"
        async with house.http.post(
            f"{console.url}/acts/clock", data='{"seconds": 60}', headers=headers
        ) as answer:
            assert (await answer.json(content_type=None))["key"] == "clock-not-ours"
    finally:
        await console.close()
