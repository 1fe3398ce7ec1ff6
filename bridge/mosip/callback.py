"""The hub's side of the bridge: intents and deliveries, with and without a slash (contract mosip §4.4,
§4.5).
"""

from __future__ import annotations

from aiohttp import web

from bridge.errors import Refusal
from bridge.mosip.deliveries import Deliveries
from bridge.mosip.subscription import IntentRefused, Subscriptions
from bridge.nid import Inbox
from bridge.serving import read_body
from wire.mosip import hub
from wire.world import World


class Callback:
    """`GET` and `POST /websub/callback`, with and without the key that the hub was told."""

    def __init__(
        self, deliveries: Deliveries, subscriptions: Subscriptions, answers: Inbox, world: World
    ) -> None:
        self._deliveries, self._subscriptions = deliveries, subscriptions
        self._answers, self._world = answers, world

    async def on_intent(self, request: web.Request) -> web.Response:
        """The challenge, as text, for a request of ours that is pending; else 404."""
        intent = hub.read_intent(request.query)
        if intent.challenge is None and intent.mode != "denied":
            raise Refusal(400, "Missing hub.challenge")
        try:
            echo = await self._subscriptions.on_intent(intent, request.match_info.get("key"))
        except IntentRefused as refused:
            raise Refusal(404, "Not subscribing", str(refused)) from refused
        return web.Response(text=echo, content_type="text/plain")

    async def on_delivery(self, request: web.Request) -> web.Response:
        """200 when the message is stored (or known, or not ours); 4xx when it is not believed."""
        body = await read_body(request, self._world)
        signature = request.headers.get(hub.SIGNATURE_HEADER)
        taken, topic = await self._deliveries.take(body, signature, self._answers)
        self._subscriptions.delivered(topic)
        return web.json_response({"status": taken.upper()})
