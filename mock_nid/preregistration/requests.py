"""How the pre-registration service reads requests, in Spring's way and its own (contract mosip §7.5)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from aiohttp import BodyPartReader, web

from mock_nid.preregistration import answers
from mock_nid.preregistration.answers import VERSION, PreRegistrationError, thrown, unreadable
from wire.foreign_json import read_json
from wire.mosip.envelope import EnvelopeFault
from wire.world import parse_timestamp


@dataclass(frozen=True)
class Upload:
    """The parts of a document's upload: the request about it, and name and size of the file."""

    request: str
    name: str
    size: int


async def inner(request: web.Request) -> Mapping[str, Any] | None:
    """The `request` object of an envelope that nobody checks."""
    body = await bound(request)
    inner: Mapping[str, Any] | None = body.get("request")
    return inner


async def bound(request: web.Request) -> Mapping[str, Any]:
    """An envelope as Jackson binds it."""
    if request.content_type != "application/json":
        raise thrown(f"Content-Type '{request.content_type}' is not supported")
    try:
        body = read_json(await request.read())
    except ValueError:
        raise unreadable() from None
    if not isinstance(body, dict) or not isinstance(body.get("request"), dict | None):
        raise unreadable()
    return body


async def checked(request: web.Request, id: str, today: date) -> Mapping[str, Any]:
    """The `request` object; all that is wrong with the envelope is told at once."""
    body = await bound(request)
    try:
        faults = day_faults(body.get("requesttime"), answers.BAD_TIME, today)
    except (ValueError, TypeError, OverflowError):
        raise unreadable() from None
    inner: Mapping[str, Any] | None = body.get("request")
    if body.get("version") != VERSION:
        faults.append(answers.BAD_VERSION)
    if inner is None:
        faults.append(answers.BAD_REQUEST)
    if body.get("id") != id:
        faults.append(answers.BAD_ID)
    if faults or inner is None:
        raise PreRegistrationError(*faults)
    return inner


def day_faults(time: Any, missing: EnvelopeFault, today: date) -> list[EnvelopeFault]:
    if not time:
        return [missing]
    return [] if parse_timestamp(time).date() == today else [answers.OTHER_DAY]


async def upload_parts(request: web.Request) -> Upload:
    if request.content_type != "multipart/form-data":
        raise thrown(f"Content-Type '{request.content_type}' is not supported")
    told: str | None = None
    file: tuple[str, int] | None = None
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            if part.name == "Document request":
                told = await part.text()
            elif part.name == "file":
                file = (part.filename or "", len(await part.read()))
    except (ValueError, RuntimeError, LookupError):
        raise PreRegistrationError(answers.BAD_FORMAT) from None
    if told is None or file is None:
        missing = "Document request" if told is None else "file"
        raise thrown(f"Required part '{missing}' is not present.")
    return Upload(told, *file)


def text(value: Any) -> str:
    """A value as Jackson binds it to a text, null as an empty one; TypeError for a list or an object."""
    if isinstance(value, list | dict):
        raise TypeError("a text is due")
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)
