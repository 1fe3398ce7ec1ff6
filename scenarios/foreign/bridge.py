"""Verify a bridge that is not ours: black-box, with the mocks on fixed ports in the open, in real time.

The foreign bridge is configured for these ports and runs wherever it likes. The mocks stay up for the whole
run, so that its subscription lasts; between stories they forget everything else. A story's days become
seconds; what truly needs days, or a hand inside the bridge, is not played, and never counted as passed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from mock_nid.hub.subscriptions import Subscription
from scenarios.engine import Options
from scenarios.events import Listener
from scenarios.foreign.arrival import Arrival, Teller
from scenarios.foreign.hooks import Hooks, NotThere, ProcessHooks, silences
from scenarios.foreign.log_file import lines_since, size_of
from scenarios.foreign.neighbours import clear, neighbours
from scenarios.judging.evidence import same_name
from scenarios.stage.actors.operator import Operator
from scenarios.stage.calling import caller
from scenarios.stage.environment import Environment
from scenarios.stage.logbook import logged
from scenarios.stage.pace import RealPace
from scenarios.stage.ports import Ports
from scenarios.stage.servers import RunningBridge, Servers
from scenarios.stage.setup import stage_on
from scenarios.stage.stage import Stage
from scenarios.stage.timeline import Timeline
from scenarios.story import Need, NotPlayable, Setup, Story, Unmet
from wire.http.client import HttpClient
from wire.world import World

_NO_LIST = "the bridge offers no list of unfinished registrations (--operations-token)"
_NO_HANDS = "we cannot kill and start it (--kill, --start)"
_NO_LOG = "the bridge's log was not given (--bridge-log)"
_HOW_OFTEN = "how often it does is not known ({})"
_SELDOM = "every {:g} s is more than a rehearsal waits for; let it do so every few seconds here"
_UNTOLD = "it is not said to, and to look for ours ({})"
_PATIENCE = 30.0
_UNHEARD = 75.0
"""Patience with a bridge that does not listen on every topic: it may ask once a minute."""
_SELDOM_SECONDS = 300.0
_CRASH_SECONDS = 3.0
"""How long a bridge may be silent before it counts as crashed: it may be busy."""
MOCK_NID = {
    "processing_seconds": 1.0,
    "hub_retry_seconds": 0.5,
    "hub_timeout_seconds": 10.0,
    "reactivation": True,
    "ida_dates": "%Y/%m/%d,%d/%m/%Y",
}
"""The mock's waits are short where no bridge can tell, and its desk does what a story may ask of it."""


@dataclass
class Foreign:
    """A bridge of somebody else.

    `patience`: how long a story waits for it at most, in seconds; None: as long as it may need.
    `polls_every`, `renews_every`: how often it asks for silent packets, and subscribes anew, in seconds;
    None: it does not say.
    """

    trigger_url: str
    mediator_url: str
    operations_token: str | None = None
    log: Path | None = None
    patience: float | None = None
    hooks: Hooks | None = None
    polls_every: float | None = None
    renews_every: float | None = None
    country_config_port: int | None = None
    """Where it looks for the country config behind it."""
    payments_port: int | None = None
    """Where it asks whether a fee is paid."""
    waits: bool = True
    """Whether it answers 202 and goes on later; learnt when it does not subscribe."""
    listens: bool = True
    """Whether it has asked the hub for a subscription."""
    gone: str = ""
    """The story at which it crashed, when nobody can start it again."""

    @property
    def addresses(self) -> tuple[str, str]:
        """Where it answers while it runs."""
        return self.trigger_url, self.mediator_url

    def lacks(self) -> dict[Need, str]:
        """What stories may not ask of it, and why."""
        missing = {
            Need.CLOCK: "its clock is its own",
            Need.SETTINGS: "we cannot change its settings",
        }
        if self.waits:
            missing[Need.SYNC] = "it is set to answer asynchronously"
        else:
            missing[Need.ASYNC] = "it answers while OpenCRVS waits"
        if not self.listens:
            missing[Need.HUB] = "it has not subscribed"
        if self.hooks is None or not self.hooks.can_kill:
            missing[Need.RESTART] = _NO_HANDS
        if self.operations_token is None:
            missing[Need.OPERATOR] = _NO_LIST
        if self.country_config_port is None:
            missing[Need.COUNTRY_CONFIG] = _UNTOLD.format("--country-config-port")
        if self.payments_port is None:
            missing[Need.PAYMENTS] = _UNTOLD.format("--payments-port")
        for need, every, option in (
            (Need.POLLS, self.polls_every, "--polls-every"),
            (Need.RENEWS, self.renews_every, "--renews-every"),
        ):
            if every is None:
                missing[need] = _HOW_OFTEN.format(option)
            elif every > _SELDOM_SECONDS:
                missing[need] = _SELDOM.format(every)
        return missing

    def longest(self, *, listens: bool) -> timedelta:
        """How long a story waits; `listens`: whether the bridge is subscribed to every topic."""
        usual = self.patience or (_PATIENCE if listens else _UNHEARD)
        often = [2 * every + 5 for every in (self.polls_every, self.renews_every) if every is not None]
        return timedelta(seconds=max(usual, *(one for one in often if one <= 2 * _SELDOM_SECONDS), 0))


