"""How the ID repository checks the envelope of a request (contract mosip §7.1). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from mock_nid.errors import EnvelopeError
from wire.world import parse_timestamp

WINDOW = timedelta(seconds=60)
"""How far requesttime may be from now (contract mosip §7)."""
_VERSION = re.compile(r"v\d+(\.\d+)?")
TIME_TEXT = (
    "Invalid Input Parameter - requesttime - the timestamp value can be at most 60 seconds before and "
    "after the current time."
)


def missing(name: str, id: str) -> EnvelopeError:
    return EnvelopeError("IDR-IDC-001", f"Missing Input Parameter - {name}", id=id, version="v1")


def invalid(name: str, id: str) -> EnvelopeError:
    return EnvelopeError("IDR-IDC-002", f"Invalid Input Parameter - {name}", id=id, version="v1")


def no_record(id: str) -> EnvelopeError:
    return EnvelopeError("IDR-IDC-007", "No Record(s) found", id=id, version="v1")


def exists_already(id: str) -> EnvelopeError:
    return EnvelopeError("IDR-IDC-012", "Record already exists in DB", id=id, version="v1")


def inner_request(body: Any, id: str) -> Mapping[str, Any]:
    """The `request` object, whatever its envelope says."""
    if not isinstance(body, dict):
        raise EnvelopeError("IDR-IDC-003", "Invalid Request", id=id, version="v1")
    inner = body.get("request")
    if inner is None:
        raise missing("request", id)
    if not isinstance(inner, dict):
        raise EnvelopeError("IDR-IDC-003", "Invalid Request", id=id, version="v1")
    return inner


def checked_request(body: Any, id: str, now: datetime) -> Mapping[str, Any]:
    """The `request` object of an envelope whose id, version and time are good."""
    if not isinstance(body, dict):
        raise EnvelopeError("IDR-IDC-003", "Invalid Request", id=id, version="v1")
    if not body.get("id"):
        raise missing("id", id)
    if body["id"] != id:
        raise invalid("id", id)
    version = body.get("version")
    if not version:
        raise missing("version", id)
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise invalid("version", id)
    time = body.get("requesttime")
    if not time:
        raise missing("requesttime", id)
    try:
        off = abs(parse_timestamp(time) - now)
    except (ValueError, TypeError, OverflowError):
        raise invalid("requesttime", id) from None
    if off > WINDOW:
        raise EnvelopeError("IDR-IDC-002", TIME_TEXT, id=id, version="v1")
    return inner_request(body, id)
