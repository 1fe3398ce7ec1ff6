"""Who can kill a foreign bridge and start it again: two commands of a shell, or one of them."""

from __future__ import annotations

from asyncio import create_subprocess_shell
from asyncio.subprocess import DEVNULL
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from scenarios.stage.calling import caller
from scenarios.story import Unmet
from wire.entry import CannotBegin
from wire.http.client import HttpClient
from wire.world import World


class NotThere(CannotBegin):
    """The foreign bridge does not answer, or a command for it fails."""


class Hooks(Protocol):
    """Somebody who can start the foreign bridge again, and perhaps kill it."""

    @property
    def can_kill(self) -> bool: ...

    async def kill(self) -> None:
        """End it as a crash would; done when it has ended."""

    async def start(self) -> None:
        """Start it; done when it answers. Unmet when it does not come up."""


@dataclass(frozen=True)
class Commands:
    """Hooks that are commands of a shell. A command that fails raises NotThere."""

    kill_command: str
    start_command: str
    addresses: tuple[str, ...]
    """Where it answers when it is up: a mediator behind a country's server is a second process."""
    world: World
    seconds: float = 60.0
    """How long it may take until it answers."""

    @property
    def can_kill(self) -> bool:
        return bool(self.kill_command)

    async def kill(self) -> None:
        await self._run(self.kill_command)

    async def start(self) -> None:
        await self._run(self.start_command)
        for silent in await silences(self.addresses, self.world, self.seconds):
            raise Unmet(
                f"the bridge does not come up: nothing answers at {silent} "
                f"within {self.seconds:g} s after --start"
            )

    async def _run(self, command: str) -> None:
        process = await create_subprocess_shell(command, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
        if status := await process.wait():
            which = "--kill" if command == self.kill_command else "--start"
            raise NotThere(f"the command of {which} ended with status {status}")


@dataclass(frozen=True)
class ProcessHooks:
    """A foreign bridge that runs, for who stops it."""

    hooks: Hooks

    async def close(self) -> None:
        await self.hooks.kill()

    async def kill(self) -> None:
        await self.hooks.kill()


async def answers_now(line: HttpClient, url: str, seconds: float) -> bool:
    """Whether anything at all answers HTTP there, within so many seconds."""
    return (await line.reply("GET", url, seconds=seconds)).status is not None


async def silences(urls: Iterable[str], world: World, seconds: float) -> list[str]:
    """The addresses where nothing answers HTTP within so many seconds."""
    async with caller(world) as line:
        limit, waited = world.clock.now() + timedelta(seconds=seconds), list(dict.fromkeys(urls))
        while waited := [url for url in waited if not await answers_now(line, url, seconds)]:
            if world.clock.now() >= limit:
                break
            await world.clock.sleep(0.1)
        return waited
