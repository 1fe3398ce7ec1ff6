"""Opens stages: the three servers in this process, each stage with its own world and database."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from mock_opencrvs import app as mock_opencrvs_app
from scenarios.engine import Opener, Options
from scenarios.events import Lane, Listener
from scenarios.library import Setup, Story
from scenarios.stage import database, servers
from scenarios.stage.actors.administrator import Administrator
from scenarios.stage.actors.breakable import Breakable
from scenarios.stage.actors.http import Line, session
from scenarios.stage.actors.id_system import IdSystem
from scenarios.stage.actors.operator import Operator
from scenarios.stage.actors.registrar import Registrar
from scenarios.stage.actors.stranger import Stranger
from scenarios.stage.desk import Desk
from scenarios.stage.logbook import Logbook, logged
from scenarios.stage.pace import Pace, VirtualPace, WatchedPace
from scenarios.stage.participants import OPERATIONS_TOKEN, SYSTEM_CLIENT
from scenarios.stage.servers import BridgeStarter, Ports, Servers
from scenarios.stage.site import Site
from scenarios.stage.stage import Stage
from scenarios.stage.watching import Watcher
from wire.loop import keep_what_is_loaded
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.profiles import Profile
from wire.world import SystemClock, World

FAST = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else None
"""Where a story's database lies: in memory where the system has such a place, for a disk syncs slowly."""

_FEW = 60
"""The records of a big story where time is real: a foreign bridge gets no crowd before it is asked for."""


@dataclass(frozen=True)
class Ground:
    """A site on which nothing runs yet, and the book of every log line from now on."""

    site: Site
    book: Logbook
    most: int | None
    operations_token: str | None

    @asynccontextmanager
    async def stage(self, pace: Pace, listener: Listener) -> AsyncIterator[Stage]:
        """All servers, and the actors around them."""
        site, running = self.site, await self.site.servers()
        desk, profile = Desk(site.world, pace, listener), Profile(site.profile)
        async with session() as http:
            line = Line(http, site.world.clock.timeout)
            yield build(
                desk,
                running,
                line,
                profile,
                self.book,
                site.keys,
                operations_token=self.operations_token,
                most=self.most,
            )

    @asynccontextmanager
    async def registrar(self, pace: Pace, listener: Listener) -> AsyncIterator[Registrar]:
        """Somebody at the screen of OpenCRVS; no other server is started for that."""
        site, opencrvs = self.site, await self.site.opencrvs()
        desk, profile = Desk(site.world, pace, listener), Profile(site.profile)
        async with session() as http:
            yield _registrar(desk, Line(http, site.world.clock.timeout), profile, lambda: opencrvs)


@asynccontextmanager
async def ground(
    setup: Setup,
    world: World,
    options: Options,
    keys: Path,
    *,
    ports: Ports | None = None,
    bridge: BridgeStarter | None = None,
    operations_token: str | None = OPERATIONS_TOKEN,
) -> AsyncIterator[Ground]:
    """A site with an empty database; what is started there stops at the end of the block.

    `bridge` starts another bridge than our own, on the same settings; `operations_token`: see `build`.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rehearsal-", dir=FAST)))
        database.lay(folder / servers.DATABASE)
        keep_what_is_loaded()
        book = stack.enter_context(logged(world))
        site = Site(
            setup,
            world,
            profile=options.profile,
            locale=options.locale,
            folder=folder,
            keys=keys,
            ports=ports or Ports(),
            bridge=bridge,
        )
        stack.push_async_callback(site.close)
        yield Ground(site, book, options.most, operations_token)


def opener(keys: Path, ports: Ports | None = None) -> Opener:
    """Stages in this process, for the engine. `keys` is the folder of test keys."""

    @asynccontextmanager
    async def open_stage(
        story: Story, world: World, options: Options, listener: Listener
    ) -> AsyncIterator[Stage]:
        async with AsyncExitStack() as stack:
            opened = ground(story.setup, world, options, keys, ports=ports)
            found = await stack.enter_async_context(opened)
            running = await found.site.servers()
            watcher = Watcher((running.opencrvs.journal, running.nid.journal), listener)
            stack.push_async_callback(watcher.close)
            pace: Pace = WatchedPace(world, SystemClock()) if options.spectators else VirtualPace(world)
            yield await stack.enter_async_context(found.stage(pace, listener))

    return open_stage


def build(
    desk: Desk,
    running: Servers,
    line: Line,
    profile: Profile,
    book: Logbook,
    keys: Path,
    *,
    operations_token: str | None = OPERATIONS_TOKEN,
    squeeze: bool = False,
    most: int | None = _FEW,
) -> Stage:
    """The actors around running servers. Without `operations_token` the bridge has no list to read.

    `squeeze`: a story's days become seconds at the ID system too. `most`: see `Stage.up_to`.
    """
    return Stage(
        desk=desk,
        profile=profile,
        servers=running,
        registrar=_registrar(desk, line, profile, lambda: running.opencrvs),
        id_system=IdSystem(desk, running.nid, squeeze),
        opencrvs=Breakable(desk, Lane.OPENCRVS, running.opencrvs.faults, frozenset({"trigger"})),
        operator=Operator(desk, line, running.mediator_url, operations_token),
        administrator=Administrator(
            desk,
            line,
            running.opencrvs.gateway_url,
            running.opencrvs.auth_url,
            profile,
            SYSTEM_CLIENT,
        ),
        stranger=Stranger(desk, line, running.mediator_url, keys, running.nid.url),
        logbook=book,
        most=most,
    )


def _registrar(
    desk: Desk, line: Line, profile: Profile, running: Callable[[], mock_opencrvs_app.Running]
) -> Registrar:
    """`running` is asked each time: a stage may start OpenCRVS again as another version."""

    async def reader(event_id: str) -> EventDocument:
        document = running().records.snapshot(event_id)
        if document is None:
            raise LookupError(f"OpenCRVS has no record {event_id}")
        return document

    opencrvs = running()
    return Registrar(desk, line.http, opencrvs.gateway_url, profile, reader, locale=opencrvs.settings.locale)
