"""The VID service (contract mosip §7.2)."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from aiohttp import web

from mock_nid.api.envelopes import IdRepository, invalid, missing, no_record
from mock_nid.identities.vids import POLICIES, STATUSES, Vids
from testbed.faults import FaultKind
from testbed.serving import injected
from wire.mosip.identifiers import uin_fault, vid_fault

ROLES = frozenset({"REGISTRATION_PROCESSOR", "ID_REPOSITORY", "RESIDENT", "ID_AUTHENTICATION"})


class VidHandlers:
    """`/idrepository/v1/vid…`, each for `IdRepository.serving`."""

    def __init__(self, repository: IdRepository, vids: Vids) -> None:
        self._repository, self._people, self._vids = repository, repository.people, vids

    async def create(self, request: web.Request, *, draft: bool = False) -> dict[str, Any]:
        asked = await self._repository.asked(request)
        uin = self._repository.uin(asked.get("UIN"), "UIN")
        type = asked.get("vidType")
        if not type:
            raise missing("vidType")
        if not isinstance(type, str) or type not in POLICIES:
            raise invalid("vidType")
        made = self._vids.make(uin, type, self._now, draft=draft)
        if (fault := injected(request)) is not None and fault.kind is FaultKind.INACTIVE_VID:
            made = self._vids.deactivate(made.vid)
        return {"VID": made.vid, "vidStatus": made.status}

    async def draft(self, request: web.Request) -> dict[str, Any]:
        return await self.create(request, draft=True)

    async def read(self, request: web.Request) -> dict[str, Any]:
        return {"UIN": self._vids.active(self._vid(request), self._now).uin}

    async def of_uin(self, request: web.Request) -> list[dict[str, Any]]:
        uin = request.match_info["uin"]
        if uin not in self._people.persons:
            raise invalid("UIN") if uin_fault(uin) else no_record()
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
            raise no_record()
        return rows

    async def update(self, request: web.Request) -> dict[str, Any]:
        vid = self._vid(request)
        status = (await self._repository.asked(request)).get("vidStatus")
        if not status:
            raise missing("vidStatus")
        if status not in STATUSES:
            raise invalid("vidStatus")
        changed, restored = self._vids.change(vid, str(status), self._now)
        response: dict[str, Any] = {"vidStatus": changed.status}
        if restored is not None:
            response["restoredVid"] = {"VID": restored.vid, "vidStatus": restored.status}
        return response

    async def regenerate(self, request: web.Request) -> dict[str, Any]:
        made = self._vids.regenerate(self._vid(request), self._now)
        return {"VID": made.vid, "vidStatus": made.status}

    def all_of(self, before: str, after: str) -> Callable[[web.Request], Awaitable[dict[str, Any]]]:
        """Deactivates or reactivates every VID of a UIN."""

        async def handle(request: web.Request) -> dict[str, Any]:
            uin = self._repository.uin((await self._repository.asked(request)).get("UIN"), "UIN")
            self._vids.all_of(uin, before, after, self._now)
            return {"vidStatus": after}

        return handle

    @property
    def _now(self) -> datetime:
        return self._repository.world.clock.now()

    def _vid(self, request: web.Request) -> str:
        vid: str = request.match_info["vid"]
        if vid not in self._people.vids and vid_fault(vid):
            raise invalid("VID")
        return vid
