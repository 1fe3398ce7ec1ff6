"""Dates, times and other formats of texts, as ajv-formats, zod and JavaScript's Date read them. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from wire.world import calendar_day

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:[zZ]|[+-]\d\d:?\d\d)")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d[^,]*)?", re.ASCII)
_LEGACY = re.compile(r"(\d{1,2})[-/](\d{1,2})(?:[-/](\d{4}))?")


def instant(value: Any) -> datetime | None:
    """What `new Date(text)` gives for ISO texts and V8's month-day and month-day-year; None: no date."""
    if not isinstance(value, str):
        return None
    if (found := _LEGACY.fullmatch(value)) is not None:
        month, day, year = found.groups(default="2001")
        value = f"{year}-{month:0>2}-{day:0>2}"
    if not _INSTANT.fullmatch(value):
        return None
    try:
        told = datetime.fromisoformat(value)
    except ValueError:
        return None
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def is_uuid(value: str) -> bool:
    return _UUID.fullmatch(value) is not None


def is_email(value: str) -> bool:
    return _EMAIL.fullmatch(value) is not None


def _date_time(value: str) -> bool:
    day, separator, time = value.replace("t", "T").partition("T")
    return bool(separator) and calendar_day(day) is not None and _TIME.fullmatch(time) is not None


def _uri(value: str) -> bool:
    try:
        return bool(urlsplit(value).scheme)
    except ValueError:
        return False


_FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date": lambda value: calendar_day(value) is not None,
    "time": lambda value: _TIME.fullmatch(value) is not None,
    "date-time": _date_time,
    "email": is_email,
    "uuid": is_uuid,
    "uri": _uri,
}


def has_format(name: Any, value: str) -> bool:
    """Whether the text has the format; unknown formats take anything."""
    check = _FORMATS.get(name)
    return check is None or check(value)
