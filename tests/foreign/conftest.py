"""One folder of test keys for all foreign programs of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from wire.keyfolder import KeyFolder


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return KeyFolder(tmp_path_factory.mktemp("keys")).ensure().path
