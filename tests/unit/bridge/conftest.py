"""Fixtures of neighbouring tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bridge.country.folder import FARAJALAND


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FARAJALAND, tmp_path / "own"))
