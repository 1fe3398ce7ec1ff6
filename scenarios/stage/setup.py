"""Opens stages: an environment of servers, ours or foreign, and the actors around it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bridge.country import COUNTRIES
from bridge.country.folder import country_of
from mock_opencrvs import app as mock_opencrvs_app
from scenarios.engine import Opener, Options
from scenarios.events import Event, Listener
from scenarios.stage import database, servers
from scenarios.stage.actors.administrator import Administrator
from scenarios.stage.actors.bridge import BridgeActor
from scenarios.stage.actors.country import CountryActor
from scenarios.stage.actors.id_system import IdSystemActor
from scenarios.stage.actors.opencrvs import OpenCrvsActor
from scenarios.stage.actors.operator import Operator
from scenarios.stage.actors.questioner import Questioner
from scenarios.stage.actors.registrar import OF_COUNTRY, Registrar
from scenarios.stage.actors.stranger import CALLBACK, Stranger
from scenarios.stage.calling import caller
from scenarios.stage.credentials import OPERATIONS_TOKEN, SYSTEM_CLIENT
from scenarios.stage.environment import Environment
from scenarios.stage.exchange_watcher import Watcher, told
from scenarios.stage.logbook import Logbook, logged
from scenarios.stage.pace import StoryPace, VirtualPace, WatchedPace
from scenarios.stage.servers import Servers
from scenarios.stage.stage import Stage
from scenarios.stage.timeline import Timeline
from scenarios.story import Setup, Story
from wire.http.client import HttpClient
from wire.loop import keep_what_is_loaded
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.profiles import Profile
from wire.world import SystemClock, World

FAST = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else None
"""Where a story's database lies: in memory where the system has such a place, for a disk syncs slowly."""


@asynccontextmanager
async def environment(
    setup: Setup, world: World, options: Options, keys: Path, **how: Any
) -> AsyncIterator[Environment]:
    """An empty database, and servers that start when they are asked for; all stop at the end of the block.

    `how`: more of what `Environment` takes, e.g. another bridge or ID system in the place of ours.
    """
    with tempfile.TemporaryDirectory(prefix="rehearsal-", dir=FAST) as name:
        folder = Path(name)
        database.lay(folder / servers.DATABASE)
        keep_what_is_loaded()
        country = options.country or (COUNTRIES / setup.country if setup.country else None)
        if country is not None:
            setup = _of_country(setup, country)
        found = Environment(
            setup, world, profile=options.profile, locale=options.locale, folder=folder, keys=keys, **how
        )
        try:
            yield found
        finally:
            await found.close()


async def servers_for_process(
    stack: AsyncExitStack,
    setup: Setup,
    world: World,
    folder: Path | None,
    *,
    with_bridge: bool = True,
    **how: Any,
) -> Servers:
    """All servers until the stack unwinds. `folder` holds the bridge's database; None: it goes with them."""
    if folder is None:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rehearsal-")))
    running = await Environment(setup, world, folder=folder, **how).start(with_bridge=with_bridge)
    stack.push_async_callback(running.close)
    return running


def _of_country(setup: Setup, folder: Path) -> Setup:
    """The bridge with a country's own files, and an ID system that reads dates as the country writes them."""
    dates = dict.fromkeys(("%Y/%m/%d", country_of(folder).identification.dates))
    return replace(
        setup,
        bridge={**setup.bridge, "country_folder": folder.resolve()},
        mock_nid={**setup.mock_nid, "ida_dates": ",".join(dates)},
    )


