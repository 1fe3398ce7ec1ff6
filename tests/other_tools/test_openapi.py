"""Redocly judges the hand-written contracts."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.programs import NODE, missing, need
from tests.programs.packages import package
from wire.openapi import FOLDER

HERE = Path(__file__).parent
CONTRACTS = sorted(FOLDER.glob("*.yaml"))
_CUT = "description: Why it is stuck, or the ID system's code of a refusal."
"""A comma that ends the description, because nothing quotes it."""
REDOCLY = ("@redocly/cli", "2.77.0", "407a02e97db09453466dad4862078ffd9645bfca41f312612b599a5269602bad")


@pytest.fixture(scope="module")
def redocly() -> list[str]:
    """The command; the package has no dependencies."""
    node = need(NODE)
    try:
        folder = package(*REDOCLY)
    except (OSError, subprocess.SubprocessError) as error:
        missing("other_tools", f"{REDOCLY[0]} ({error})", "try again when npm's index answers")
    return [str(node), str(folder / "bin" / "cli.js"), "lint", "--config", str(HERE / "redocly.yaml")]


def _lint(redocly: list[str], contract: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*redocly, str(contract), "--max-problems", "20", "--format", "stylish"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"},
    )


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda path: path.stem)
def test_a_contract_has_nothing_that_the_linter_minds(redocly: list[str], contract: Path) -> None:
    done = _lint(redocly, contract)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in done.stdout


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('description: "Why it is stuck, or the ID system\'s code of a refusal."', _CUT),
        ('$ref: "#/components/schemas/State"', '$ref: "#/components/schemas/Sate"'),
        ("type: boolean", "type: bool"),
    ],
)
def test_the_linter_minds_what_is_wrong(redocly: list[str], tmp_path: Path, right: str, wrong: str) -> None:
    text = (FOLDER / "bridge.yaml").read_text()
    assert right in text
    broken = tmp_path / "bridge.yaml"
    broken.write_text(text.replace(right, wrong))
    assert _lint(redocly, broken).returncode != 0


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda path: path.stem)
def test_an_array_says_what_its_items_are(contract: Path) -> None:
    """Lawful in OpenAPI 3.1, so that the linter is silent; but a generated client has no type for them."""
    assert list(_vague(yaml.safe_load(contract.read_text()), "")) == []


def _vague(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        kind = value.get("type")
        if "array" in (kind if isinstance(kind, list) else [kind]) and "items" not in value:
            yield path
        for name, held in value.items():
            yield from _vague(held, f"{path}/{name}")
    elif isinstance(value, list):
        for at, held in enumerate(value):
            yield from _vague(held, f"{path}/{at}")
