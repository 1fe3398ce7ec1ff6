"""The parts side by side as processes of their own, on free ports: with a stub of OpenCRVS or its mock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from time import process_time

from bench.backlog import fill
from bench.balancer import balancer
from bench.country import CountryStub
from bench.processes import ServerProcess, process
from testbed.serving import free_port
from wire.http.client import HttpClient, Reply
from wire.keyfolder import KeyFolder
from wire.world import World


@dataclass
class MeasuredSystems:
    """What a measurement talks to. `country` is the stub of OpenCRVS in this process; `opencrvs` the mock.

    `mediators` gives the addresses of the bridges in turn.
    """

    world: World
    http: HttpClient
    nid: ServerProcess
    bridges: list[ServerProcess]
    mediators: Iterator[str]
    country: CountryStub | None = None
    opencrvs: ServerProcess | None = None
    gateway: str = ""

    @property
    def processes(self) -> list[ServerProcess]:
        return [*self.bridges, self.nid, *([self.opencrvs] if self.opencrvs else [])]

    def cpu_seconds(self) -> tuple[float, float, float, float]:
        """Processor seconds so far of all bridges, ID system, OpenCRVS's mock, and this process."""
        mock = self.opencrvs.cpu_seconds() if self.opencrvs else 0.0
        bridges = sum(bridge.cpu_seconds() for bridge in self.bridges)
        return bridges, self.nid.cpu_seconds(), mock, process_time()


@asynccontextmanager
async def with_stub(
    folder: Path,
    world: World,
    in_flight: int,
    waiting: int = 0,
    database: str = "",
    rate: str = "",
    bridges: int = 1,
) -> AsyncIterator[MeasuredSystems]:
    """A stub that only confirms; `waiting` registrations are in the bridge's store before it starts.

    `database`: URL of an empty one for the bridge, instead of a file of its own. `rate`: its BRIDGE_RATE.
    `bridges`: how many share that database.
    """
    async with AsyncExitStack() as stack:
        country = CountryStub(KeyFolder(folder / "keys").ensure()["opencrvs-auth"].private_key)
        await country.start()
        stack.push_async_callback(country.close)
        key_url = f"{country.url}/.well-known"
        systems = await _around(
            stack,
            folder,
            world,
            in_flight,
            country.url,
            key_url,
            [free_port() for _ in range(bridges)],
            waiting,
            database,
            rate,
        )
        systems.country = country
        yield systems


@asynccontextmanager
async def with_mock(folder: Path, world: World, in_flight: int) -> AsyncIterator[MeasuredSystems]:
    """mock_opencrvs as its own process, whose trigger reaches the bridge."""
    gateway, auth, trigger = (free_port() for _ in range(3))
    settings = {
        "MOCK_OPENCRVS_GATEWAY_PORT": str(gateway),
        "MOCK_OPENCRVS_AUTH_PORT": str(auth),
        "MOCK_OPENCRVS_COUNTRY_CONFIG_URL": f"http://127.0.0.1:{trigger}",
        "MOCK_OPENCRVS_KEYS": str(folder / "keys"),
        "MOCK_OPENCRVS_RATE_LIMIT": "0",
        "MOCK_OPENCRVS_DEDUPLICATION": "false",
    }
    url = f"http://127.0.0.1:{gateway}"
    async with AsyncExitStack() as stack:
        opencrvs = await stack.enter_async_context(
            process("mock_opencrvs", settings, f"{url}/openapi.yaml", folder, world)
        )
        key_url = f"http://127.0.0.1:{auth}/.well-known"
        systems = await _around(stack, folder, world, in_flight, url, key_url, [trigger])
        systems.opencrvs, systems.gateway = opencrvs, url
        yield systems


async def _around(
    stack: AsyncExitStack,
    folder: Path,
    world: World,
    in_flight: int,
    gateway: str,
    key_url: str,
    trigger_ports: list[int],
    waiting: int = 0,
    database: str = "",
    rate: str = "",
) -> MeasuredSystems:
    """ID system and a bridge for each trigger port, beside an OpenCRVS that is there already."""
    nid_port, ports = free_port(), [free_port() for _ in trigger_ports]
    nid_url, mediators = f"http://127.0.0.1:{nid_port}", [f"http://127.0.0.1:{port}" for port in ports]
    store = folder / "bridge.sqlite"
    nid_settings = {
        "MOCK_NID_PORT": str(nid_port),
        "MOCK_NID_ESIGNET_PORT": "0",
        "MOCK_NID_PROCESSING_SECONDS": "0",
        "MOCK_NID_KEYS": str(folder / "keys"),
        "MOCK_NID_DEMO_DEDUPE": "false",
        # with one consumer a country's whole day goes through one delivery at a time
        "MOCK_NID_HUB_CONSUMERS": "8",
    }
    bridge_settings = {
        "BRIDGE_DATABASE_URL": database or f"sqlite:///{store}",
        "REHEARSAL_KEYS": str(folder / "keys"),
        "MOSIP_URL": nid_url,
        "OPENCRVS_GATEWAY_URL": gateway,
        "OPENCRVS_PUBLIC_KEY_URL": key_url,
        "MOSIP_VERIFIABLE_CREDENTIAL_ALLOWLIST": f"{nid_url}/.well-known/public-key.json",
        "BRIDGE_LOG_LEVEL": "warning",
    }
    if len(ports) > 1:
        address = await stack.enter_async_context(balancer(lambda: ports))
        bridge_settings["MOSIP_WEBSUB_CALLBACK_URL"] = f"{address}/websub/callback"
    if rate:
        bridge_settings["BRIDGE_RATE"] = rate
    if waiting:
        await fill(store, waiting, world)
    nid = await stack.enter_async_context(
        process("mock_nid", nid_settings, f"{nid_url}/openapi.yaml", folder, world)
    )
    bridges = []
    for mediator, port, trigger in zip(mediators, ports, trigger_ports, strict=True):
        own = {**bridge_settings, "PORT": str(port), "BRIDGE_TRIGGER_PORT": str(trigger)}
        bridges.append(
            await stack.enter_async_context(process("bridge", own, f"{mediator}/ready", folder, world))
        )
    http = await stack.enter_async_context(HttpClient("the parts", world, None, connections=in_flight))
    for mediator in mediators:
        await _until_subscribed(http, mediator, world)
    return MeasuredSystems(world, http, nid, bridges, cycle(mediators))


async def _until_subscribed(http: HttpClient, mediator: str, world: World) -> None:
    """What the ID system tells before is told to nobody, and a measurement waits for no polling."""
    async with world.clock.timeout(120):
        while not _subscribed(await http.reply("GET", f"{mediator}/ready")):
            await world.clock.sleep(0.05)


def _subscribed(ready: Reply) -> bool:
    topics = ready.json()["subscriptions"] if ready.ok else {}
    return bool(topics) and all(topics.values())
