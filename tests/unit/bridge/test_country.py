"""What a country gave, tried on a declaration: what `bridge country check` does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bridge.cli.app import app
from bridge.country import COUNTRIES
from bridge.country.faults import checked, faults_of
from tests.known import vectors
from tests.unit.bridge.countries import BIRTH, changed
from wire.mosip import schema

DEATH = vectors("declarations")["death"]["declaration"]


@pytest.mark.parametrize("shipped", sorted(COUNTRIES.iterdir()), ids=lambda path: path.name)
def test_what_is_shipped_is_right_and_makes_packets(shipped: Path) -> None:
    assert faults_of(shipped) == []
    for kind, declaration in (("birth", BIRTH), ("death", DEATH)):
        fields, wrong = checked(shipped, kind, declaration)
        assert wrong == [] and schema.faults(f"CRVS_{'NEW' if kind == 'birth' else 'DEATH'}", fields) == []


def test_the_command_shows_the_packet_and_what_the_schema_says(folder: Path, tmp_path: Path) -> None:
    given = tmp_path / "birth.json"
    given.write_text(json.dumps(BIRTH))
    ran = CliRunner().invoke(app, ["country", "check", str(folder), "--declaration", str(given)])
    assert (
        ran.exit_code == 0
        and '"birthCertificateNumber"' in ran.output
        and "the ID schema takes it" in ran.output
    )
    given.write_text(json.dumps(BIRTH | {"child.dob": "31.12.2025"}))
    ran = CliRunner().invoke(app, ["country", "check", str(folder), "--declaration", str(given)])
    assert ran.exit_code == 1 and "child.dob" in ran.output
    changed(folder, "country.json", '"languages": ["eng"]', '"languages": ["eng", "lug"]')
    ran = CliRunner().invoke(app, ["country", "check", str(folder)])
    assert ran.exit_code == 1 and "country.json:3: languages.1" in ran.output
