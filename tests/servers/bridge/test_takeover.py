"""Taking over from the mediator, moving to PostgreSQL, new tokens for what waits: all counted, none twice."""

from __future__ import annotations

import base64
import json
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bridge.advice import Stuck
from bridge.app import start
from bridge.preflight import open_vault
from bridge.registration import State
from bridge.settings import Settings
from bridge.starting import CannotStart
from bridge.store.store import Store
from bridge.takeover import take_over
from tests.servers.bridge.conftest import BIRTH, OPERATIONS, Stage
from tests.servers.bridge.stubs import VID
from tests.sizes import size
from wire.keyfolder import KeyFolder
from wire.world import World

SCHEMA = """
  CREATE TABLE transactions (
    id TEXT PRIMARY KEY,
    token TEXT UNIQUE NOT NULL,
    registration_number TEXT UNIQUE NOT NULL,
    created_at TEXT NOT NULL DEFAULT (datetime('now'))
  ) STRICT
"""
"""The mediator's own: github.com/opencrvs/mosip, packages/mosip-api/src/database.ts at dfa03cd (1.9.2)."""


def unsigned(number: int, **claims: Any) -> str:
    """A token as it is read, not believed."""
    ids = {"eventId": f"event-{number}", "actionId": f"action-{number}", "exp": 1_900_000_000}
    parts = [{"alg": "RS256", "typ": "JWT"}, ids | claims]
    head, body = (base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts)
    return f"{head}.{body}.{'A' * 342}{number}"


def mediators(path: Path, rows: list[tuple[Any, ...]], schema: str = SCHEMA) -> Path:
    with sqlite3.connect(path) as database:
        database.execute(schema)
        database.executemany("INSERT INTO transactions VALUES (?, ?, ?, ?)", rows)
    database.close()
    return path


def row(number: int, token: str | None = None, *, called: str = "") -> tuple[Any, ...]:
    called = called or f"2026{'D' if number % 10 == 0 else 'B'}T{number:06}"
    return f"10001{number:010}", token or unsigned(number), called, "2026-02-27 11:05:09"


@pytest.fixture
def settings(tmp_path: Path, keys: KeyFolder) -> Settings:
    return Settings(database_url=f"sqlite:///{tmp_path}/bridge.db", keys=keys.path)


async def opened(settings: Settings, world: World) -> Store:
    return await Store.open(settings.store_url, world, open_vault(settings, world))


async def test_rows_count_for_count_through_a_kill(tmp_path: Path, settings: Settings) -> None:
    count = size(2_000, 10_000)
    world, file = World.virtual(), mediators(tmp_path / "mosip-api.db", [row(n) for n in range(count)])
    before = file.read_bytes()
    store = await opened(settings, world)
    dry = await take_over(file, store, world, kind=None, dry=True)
    assert (dry.rows, dry.new, dry.states) == (count, count, {"SUBMITTED": count})
    assert await store.listings.pending() == []

    class Killed(Exception):
        pass

    added, kill_at = 0, count * 3 // 7
    add = store.add

    async def dies(*given: Any, **more: Any) -> Any:
        nonlocal added
        added += 1
        if added > kill_at:
            raise Killed
        return await add(*given, **more)

    store.add = dies  # type: ignore[method-assign]
    with pytest.raises(Killed):
        await take_over(file, store, world, kind=None, dry=False)
    await store.kill()
    store = await opened(settings, world)
    there = (await store.listings.backlog(world.clock.now(), world.clock.now())).counts
    assert 0 < there["SUBMITTED"] <= kill_at
    rest = await take_over(file, store, world, kind=None, dry=False)
    assert (rest.rows, rest.new, rest.states) == (count, count - there["SUBMITTED"], {"SUBMITTED": count})
    again = await take_over(file, store, world, kind=None, dry=False)
    assert (again.new, again.states, again.refused) == (0, {"SUBMITTED": count}, {})
    there = (await store.listings.backlog(world.clock.now(), world.clock.now())).counts
    assert there == {"SUBMITTED": count}
    one = await store.lookups.by_packet("100010000000010")
    assert one is not None and (one.event_type, one.process, one.number) == (
        "death",
        "CRVS_DEATH",
        "2026DT000010",
    )
    assert (await store.lookups.secrets(one.id)).token == unsigned(10)
    assert file.read_bytes() == before
    await store.close()


