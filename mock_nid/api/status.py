"""Status searches and the transaction history of the registration processor (contract mosip §3.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiohttp import web

from mock_nid.answers import json_answer
from mock_nid.auth.guards import Guards
from mock_nid.errors import StatusError
from mock_nid.packets.registry import Registry
from mock_nid.packets.stages import External, external
from testbed.facts import Said, Word
from testbed.serving import SAID, belongs_to
from wire.foreign_json import read_json
from wire.http.listening import Handler
from wire.world import World, parse_timestamp

SEARCH_ROLES = frozenset(
    {"REGISTRATION_ADMIN", "REGISTRATION_OFFICER", "REGISTRATION_SUPERVISOR", "RESIDENT"}
)
HISTORY_ROLES = frozenset({"REGISTRATION_PROCESSOR", "REGISTRATION_ADMIN", "RESIDENT"})
HIDDEN = frozenset({External.UIN_GENERATED, External.REREGISTER, External.REJECTED})
_SAYS: Mapping[External, Word] = {
    External.UIN_GENERATED: "issued",
    External.REJECTED: "refused",
    External.REREGISTER: "refused",
}
"""Statuses that are the ID system's word about the end of a packet."""
MOST = 100
WINDOW = timedelta(seconds=10_800)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@dataclass(frozen=True)
class Search:
    """One of the two searches: its id, and whether it hides how a packet ended."""

    id: str
    hides: bool


PLAIN = Search("mosip.registration.status", hides=True)
EXTERNAL = Search("mosip.registration.external.status", hides=False)


class StatusHandlers:
    """`registrationstatus/search`, `externalstatus/search`, `registrationtransaction/search/{rid}`."""

    def __init__(self, world: World, guards: Guards, registry: Registry) -> None:
        self._world, self._guards, self._registry = world, guards, registry

    def searching(self, search: Search) -> Handler:
        async def handler(request: web.Request) -> web.StreamResponse:
            return await self._search(request, search)

        return handler

    async def _search(self, request: web.Request, search: Search) -> web.StreamResponse:
        self._guards.spring(request, SEARCH_ROLES, "registration-processor")
        asked = self._asked(await request.read(), search)
        found, unknown = [], []
        for registration_id in asked[:MOST]:
            belongs_to(request, registration_id)
            registration = self._registry.registrations.get(registration_id)
            if registration is None and registration_id not in self._registry.packets:
                unknown.append(
                    {
                        "registrationId": registration_id,
                        "errorCode": "RPR-RGS-031",
                        "errorMessage": "RID Not Found",
                    }
                )
                continue
            status = (
                External.PROCESSING
                if registration is None
                else external(registration.status, registration.last_good_stage)
            )
            if search.hides and status in HIDDEN:
                status = External.PROCESSED
            if status in _SAYS:
                request.setdefault(SAID, []).append(Said(registration_id, _SAYS[status]))
            row = {"registrationId": registration_id, "statusCode": status.value}
            found.append({**row, "additionalInfoReqId": None})
        return json_answer(
            {
                "id": search.id,
                "version": "1.0",
                "responsetime": self._world.timestamp(),
                "response": found,
                "errors": unknown,
            }
        )

    def _asked(self, raw: bytes, search: Search) -> list[str]:
        try:
            body = read_json(raw)
        except ValueError:
            raise StatusError("RPR-RGS-017", "JSON Parsing Failed", search.id) from None
        if not isinstance(body, dict):
            raise StatusError("RPR-RGS-016", "JSON Mapping Failed", search.id)
        self._check(body, search)
        rows = body.get("request")
        if not isinstance(rows, list):
            raise StatusError("RPR-RGS-016", "JSON Mapping Failed", search.id)
        ids = [row.get("registrationId") if isinstance(row, dict) else None for row in rows]
        if not all(isinstance(one, str) for one in ids):
            raise StatusError("RPR-RGS-016", "JSON Mapping Failed", search.id)
        return [str(one) for one in ids]

    def _check(self, body: Mapping[str, Any], search: Search) -> None:
        """id, version, requesttime, in the service's own order and words."""
        if body.get("id") is None:
            raise StatusError("RPR-RGS-021", "Missing Request Parameter - id", search.id)
        if body["id"] != search.id:
            raise StatusError("RPR-RGS-024", "Invalid Request Parameter - id", search.id)
        if body.get("version") is None:
            raise StatusError("RPR-RGS-019", "Missing Request Value - version", search.id)
        if body["version"] != "1.0":
            raise StatusError("RPR-RGS-022", "Invalid Request Parameter - version", search.id)
        time = body.get("requesttime")
        if time is None:
            raise StatusError("RPR-RGS-020", "Missing Request Parameter - requesttime", search.id)
        if not self._in_time(time):
            raise StatusError("RPR-RGS-023", "Invalid Request Parameter - requesttime", search.id)

    def _in_time(self, time: Any) -> bool:
        if not isinstance(time, str) or not _TIME.fullmatch(time):
            return False
        try:
            return abs(parse_timestamp(time) - self._world.clock.now()) <= WINDOW
        except (ValueError, OverflowError):
            return False

    async def history(self, request: web.Request) -> web.StreamResponse:
        self._guards.spring(request, HISTORY_ROLES, "registration-processor")
        registration_id = request.match_info["rid"]
        belongs_to(request, registration_id)
        registration = self._registry.registrations.get(registration_id)
        lines: list[dict[str, Any]] = []
        parent = None
        for line in registration.transactions if registration else ():
            lines.append(
                {
                    "id": line.id,
                    "registrationId": registration_id,
                    "transactionTypeCode": line.type_code,
                    "parentTransactionId": parent,
                    "statusCode": line.status_code,
                    "subStatusCode": line.sub_status_code,
                    "statusComment": line.comment,
                    "createdDateTimes": line.at,
                }
            )
            parent = line.id
        answer = {
            "id": "mosip.registration.transaction",
            "version": "1.0",
            "responsetime": self._world.timestamp(),
            "response": lines or None,
            "errors": []
            if lines
            else [{"errorCode": "RPR-RTS-001", "errorMessage": "Transaction details not found for the RID"}],
        }
        return json_answer(answer)
