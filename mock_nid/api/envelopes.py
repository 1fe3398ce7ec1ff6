"""What the services of the ID repository have in common: who may call, the envelopes of requests and answers.

Contract mosip §7.1.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from mock_nid.answers import json_answer, spring_json
from mock_nid.auth.guards import Guards
from mock_nid.errors import EnvelopeError, Forbidden
from mock_nid.identities.people import Identities
from wire.http.listening import Handler
from wire.mosip.envelope import response_envelope
from wire.mosip.identifiers import uin_fault
from wire.world import World, parse_timestamp

WINDOW = timedelta(seconds=60)
"""How far requesttime may be from now (contract mosip §7)."""
_VERSION = re.compile(r"v\d+(\.\d+)?")
TIME_TEXT = (
    "Invalid Input Parameter - requesttime - the timestamp value can be at most 60 seconds before and "
    "after the current time."
)
_SERVICE = web.RequestKey("service", str)


def missing(name: str) -> EnvelopeError:
    return EnvelopeError("IDR-IDC-001", f"Missing Input Parameter - {name}")


def invalid(name: str) -> EnvelopeError:
    return EnvelopeError("IDR-IDC-002", f"Invalid Input Parameter - {name}")


def no_record() -> EnvelopeError:
    return EnvelopeError("IDR-IDC-007", "No Record(s) found")


@dataclass(frozen=True)
class IdRepository:
    """What each of its services does first and last; `changed` is told of calls that may change people."""

    world: World
    guards: Guards
    people: Identities
    changed: Callable[[], None]

    def serving(
        self, id: str, roles: frozenset[str], handle: Callable[[web.Request], Awaitable[Any]]
    ) -> Handler:
        """A handler that puts what `handle` gives, or refuses, into the envelope of the service `id`.

        Only a missing or bad token is a real 401; a missing role is HTTP 200 with IDR-IDC-011.
        """

        async def handler(request: web.Request) -> web.StreamResponse:
            try:
                self.guards.spring(request, roles)
            except Forbidden:
                raise EnvelopeError("IDR-IDC-011", "Authorization Failed", id=id, version="v1") from None
            request[_SERVICE] = id
            try:
                response = await handle(request)
            except EnvelopeError as refused:
                refused.id, refused.version = id, "v1"
                raise
            if request.method != "GET":
                self.changed()
            now = self.world.clock.now()
            return json_answer(response_envelope(response, now=now, id=id, version="v1", errors=[]))

        return handler

    async def asked(self, request: web.Request) -> Mapping[str, Any]:
        """The `request` object of an envelope whose id, version and time are good."""
        body = await spring_json(request)
        return checked_request(body, request[_SERVICE], self.world.clock.now())

    def uin(self, value: Any, name: str) -> str:
        """A UIN that is well formed, or somebody's; `name`: where it is due."""
        if not value:
            raise missing(name)
        if (text := str(value)) not in self.people.persons and uin_fault(text):
            raise invalid("UIN")
        return text


def inner_request(body: Any) -> Mapping[str, Any]:
    """The `request` object, whatever its envelope says."""
    if not isinstance(body, dict):
        raise EnvelopeError("IDR-IDC-003", "Invalid Request")
    inner = body.get("request")
    if inner is None:
        raise missing("request")
    if not isinstance(inner, dict):
        raise EnvelopeError("IDR-IDC-003", "Invalid Request")
    return inner


def checked_request(body: Any, id: str, now: datetime) -> Mapping[str, Any]:
    """The `request` object of an envelope whose id, version and time are good."""
    if not isinstance(body, dict):
        raise EnvelopeError("IDR-IDC-003", "Invalid Request")
    for name in ("id", "version", "requesttime"):
        value = body.get(name)
        if not value:
            raise missing(name)
        if name == "id" and value != id:
            raise invalid(name)
        if name == "version" and not (isinstance(value, str) and _VERSION.fullmatch(value)):
            raise invalid(name)
    try:
        off = abs(parse_timestamp(body["requesttime"]) - now)
    except (ValueError, TypeError, OverflowError):
        raise invalid("requesttime") from None
    if off > WINDOW:
        raise EnvelopeError("IDR-IDC-002", TIME_TEXT)
    return inner_request(body)
