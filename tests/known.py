"""Known answers of other tools and recorded exchanges of real programs; a README beside them says whence."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from tests.kit import ROOT

VECTORS = ROOT / "tests" / "vectors"
RECORDINGS = ROOT / "tests" / "recordings"


@cache
def vectors(name: str) -> Any:
    """A file of `tests/vectors/`, parsed: `vectors("mosip")`, `vectors("declarations")`."""
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


@cache
def recording(name: str) -> Any:
    """A file of `tests/recordings/`, parsed: `recording("toolkit-requests")`."""
    return json.loads((RECORDINGS / f"{name}.json").read_text(encoding="utf-8"))
