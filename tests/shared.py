"""Where the known answers and the real exchanges lie: `../shared` beside the checkout.

Set REHEARSAL_SHARED to their folder when it lies elsewhere. Without them the tests that need them are
skipped and say so, except on CI, where they must be there.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(os.environ.get("REHEARSAL_SHARED", Path(__file__).resolve().parents[2] / "shared"))
VECTORS = SHARED / "vectors"
RECORDINGS = SHARED / "recordings"


@cache
def vectors(name: str) -> Any:
    """A file of `vectors/`, parsed: `vectors("mosip")`, `vectors("declarations")`."""
    return _read(VECTORS / f"{name}.json")


@cache
def recording(name: str) -> Any:
    """A file of `recordings/`, parsed: `recording("toolkit-requests")`."""
    return _read(RECORDINGS / f"{name}.json")


def _read(path: Path) -> Any:
    if not path.exists() and not os.environ.get("CI"):
        pytest.skip(
            f"{path} is not here: set REHEARSAL_SHARED to the folder of known answers",
            allow_module_level=True,
        )
    return json.loads(path.read_text())