@asynccontextmanager
async def stage_on(
    running: Servers,
    world: World,
    pace: StoryPace,
    book: Logbook,
    *,
    profile: str,
    keys: Path,
    listener: Listener | None,
    operations_token: str | None = OPERATIONS_TOKEN,
    squeeze: bool = False,
    most: int | None = None,
    kind: Callable[..., Stage] = Stage,
) -> AsyncIterator[Stage]:
    """The actors around running servers; the listener is told of every exchange.

    Without `operations_token` the bridge has no list to read. `squeeze`: a story's days become seconds at the
    ID system too. `most`: see `Stage.up_to`.
    """
    opencrvs, nid = running.opencrvs, running.nid
    timeline, version = Timeline(world, pace, listener or _nobody), Profile(profile)
    async with AsyncExitStack() as stack:
        if listener is not None:
            tell = listener
            watcher = Watcher((opencrvs.journal, nid.journal), lambda one: tell(told(one)), world.clock)
            stack.push_async_callback(watcher.close)
        line = await stack.enter_async_context(caller(world))
        bridge = BridgeActor(timeline, running)
        yield kind(
            timeline=timeline,
            profile=version,
            servers=running,
            registrar=_registrar(timeline, line, version, lambda: running.opencrvs),
            id_system=IdSystemActor(timeline, nid, squeeze),
            opencrvs=OpenCrvsActor(timeline, running),
            bridge=bridge,
            operator=Operator(timeline, line, running.mediator_url, operations_token),
            administrator=Administrator(
                timeline, line, opencrvs.gateway_url, opencrvs.auth_url, version, SYSTEM_CLIENT
            ),
            stranger=Stranger(timeline, line, running.mediator_url + CALLBACK, keys, nid.url),
            questioner=Questioner(timeline, line, lambda: running.opencrvs, running.trigger_url),
            country=CountryActor(timeline, line, running, bridge),
            logbook=book,
            most=most,
        )


@asynccontextmanager
async def registrar_at(
    opencrvs: mock_opencrvs_app.Running, world: World, pace: StoryPace
) -> AsyncIterator[Registrar]:
    """Somebody at the screen of OpenCRVS; no other server is needed for that."""
    timeline = Timeline(world, pace, _nobody)
    async with caller(world) as line:
        yield _registrar(timeline, line, opencrvs.settings.profile, lambda: opencrvs)


def opener(keys: Path) -> Opener:
    """Stages in this process, for the engine. `keys` is the folder of test keys."""

    @asynccontextmanager
    async def open_stage(
        story: Story, world: World, options: Options, listener: Listener
    ) -> AsyncIterator[Stage]:
        pace: StoryPace = WatchedPace(world, SystemClock()) if options.spectators else VirtualPace(world)
        with logged(world) as book:
            async with (
                environment(story.setup, world, options, keys) as found,
                stage_on(
                    await found.servers(),
                    world,
                    pace,
                    book,
                    profile=options.profile,
                    keys=keys,
                    listener=listener,
                    most=options.most,
                ) as stage,
            ):
                if options.country is not None:
                    stage.registrar.introduces = stage.id_system.knows_relatives
                yield stage

    return open_stage


_UNREAD = "Invalid payload"
"""How core's words begin when it is the body of a good status that it cannot use (contract opencrvs §1.2)."""


def _nobody(event: Event) -> None:
    """Without a listener the story is told to nobody."""


def _registrar(
    timeline: Timeline, line: HttpClient, profile: Profile, running: Callable[[], mock_opencrvs_app.Running]
) -> Registrar:
    """`running` is asked each time: a stage may start OpenCRVS again as another version."""

    async def reader(event_id: str) -> EventDocument:
        document = running().records.snapshot(event_id)
        if document is None:
            raise LookupError(f"OpenCRVS has no record {event_id}")
        return document

    def explains(error: str) -> str:
        if OF_COUNTRY not in error:
            return error
        asked = running().journal.of("trigger.")
        of_that_kind = [one for one in asked if (one.status in (200, 202, 400)) is (_UNREAD in error)]
        if not of_that_kind:
            return error
        last = of_that_kind[-1]
        said = "with nothing" if last.status is None else f"{last.status} {last.response[:100]!r}"
        return f"{error}: {last.method} {last.target} was answered {said}"

    opencrvs = running()
    registrar = Registrar(
        timeline, line, opencrvs.gateway_url, profile, reader, locale=opencrvs.settings.locale
    )
    registrar.explains = explains
    return registrar
