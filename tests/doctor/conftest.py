"""The mocks that a doctor's questions go to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doctor.sets import Mocks, mocks
from wire.keyfolder import KeyFolder


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, rehearsal_keys: Path) -> Iterator[Mocks]:
    with mocks(KeyFolder(rehearsal_keys), tmp_path_factory.mktemp("doctor")) as found:
        yield found
