"""Fixtures for tests of a bridge or of anything else that speaks to OpenCRVS and MOSIP.

Each test has a site of its own, on free ports and with a virtual clock, where a server is started when a
fixture first needs it. Fixtures with a short name stand on `rehearsal_…` ones only: a project that has its
own `bridge` or `clock` hides ours and breaks nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
import pytest_asyncio

# of the kit only types: see `scenarios.pytest_plugin`
if TYPE_CHECKING:
    from bridge.app import Running as Bridge
    from mock_nid.app import Running as Nid
    from mock_nid.plans import PlanBook
    from mock_opencrvs.app import Running as OpenCRVS
    from scenarios.engine import Options
    from scenarios.events import Event
    from scenarios.library import Setup
    from scenarios.stage.actors.registrar import Registrar
    from scenarios.stage.opening import Ground
    from scenarios.stage.servers import BridgeStarter
    from scenarios.stage.stage import Stage
    from wire.world import Clock


@pytest.fixture(scope="session")
def rehearsal_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of test keys, made once a session; override it to use your own."""
    from wire.keyfolder import KeyFolder

    return KeyFolder(tmp_path_factory.mktemp("rehearsal-keys")).ensure().path


@pytest.fixture
def rehearsal_setup() -> Setup:
    """How the servers are set up; override it, e.g. `return Setup(bridge={"mode": "sync"})`."""
    from scenarios.library import Setup

    return Setup()


@pytest.fixture
def rehearsal_options() -> Options:
    """Profile and seed; override it, e.g. `return Options(profile="1.9", seed=7)`."""
    from scenarios.engine import Options

    return Options()


@pytest.fixture
def rehearsal_bridge() -> BridgeStarter | None:
    """Override it to put another bridge that runs in Python in the place of ours, on the same settings."""
    return None


@pytest.fixture
def rehearsal_operations_token(rehearsal_bridge: BridgeStarter | None) -> str | None:
    """What opens the bridge's list of unfinished registrations; a bridge in the place of ours has none."""
    from scenarios.stage.participants import OPERATIONS_TOKEN

    return OPERATIONS_TOKEN if rehearsal_bridge is None else None


@pytest_asyncio.fixture
async def rehearsal_ground(
    request: pytest.FixtureRequest,
    rehearsal_keys: Path,
    rehearsal_setup: Setup,
    rehearsal_options: Options,
    rehearsal_bridge: BridgeStarter | None,
    rehearsal_operations_token: str | None,
) -> AsyncIterator[Ground]:
    """Where the servers of this test are started; nothing runs yet."""
    from scenarios.stage.opening import ground
    from wire.world import World

    _one_loop(request)
    world = World.virtual(seed=rehearsal_options.seed)
    async with ground(
        rehearsal_setup,
        world,
        rehearsal_options,
        rehearsal_keys,
        bridge=rehearsal_bridge,
        operations_token=rehearsal_operations_token,
    ) as opened:
        yield opened


@pytest_asyncio.fixture
async def opencrvs(rehearsal_ground: Ground) -> OpenCRVS:
    """The mock OpenCRVS: `gateway_url`, `auth_url`, `records`, `journal`, `faults`."""
    return await rehearsal_ground.site.opencrvs()


@pytest_asyncio.fixture
async def nid(rehearsal_ground: Ground) -> Nid:
    """The mock ID system: `url`, `esignet_url`, `registrations`, `plans`, `journal`, `faults`."""
    return cast("Nid", await rehearsal_ground.site.nid())


@pytest_asyncio.fixture
async def plans(rehearsal_ground: Ground) -> PlanBook:
    """What the ID system will do with packets: `enqueue("issue@3600")`, `set_default("stall")`."""
    return cast("Nid", await rehearsal_ground.site.nid()).plans


@pytest_asyncio.fixture
async def bridge(rehearsal_ground: Ground) -> Bridge:
    """Our bridge between the two mocks, subscribed: `trigger_url`, `mediator_url`, `pending()`, `store`."""
    site = rehearsal_ground.site
    running = (await site.servers()).bridge
    await site.world.clock.settle()
    return cast("Bridge", running)


@pytest.fixture
def clock(rehearsal_ground: Ground) -> Clock:
    """The time of all servers, which stands still: `now()`, `await advance(seconds)`, `await settle()`."""
    return rehearsal_ground.site.world.clock


@pytest_asyncio.fixture
async def registrar(rehearsal_ground: Ground) -> AsyncIterator[Registrar]:
    """Somebody at the screen of OpenCRVS: `declares_birth`, `registers`, …"""
    from scenarios.stage.pace import VirtualPace

    pace = VirtualPace(rehearsal_ground.site.world)
    async with rehearsal_ground.registrar(pace, _to_nobody) as person:
        yield person


@pytest_asyncio.fixture
async def rehearsal(rehearsal_ground: Ground) -> AsyncIterator[Stage]:
    """All three servers and all actors: `registrar`, `id_system`, `operator`, `until`, `passes`, …"""
    from scenarios.stage.pace import VirtualPace

    pace = VirtualPace(rehearsal_ground.site.world)
    async with rehearsal_ground.stage(pace, _to_nobody) as stage:
        yield stage


def _to_nobody(event: Event) -> None:
    """Tests have no audience."""


def _one_loop(request: pytest.FixtureRequest) -> None:
    """Say so when test and fixtures are set to different event loops: such a test would wait for ever."""
    marker = request.node.get_closest_marker("asyncio")
    if marker is None:
        return
    servers = request.config.getini("asyncio_default_fixture_loop_scope")
    if servers in (None, "", "fixture-scope"):
        servers = "function"
    test = marker.kwargs.get("loop_scope") or request.config.getini("asyncio_default_test_loop_scope")
    if test != servers:
        raise pytest.UsageError(
            f"this test runs on the event loop of its {test}, its servers on that of its {servers}: set "
            f"asyncio_default_fixture_loop_scope to {test} too, or the loop_scope of the test to {servers}"
        )
