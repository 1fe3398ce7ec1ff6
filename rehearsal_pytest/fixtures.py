"""Fixtures for tests of a bridge or of anything else that speaks to OpenCRVS and MOSIP.

Each test has an environment of its own, on free ports and with a virtual clock, where a server is started
when a fixture first needs it. Fixtures with a short name stand on `rehearsal_…` ones only: a project that has
its own `bridge` or `clock` hides ours and breaks nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
import pytest_asyncio

# of the kit only types: see `rehearsal_pytest`
if TYPE_CHECKING:
    from bridge.app import Running as Bridge
    from mock_nid.app import Running as Nid
    from mock_nid.packets.plan_book import PlanBook
    from mock_opencrvs.app import Running as OpenCRVS
    from scenarios.engine import Options
    from scenarios.stage.actors.registrar import Registrar
    from scenarios.stage.environment import Environment
    from scenarios.stage.logbook import Logbook
    from scenarios.stage.servers import BridgeStarter
    from scenarios.stage.stage import Stage
    from scenarios.story import Setup
    from wire.world import Clock, World


@pytest.fixture(scope="session")
def rehearsal_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of test keys, made once a session; override it to use your own."""
    from wire.keyfolder import KeyFolder

    return KeyFolder(tmp_path_factory.mktemp("rehearsal-keys")).ensure().path


@pytest.fixture
def rehearsal_setup() -> Setup:
    """How the servers are set up; override it, e.g. `return Setup(bridge={"mode": "sync"})`."""
    from scenarios.story import Setup

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
    from scenarios.stage.credentials import OPERATIONS_TOKEN

    return OPERATIONS_TOKEN if rehearsal_bridge is None else None


@pytest.fixture
def rehearsal_world(rehearsal_options: Options) -> World:
    """Time and chance of this test."""
    from wire.world import World

    return World.virtual(seed=rehearsal_options.seed)


@pytest.fixture
def rehearsal_log(rehearsal_world: World) -> Iterator[Logbook]:
    """Every log line of this test: `lines`."""
    from scenarios.stage.logbook import logged

    with logged(rehearsal_world) as book:
        yield book


@pytest_asyncio.fixture
async def rehearsal_environment(
    request: pytest.FixtureRequest,
    rehearsal_keys: Path,
    rehearsal_setup: Setup,
    rehearsal_options: Options,
    rehearsal_bridge: BridgeStarter | None,
    rehearsal_world: World,
    rehearsal_log: Logbook,
) -> AsyncIterator[Environment]:
    """Where the servers of this test are started; nothing runs yet."""
    _one_loop(request)
    from scenarios.stage.setup import environment

    async with environment(
        rehearsal_setup, rehearsal_world, rehearsal_options, rehearsal_keys, bridge=rehearsal_bridge
    ) as found:
        yield found


@pytest_asyncio.fixture
async def opencrvs(rehearsal_environment: Environment) -> OpenCRVS:
    """The mock OpenCRVS: `gateway_url`, `auth_url`, `records`, `journal`, `faults`."""
    return await rehearsal_environment.opencrvs()


@pytest_asyncio.fixture
async def nid(rehearsal_environment: Environment) -> Nid:
    """The mock ID system: `url`, `esignet_url`, `registrations`, `plans`, `journal`, `faults`."""
    return cast("Nid", await rehearsal_environment.nid())


@pytest_asyncio.fixture
async def plans(nid: Nid) -> PlanBook:
    """What the ID system will do with packets: `enqueue("issue@3600")`, `set_default("stall")`."""
    return nid.plans


@pytest_asyncio.fixture
async def bridge(rehearsal_environment: Environment) -> Bridge:
    """Our bridge between the two mocks, subscribed: `trigger_url`, `mediator_url`, `pending()`, `store`."""
    running = (await rehearsal_environment.servers()).bridge
    await rehearsal_environment.world.clock.settle()
    return cast("Bridge", running)


@pytest.fixture
def clock(rehearsal_world: World) -> Clock:
    """The time of all servers, which stands still: `now()`, `await advance(seconds)`, `await settle()`."""
    return rehearsal_world.clock


@pytest_asyncio.fixture
async def registrar(rehearsal_environment: Environment, rehearsal_world: World) -> AsyncIterator[Registrar]:
    """Somebody at the screen of OpenCRVS: `declares_birth`, `registers`, …"""
    from scenarios.stage.pace import VirtualPace
    from scenarios.stage.setup import registrar_at

    opencrvs = await rehearsal_environment.opencrvs()
    async with registrar_at(opencrvs, rehearsal_world, VirtualPace(rehearsal_world)) as person:
        yield person


@pytest_asyncio.fixture
async def rehearsal(
    rehearsal_environment: Environment,
    rehearsal_world: World,
    rehearsal_log: Logbook,
    rehearsal_options: Options,
    rehearsal_keys: Path,
    rehearsal_operations_token: str | None,
) -> AsyncIterator[Stage]:
    """All three servers and all actors: `registrar`, `id_system`, `operator`, `until`, `passes`, …"""
    from scenarios.stage.pace import VirtualPace
    from scenarios.stage.setup import stage_on

    async with stage_on(
        await rehearsal_environment.servers(),
        rehearsal_world,
        VirtualPace(rehearsal_world),
        rehearsal_log,
        profile=rehearsal_options.profile,
        keys=rehearsal_keys,
        listener=None,
        operations_token=rehearsal_operations_token,
        most=rehearsal_options.most,
    ) as stage:
        yield stage


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
