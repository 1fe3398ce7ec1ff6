"""Values in a language, and dates of persons, as MOSIP's identity fields hold them. Pure.

In a packet they are JSON text inside a string (contract mosip §2.2); in a credential and in the identity
they are real arrays (§5.3, §7.1). Languages are ISO 639-3; dates are `yyyy/MM/dd` (§10).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

LanguageValue = dict[str, str]


def language_values(values: Mapping[str, str] | str, language: str = "eng") -> list[LanguageValue]:
    """`[{"language": …, "value": …}]` from one text, or from language -> text."""
    pairs = {language: values} if isinstance(values, str) else values
    return [{"language": code, "value": value} for code, value in pairs.items()]


def language_text(values: Mapping[str, str] | str, language: str = "eng") -> str:
    """The same as compact JSON text: how a packet's field holds it."""
    return json.dumps(language_values(values, language), ensure_ascii=False, separators=(",", ":"))


def read_language(value: Any, language: str | None = None) -> str | None:
    """The text in `language` (or the first one) of a plain text, a language array, or its JSON text."""
    if isinstance(value, str):
        stripped = value.lstrip()
        if not stripped.startswith(("[", "{")):
            return value or None
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return value or None
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, list):
        return None
    found = [
        (item.get("language"), item["value"])
        for item in value
        if isinstance(item, Mapping) and isinstance(item.get("value"), str)
    ]
    chosen = [text for code, text in found if language is None or code == language]
    return chosen[0] if chosen else None
