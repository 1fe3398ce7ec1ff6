"""The envelope round every MOSIP request and answer, and the many forms of its errors. Pure.

Source: contract mosip §10 (kernel `RequestWrapper`, `ResponseWrapper`, `ServiceError`), §1.6 (doubled body).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wire.foreign_json import fit
from wire.world import timestamp as timestamp

_MISSING: Any = object()


class EnvelopeBroken(ValueError):
    """A body that is no JSON object, so nothing can be said about success or failure."""


@dataclass(frozen=True)
class EnvelopeFault:
    """One item of an `errors` array.

    `code` such as `KER-PUT-006`; `message` as sent; `action` is IDA's actionMessage; `registration_id` is the
    status search's.
    """

    code: str
    message: str
    action: str | None = None
    registration_id: str | None = None

    def __str__(self) -> str:
        return f"{self.code} {self.message}".strip()


def request_envelope(
    request: Any,
    *,
    now: datetime,
    id: str = "string",
    version: str = "string",
    metadata: Mapping[str, Any] | None = _MISSING,
) -> dict[str, Any]:
    """`{id, version, requesttime, metadata, request}`; `metadata` only when it is given (even as None)."""
    body: dict[str, Any] = {"id": id, "version": version, "requesttime": timestamp(now)}
    if metadata is not _MISSING:
        body["metadata"] = metadata
    body["request"] = request
    return body


def response_envelope(
    response: Any,
    *,
    now: datetime,
    id: str | None = None,
    version: str | None = None,
    errors: Iterable[EnvelopeFault] | None = None,
) -> dict[str, Any]:
    """`{id, version, responsetime, metadata, response, errors}`.

    `errors=None` writes null (auth manager, workflow manager), an empty list writes `[]` (packet manager).
    """
    return {
        "id": id,
        "version": version,
        "responsetime": timestamp(now),
        "metadata": None,
        "response": response,
        "errors": None if errors is None else [error_item(fault) for fault in errors],
    }


def failure(
    *faults: EnvelopeFault, now: datetime, id: str | None = None, version: str | None = None
) -> dict[str, Any]:
    """An answer with `response: null` and these errors; sent with HTTP 200 for business faults."""
    return response_envelope(None, now=now, id=id, version=version, errors=faults)


def error_item(fault: EnvelopeFault) -> dict[str, Any]:
    """A fault as kernel services write it: `{errorCode, message}`."""
    return {"errorCode": fault.code, "message": fault.message}


def ida_error_item(fault: EnvelopeFault) -> dict[str, Any]:
    """A fault as ID authentication writes it: `{errorCode, errorMessage, actionMessage?}` (§6.5)."""
    item = {"errorCode": fault.code, "errorMessage": fault.message}
    return item | {"actionMessage": fault.action} if fault.action is not None else item


def status_error_item(fault: EnvelopeFault) -> dict[str, Any]:
    """A fault as the status search writes it: `{registrationId?, errorCode, errorMessage}` (§3.4)."""
    item: dict[str, Any] = {"errorCode": fault.code, "errorMessage": fault.message}
    return {"registrationId": fault.registration_id} | item if fault.registration_id else item


def errors_of(body: Any) -> list[EnvelopeFault]:
    """The faults in an answer; null, absent and `[]` are none. Reads all three error forms.

    Raises EnvelopeBroken for anything but an object.
    """
    if not isinstance(body, Mapping):
        raise EnvelopeBroken("the answer is not a JSON object")
    items = body.get("errors")
    if items is None or items == []:
        return []
    return [_fault(item) for item in (items if isinstance(items, list) else [items])]


_PARSER = json.JSONDecoder()


def parse_body(raw: bytes | str) -> dict[str, Any]:
    """The first JSON object of a body; anything after it is dropped. EnvelopeBroken when there is none, or
    when it is unfit (foreign_json.py).

    A Spring service that misses the token writes its 401 body twice, back to back (§1.6).
    """
    try:
        text = raw if isinstance(raw, str) else raw.decode("utf-8")
        value = fit(_PARSER.raw_decode(text.lstrip("\ufeff \t\r\n"))[0], text)
    except (ValueError, RecursionError) as error:
        raise EnvelopeBroken(f"the body does not begin with JSON that can be read: {error}") from error
    if not isinstance(value, dict):
        raise EnvelopeBroken("the body is JSON, but not an object")
    return value


def _fault(item: Any) -> EnvelopeFault:
    if not isinstance(item, Mapping):
        return EnvelopeFault("", str(item))
    message = item.get("message", item.get("errorMessage"))
    action, record = item.get("actionMessage"), item.get("registrationId")
    return EnvelopeFault(
        str(item.get("errorCode") or ""),
        "" if message is None else str(message),
        None if action is None else str(action),
        None if record is None else str(record),
    )
