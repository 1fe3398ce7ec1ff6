"""Our servers as processes of their own, with the processor time and memory that each used (Linux /proc)."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from wire.http.client import HttpClient
from wire.world import World

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class ServerProcess:
    """A running server: `started` is the seconds from its start to its first answer."""

    name: str
    pid: int
    started: float

    def cpu_seconds(self) -> float:
        """Processor time used so far, by the process and its threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory_mib(self) -> float:
        """Resident memory now."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


class DidNotStart(Exception):
    """A server ended, or did not answer in time; the text is what it printed."""


def called(module: str) -> list[str]:
    """How the module is started as a program."""
    return [sys.executable, "-m", module]


@asynccontextmanager
async def process(
    module: str, settings: Mapping[str, str], ready: str, folder: Path, world: World
) -> AsyncIterator[ServerProcess]:
    """Run `python -m module` with these settings until it answers at `ready`; stop it afterwards."""
    log = folder / f"{module}.log"
    begun = perf_counter()
    with log.open("ab") as output:
        running = await asyncio.create_subprocess_exec(
            "env",
            *(f"{name}={value}" for name, value in settings.items()),
            *called(module),
            cwd=folder,
            stdout=output,
            stderr=output,
        )
    try:
        await _until_answering(running, ready, log, world)
        yield ServerProcess(module, running.pid, perf_counter() - begun)
    finally:
        if running.returncode is None:
            running.terminate()
            await running.wait()


async def _until_answering(running: asyncio.subprocess.Process, url: str, log: Path, world: World) -> None:
    async with HttpClient(url, world, 10) as client:
        for _ in range(600):
            if running.returncode is not None:
                break
            if (await client.reply("GET", url)).status is not None:
                return
            await world.clock.sleep(0.05)
    raise DidNotStart(_end_of(log))


def _end_of(log: Path) -> str:
    return log.read_text(encoding="utf-8")[-2000:]