async def test_what_cannot_be_taken_over_is_told_by_reason(tmp_path: Path, settings: Settings) -> None:
    world, soon = World.virtual(), 1_500_000_000
    rows = [
        row(1),
        row(2, unsigned(2, exp=soon)),
        row(3, "no token"),
        row(4, unsigned(4, actionId=None)),
        row(5, called="77-12"),
        row(6, unsigned(1, jti="another")),
    ]
    store = await opened(settings, world)
    report = await take_over(mediators(tmp_path / "m.db", rows), store, world, kind=None, dry=False)
    assert (report.rows, report.new, report.run_out) == (6, 2, 1)
    assert sum(report.states.values()) + sum(report.refused.values()) == 6
    assert report.refused == {
        "the token cannot be read": 1,
        "the token names no event and action": 1,
        "the number does not tell birth from death: give --event-type": 1,
        "the bridge has sent another packet for its action": 1,
    }
    told = await take_over(tmp_path / "m.db", store, world, kind="death", dry=False)
    assert (told.new, told.states) == (1, {"SUBMITTED": 3})
    await store.close()


LOOSE = "CREATE TABLE transactions (id, token, registration_number, created_at)"
_IS_NO_TEXT = "is no text of 1 to 255 characters"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_each_odd_row_is_refused_by_itself_and_a_dry_run_counts_the_same(
    kind: str, tmp_path: Path, settings: Settings, request: pytest.FixtureRequest
) -> None:
    if kind == "postgresql":
        settings = settings.model_copy(update={"database_url": request.getfixturevalue("postgres").get_uri()})
    good, at = row(1)[1], row(1)[3]
    rows = [
        *((id, good, row(2)[2], at) for id in (None, "", 5, b"\xff", "p\0q", "x" * 256)),
        *(
            (f"t{n}", token, row(3)[2], at)
            for n, token in enumerate((None, "", 5, b"\xff", f"{good}\r\nx: y"))
        ),
        *((f"n{n}", good, called, at) for n, called in enumerate((None, "", 5, b"x", "2026B\0", "y" * 300))),
        ("e", unsigned(4, eventId="e" * 300), row(4)[2], at),
        *((*row(n)[:3], when) for n, when in enumerate((None, 5, "9999-12-31 23:59:59", b"x"), 20)),
        row(5),
        row(5),
        ("100010000000005", unsigned(6), row(6)[2], at),
    ]
    file = mediators(tmp_path / "m.db", rows, LOOSE)
    with sqlite3.connect(file) as database:
        database.execute(
            "INSERT INTO transactions VALUES (CAST(x'FF41' AS TEXT), ?, ?, ?)", (good, *row(2)[2:])
        )
    database.close()
    world = World.system()
    store = await opened(settings, world)
    dry, done, again = [
        await take_over(file, store, world, kind="birth", dry=dry) for dry in (True, False, False)
    ]
    assert dry.shown == done.shown and sorted(dry.rows_refused) == sorted(done.rows_refused)
    assert (done.rows, done.new, done.states) == (len(rows) + 1, 5, {"SUBMITTED": 6})
    assert (again.new, again.states, again.refused) == (0, done.states, done.refused)
    assert done.refused == {
        f"its id {_IS_NO_TEXT}": 7,
        f"its registration_number {_IS_NO_TEXT}": 6,
        "the token cannot be read": 5,
        "the token names no event and action": 1,
        "Another registration has this packet id; nothing was written.": 1,
    }
    assert ("'t0'", "the token cannot be read") in done.rows_refused
    assert all(one.received_at <= world.clock.now() for one in await store.listings.pending())
    await store.close()


async def test_nothing_is_taken_over_from_a_file_that_cannot_be_read_to_its_end(
    tmp_path: Path, settings: Settings
) -> None:
    world, file = World.virtual(), mediators(tmp_path / "m.db", [row(n) for n in range(400)])
    whole = file.read_bytes()
    file.write_bytes(whole[:-8192])
    store = await opened(settings, world)
    with pytest.raises(CannotStart, match=r"m\.db cannot be read .*malformed; give its SQLITE_DATABASE_PATH"):
        await take_over(file, store, world, kind=None, dry=False)
    assert await store.listings.pending() == []
    await store.close()


