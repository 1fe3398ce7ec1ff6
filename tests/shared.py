"""Where the known answers and the real exchanges lie: `../shared` beside the checkout."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parents[2] / "shared"
VECTORS = SHARED / "vectors"
RECORDINGS = SHARED / "recordings"


@cache
def vectors(name: str) -> Any:
    """A file of `vectors/`, parsed: `vectors("mosip")`, `vectors("declarations")`."""
    return json.loads((VECTORS / f"{name}.json").read_text())


@cache
def recording(name: str) -> Any:
    """A file of `recordings/`, parsed: `recording("toolkit-requests")`."""
    return json.loads((RECORDINGS / f"{name}.json").read_text())
