"""What `rehearse verify` plays against which foreign part, and what is judged there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from yarl import URL

from bridge.settings import Settings
from scenarios import library
from scenarios.engine import Engine, Opener, Options
from scenarios.events import Listener, RunEnded
from scenarios.foreign.bridge import Foreign, bridge_verification
from scenarios.foreign.nid import NID_PROMISES, ForeignIdSystem, KnownPerson, id_system_verification
from scenarios.foreign.nid_checks import NID_CHECKS
from scenarios.foreign.registry import REGISTRY_PROMISES, ForeignRegistry, RegistryVerification
from scenarios.foreign.registry_checks import REGISTRY_CHECKS
from scenarios.foreign.registry_records import RECORD_CHECKS
from scenarios.judging.verdicts import PROMISES, Promise
from scenarios.reports.result import Part, Subject
from scenarios.stage.ports import WantedPorts, or_standard
from scenarios.story import Need, Story
from wire.world import World

_SUBSCRIBE_SECONDS = 60.0
_ANSWER_SECONDS = 10.0
_NID_PATIENCE = 300.0


class NotUsable(ValueError):
    """A value of the command line that cannot be used; `option` is the one it came with."""

    def __init__(self, text: str, option: str) -> None:
        super().__init__(text)
        self.option = option


@dataclass(frozen=True)
class Target:
    """All that can be played against one foreign part."""

    against: str
    known: Sequence[Story]
    lacks: dict[Need, str]
    promises: tuple[Promise, ...]
    stage: AbstractAsyncContextManager[Opener]
    part: Part
    addresses: tuple[str, ...]

    def subject(self, product: str) -> Subject:
        """What is judged, for its result; without a name of its own its address is one."""
        shown = [str(URL(one).with_user(None)) for one in dict.fromkeys(self.addresses)]
        return Subject(part=self.part, product=product or shown[0], addresses=shown)

    async def play(
        self, stories: Sequence[Story], profile: str, locale: str | None, listeners: Sequence[Listener]
    ) -> RunEnded:
        """One run. Raises NotThere or PortTaken when it cannot begin."""
        async with self.stage as open_stage:
            options = Options(profile=profile, locale=locale, real_time=True)
            engine = Engine(open_stage, options, listeners, self.against, self.lacks, self.promises)
            return await engine.run(stories)


def bridge(
    foreign: Foreign, profile: str, locale: str | None, keys: Path, asked: WantedPorts, console: Console
) -> Target:
    """The library's stories against a bridge of somebody else; the mocks where it looks for them."""
    lacks, url = foreign.lacks(), foreign.trigger_url

    def tell(text: str) -> None:
        console.print(text, highlight=False)

    @asynccontextmanager
    async def stage() -> AsyncIterator[Opener]:
        mocks = bridge_verification(
            foreign, profile=profile, locale=locale, ports=or_standard(asked), keys=keys, tell=tell
        )
        async with mocks as found:
            tell(f"{found.whereabouts} Waiting for the bridge to subscribe.")
            await found.awaits_bridge(World.system(), foreign.patience or _SUBSCRIBE_SECONDS)
            lacks.clear()
            lacks.update(foreign.lacks())
            yield found.open_stage

    return Target(url, library.stories(), lacks, PROMISES, stage(), "bridge", foreign.addresses)


def id_system(
    url: str,
    callback: str | None,
    known_person: str | None,
    patience: float | None,
    keys: Path,
) -> Target:
    """Checks and stories against an ID system; who we are there is told by the bridge's own variables."""
    given: dict[str, Any] = {"MOSIP_URL": url.rstrip("/"), "REHEARSAL_KEYS": keys}
    try:
        settings = Settings(**given)
    except ValueError as error:
        raise NotUsable(f"a variable of the bridge cannot be used: {error}", "--nid") from error
    system = ForeignIdSystem(settings, callback, _person(known_person), patience or _NID_PATIENCE)

    @asynccontextmanager
    async def stage() -> AsyncIterator[Opener]:
        async with id_system_verification(system, keys=keys) as found:
            await found.awaits_id_system(World.system(), _ANSWER_SECONDS)
            yield found.open_stage

    known = [*NID_CHECKS.checks, *library.stories()]
    return Target(url, known, system.lacks(), NID_PROMISES, stage(), "id-system", (url,))


def _person(text: str | None) -> KnownPerson | None:
    if text is None:
        return None
    number, _, rest = text.partition(",")
    name, _, born = rest.rpartition(",")
    if not (number.isdigit() and name and born):
        raise NotUsable("NUMBER,NAME,YYYY-MM-DD is due, e.g. 123,Jane Doe,1990-01-31", "--known-person")
    return KnownPerson(number, name.strip(), born.strip())


def registry(
    gateway: str,
    auth: str,
    public_key: str,
    client_id: str | None,
    client_secret: str | None,
    token: str | None,
    allow_changes: bool,
) -> Target:
    """The checks of an OpenCRVS, as far as the token or client allows."""
    try:
        auth = (auth or str(URL(gateway).origin().with_port(4040))).rstrip("/")
    except ValueError as error:
        raise NotUsable(f"an address is due, e.g. http://127.0.0.1:7070 ({error})", "--opencrvs") from error
    key = public_key or f"{auth}/.well-known"
    url = gateway.rstrip("/")
    foreign = ForeignRegistry(url, auth, key, client_id, client_secret, token, allow_changes)

    @asynccontextmanager
    async def stage() -> AsyncIterator[Opener]:
        found = RegistryVerification(foreign)
        await found.awaits_gateway(World.system(), _ANSWER_SECONDS)
        yield found.open_stage

    checks = [*REGISTRY_CHECKS.checks, *RECORD_CHECKS.checks]
    lacks = foreign.lacks()
    return Target(url, checks, lacks, REGISTRY_PROMISES, stage(), "opencrvs", (url, auth))
