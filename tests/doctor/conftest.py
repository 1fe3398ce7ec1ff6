"""The mocks that a doctor's questions go to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.doctor.sets import Mocks, mocks


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mocks]:
    with mocks(tmp_path_factory.mktemp("doctor")) as found:
        yield found
