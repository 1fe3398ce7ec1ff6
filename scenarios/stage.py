"""The stage of one story: three servers, the actors, and the evidence at the end.

`opener` gives the engine stages with all servers in this process; each has its own world and database.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from mock_nid.registrations import Registration
from scenarios import gathering, servers
from scenarios.actors.breakable import Breakable
from scenarios.actors.civil_record import CivilRecord
from scenarios.actors.http import Line, session
from scenarios.actors.id_system import IdSystem
from scenarios.actors.operator import Operator
from scenarios.actors.registrar import Registrar
from scenarios.desk import Desk
from scenarios.engine import Opener, Options
from scenarios.events import Lane, Listener
from scenarios.evidence import Delivery, Evidence, Forgery, Secret
from scenarios.library import Story
from scenarios.logbook import Logbook, logged
from scenarios.pace import Condition, Pace, RealPace, VirtualPace
from scenarios.servers import Ports, Servers
from scenarios.watching import Watcher
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.profiles import Profile
from wire.world import World

KNOWN_PERSON = "2760938145"
"""Boniface Tembo: an adult whom the mock ID system knows from the start."""

_REST = timedelta(days=40)
_QUIET = timedelta(minutes=2)


def days(count: float) -> timedelta:
    return timedelta(days=count)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


@dataclass
class Stage:
    """What a script has in its hands."""

    desk: Desk
    profile: Profile
    servers: Servers
    registrar: Registrar
    id_system: IdSystem
    opencrvs: Breakable
    operator: Operator
    logbook: Logbook
    forgeries: list[Forgery] = field(default_factory=list)

    @property
    def world(self) -> World:
        return self.desk.world

    # the director's words

    async def check(self, text: str, condition: Condition | bool, seen: str = "") -> None:
        """Something that must be so now."""
        await self.desk.check(text, condition, seen)

    async def until(self, text: str, condition: Condition, within: timedelta) -> None:
        """Let time go until it is so."""
        await self.desk.until(text, condition, within)

    async def passes(self, span: timedelta) -> None:
        """Let this much time go."""
        await self.desk.passes(span)

    def tells(self, text: str, who: Lane = Lane.DIRECTOR) -> None:
        self.desk.says(who, text)

    # what can be seen

    def packets_of(self, record: CivilRecord) -> list[Registration]:
        """The packets at the ID system that ask for this person."""
        return self.id_system.packets_of(record.name)

    def packet_of(self, record: CivilRecord) -> Registration:
        """The one packet of this person; LookupError when there is none."""
        found = self.packets_of(record)
        if not found:
            raise LookupError(f"the ID system has no packet of {record.what}")
        return found[-1]

    def deliveries(self, record: CivilRecord) -> list[Delivery]:
        """What the hub sent about this record, genuine, whether it arrived or not."""
        ids = {packet.id for packet in self.packets_of(record)}
        genuine, _ = gathering.messages_in(self.servers.nid.journal)
        return [one for one in genuine if one.registration_id in ids and one.means == "issued"]

    # the bridge's own life

    async def bridge_stops(self, *, kill: bool = False) -> None:
        self.tells("is killed" if kill else "is stopped", Lane.BRIDGE)
        await self.servers.stop_bridge(kill=kill)

    async def bridge_starts(self) -> None:
        self.tells("is started again", Lane.BRIDGE)
        await self.servers.start_bridge()

    # the engine's side

    async def play(self, story: Story) -> None:
        await story.play(self)

    async def rest(self) -> None:
        """Mend everything, then let time go until the bridge has nothing left but stuck records."""
        self.opencrvs.calm()
        self.id_system.calm()
        await self.servers.start_bridge()
        await self.desk.pace.until(self._at_rest, _REST)
        await self.desk.pace.passes(_QUIET)

    async def _at_rest(self) -> bool:
        return all(waiting.stuck for waiting in await self.operator.entries())

    async def evidence(self) -> Evidence:
        opencrvs, nid = self.servers.opencrvs, self.servers.nid
        records = tuple(gathering.record_of(document, self.profile) for document in opencrvs.records)
        identities = tuple(gathering.identities_in(nid.registrations, nid.people))
        genuine, forged = gathering.messages_in(nid.journal)
        return Evidence(
            at=self.world.clock.now(),
            records=records,
            questions=tuple(gathering.questions_in(opencrvs.journal)),
            identities=identities,
            deliveries=tuple(genuine),
            forgeries=(*forged, *self.forgeries),
            waiting=tuple(await self.operator.entries()),
            decisions=tuple(self.operator.decisions),
            log=tuple(self.logbook.lines),
            secrets=(*gathering.secrets_of(records, identities), *_CREDENTIALS),
        )


_CREDENTIALS = (
    Secret("a client secret", "abcdeABCDE123456"),
    Secret("the hub's secret", "mosip-websub-secret"),
    Secret("a client secret", str(servers.SYSTEM_CLIENT["client_secret"])),
    Secret("a P12 password", "mosip123"),
    Secret("the operator's token", servers.OPERATIONS_TOKEN),
)


def opener(keys: Path, ports: Ports | None = None) -> Opener:
    """Stages in this process, for the engine. `keys` is the folder of test keys."""

    @asynccontextmanager
    async def open_stage(
        story: Story, world: World, options: Options, listener: Listener
    ) -> AsyncIterator[Stage]:
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rehearsal-")))
            book = stack.enter_context(logged(world))
            running = await servers.start(
                story.setup,
                world,
                profile=options.profile,
                folder=folder,
                keys=keys,
                ports=ports or Ports(),
            )
            stack.push_async_callback(running.close)
            watcher = Watcher((running.opencrvs.journal, running.nid.journal), listener)
            stack.push_async_callback(watcher.close)
            line = Line(await stack.enter_async_context(session()), world.clock.timeout)
            pace: Pace = RealPace(world, shared=True) if options.real_time else VirtualPace(world)
            yield build(Desk(world, pace, listener), running, line, Profile(options.profile), book)

    return open_stage


def build(desk: Desk, running: Servers, line: Line, profile: Profile, book: Logbook) -> Stage:
    """The actors around running servers."""

    async def reader(event_id: str) -> EventDocument:
        document = running.opencrvs.records.snapshot(event_id)
        if document is None:
            raise LookupError(f"OpenCRVS has no record {event_id}")
        return document

    return Stage(
        desk=desk,
        profile=profile,
        servers=running,
        registrar=Registrar(desk, line, running.opencrvs.gateway_url, profile, reader),
        id_system=IdSystem(desk, running.nid),
        opencrvs=Breakable(desk, Lane.OPENCRVS, running.opencrvs.faults, frozenset({"trigger"})),
        operator=Operator(desk, line, running.mediator_url, servers.OPERATIONS_TOKEN),
        logbook=book,
    )
