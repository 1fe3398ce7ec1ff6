"""The bridge as real processes that are killed, and what stands around them in a crash test."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.forked import forked
from tests.ports import free_port
from tests.servers.bridge.stubs import StubOpenCRVS
from wire.keyfolder import KeyFolder
from wire.world import Chance, World


class Moments:
    """Counts what happens on the wire. `after` calls something within the moment that is so many away."""

    def __init__(self) -> None:
        self.count = 0
        self._due: tuple[int, Callable[[], None]] | None = None

    def after(self, moments: int, act: Callable[[], None]) -> None:
        self._due = (self.count + moments, act)

    def never(self) -> None:
        self._due = None

    def tick(self) -> None:
        self.count += 1
        if self._due is not None and self.count >= self._due[0]:
            act, self._due = self._due[1], None
            act()


class Country(StubOpenCRVS):
    """Tells every moment; knows when all records are accepted, and what every accept call said."""

    def __init__(self, world: World, keys: KeyFolder, moments: Moments) -> None:
        super().__init__(world, keys)
        self._moments = moments
        self.waiting: set[str] = set()
        self.settled = asyncio.Event()
        self.said: dict[str, set[tuple[str, str]]] = {}

    async def _trpc(self, request: Any) -> Any:
        self._moments.tick()
        answer = await super()._trpc(request)
        self._moments.tick()  # it took effect, and the bridge may never hear of it
        return answer

    def _do(self, path: str, given: dict[str, Any]) -> dict[str, Any]:
        event = super()._do(path, given)
        if path.endswith(".accept"):
            words = (given.get("registrationNumber", ""), given["declaration"].get("child.nid", ""))
            self.said.setdefault(event["id"], set()).add(words)
        if path.endswith(".accept") or path == "event.actions.reject.request":
            self.waiting.discard(event["id"])
            if not self.waiting:
                self.settled.set()
        return event

    def ask(self, event: dict[str, Any]) -> str:
        """The record token of an event that is going to be triggered."""
        self.waiting.add(event["id"])
        self.settled.clear()
        return self.token(event)


class Replica:
    """`python -m bridge` on ports of its own. `up` is set while it listens."""

    def __init__(self, name: str, folder: Path, settings: Mapping[str, str]) -> None:
        self.name, self._folder = name, folder
        self.port, self.trigger_port = free_port(), free_port()
        self._settings = {**settings, "PORT": str(self.port), "BRIDGE_TRIGGER_PORT": str(self.trigger_port)}
        self.up = asyncio.Event()
        self.kills = 0
        self._process: asyncio.subprocess.Process | None = None

    @property
    def trigger_url(self) -> str:
        return f"http://127.0.0.1:{self.trigger_port}"

    async def start(self) -> None:
        """Returns when it says that it listens."""
        log = self._folder / f"{self.name}.log"
        with log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *forked("bridge"),
                env={"PATH": os.environ["PATH"], **self._settings},
                cwd=self._folder,
                stdout=asyncio.subprocess.PIPE,
                stderr=output,
            )
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            if line.startswith(b"mediator "):
                self.up.set()
                return
        raise AssertionError(f"the bridge did not start: {log.read_text()[-2000:]}")

    def kill(self) -> None:
        """SIGKILL, at once."""
        assert self._process is not None
        self.up.clear()
        self.kills += 1
        self._process.send_signal(signal.SIGKILL)

    async def ended(self) -> None:
        """Returns when nobody is left who could write to its output."""
        assert self._process is not None and self._process.stdout is not None
        await self._process.stdout.read()
        await self._process.wait()

    async def stop(self) -> None:
        """SIGTERM: it finishes what is under way."""
        if self._process is not None and self._process.returncode is None:
            self.up.clear()
            self._process.terminate()
            await self._process.wait()


class Killer:
    """Kills replicas in turns, at moments that chance chooses, and starts them again, until told to stop.

    One that starts again is not waited for: the next kill may strike the other meanwhile.
    """

    def __init__(self, replicas: Sequence[Replica], moments: Moments, chance: Chance, within: int) -> None:
        self._replicas, self._moments, self._chance, self._within = replicas, moments, chance, within
        self._struck: asyncio.Queue[Replica | None] = asyncio.Queue()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as restarts:
            while True:
                self._moments.after(1 + int(self._chance.random() * self._within), self._strike)
                struck = await self._struck.get()
                if struck is not None:
                    restarts.create_task(_again(struck))

    def _strike(self) -> None:
        alive = [replica for replica in self._replicas if replica.up.is_set()]
        victim = min(alive, key=lambda replica: replica.kills, default=None)
        if victim is not None:
            victim.kill()
        self._struck.put_nowait(victim)


async def _again(replica: Replica) -> None:
    await replica.ended()
    await replica.start()


@asynccontextmanager
async def killed(
    replicas: Sequence[Replica], moments: Moments, chance: Chance, within: int
) -> AsyncIterator[None]:
    """Replicas are killed while the block lasts; then all are stopped."""
    killing = asyncio.create_task(Killer(replicas, moments, chance, within).run())
    try:
        yield
    finally:
        moments.never()
        killing.cancel()
        await asyncio.gather(killing, return_exceptions=True)
        for replica in replicas:
            await replica.stop()
