"""What a field of a type may hold, and core's words for anything else (contract opencrvs §8.1). Pure.

Upstream: packages/commons/src/events/{FieldTypeMapping,FieldValue,CompositeFieldValue,DynamicFieldValue}.ts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from mock_opencrvs.forms.formats import is_email, is_uuid
from wire.world import calendar_day

Configuration = Mapping[str, Any]

REQUIRED, INVALID = "Required", "Invalid input"
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_RANGES = ("last7Days", "last30Days", "last90Days", "last365Days")


def complaints(
    kind: str, value: Any, *, required: bool, needed: str = REQUIRED, configuration: Configuration
) -> list[str]:
    """What is wrong with the value of a field: nothing, or core's messages. `needed`: its word for nothing.

    An absent value is None. Types that the mock does not know take anything.
    """
    check = _CHECKS.get(kind)
    if check is None:
        return []
    if value is None:
        return [needed] if required else []
    return check(value, required, needed, configuration)


Check = Callable[[Any, bool, str, Configuration], list[str]]


def _fits(fits: Callable[[Any], bool], words: str = INVALID) -> Check:
    return lambda value, required, needed, configuration: [] if fits(value) else [words]


def _text(value: Any, required: bool, needed: str, configuration: Configuration) -> list[str]:
    if not isinstance(value, str):
        return [INVALID]
    return [needed] if required and not value.strip() else []


def _written(fits: Callable[[str], bool], words: str) -> Check:
    """A text of a format; an empty one counts as none."""

    def check(value: Any, required: bool, needed: str, configuration: Configuration) -> list[str]:
        if not isinstance(value, str):
            return [INVALID]
        return [] if fits(value) else [words if value else needed]

    return check


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _name(value: Any, required: bool, needed: str, configuration: Configuration) -> list[str]:
    if not isinstance(value, dict):
        return [INVALID]
    parts = configuration.get("name") or {}
    found = []
    for part, by_default in (("firstname", required), ("surname", required), ("middlename", False)):
        must = (parts.get(part) or {}).get("required", by_default)
        held = value.get(part)
        if held is None and part == "middlename" and not must:
            continue
        found += [needed] if held is None else _text(held, bool(must), needed, {})
    return found


def _is_age(value: Any) -> bool:
    return (
        isinstance(value, dict) and _is_number(value.get("age")) and isinstance(value.get("asOfDateRef"), str)
    )


def _address(value: Any, required: bool, needed: str, configuration: Configuration) -> list[str]:
    """Country, type and, of a domestic address, its area; no street lines that the form does not have."""
    if not isinstance(value, dict) or value.get("addressType") not in ("DOMESTIC", "INTERNATIONAL"):
        return [INVALID]
    found = _text(value["country"], False, needed, {}) if "country" in value else [needed] * required
    street = value.get("streetLevelDetails", {})
    if not isinstance(street, dict) or not all(isinstance(line, str) for line in street.values()):
        return [*found, INVALID]
    if value["addressType"] == "DOMESTIC":
        area = value.get("administrativeArea")
        if area is None:
            found += [needed] * required
        elif not (isinstance(area, str) and is_uuid(area)):
            found.append(INVALID)
    known = {line["id"] for line in configuration.get("streetAddressForm") or ()}
    return found or ([] if set(street) <= known else [INVALID])


def _is_file(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(value.get(name), str) for name in ("path", "originalFilename", "type")
    )


def _files(value: Any, required: bool, needed: str, configuration: Configuration) -> list[str]:
    if not isinstance(value, list):
        return [INVALID]
    if not all(_is_file(one) and isinstance(one.get("option"), str) for one in value):
        return [INVALID]
    return [needed] if required and not value else []


def _is_date(value: Any) -> bool:
    return calendar_day(value) is not None


def _is_date_range(value: Any) -> bool:
    return _is_date(value) or (
        isinstance(value, dict) and _is_date(value.get("start")) and _is_date(value.get("end"))
    )


def _is_quantity(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and _is_number(value.get("numericValue", 0))
        and isinstance(value.get("unit", ""), str)
    )


def _is_choice(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), str) for name in ("label", "value"))


_TEXTS = (
    *("TEXT", "TEXTAREA", "SELECT", "RADIO_GROUP", "COUNTRY", "PHONE", "ID", "ALPHA_HIDDEN", "USER_ROLE"),
    *("LOCATION", "FACILITY", "OFFICE", "ADMINISTRATIVE_AREA", "VERIFICATION_STATUS"),
    *("DIVIDER", "BULLET_LIST", "PAGE_HEADER", "PARAGRAPH", "HEADING", "IMAGE_VIEW", "LINK_BUTTON", "LOADER"),
    "ALPHA_PRINT_BUTTON",
)
_OBJECTS = ("DATA", "HTTP", "SEARCH", "QUERY_PARAM_READER", "QR_READER", "ID_READER")
_CHECKS: Mapping[str, Check] = {
    **dict.fromkeys(_TEXTS, _text),
    **dict.fromkeys(_OBJECTS, _fits(lambda value: isinstance(value, dict))),
    "NAME": _name,
    "DATE": _written(_is_date, "Invalid date field"),
    "TIME": _written(lambda value: _TIME.fullmatch(value) is not None, INVALID),
    "EMAIL": _written(is_email, "Invalid email address"),
    "AGE": _fits(_is_age),
    "NUMBER": _fits(_is_number),
    "BUTTON": _fits(_is_number),
    "NUMBER_WITH_UNIT": _fits(_is_quantity),
    "CHECKBOX": _fits(lambda value: isinstance(value, bool)),
    "DATE_RANGE": _fits(_is_date_range),
    "SELECT_DATE_RANGE": _fits(lambda value: isinstance(value, str) and value in _RANGES),
    "ADDRESS": _address,
    "FILE": _fits(_is_file),
    "SIGNATURE": _fits(_is_file),
    "FILE_WITH_OPTIONS": _files,
    "AUTOCOMPLETE": _fits(_is_choice),
}