@dataclass
class BridgeVerification:
    """The mocks for one run against a foreign bridge. `open_stage` is what the engine wants."""

    foreign: Foreign
    mocks: Servers = field(repr=False)
    keys: Path
    tell: Teller = field(repr=False)
    _subscribed: dict[tuple[str, str], Subscription] = field(default_factory=dict)

    async def awaits_bridge(self, world: World, seconds: float) -> None:
        """Wait until the bridge answers and is subscribed at the hub. NotThere when it does not answer."""
        foreign = self.foreign
        arrival = Arrival(self.mocks, world, foreign.addresses, seconds, self.tell, self.whereabouts)
        async with caller(world) as line:
            await arrival.answers(line)
            await self._tries_list(world, line)
            if not await arrival.subscribes():
                foreign.listens = arrival.asked
                foreign.waits = await arrival.waits_for_answers()
                if not foreign.waits:
                    self.tell("It answers while OpenCRVS waits, and is judged for that.")

    @property
    def whereabouts(self) -> str:
        """Where the bridge finds the mocks."""
        opencrvs, nid = self.mocks.opencrvs, self.mocks.nid
        return (
            f"OpenCRVS is at {opencrvs.gateway_url} (tokens: {opencrvs.auth_url}), the ID system at "
            f"{nid.url}; "
            f"the partner's key is in {self.keys}."
        )

    async def _tries_list(self, world: World, line: HttpClient) -> None:
        """Before anything is played: NotThere when the token that was given opens no list."""
        foreign = self.foreign
        if foreign.operations_token is None:
            return
        timeline = Timeline(world, RealPace(world), lambda event: None)
        try:
            await Operator(timeline, line, foreign.mediator_url, foreign.operations_token).entries()
        except Unmet as unread:
            raise NotThere(
                f"{unread} (asked at {foreign.mediator_url}/operations/registrations); mend "
                "--operations-token or --mediator, or leave the token out: then what needs it is not played"
            ) from None

    @asynccontextmanager
    async def open_stage(
        self, story: Story, world: World, options: Options, listener: Listener
    ) -> AsyncIterator[Stage]:
        foreign, mocks = self.foreign, self.mocks
        if foreign.gone:
            raise NotPlayable(f"the bridge is gone since {foreign.gone}: start it again (--start)")
        await self._clean()
        if foreign.hooks is not None and await silences(foreign.addresses, world, _CRASH_SECONDS):
            await foreign.hooks.start()  # what the story before did to it accuses no other
        before = size_of(foreign.log)
        with logged(world) as book:
            book.unseen = "" if foreign.log else _NO_LOG
            async with stage_on(
                mocks,
                world,
                RealPace(
                    world,
                    longest=foreign.longest(listens=len(self._subscribed) > 1),
                    progress=self._progress,
                ),
                book,
                profile=options.profile,
                keys=self.keys,
                listener=listener,
                operations_token=foreign.operations_token,
                squeeze=True,
                most=Options.most,
            ) as stage:
                # a country may have them verified before anything else
                stage.registrar.introduces = stage.id_system.knows_relatives
                mocks.nid.plans.meant_for = lambda name: _among(name, stage)
                stage.before_judging = lambda: book.lines.extend(lines_since(foreign.log, before))
                stage.found_crashed = lambda: self._crash(story, stage)
                yield stage

    def _progress(self) -> tuple[int, int, int]:
        """How far all records, packets and messages have come."""
        nid = self.mocks.nid
        rows = sum(len(document["actions"]) for document in self.mocks.opencrvs.records)
        return rows, len(list(nid.registrations)), len(nid.journal.facts)

    async def _clean(self) -> None:
        """What one story leaves behind accuses no other."""
        mocks = self.mocks
        await mocks.clear_mocks()
        self._subscribed |= mocks.nid.subscriptions.subscriptions
        for one in self._subscribed.values():
            mocks.nid.parts.queues.add(one)
        clear(mocks)

    async def _crash(self, story: Story, stage: Stage) -> str:
        """Whether the bridge is gone although nobody stopped it; it is started again when that can be."""
        foreign, mocks = self.foreign, self.mocks
        stopped = foreign.hooks is not None and foreign.hooks.can_kill and mocks.bridge is None
        if stopped:
            return ""
        silent = await silences(foreign.addresses, stage.world, _CRASH_SECONDS)
        words = f"the bridge has crashed: nothing answers at {' and '.join(silent)} any more"
        stage.timeline.found("the bridge has not crashed", not silent, words, shows="FIELD-CRA-04")
        if not silent:
            return ""
        if foreign.hooks is None:
            foreign.gone = story.name
            return words
        stage.opencrvs.calm()
        stage.id_system.calm()
        await foreign.hooks.start()
        return f"{words}; it was started again"


@asynccontextmanager
async def bridge_verification(
    foreign: Foreign,
    *,
    profile: str,
    ports: Ports,
    keys: Path,
    locale: str | None = None,
    tell: Teller = lambda text: None,
) -> AsyncIterator[BridgeVerification]:
    """Put the mocks up on `ports` for the length of the block."""
    setup = Setup(mock_nid=MOCK_NID, mock_opencrvs={"events_port": 0} if profile == "2.1" else {})
    environment = Environment(
        setup,
        World.system(),
        profile=profile,
        locale=locale,
        folder=keys,
        keys=keys,
        ports=ports,
        trigger_url=foreign.trigger_url,
    )
    mocks = await environment.start(with_bridge=False)
    mocks.mediator_url = foreign.mediator_url
    if (hooks := foreign.hooks) is not None and hooks.can_kill:

        async def launch() -> RunningBridge:
            await hooks.start()
            return ProcessHooks(hooks)

        mocks.bridge, mocks.launch = ProcessHooks(hooks), launch
    try:
        async with neighbours(mocks, World.system(), foreign.country_config_port, foreign.payments_port):
            yield BridgeVerification(foreign, mocks, keys, tell)
    finally:
        mocks.bridge = None  # the bridge outlives the run
        await mocks.close()


def _among(name: str, stage: Stage) -> bool:
    """Whether a packet is of one of the story's people, and not a late one of the story before."""
    return same_name(name) in {same_name(record.name) for record in stage.registrar.records}
