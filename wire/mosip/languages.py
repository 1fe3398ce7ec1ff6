"""Values in a language, and dates of persons, as MOSIP's identity fields hold them. Pure.

In a packet they are JSON text inside a string (contract mosip §2.2); in a credential and in the identity
they are real arrays (§5.3, §7.1). Languages are ISO 639-3; dates are `yyyy/MM/dd` (§10).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

LanguageValue = dict[str, str]


_PAIRS = """
    afr:af amh:am ara:ar aze:az ben:bn bis:bi cmn:zh deu:de div:dv dzo:dz eng:en ewe:ee fas:fa fij:fj fra:fr
    ful:ff guj:gu hat:ht hau:ha hin:hi hye:hy ibo:ig ind:id ita:it jpn:ja kan:kn kat:ka kaz:kk khm:km kin:rw
    kir:ky kor:ko lao:lo lin:ln lug:lg mal:ml mar:mr mlg:mg mon:mn msa:ms mya:my nde:nd nep:ne nld:nl nya:ny
    orm:om pan:pa por:pt pus:ps run:rn rus:ru sag:sg sin:si smo:sm sna:sn som:so sot:st spa:es ssw:ss swa:sw
    tam:ta tel:te tgk:tg tgl:tl tha:th tir:ti ton:to tsn:tn tso:ts tuk:tk tur:tr urd:ur uzb:uz ven:ve vie:vi
    wol:wo xho:xh yor:yo zho:zh zul:zu
"""
"""ISO 639-3 and ISO 639-1, of languages of countries' registers: eSignet's claims name the latter."""
_TWO_LETTERS = dict(pair.split(":") for pair in _PAIRS.split())


def tags(language: str) -> tuple[str, ...]:
    """How a claim names the language: by two letters, or three (RFC 5646)."""
    short = _TWO_LETTERS.get(language)
    return (short, language) if short else (language,)


def language_values(values: Mapping[str, str] | str, language: str = "eng") -> list[LanguageValue]:
    """`[{"language": …, "value": …}]` from one text, or from language -> text."""
    pairs = {language: values} if isinstance(values, str) else values
    return [{"language": code, "value": value} for code, value in pairs.items()]


def language_text(values: Mapping[str, str] | str, language: str = "eng") -> str:
    """The same as compact JSON text: how a packet's field holds it."""
    return json.dumps(language_values(values, language), ensure_ascii=False, separators=(",", ":"))


def read_language(value: Any) -> str | None:
    """The text of a plain text; the first one of a language array, or of its JSON text."""
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
    texts = (item.get("value") for item in value if isinstance(item, Mapping))
    return next((text for text in texts if isinstance(text, str)), None)
