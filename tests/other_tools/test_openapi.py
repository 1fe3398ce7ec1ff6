"""Redocly judges the hand-written contracts."""

from __future__ import annotations

import json
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


WRONG = [
    ('description: "Why it is stuck, or the ID system\'s code of a refusal."', _CUT),
    ('$ref: "#/components/schemas/State"', '$ref: "#/components/schemas/Sate"'),
    ("type: boolean", "type: bool"),
]
"""Of the bridge's contract: what stands there, and what is wrong in its place."""


@pytest.fixture(scope="module")
def minded(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What the linter minds of each contract, then of each that has something wrong; it starts once for all.

    The package has no dependencies.
    """
    node = need(NODE)
    try:
        linter = package(*REDOCLY)
    except (OSError, subprocess.SubprocessError) as error:
        missing("other_tools", f"{REDOCLY[0]} ({error})", "try again when npm's index answers")
    files = [*CONTRACTS, *_wrong(tmp_path_factory.mktemp("wrong"))]
    command = [node, linter / "bin" / "cli.js", "lint", "--config", HERE / "redocly.yaml", "--format", "json"]
    done = subprocess.run(
        [*command, *files],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"},
    )
    told = json.loads(f"[{done.stdout.replace('}{', '},{')}]")
    assert len(told) == len(files), done.stdout + done.stderr
    return [one["problems"] for one in told]


def _wrong(folder: Path) -> Iterator[Path]:
    text = (FOLDER / "bridge.yaml").read_text()
    for number, (right, wrong) in enumerate(WRONG):
        assert right in text
        broken = folder / f"{number}.yaml"
        broken.write_text(text.replace(right, wrong))
        yield broken


@pytest.mark.parametrize("number", range(len(CONTRACTS)), ids=[path.stem for path in CONTRACTS])
def test_a_contract_has_nothing_that_the_linter_minds(minded: list[Any], number: int) -> None:
    assert minded[number] == []


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_the_linter_minds_what_is_wrong(minded: list[Any], number: int) -> None:
    (file,) = {place["source"]["ref"] for one in minded[len(CONTRACTS) + number] for place in one["location"]}
    assert Path(file).name == f"{number}.yaml"


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
