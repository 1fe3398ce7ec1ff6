"""Opens stages: the three servers in this process, each stage with its own world and database."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from scenarios import database, servers
from scenarios.actors.administrator import Administrator
from scenarios.actors.breakable import Breakable
from scenarios.actors.http import Line, session
from scenarios.actors.id_system import IdSystem
from scenarios.actors.operator import Operator
from scenarios.actors.registrar import Registrar
from scenarios.actors.stranger import Stranger
from scenarios.desk import Desk
from scenarios.engine import Opener, Options
from scenarios.events import Lane, Listener
from scenarios.library import Story
from scenarios.logbook import Logbook, logged
from scenarios.pace import Pace, VirtualPace, WatchedPace
from scenarios.servers import BridgeStarter, Ports, Servers
from scenarios.stage import Stage
from scenarios.watching import Watcher
from wire.loop import keep_what_is_loaded
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.profiles import Profile
from wire.world import SystemClock, World

FAST = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else None
"""Where a story's database lies: in memory where the system has such a place, for a disk syncs slowly."""

_FEW = 60
"""The records of a big story where time is real: a foreign bridge gets no crowd before it is asked for."""


def opener(
    keys: Path, ports: Ports | None = None, *, bridge: BridgeStarter | None = None, watched: bool = True
) -> Opener:
    """Stages in this process, for the engine. `keys` is the folder of test keys.

    `bridge` starts another bridge than our own, on the same settings. `watched`: the listener hears of every
    exchange on the wire too.
    """

    @asynccontextmanager
    async def open_stage(
        story: Story, world: World, options: Options, listener: Listener
    ) -> AsyncIterator[Stage]:
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rehearsal-", dir=FAST)))
            database.lay(folder / servers.DATABASE)
            keep_what_is_loaded()
            book = stack.enter_context(logged(world))
            running = await servers.start(
                story.setup,
                world,
                profile=options.profile,
                folder=folder,
                keys=keys,
                ports=ports or Ports(),
                bridge=bridge,
            )
            stack.push_async_callback(running.close)
            if watched:
                watcher = Watcher((running.opencrvs.journal, running.nid.journal), listener)
                stack.push_async_callback(watcher.close)
            line = Line(await stack.enter_async_context(session()), world.clock.timeout)
            pace: Pace = WatchedPace(world, SystemClock()) if options.spectators else VirtualPace(world)
            desk, profile = Desk(world, pace, listener), Profile(options.profile)
            yield build(desk, running, line, profile, book, keys, most=options.most)

    return open_stage


def build(
    desk: Desk,
    running: Servers,
    line: Line,
    profile: Profile,
    book: Logbook,
    keys: Path,
    *,
    operations_token: str | None = servers.OPERATIONS_TOKEN,
    squeeze: bool = False,
    most: int | None = _FEW,
) -> Stage:
    """The actors around running servers. Without `operations_token` the bridge has no list to read.

    `squeeze`: a story's days become seconds at the ID system too. `most`: see `Stage.up_to`.
    """

    async def reader(event_id: str) -> EventDocument:
        document = running.opencrvs.records.snapshot(event_id)
        if document is None:
            raise LookupError(f"OpenCRVS has no record {event_id}")
        return document

    return Stage(
        desk=desk,
        profile=profile,
        servers=running,
        registrar=Registrar(desk, line.http, running.opencrvs.gateway_url, profile, reader),
        id_system=IdSystem(desk, running.nid, squeeze),
        opencrvs=Breakable(desk, Lane.OPENCRVS, running.opencrvs.faults, frozenset({"trigger"})),
        operator=Operator(desk, line, running.mediator_url, operations_token),
        administrator=Administrator(
            desk,
            line,
            running.opencrvs.gateway_url,
            running.opencrvs.auth_url,
            profile,
            servers.SYSTEM_CLIENT,
        ),
        stranger=Stranger(desk, line, running.mediator_url, keys),
        logbook=book,
        most=most,
    )
