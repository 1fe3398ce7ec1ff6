"""Plain sentences for a registrar, made from the ID system's codes by the country's `reasons.json`. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from bridge.country.folder import FARAJALAND, country_of

FILE = "reasons.json"


@cache
def sentences(country: Path) -> dict[str, dict[str, str]]:
    """The data file: language → code → sentence."""
    loaded: dict[str, dict[str, str]] = json.loads((country / FILE).read_text(encoding="utf-8"))
    return loaded


def in_words(code: str | None, country: Path = FARAJALAND) -> str:
    """What the registrar reads for a code, in each of the country's languages."""
    known = [sentences(country)[language] for language in country_of(country).languages]
    return " / ".join(_sentence(each, code or "no code") for each in known)


def of_people(refused: Sequence[tuple[str, str]], country: Path = FARAJALAND) -> str:
    """What the registrar reads of people who were not verified: who, and why, in each language."""
    known = [sentences(country)[language] for language in country_of(country).languages]
    return " / ".join(
        " ".join(f"{each.get(who, who)}: {_sentence(each, code)}" for who, code in refused) for each in known
    )


def _sentence(known: dict[str, str], code: str) -> str:
    return known.get(code) or known["*"].format(code=code)
