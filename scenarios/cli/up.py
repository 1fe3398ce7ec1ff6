"""`rehearse up`: all servers on their ports until Ctrl-C, for hands, curl and foreign systems."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scenarios.stage.credentials import OPERATIONS_TOKEN
from scenarios.stage.ports import WantedPorts, choose_ports
from scenarios.stage.servers import Servers
from scenarios.stage.setup import servers_for_process
from scenarios.story import Setup
from wire import loop
from wire.logs import configure_logs
from wire.world import World

LOG_INS = (
    ("k.mweene", "registrar"),
    ("f.katongo", "registration agent"),
    ("k.bwalya", "hospital clerk"),
    ("e.mayuka", "local administrator"),
    ("j.campbell", "national administrator"),
)


async def up(
    asked: WantedPorts,
    *,
    profile: str,
    locale: str | None = None,
    seed: int | None,
    keys: Path,
    data: Path | None,
    log_level: str,
    out: Console,
    more: Callable[[Servers, AsyncExitStack], Awaitable[list[tuple[str, str]]]] | None = None,
) -> None:
    """Start everything, print where it is, and stay until the process is told to stop.

    `data` keeps the bridge's database; without it a temporary folder is used. `more` may start further
    servers and returns what to print of them.
    """
    world = World.system(seed)
    configure_logs(world, level=log_level)

    async def begin() -> _Begun:
        async with AsyncExitStack() as stack:
            running = await servers_for_process(
                stack,
                Setup(client=True),
                world,
                data,
                profile=profile,
                locale=locale,
                keys=keys,
                ports=choose_ports(asked),
                environment=True,
            )
            further = await more(running, stack) if more else []
            return _Begun(running, further, out, stack.pop_all())

    await loop.serve(begin(), lambda begun: show(begun.running, begun.further, out))


@dataclass(frozen=True)
class _Begun:
    """All servers, and how they end."""

    running: Servers
    further: list[tuple[str, str]]
    _out: Console
    _stack: AsyncExitStack

    async def close(self) -> None:
        self._out.print("Stopping.")
        await self._stack.aclose()


def show(running: Servers, further: list[tuple[str, str]], out: Console) -> None:
    """Addresses and log-ins, as a person or a script wants to read them."""
    table = Table(box=None, show_header=False, padding=(0, 2))
    for what, address in (
        *further,
        ("OpenCRVS gateway", running.opencrvs.gateway_url),
        ("OpenCRVS auth", running.opencrvs.auth_url),
        ("ID system (MOSIP)", running.nid.url),
        ("Bridge, for OpenCRVS", running.trigger_url),
        ("Bridge, for the ID system", running.mediator_url),
    ):
        table.add_row(what, f"[bold]{address}[/]")
    out.print(table)
    people = ", ".join(f"{name} ({role})" for name, role in LOG_INS)
    out.print(f"Log in as {people}; password [bold]test[/], code [bold]000000[/].", highlight=False)
    token = f"BRIDGE_OPERATIONS_TOKEN=[bold]{OPERATIONS_TOKEN}[/]"
    asks = f"{token} {escape(sys.executable)} -m bridge pending --url {running.mediator_url}"
    out.print(f"What waits at the bridge: {asks}", highlight=False, soft_wrap=True)
    out.print("Ctrl-C stops everything.")