@pytest.mark.parametrize("content", [b"", b"no database at all, though it is long enough to be one" * 9])
async def test_file_that_is_not_the_mediators(tmp_path: Path, settings: Settings, content: bytes) -> None:
    world = World.virtual()
    store = await opened(settings, world)
    (tmp_path / "m.db").write_bytes(content)
    for file in (tmp_path / "m.db", tmp_path / "absent.db"):
        with pytest.raises(CannotStart):
            await take_over(file, store, world, kind=None, dry=True)
    await store.close()


async def test_what_was_taken_over_goes_its_way(stage: Stage, tmp_path: Path) -> None:
    birth, asked = (stage.opencrvs.record("birth", BIRTH) for _ in range(2))
    rows = [row(n, stage.opencrvs.token(event)) for n, event in ((1, birth), (2, asked))]
    await stage.running.close()
    settings = Settings(**stage.settings)
    store = await opened(settings, stage.world)
    await take_over(mediators(tmp_path / "m.db", rows), store, stage.world, kind=None, dry=False)
    await store.close()
    stage.mosip.standing["100010000000002"] = "REJECTED"
    stage.running = await start(settings, stage.world)
    await stage.world.clock.settle()
    packet = (await stage.of(birth)).packet_id
    body = stage.mosip.event(packet, stage.mosip.credential(packet))
    assert await stage.deliver(body) == 200
    assert (await stage.of(birth)).state is State.CONFIRMED
    accepted = stage.opencrvs.accepted(birth)[0]
    assert (accepted["registrationNumber"], accepted["declaration"]) == ("2026BT000001", {"child.nid": VID})
    assert (await stage.of(asked)).state is State.REJECTED, "its answer was found by asking"


async def replaced(stage: Stage, tokens: list[Any]) -> tuple[int, Any]:
    url, headers = (
        f"{stage.running.mediator_url}/operations/tokens",
        {"Authorization": f"Bearer {OPERATIONS}"},
    )
    body = {"tokens": tokens}
    async with ClientSession() as session, session.post(url, json=body, headers=headers) as answer:
        await stage.world.clock.settle()
        return answer.status, await answer.json()


async def test_tokens_that_ran_out_are_replaced_and_the_records_go_on(stage: Stage) -> None:
    stuck, waiting, settled = [await stage.submitted() for _ in range(3)]
    for event in (settled, stuck):
        if event is stuck:
            await stage.world.clock.advance(timedelta(days=8).total_seconds())
        packet = (await stage.of(event)).packet_id
        await stage.deliver(stage.mosip.event(packet, stage.mosip.credential(packet)))
    assert (await stage.of(stuck)).reason == Stuck.TOKEN_EXPIRED
    stranger = stage.opencrvs.record("birth", BIRTH)
    # what OpenCRVS wrote is no longer the last action of the settled one
    asked = {**settled, "actions": settled["actions"][:3]}
    fresh = [stage.opencrvs.token(event) for event in (stuck, waiting, asked, stranger)]
    old = stage.opencrvs.token(waiting, exp=int(stage.world.clock.now().timestamp()) - 5)
    status, told = await replaced(stage, [*fresh, old, "nonsense"])
    assert status == 200
    assert told["counts"] == {
        "replaced": 2,
        "settled": 1,
        "unknown": 1,
        "refused: expired": 1,
        "refused: malformed": 1,
    }
    assert (await stage.of(stuck)).state is State.CONFIRMED
    later = await stage.of(waiting)
    assert later.state is State.SUBMITTED and later == replace(later, token_expires_at=later.token_expires_at)
    assert later.token_expires_at is not None
    assert later.token_expires_at - stage.world.clock.now() > timedelta(days=6)
    packet = later.packet_id
    await stage.deliver(stage.mosip.event(packet, stage.mosip.credential(packet)))
    assert (await stage.of(waiting)).state is State.CONFIRMED


@pytest.mark.parametrize("given", [[], [1], [""], ["x"] * 1001])
async def test_what_is_no_list_of_tokens(stage: Stage, given: list[Any]) -> None:
    assert (await replaced(stage, given))[0] == 400
