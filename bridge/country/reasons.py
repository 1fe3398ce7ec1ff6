"""Plain sentences for a registrar, made from the ID system's codes by `data/reasons.json`. Pure."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent / "data" / "reasons.json"


@cache
def sentences(path: Path = _DATA) -> dict[str, str]:
    """The data file: code → sentence."""
    loaded: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def in_words(code: str | None, path: Path = _DATA) -> str:
    """What the registrar reads for a code."""
    known = sentences(path)
    return known.get(code or "") or known["*"].format(code=code or "no code")
