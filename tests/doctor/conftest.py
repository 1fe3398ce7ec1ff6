"""The mocks that a doctor's questions go to."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from unittest.mock import patch

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from tests.doctor.sets import Mocks, mocks
from wire.keyfolder import KeyFolder


@pytest.fixture(scope="session", autouse=True)
def a_container_is_opened_once() -> Iterator[None]:
    """To look at the RSA key in it takes 40 ms, and most seeds leave it as it is."""
    with patch.object(pkcs12, "load_pkcs12", cache(pkcs12.load_pkcs12)):
        yield


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, rehearsal_keys: Path) -> Iterator[Mocks]:
    with mocks(KeyFolder(rehearsal_keys), tmp_path_factory.mktemp("doctor")) as found:
        yield found
