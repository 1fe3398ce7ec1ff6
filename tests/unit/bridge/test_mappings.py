"""How packets are made: what a country's mapping may not say."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from bridge.country.faults import faults_of
from tests.unit.bridge.test_folder import UGANDA


def test_a_mandatory_field_that_nothing_fills_is_told(folder: Path) -> None:
    mapping: dict[str, Any] = json.loads((folder / "packet_fields.json").read_text())
    mapping["birth"]["fields"] = [rule for rule in mapping["birth"]["fields"] if rule["to"] != "gender"]
    (folder / "packet_fields.json").write_text(json.dumps(mapping))
    assert any("demands gender of a packet CRVS_NEW" in line for line in faults_of(folder))


@pytest.mark.parametrize(
    ("documents", "kind", "due"),
    [
        ([{"from": ["a"], "category": "POB"}], "application", "application.documents.0.type: "),
        ([{"from": ["a"], "category": "P", "type": "D"}] * 2, "application", "one document of a category"),
        ([{"from": ["a"], "category": "P", "type": "D"}], "birth", "documents go with an application"),
        ([{"from": [], "category": "P", "type": "D"}], "application", "application.documents.0.from: "),
    ],
)
def test_documents_that_cannot_be_sent(folder: Path, documents: list[Any], kind: str, due: str) -> None:
    shutil.copytree(UGANDA, folder, dirs_exist_ok=True)
    mapping: dict[str, Any] = json.loads((folder / "packet_fields.json").read_text())
    mapping[kind]["documents"] = documents
    (folder / "packet_fields.json").write_text(json.dumps(mapping))
    assert any(due in line for line in faults_of(folder)), faults_of(folder)
