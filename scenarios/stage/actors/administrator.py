"""An administrator of OpenCRVS, with its system client at hand (contract opencrvs §2.2, §2.4, §4.4, §11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scenarios.stage.actors.civil_record import CivilRecord
from scenarios.stage.timeline import Timeline
from scenarios.story import Actor, Unmet
from wire.http.client import HttpClient
from wire.opencrvs import grants, trpc
from wire.opencrvs.procedures import action_procedure, reject_input
from wire.opencrvs.profiles import Profile


class Administrator:
    """Ends by hand what nobody will ever answer."""

    def __init__(
        self,
        timeline: Timeline,
        line: HttpClient,
        gateway: str,
        auth: str,
        profile: Profile,
        client: Mapping[str, Any],
    ) -> None:
        self._timeline, self._line, self._profile = timeline, line, profile
        self._gateway, self._auth = gateway, auth
        self._client = grants.credentials(client["client_id"], client["client_secret"])

    async def ends_waiting(self, record: CivilRecord) -> None:
        """Reject the action that is pending, as the system client, so that the registrar can ask anew."""
        action = await record.action_id()
        self._timeline.says(Actor.OPENCRVS, f"’s administrator rejects the pending REGISTER of {record.what}")
        token = await self._token(self._client)
        if self._profile is not Profile.V2_1:
            token = await self._token(grants.exchange(token, record.event_id, action))
        said = reject_input(
            event_id=record.event_id,
            action_id=action,
            transaction_id=self._timeline.world.chance.uuid(),
        )
        target, body = trpc.mutation(action_procedure("REGISTER", "reject"), said)
        headers = {**trpc.HEADERS, "authorization": f"Bearer {token}"}
        url = f"{self._gateway}/events{target}"
        reply = await self._timeline.answered(self._line.reply("POST", url, body=body, headers=headers))
        if not reply.ok:
            raise Unmet(f"OpenCRVS does not let its administrator: {reply.status} {reply.text[:200]}")

    async def _token(self, form: dict[str, str]) -> str:
        url, headers, body = grants.posted(self._auth, form, self._profile)
        reply = await self._timeline.answered(self._line.reply("POST", url, body=body, headers=headers))
        if not reply.ok:
            raise Unmet(f"OpenCRVS gives its administrator no token: {reply.status} {reply.text[:200]}")
        return str(reply.json()["access_token"])
