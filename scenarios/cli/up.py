"""`rehearse up`: all servers on their ports until Ctrl-C, for hands, curl and foreign systems."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from scenarios.stage.environment import Environment
from scenarios.stage.participants import OPERATIONS_TOKEN
from scenarios.stage.servers import HOST, Ports, Servers
from scenarios.story import Setup
from testbed.serving import PortTaken, port_is_free
from wire import loop
from wire.logs import configure_logs
from wire.world import World

STANDARD = Ports(gateway=7070, auth=4040, nid=20240, esignet=20260, trigger=3040, mediator=2024)
LOG_INS = (
    ("k.mweene", "registrar"),
    ("f.katongo", "registration agent"),
    ("k.bwalya", "hospital clerk"),
    ("e.mayuka", "local administrator"),
    ("j.campbell", "national administrator"),
)
OPTIONS = {
    "gateway": "--gateway-port",
    "auth": "--auth-port",
    "nid": "--nid-port",
    "esignet": "--esignet-port",
    "trigger": "--trigger-port",
    "mediator": "--mediator-port",
}


@dataclass(frozen=True)
class Asked:
    """The ports that were asked for by name; None where the standard one, or the next free one, will do."""

    gateway: int | None = None
    auth: int | None = None
    nid: int | None = None
    esignet: int | None = None
    trigger: int | None = None
    mediator: int | None = None

    def or_standard(self) -> Ports:
        """What was asked for, and the standard ports for the rest: for somebody who looks there."""
        return replace(
            STANDARD, **{name: wanted for name, wanted in asdict(self).items() if wanted is not None}
        )


def choose_ports(asked: Asked, *, free: Callable[[int], bool] | None = None) -> Ports:
    """The ports to use. PortTaken names the option when one that was asked for is taken."""
    free = free or (lambda port: port_is_free(HOST, port))
    chosen: dict[str, int] = {}
    for name, option in OPTIONS.items():
        wanted: int | None = getattr(asked, name)
        if wanted is not None:
            if wanted and not free(wanted):
                raise PortTaken(HOST, wanted, option)
            chosen[name] = wanted
    for name in OPTIONS:
        if name not in chosen:
            port = getattr(STANDARD, name)
            while port in chosen.values() or not free(port):
                port += 1
            chosen[name] = port
    return Ports(**chosen)


async def up(
    asked: Asked,
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
            folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rehearsal-")))
            folder.mkdir(parents=True, exist_ok=True)
            environment = Environment(
                Setup(client=True),
                world,
                profile=profile,
                locale=locale,
                folder=folder,
                keys=keys,
                ports=choose_ports(asked),
                environment=True,
            )
            running = await environment.start()
            stack.push_async_callback(running.close)
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
    out.print(f"Operations of the bridge: bearer [bold]{OPERATIONS_TOKEN}[/]", highlight=False)
    out.print("Ctrl-C stops everything.")
