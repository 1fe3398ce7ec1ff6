"""The country's server: what OpenCRVS asks about every action (contract opencrvs §1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from aiohttp import web

from bridge.errors import Refusal
from bridge.flow.receive import Receive
from bridge.flow.reply import Replies, TriggerReply
from bridge.handlers.country_config import PassOn
from bridge.opencrvs.authority import NotAcceptable, OtherEvent, asks_for
from bridge.opencrvs.token_checker import TokenChecker
from bridge.serving import json_object, name_record, read_body, send, token_of
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.procedures import TRIGGERING_ACTIONS
from wire.opencrvs.tokens import COUNTRY_CONFIG
from wire.world import World


class TriggerHandler:
    """`POST /trigger/events/{event}/actions/{action}`."""

    def __init__(
        self, receive: Receive, replies: Replies, tokens: TokenChecker, world: World, pass_on: PassOn | None
    ) -> None:
        self._receive, self._replies, self._tokens = receive, replies, tokens
        self._world, self._pass_on = world, pass_on

    async def on_action(self, request: web.Request) -> web.StreamResponse:
        """What the country's policy names is answered by the flow, and a REGISTER, which needs a number; the
        rest by the country's own server, or with 200 where there is none.
        """
        action = request.match_info["action"]
        decides = self._receive.decides(request.match_info["event"], action)
        if self._pass_on is not None and not decides:
            return await self._pass_on.pass_on(request)
        if action not in TRIGGERING_ACTIONS:
            raise Refusal(404, "No such action", "OpenCRVS asks about none that is called so")
        token = token_of(request)
        claims = await self._tokens.verify(token, COUNTRY_CONFIG)
        name_record(claims.get("eventId"))
        body = await read_body(request, self._world)
        if not decides and action != "REGISTER":
            named = asks_for(claims, self._receive.profile)
            if named is not None and json_object(body).get("id") != named.event_id:
                raise OtherEvent
            return web.json_response({})
        event = event_document(json_object(body))
        name_record(event["id"])
        if event["type"] != request.match_info["event"]:
            raise Refusal(400, "Another event type", "the body's type differs from the path's")
        reply = await self._receive.on_action(action, event, claims, str(token))
        if reply is None:
            assert self._pass_on is not None
            return await self._pass_on.pass_on(request, body)
        return await answered(request, reply, self._replies)


async def answered(request: web.Request, reply: TriggerReply, replies: Replies) -> web.StreamResponse:
    """The reply as it was written; the way goes on behind it."""
    response = web.json_response(dict(reply.body), status=reply.status)
    await replies.told(reply, whole=await send(request, response))
    return response


_EVENT = {"id": str, "type": str, "trackingId": str, "actions": list}
_ACTION = {
    **dict.fromkeys(("id", "type", "status"), str),
    **dict.fromkeys(("originalActionId", "requestId", "createdAt", "createdAtLocation"), str | None),
    "transactionId": str | None,
    **dict.fromkeys(("declaration", "annotation"), dict | None),
}
_CALLED = {str: "a text", list: "a list", str | None: "a text", dict | None: "an object"}


def event_document(body: dict[str, Any]) -> EventDocument:
    """The body as an event document; NotAcceptable names the field that is wrong."""
    _check(body, _EVENT, "")
    for name, value in body.items():
        if name in _EVENT and value == "":
            raise _unfit(f"{name}: a text is due")
    for index, action in enumerate(body["actions"]):
        if not isinstance(action, dict):
            raise _unfit(f"actions[{index}]: an object is due")
        _check(action, _ACTION, f"actions[{index}].")
        for name, value in (action.get("declaration") or {}).items():
            if name.endswith(".verified") and not isinstance(value, str | None):
                raise _unfit(f"{name}: a text is due")
    return cast(EventDocument, body)


def _check(given: dict[str, Any], fields: Mapping[str, Any], where: str) -> None:
    for name, kind in fields.items():
        if not isinstance(given.get(name), kind):
            raise _unfit(f"{where}{name}: {_CALLED[kind]} is due")


def _unfit(detail: str) -> NotAcceptable:
    return NotAcceptable(400, "Not an event document", detail)
