"""Verify an ID system that is not ours: our mock OpenCRVS and our bridge play the scenarios against it.

Everything is in real time. Where the ID system is, and who we are there, is told by the bridge's own settings
(the mediator's environment names); the proxy stands in between and sees what passes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from pydantic import SecretStr

from bridge import app as bridge_app
from bridge.settings import Settings
from scenarios.engine import Options
from scenarios.events import Listener
from scenarios.foreign.conduct import ID_SYSTEM, judge_conduct
from scenarios.foreign.hooks import NotThere, silences
from scenarios.foreign.id_system import SERVICES, ForeignNid
from scenarios.foreign.recording_proxy import RecordingProxy
from scenarios.judging.evidence import Evidence, Secret
from scenarios.judging.promises import UNENDED, judge
from scenarios.judging.verdicts import ENDS, PROMISES, QUIET, Ruling, Verdict
from scenarios.stage.logbook import logged
from scenarios.stage.pace import RealPace
from scenarios.stage.ports import Ports
from scenarios.stage.setup import environment, stage_on
from scenarios.stage.stage import Stage
from scenarios.story import Need, Story
from testbed.serving import free_port
from wire.world import World

NID_PROMISES = (*PROMISES, *ID_SYSTEM)
_SUBSCRIBING = timedelta(seconds=60)
_ALONE = "our bridge is set up for the ID system alone"


@dataclass(frozen=True)
class KnownPerson:
    """Somebody whom the ID system knows: number, name as it has it, date of birth `YYYY-MM-DD`."""

    number: str
    name: str
    born: str


@dataclass(frozen=True)
class ForeignIdSystem:
    """An ID system of somebody else. `patience`: how long a story waits for it at most, in seconds.

    `callback`: how its hub reaches us; None: this machine, at the settings' HOST and PORT.
    """

    settings: Settings
    callback: str | None = None
    person: KnownPerson | None = None
    patience: float = 300.0

    def lacks(self) -> dict[Need, str]:
        """What stories may not ask of it, and why."""
        missing = {
            Need.CLOCK: "its clock is its own",
            Need.NID: "a foreign one decides by itself, and we cannot break it",
            Need.COUNTRY_CONFIG: _ALONE,
            Need.PAYMENTS: _ALONE,
        }
        if self.person is None:
            missing[Need.PERSON] = "nobody whom it knows was named (--known-person)"
        if not self.settings.identity_url or not self.settings.uin_url:
            missing[Need.SYNC] = (
                "it has no address for identities at once (MOSIP_IDENTITY_URL, MOSIP_UIN_URL)"
            )
        return missing


@dataclass(repr=False)
class NidStage(Stage):
    """A stage with a foreign ID system: it waits for the subscription first, and judges the ID system too."""

    nid: ForeignNid | None = None
    known: KnownPerson | None = None

    async def play(self, story: Story) -> None:
        await self.until("the bridge is subscribed at the hub", self._subscribed, _SUBSCRIBING)
        await super().play(story)

    def _subscribed(self) -> bool:
        running = self.servers.bridge
        listening = running.nid.listening if isinstance(running, bridge_app.Running) else {}
        return bool(listening) and all(listening.values())

    @property
    def seen(self) -> ForeignNid:
        if self.nid is None:
            raise LookupError("this stage has no foreign ID system")
        return self.nid

    @property
    def person(self) -> KnownPerson:
        """Whom the ID system knows; stories that ask have `Need.PERSON`."""
        if self.known is None:
            raise LookupError("nobody whom the ID system knows was named")
        return self.known

    async def evidence(self) -> Evidence:
        await self.seen.examine()
        found = await super().evidence()
        return replace(found, secrets=(*found.secrets, *_secrets(self.seen.settings)))

    async def verdicts(self) -> tuple[Verdict, ...]:
        evidence = await self.evidence()
        ours = (_fair(verdict, bool(evidence.records)) for verdict in judge(evidence))
        return (*ours, *judge_conduct(self.seen.conduct()))


def _fair(verdict: Verdict, records: bool) -> Verdict:
    """Without records there is nothing to judge but the log; and a bridge that still waits is not silent."""
    if verdict.promise is ENDS:
        verdict = _not_yet(verdict)
    if records or verdict.promise is QUIET:
        return verdict
    return Verdict(verdict.promise, Ruling.NOT_JUDGED, "no record was registered")


def _not_yet(ends: Verdict) -> Verdict:
    """Promise 1, where all that is open waits for the ID system: we wait less long than the bridge."""
    if ends.findings and all(finding.what == UNENDED for finding in ends.findings):
        waits = f"the bridge still waited for the ID system ({len(ends.findings)} of {ends.looked_at})"
        return Verdict(ends.promise, Ruling.NOT_JUDGED, f"{waits} when our patience ended (--patience)")
    return ends


def _secrets(settings: Settings) -> list[Secret]:
    """Every secret of the settings: none of them may be logged."""
    values = ((name, getattr(settings, name)) for name in type(settings).model_fields)
    return [Secret(f"the setting {n}", v.get_secret_value()) for n, v in values if isinstance(v, SecretStr)]


class IdSystemVerification:
    """What lasts for a whole run: proxy and address of the bridge. `open_stage` is what the engine wants."""

    def __init__(self, foreign: ForeignIdSystem, proxy: RecordingProxy, keys: Path) -> None:
        self._foreign, self._proxy, self._keys = foreign, proxy, keys
        self._mediator = free_port()

    async def awaits_id_system(self, world: World, seconds: float) -> None:
        """NotThere when nothing answers at the ID system's log-in."""
        url = self._foreign.settings.mosip_auth_url
        if await silences((url,), world, seconds):
            raise NotThere(
                f"nothing answers at {url} within {seconds:g} s; check --nid, or set MOSIP_AUTH_URL "
                "and the other addresses one by one"
            )

    @asynccontextmanager
    async def open_stage(
        self, story: Story, world: World, options: Options, listener: Listener
    ) -> AsyncIterator[Stage]:
        foreign, proxy = self._foreign, self._proxy
        # it remembers every packet id that it ever got: nothing of an earlier run may come again
        world = World(world.clock, World.system().chance)
        proxy.clear()
        proxy.bridge_callback = f"http://127.0.0.1:{self._mediator}/websub/callback"
        nid = ForeignNid(foreign.settings, proxy, world)
        ours = environment(
            story.setup,
            world,
            options,
            self._keys,
            ports=Ports(mediator=self._mediator),
            nid=nid,
            bridge_values=nid.bridge_values(foreign.callback or proxy.callback_url),
        )
        with logged(world) as book:
            async with (
                ours as found,
                stage_on(
                    await found.servers(),
                    world,
                    RealPace(world, longest=timedelta(seconds=foreign.patience)),
                    book,
                    profile=options.profile,
                    keys=self._keys,
                    listener=listener,
                    most=Options.most,
                    kind=partial(NidStage, nid=nid, known=foreign.person),
                ) as stage,
            ):
                if foreign.person is not None:
                    stage.known_person = foreign.person.number
                yield stage


@asynccontextmanager
async def id_system_verification(
    foreign: ForeignIdSystem, *, keys: Path
) -> AsyncIterator[IdSystemVerification]:
    """Listen for the bridge and for the hub's deliveries for the length of the block. Raises PortTaken."""
    settings = foreign.settings
    proxy = RecordingProxy(World.system(), {one: getattr(settings, name) for one, name in SERVICES.items()})
    try:
        await proxy.start(settings.host, settings.port)
        yield IdSystemVerification(foreign, proxy, keys)
    finally:
        await proxy.close()
