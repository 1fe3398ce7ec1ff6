"""An administrator of OpenCRVS, with its system client at hand (contract opencrvs §2.2, §2.4, §4.4, §11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from scenarios.engine import Unmet
from scenarios.events import Actor
from scenarios.stage.actors.civil_record import CivilRecord
from scenarios.stage.timeline import Timeline
from wire.http.client import HttpClient
from wire.opencrvs import trpc
from wire.opencrvs.profiles import Profile

_EXCHANGE = {
    "grant_type": "urn:opencrvs:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
    "requested_token_type": "urn:opencrvs:oauth:token-type:single_record_token",
}


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
        self._client = {"client_id": client["client_id"], "client_secret": client["client_secret"]}

    async def ends_waiting(self, record: CivilRecord, kind: str = "REGISTER") -> None:
        """Reject the action that is pending, as the system client, so that the registrar can ask anew."""
        action = await record.action_id(kind)
        self._timeline.says(Actor.OPENCRVS, f"’s administrator rejects the pending {kind} of {record.what}")
        token = await self._token({"grant_type": "client_credentials", **self._client})
        if self._profile is not Profile.V2_1:
            asked = {**_EXCHANGE, "subject_token": token, "event_id": record.event_id, "action_id": action}
            token = await self._token(asked)
        target, body = trpc.mutation(
            f"event.actions.{kind.lower()}.reject",
            {
                "eventId": record.event_id,
                "actionId": action,
                "transactionId": self._timeline.world.chance.uuid(),
            },
        )
        headers = {**trpc.HEADERS, "authorization": f"Bearer {token}"}
        url = f"{self._gateway}/events{target}"
        reply = await self._timeline.answered(self._line.reply("POST", url, body=body, headers=headers))
        if not reply.ok:
            raise Unmet(f"OpenCRVS does not let its administrator: {reply.status} {reply.text[:200]}")

    async def _token(self, form: dict[str, str]) -> str:
        """1.9 reads the query string alone, later versions the body (§2.4, §11)."""
        url, body = f"{self._auth}/token", urlencode(form)
        if self._profile is Profile.V1_9:
            reply = await self._timeline.answered(self._line.reply("POST", f"{url}?{body}"))
        else:
            headers = {"content-type": "application/x-www-form-urlencoded"}
            reply = await self._timeline.answered(
                self._line.reply("POST", url, body=body.encode(), headers=headers)
            )
        if not reply.ok:
            raise Unmet(f"OpenCRVS gives its administrator no token: {reply.status} {reply.text[:200]}")
        return str(reply.json()["access_token"])
