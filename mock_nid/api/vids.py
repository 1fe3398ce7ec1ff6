"""The VID service (contract mosip §7.2)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from mock_nid.answers import json_answer, spring_json
from mock_nid.api.envelopes import checked_request, invalid, missing, no_record
from mock_nid.auth.guards import Guards
from mock_nid.errors import EnvelopeError, Forbidden
from mock_nid.identities.people import Identities
from mock_nid.identities.vids import POLICIES, STATUSES, VidRefused, Vids
from testbed.faults import FaultKind
from testbed.serving import OPERATION, injected
from wire.mosip.envelope import response_envelope
from wire.mosip.identifiers import uin_fault, vid_fault
from wire.world import World

ROLES = frozenset({"REGISTRATION_PROCESSOR", "ID_REPOSITORY", "RESIDENT", "ID_AUTHENTICATION"})


class VidHandlers:
    """`/idrepository/v1/vid…`"""

    def __init__(
        self,
        world: World,
        guards: Guards,
        people: Identities,
        vids: Vids,
        changed: Callable[[], None],
    ) -> None:
        self._world, self._guards = world, guards
        self._people, self._vids, self._changed = people, vids, changed

    async def create(self, request: web.Request) -> web.StreamResponse:
        return await self._create(request, draft=False)

    async def draft(self, request: web.Request) -> web.StreamResponse:
        return await self._create(request, draft=True)

    async def _create(self, request: web.Request, *, draft: bool) -> web.StreamResponse:
        request[OPERATION] = "vid.create"
        id = "mosip.vid.create"
        self._guard(request, id)
        asked = await self._asked(request, id)
        uin = self._uin(asked, id)
        type = asked.get("vidType")
        if not type:
            raise missing("vidType", id)
        if not isinstance(type, str) or type not in POLICIES:
            raise invalid("vidType", id)
        made = self._try(lambda: self._vids.make(uin, type, self._now, draft=draft), id)
        if (fault := injected(request)) is not None and fault.kind is FaultKind.INACTIVE_VID:
            made = self._vids.deactivate(made.vid)
        return self._answer(id, {"VID": made.vid, "vidStatus": made.status})

    async def read(self, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = "vid.read"
        id = "mosip.vid.read"
        self._guard(request, id)
        vid = self._vid(request, id)
        found = self._try(lambda: self._vids.active(vid, self._now), id)
        return self._answer(id, {"UIN": found.uin})

    async def of_uin(self, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = "vid.list"
        id = "mosip.vid.read"
        self._guard(request, id)
        uin = request.match_info["uin"]
        if uin not in self._people.persons:
            raise invalid("UIN", id) if uin_fault(uin) else no_record(id)
        rows = [
            {
                "vid": vid.vid,
                "vidType": vid.type,
                "expiryTimestamp": vid.expires_at,
                "genratedOnTimestamp": vid.generated_at,
                "transactionLimit": vid.uses_left,
                "hashAttributes": hashlib.sha256(vid.vid.encode()).hexdigest().upper(),
            }
            for vid in self._people.vids_of(uin)
            if vid.status_at(self._now) == "ACTIVE"
        ]
        if not rows:
            raise no_record(id)
        return self._answer(id, rows)

    async def update(self, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = "vid.update"
        id = "mosip.vid.update"
        self._guard(request, id)
        vid = self._vid(request, id)
        asked = await self._asked(request, id)
        status = asked.get("vidStatus")
        if not status:
            raise missing("vidStatus", id)
        if status not in STATUSES:
            raise invalid("vidStatus", id)
        changed, restored = self._try(lambda: self._vids.change(vid, str(status), self._now), id)
        response: dict[str, Any] = {"vidStatus": changed.status}
        if restored is not None:
            response["restoredVid"] = {"VID": restored.vid, "vidStatus": restored.status}
        return self._answer(id, response)

    async def regenerate(self, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = "vid.regenerate"
        id = "mosip.vid.regenerate"
        self._guard(request, id)
        vid = self._vid(request, id)
        made = self._try(lambda: self._vids.regenerate(vid, self._now), id)
        return self._answer(id, {"VID": made.vid, "vidStatus": made.status})

    async def deactivate(self, request: web.Request) -> web.StreamResponse:
        return await self._all(request, "mosip.vid.deactivate", "ACTIVE", "DEACTIVATED")

    async def reactivate(self, request: web.Request) -> web.StreamResponse:
        return await self._all(request, "mosip.vid.reactivate", "DEACTIVATED", "ACTIVE")

    async def _all(self, request: web.Request, id: str, before: str, after: str) -> web.StreamResponse:
        request[OPERATION] = id.removeprefix("mosip.")
        self._guard(request, id)
        uin = self._uin(await self._asked(request, id), id)
        self._try(lambda: self._vids.all_of(uin, before, after, self._now), id)
        return self._answer(id, {"vidStatus": after})

    # small things

    @property
    def _now(self) -> Any:
        return self._world.clock.now()

    def _guard(self, request: web.Request, id: str) -> None:
        try:
            self._guards.spring(request, ROLES)
        except Forbidden:
            raise EnvelopeError("IDR-IDC-011", "Authorization Failed", id=id, version="v1") from None

    async def _asked(self, request: web.Request, id: str) -> Mapping[str, Any]:
        body = await spring_json(request)
        return checked_request(body, id, self._now)

    def _uin(self, asked: Mapping[str, Any], id: str) -> str:
        uin = asked.get("UIN")
        if not uin:
            raise missing("UIN", id)
        text = str(uin)
        if text not in self._people.persons and uin_fault(text):
            raise invalid("UIN", id)
        return text

    def _vid(self, request: web.Request, id: str) -> str:
        vid: str = request.match_info["vid"]
        if vid not in self._people.vids and vid_fault(vid):
            raise invalid("VID", id)
        return vid

    def _try(self, action: Callable[[], Any], id: str) -> Any:
        try:
            done = action()
        except VidRefused as refused:
            raise EnvelopeError(refused.code, refused.message, id=id, version="v1") from None
        self._changed()
        return done

    def _answer(self, id: str, response: Any) -> web.Response:
        return json_answer(
            response_envelope(response, now=self._world.clock.now(), id=id, version="v1", errors=[])
        )
