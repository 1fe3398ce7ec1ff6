"""Verify a bridge that is not ours: black-box, with the mocks on fixed ports in the open, in real time.

The foreign bridge is configured for these ports and runs wherever it likes. The mocks stay up for the whole
run, so that its subscription lasts; between stories they forget everything else. A story's days become
seconds; what truly needs days, or a hand inside the bridge, is not played, and never counted as passed.
"""

from __future__ import annotations

from asyncio import create_subprocess_shell
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from scenarios.engine import Options, Unmet
from scenarios.events import Listener
from scenarios.judging.evidence import LogLine
from scenarios.stage.actors.operator import Operator
from scenarios.stage.calling import caller
from scenarios.stage.environment import Environment
from scenarios.stage.logbook import logged
from scenarios.stage.opening import stage_on
from scenarios.stage.pace import RealPace
from scenarios.stage.ports import Ports
from scenarios.stage.servers import RunningBridge, Servers
from scenarios.stage.stage import Stage
from scenarios.stage.timeline import Timeline
from scenarios.story import Need, Setup, Story
from wire.http.client import HttpClient
from wire.world import World

_NO_LIST = "the bridge offers no list of unfinished registrations (--operations-token)"
_NO_HANDS = "we cannot kill and start it (--kill, --start)"
_FEW = 60
"""The records of a big story: a foreign bridge gets no crowd before it is asked for."""
_NO_LOG = "the bridge's log was not given (--bridge-log)"


class NotThere(Exception):
    """The foreign bridge does not answer, or has not subscribed."""


class Hands(Protocol):
    """Somebody who can kill the foreign bridge and start it again."""

    async def kill(self) -> None:
        """End it as a crash would; done when it has ended."""

    async def start(self) -> None:
        """Start it; done when it answers."""


@dataclass(frozen=True)
class Commands:
    """Hands that are two commands of a shell. A command that fails raises NotThere."""

    kill_command: str
    start_command: str
    trigger_url: str
    world: World
    seconds: float = 60.0

    async def kill(self) -> None:
        await self._run(self.kill_command)

    async def start(self) -> None:
        await self._run(self.start_command)
        if not await answers(self.trigger_url, self.world, self.seconds):
            raise NotThere(f"the bridge does not answer {self.seconds:g} s after: {self.start_command}")

    async def _run(self, command: str) -> None:
        process = await create_subprocess_shell(command, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
        if status := await process.wait():
            raise NotThere(f"status {status} of the command: {command}")


@dataclass(frozen=True)
class _InHands:
    """A foreign bridge that runs, for who stops it."""

    hands: Hands

    async def close(self) -> None:
        await self.hands.kill()

    async def kill(self) -> None:
        await self.hands.kill()


@dataclass(frozen=True)
class Foreign:
    """A bridge of somebody else. `patience`: how long a story waits for it at most, in seconds."""

    trigger_url: str
    mediator_url: str
    operations_token: str | None = None
    log: Path | None = None
    patience: float = 30.0
    hands: Hands | None = None

    def lacks(self) -> dict[Need, str]:
        """What stories may not ask of it, and why."""
        missing = {
            Need.CLOCK: "its clock is its own",
            Need.SETTINGS: "we cannot change its settings",
            Need.SYNC: "it is set to answer asynchronously",
        }
        if self.hands is None:
            missing[Need.RESTART] = _NO_HANDS
        if self.operations_token is None:
            missing[Need.OPERATOR] = _NO_LIST
        return missing


class BridgeVerification:
    """The mocks for one run against a foreign bridge. `open_stage` is what the engine wants."""

    def __init__(self, foreign: Foreign, mocks: Servers, keys: Path) -> None:
        self._foreign, self._mocks, self._keys = foreign, mocks, keys

    async def awaits_bridge(self, world: World, seconds: float) -> None:
        """Wait until the bridge answers and is subscribed at the hub. NotThere says what is missing."""
        async with caller(world) as line:
            limit = world.clock.now() + timedelta(seconds=seconds)
            answered = False
            while world.clock.now() < limit:
                answered = answered or await _answers(line, self._foreign.trigger_url)
                if answered and self._mocks.nid.subscriptions.subscriptions:
                    await self._tries_list(world, line)
                    return
                await world.clock.sleep(0.2)
        what = "has not subscribed at the hub" if answered else "does not answer"
        raise NotThere(
            f"the bridge at {self._foreign.trigger_url} {what} within {seconds:g} s; "
            f"start it with these addresses, and the partner's key from {self._keys}. {self.whereabouts}"
        )

    @property
    def whereabouts(self) -> str:
        """Where the bridge finds the mocks."""
        opencrvs, nid = self._mocks.opencrvs, self._mocks.nid
        auth = opencrvs.auth_url
        return f"OpenCRVS is at {opencrvs.gateway_url} (tokens: {auth}), the ID system at {nid.url}."

    async def _tries_list(self, world: World, line: HttpClient) -> None:
        """Before anything is played: NotThere when the token that was given opens no list."""
        foreign = self._foreign
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
        foreign, mocks = self._foreign, self._mocks
        await mocks.opencrvs.reset()
        await mocks.nid.parts.reset()
        for part in (mocks.opencrvs, mocks.nid):
            part.faults.clear()
            part.journal.clear()
        before = _size(foreign.log)
        with logged(world) as book:
            book.unseen = "" if foreign.log else _NO_LOG
            async with stage_on(
                mocks,
                world,
                RealPace(world, longest=timedelta(seconds=foreign.patience)),
                book,
                profile=options.profile,
                keys=self._keys,
                listener=listener,
                operations_token=foreign.operations_token,
                squeeze=True,
                most=_FEW,
            ) as stage:
                stage.before_judging = lambda: book.lines.extend(_lines_since(foreign.log, before))
                yield stage


@asynccontextmanager
async def bridge_verification(
    foreign: Foreign, *, profile: str, ports: Ports, keys: Path, locale: str | None = None
) -> AsyncIterator[BridgeVerification]:
    """Put the mocks up on `ports` for the length of the block."""
    setup = Setup(mock_nid={"processing_seconds": 1.0, "deactivate_on_death": False})
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
    if (hands := foreign.hands) is not None:

        async def launch() -> RunningBridge:
            await hands.start()
            return _InHands(hands)

        mocks.bridge, mocks.launch = _InHands(hands), launch
    try:
        yield BridgeVerification(foreign, mocks, keys)
    finally:
        mocks.bridge = None  # the bridge outlives the run
        await mocks.close()


async def _answers(line: HttpClient, url: str) -> bool:
    return (await line.reply("GET", url)).status is not None


async def answers(url: str, world: World, seconds: float) -> bool:
    """Whether anything answers HTTP at this address within so many seconds."""
    async with caller(world) as line:
        limit = world.clock.now() + timedelta(seconds=seconds)
        while not await _answers(line, url):
            if world.clock.now() >= limit:
                return False
            await world.clock.sleep(0.1)
        return True


def _size(log: Path | None) -> int:
    return log.stat().st_size if log is not None and log.exists() else 0


def _lines_since(log: Path | None, before: int) -> list[LogLine]:
    if log is None or not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(before)
        text = file.read().decode(errors="replace")
    return [LogLine("bridge", line) for line in text.splitlines() if line]
