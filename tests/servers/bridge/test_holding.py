"""What may work with one PostgreSQL at the same time: bridges and imports together, a copy alone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import literal, select
from sqlalchemy.engine import make_url

from bridge.starting import CannotStart
from bridge.store import holding
from bridge.store.database import open_lanes
from bridge.store.holding import Hold
from bridge.store.lanes import Lanes, StoreTrouble
from tests import nowhere
from tests.servers.bridge.replicas import Replica
from tests.servers.bridge.test_databases import bridge
from tests.servers.bridge.test_takeover import mediators, row
from wire.keyfolder import KeyFolder
from wire.world import World

ONE = select(literal(1).label("one"))
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid();"


@pytest.fixture(params=["direct", "behind a pooler of transactions"])
def url(request: pytest.FixtureRequest, postgres: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(holding, "_PATIENCE", {True: "100ms", False: "100ms"})
    given = make_url(postgres.get_uri())
    if request.param != "direct":
        given = given.update_query_dict({"prepared_statement_cache_size": "0"})
    return str(given.render_as_string(hide_password=False))


def opened(url: str, *, alone: bool) -> Awaitable[Lanes]:
    return open_lanes(url, World.system(), alone=alone)


async def work(lanes: Lanes) -> None:
    assert await lanes.writer.run(lambda session: session.first(ONE)) == {"one": 1}


async def test_a_copy_is_refused_while_others_work_and_they_while_it_goes_on(url: str) -> None:
    first, second = await opened(url, alone=False), await opened(url, alone=False)
    for lanes in (first, second):
        with pytest.raises(
            CannotStart, match=r"bridges, an import .* work with postgresql://.*; stop them all"
        ):
            await opened(url, alone=True)
        await lanes.kill()
    copying = await opened(url, alone=True)
    for alone, says in (
        (False, r"a `bridge copy` .* is going on: .*; wait for its end"),
        (True, "another copy"),
    ):
        with pytest.raises(CannotStart, match=says):
            await opened(url, alone=alone)
    await work(copying)
    await copying.close()
    await (await opened(url, alone=False)).close()


async def test_a_bridge_whose_connections_were_cut_holds_on_or_writes_nothing_beside_a_copy(
    url: str, postgres: Any
) -> None:
    lanes = await opened(url, alone=False)
    await asyncio.to_thread(postgres.psql, CUT)
    for _ in range(5):  # the end of each connection is noticed by itself
        await work(lanes)
    with pytest.raises(CannotStart, match="stop them all"):
        await opened(url, alone=True)
    await asyncio.to_thread(postgres.psql, CUT)
    copying = await opened(url, alone=True)
    with pytest.raises(StoreTrouble, match="is going on"):
        await work(lanes)
    await copying.close()
    await work(lanes)
    await lanes.close()


async def test_a_server_that_says_nothing_is_asked_once_for_all_that_wait() -> None:
    came: list[Any] = []
    server = await asyncio.start_server(lambda _, writer: came.append(writer), "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    hold = Hold({"host": host, "port": port, "timeout": 0.2}, "a database", alone=False, pooler=False)
    tries = await asyncio.gather(*(hold.take() for _ in range(5)), return_exceptions=True)
    assert [type(each) for each in tries] == [TimeoutError] * 5 and len(came) == 1
    for writer in came:
        writer.close()
    server.close()
    await server.wait_closed()


async def test_commands_beside_a_bridge_on_postgresql(tmp_path: Path, keys: KeyFolder, postgres: Any) -> None:
    """An import goes on beside it, a copy from or to there is refused; a killed one is in nobody's way."""
    url, file = postgres.get_uri(), mediators(tmp_path / "m.db", [row(n) for n in range(3)])
    replica = Replica(
        "first",
        tmp_path,
        {"REHEARSAL_KEYS": str(keys.path), "BRIDGE_DATABASE_URL": url} | nowhere.ENVIRONMENT,
    )
    command = partial(asyncio.to_thread, bridge, tmp_path)
    there, beside = {"BRIDGE_DATABASE_URL": url}, {"BRIDGE_DATABASE_URL": f"sqlite:///{tmp_path}/other.db"}
    imported = "import", "--from", str(file)
    out, back = ("copy", "--to", beside["BRIDGE_DATABASE_URL"]), ("copy", "--to", url)
    assert (await command(*imported, **beside)).returncode == 0
    await replica.start()
    for words, where in (out, there), (back, beside):
        done = await command(*words, **where)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert re.search(
            r"bridges, an import or another copy work with postgresql://.*; stop them", done.stderr
        )
    assert (await command(*imported, **there)).returncode == 0
    done = await command("copy", "--to", f"sqlite:///{tmp_path}/whole.db", "--dry-run", **there)
    assert done.returncode == 0, done.stderr
    replica.kill()
    done = await command("copy", "--to", f"sqlite:///{tmp_path}/whole.db", **there)
    assert done.returncode == 0, done.stderr
    await replica.ended()
