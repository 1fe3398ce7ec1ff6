"""Plain sentences for a registrar, made from the ID system's codes by the country's `reasons.json`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bridge.country.folder import FARAJALAND, country_of, reasons_of


def _known(country: Path) -> list[dict[str, str]]:
    return [reasons_of(country).root[language] for language in country_of(country).languages]


def in_words(code: str | None, country: Path = FARAJALAND) -> str:
    """What the registrar reads for a code, in each of the country's languages."""
    return " / ".join(_sentence(each, code or "no code") for each in _known(country))


def of_people(refused: Sequence[tuple[str, str]], country: Path = FARAJALAND) -> str:
    """What the registrar reads of people who were not verified: who, and why, in each language."""
    return " / ".join(
        " ".join(f"{each.get(who, who)}: {_sentence(each, code)}" for who, code in refused)
        for each in _known(country)
    )


def _sentence(known: dict[str, str], code: str) -> str:
    return known.get(code) or known["*"].format(code=code)
