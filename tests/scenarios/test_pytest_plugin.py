"""The plugin as its page says, in a project outside this one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

CONFTEST = 'pytest_plugins = ["scenarios.pytest_plugin"]\n'
TEST = """
from datetime import timedelta
from scenarios.pytest_plugin import verdicts


async def test_a_birth_gets_its_number(rehearsal):
    rehearsal.id_system.will("issue", after=timedelta(days=2))
    birth = await rehearsal.registrar.declares_birth()
    await rehearsal.registrar.registers(birth)
    assert await birth.is_waiting()
    await rehearsal.until("registered", birth.is_registered, within=timedelta(days=3))
    assert await birth.national_id()
    assert all(verdict.kept for verdict in await verdicts(rehearsal))


async def test_nothing_is_left_of_the_test_before(rehearsal):
    assert not rehearsal.id_system.registrations
"""


def test_a_project_elsewhere_uses_the_fixtures(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_mine.py").write_text(TEST)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "2 passed" in run.stdout
