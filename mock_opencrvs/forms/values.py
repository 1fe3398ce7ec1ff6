"""Whether a value has the shape of its field's type (contract opencrvs §8.1). Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from mock_opencrvs.forms.conditions import as_date

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_TIME = re.compile(r"([01]?\d|2[0-3]):[0-5]\d")
VERIFICATION = ("verified", "authenticated", "failed", "pending")


def fits(kind: str, value: Any) -> bool:
    """Whether the value may stand in a field of this type; unknown types take anything."""
    check = _CHECKS.get(kind)
    return check is None or check(value)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _matching(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _name(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("firstname"), str)
        and isinstance(value.get("surname"), str)
        and isinstance(value.get("middlename", ""), str)
        and set(value) <= {"firstname", "surname", "middlename"}
    )


def _age(value: Any) -> bool:
    return isinstance(value, dict) and _number(value.get("age")) and isinstance(value.get("asOfDateRef"), str)


def _address(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("country"), str):
        return False
    details = value.get("streetLevelDetails", {})
    if not isinstance(details, dict) or not all(isinstance(part, str) for part in details.values()):
        return False
    if value.get("addressType") == "DOMESTIC":
        area = value.get("administrativeArea")
        return isinstance(area, str) and _UUID.fullmatch(area) is not None
    return value.get("addressType") == "INTERNATIONAL" and {"state", "district2"} <= details.keys()


def _file(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(value.get(name), str) for name in ("path", "originalFilename", "type")
    )


def _files(value: Any) -> bool:
    return isinstance(value, list) and all(_file(one) and isinstance(one.get("option"), str) for one in value)


_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "NAME": _name,
    "DATE": lambda value: as_date(value) is not None,
    "TIME": _matching(_TIME),
    "AGE": _age,
    **dict.fromkeys(
        ("TEXT", "TEXTAREA", "PHONE", "ID", "SELECT", "RADIO_GROUP", "COUNTRY", "ALPHA_HIDDEN"), _text
    ),
    "EMAIL": _matching(_EMAIL),
    "NUMBER": _number,
    "CHECKBOX": lambda value: isinstance(value, bool),
    **dict.fromkeys(("FACILITY", "LOCATION", "OFFICE", "ADMINISTRATIVE_AREA"), _matching(_UUID)),
    "ADDRESS": _address,
    "FILE": _file,
    "SIGNATURE": _file,
    "FILE_WITH_OPTIONS": _files,
    "VERIFICATION_STATUS": lambda value: value in VERIFICATION if isinstance(value, str) else False,
    "HTTP": lambda value: isinstance(value, dict),
}
