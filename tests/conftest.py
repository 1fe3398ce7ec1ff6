"""What holds for every test; the sizes of the long ones; the kit as somebody else has it."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pytest
import typer.main
import typer.testing
from hypothesis import HealthCheck, settings

from tests import forked
from tests.kit import Kit, installed, without_extra
from tests.once import once
from tests.programs import CHROMIUM, NODE, OPENSSL, need, need_ipv6
from tests.sizes import size
from wire.keyfolder import KeyFolder
from wire.logs import route_structlog
from wire.loop import keep_what_is_loaded

# as the programs do; structlog by itself draws each traceback with all locals, which takes seconds
route_structlog()

# a command line is made once: each call of a runner would make it anew, which takes 40 ms
typer.main.get_command = typer.testing._get_command = cache(typer.main.get_command)  # type: ignore[attr-defined]

# machines are shared: a slow moment is no failure, and a test that measured time would be one
settings.register_profile(
    "shared",
    max_examples=size(30, 100),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("shared")

USUAL_ORDERS = size(3, 8)
CORES = os.cpu_count() or 1
LONG = (
    "tests/guilty/",
    "tests/scenarios/test_verify_bridge.py",
    "tests/scenarios/test_verifying",
    "tests/servers/bridge/test_crash.py",
    "tests/servers/bridge/test_orders.py",
    "tests/servers/bridge/test_outage.py",
    "tests/servers/bridge/test_takeover_crash.py",
    "tests/servers/bridge/test_answer.py::test_some_of_the_orders",
)
"""Tests of up to a minute each, most of it waiting for a process that has a clock of its own."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--crash-registrations",
        type=int,
        default=size(30, 100),
        help="Registrations during which the bridge's process is killed (the full size: 1000).",
    )
    parser.addoption(
        "--crash-verifications",
        type=int,
        default=size(3, 6),
        help="Verifications during which the bridge's process is killed, each at its own step (full: 100).",
    )
    parser.addoption(
        "--import-rows",
        type=int,
        default=size(40, 60),
        help="Rows of the mediator's that are taken over under load and kills (the full size: 10000).",
    )
    parser.addoption(
        "--outage-registrations",
        type=int,
        default=size(100, 1000),
        help="Registrations that wait while the ID system is down for six hours (the full size: 5000).",
    )
    parser.addoption(
        "--drain-registrations",
        type=int,
        default=size(120, 240),
        help="Registrations that are worked off at a set pace after an outage (the full size: 5000).",
    )
    parser.addoption(
        "--defects", action="store_true", help="Try the judge by every seeded defect, not by a few of them."
    )
    parser.addoption(
        "--orders",
        type=int,
        default=USUAL_ORDERS,
        help="Orders of events at the bridge that are tried (for a night: 2000, others each time).",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Three for each core: many tests wait for programs that they start, and for what must not be.

    One takes up to a gigabyte in the end: more than eight are for machines that have the cores.
    """
    return max(CORES, min(3 * CORES, 8))


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config, specs: list[Any]) -> None:
    """Processes are forks of one that has collected. Without a terminal xdist says twice that it is "bringing
    up nodes...".
    """
    config.pluginmanager.get_plugin("terminaldistreporter").ensure_show_status = lambda: None
    if forked.POSSIBLE:
        called = shlex.join(forked.workers(config.invocation_params.args))
        specs[:] = [type(spec)(f"popen//python={called}") for spec in specs]


class Progress:
    """Fifty dots for the whole suite, however many tests it has; what fails is told where it fails."""

    def __init__(self) -> None:
        self._passed = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(
        self, report: pytest.TestReport, config: pytest.Config
    ) -> tuple[str, str, str] | None:
        if not (report.when == "call" and report.passed):
            return None
        self._passed += 1
        total = config.pluginmanager.get_plugin("session").testscollected
        return "passed", "." if self._passed % max(1, total // 50) == 0 else "", "PASSED"


def pytest_configure(config: pytest.Config) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        config.pluginmanager.register(Progress())


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Half of the processes, each of which xdist gives a stretch of the tests, begin with the long ones,
    which wait.
    """
    processes = getattr(config, "workerinput", {}).get("workercount", 1)
    waiting = -(-processes // 2)
    long = [item for item in items if item.nodeid.startswith(LONG)]
    rest = iter([item for item in items if not item.nodeid.startswith(LONG)])
    shares = [long[number::waiting] if number < waiting else [] for number in range(processes)]
    stretch = -(-len(items) // processes)
    items[:] = [
        item for share in shares for item in chain(share, islice(rest, max(0, stretch - len(share))))
    ] + list(rest)


def pytest_collection_finish() -> None:
    """What was collected stays: the garbage of the tests is looked for without it."""
    keep_what_is_loaded()


@pytest.fixture(scope="session")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Kit:
    """The kit's wheel with its extra for pytest in an environment of its own."""
    return installed(shared(tmp_path_factory) / "kit", "pytest")


@pytest.fixture(scope="session")
def alone(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Kit:
    """The kit's wheel without any extra, as a country has it that runs the bridge alone."""
    return without_extra(kit, shared(tmp_path_factory) / "alone")


@pytest.fixture(scope="session")
def rehearsal_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of test keys, made once a run: the eleven cost two seconds. Who changes it copies it."""
    return once(shared(tmp_path_factory) / "test-keys", lambda folder: KeyFolder(folder).ensure())


def shared(factory: pytest.TempPathFactory) -> Path:
    """A folder that the processes of one run share."""
    run = factory.getbasetemp()
    return run.parent if "PYTEST_XDIST_WORKER" in os.environ else run


@pytest.fixture(scope="session")
def chromium() -> Path:
    """A Chromium or Chrome."""
    return need(CHROMIUM)


@pytest.fixture(scope="session")
def node() -> Path:
    """Node, with npm."""
    return need(NODE)


@pytest.fixture(scope="session")
def openssl() -> Path:
    """The openssl program."""
    return need(OPENSSL)


@pytest.fixture(scope="session")
def ipv6() -> None:
    """IPv6 on the loopback interface."""
    need_ipv6()


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what did not run and what is to be done: by group, not test by test."""
    reasons = Counter(report.longrepr[2] for report in terminalreporter.stats.get("skipped", []))
    for reason, count in reasons.items():
        terminalreporter.write_line(f"{count} {reason.removeprefix('Skipped: ')}")
