"""The hub's HTTP side: one path, five modes (contract mosip §4.1, §4.2)."""

from __future__ import annotations

from aiohttp import web

from mock_nid.auth.iam import Caller, Iam, TokenInvalid
from mock_nid.errors import HubDenied, HubError
from mock_nid.hub.messages import Message
from mock_nid.hub.queues import DeliveryQueues
from mock_nid.hub.subscriptions import (
    MODES,
    NO_COOKIE,
    NO_MODE,
    NO_TOKEN,
    Directory,
    Subscription,
    demand,
    may_publish,
    may_subscribe,
)
from mock_nid.settings import Settings
from testbed.serving import OPERATION, belongs_to
from wire.foreign_json import read_json
from wire.mosip.auth import hub_token
from wire.mosip.hub import ACCEPTED, FORM, parse_form
from wire.world import World

CONTENT_TYPES = (FORM, "application/json", "application/xml", "text/plain", "application/octet-stream")
ANYBODY = Caller("", "", frozenset(), everything=True)


class HubHandlers:
    """`POST /hub` and its health page."""

    def __init__(
        self, settings: Settings, world: World, iam: Iam, directory: Directory, queues: DeliveryQueues
    ) -> None:
        self._settings, self._world, self._iam = settings, world, iam
        self._directory, self._queues = directory, queues

    async def post(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if request.content_type not in CONTENT_TYPES:
            allowed = ", ".join(CONTENT_TYPES)
            raise HubError(400, f"Endpoint only supports content type of {allowed}")
        form = dict(request.query)
        if request.content_type == FORM:
            form |= parse_form(body.decode("utf-8", errors="replace"))
        mode = form.get("hub.mode", "")
        request[OPERATION] = f"hub.{mode}" if mode in MODES else "hub"
        if mode not in MODES:
            raise HubError(400, NO_MODE)
        topic = demand(form, "hub.topic")
        belongs_to(request, topic)
        if mode in ("subscribe", "unsubscribe"):
            return self._subscriptions(request, mode, topic, form)
        self._publisher(request, topic)
        if mode == "publish":
            return self._publish(request, topic, body)
        done = self._directory.register(topic) if mode == "register" else self._directory.deregister(topic)
        if not done:
            state = "already registered with" if mode == "register" else "not been registered in"
            raise HubDenied(f"Topic has {state} the Hub", 200)
        return _accepted(200)

    def _subscriptions(
        self, request: web.Request, mode: str, topic: str, form: dict[str, str]
    ) -> web.StreamResponse:
        callback = demand(form, "hub.callback")
        denied = self._settings.hub_denied_status
        if not callback.startswith(("http://", "https://")):
            raise HubError(400, "Invalid value found for parameter 'hub.callback'")
        caller = self._caller(request, denied)
        if self._settings.quirks.hub_roles and not may_subscribe(caller, topic):
            raise HubDenied("Subscriber is not authorized", denied)
        if mode == "unsubscribe":
            self._queues.leave(topic, callback)
            return _accepted(202)
        secret = form.get("hub.secret") or None
        if secret is None and self._settings.quirks.hub_roles:
            # the real hub casts the absent secret to a string and falls over
            raise HubError(500, "incompatible types: '()' cannot be cast to 'string'")
        subscription = Subscription(topic, callback, secret, caller.user_id, self._world.timestamp())
        self._queues.verify(subscription)
        if self._settings.quirks.plain_subscribe_answer:
            return web.Response(text="Subscribed successfully.")
        return _accepted(202)

    def _publish(self, request: web.Request, topic: str, body: bytes) -> web.StreamResponse:
        try:
            payload = read_json(body)
        except ValueError:
            raise HubError(400, "Error occurred while retrieving the json payload from the request") from None
        if not isinstance(payload, dict):
            payload = {"content": payload}
        self._directory.register(topic)
        event = payload.get("event")
        about = event.get("requestId") if isinstance(event, dict) else None
        records = (about,) if isinstance(about, str) else ()
        belongs_to(request, *records)
        self._queues.publish(Message(topic, payload, records))
        return _accepted(200)

    def _publisher(self, request: web.Request, topic: str) -> None:
        if not self._settings.quirks.hub_roles:
            return
        caller = self._caller(request, 200)
        if not may_publish(caller, topic):
            raise HubDenied("Publisher is not authorized", 200)

    def _caller(self, request: web.Request, denied: int) -> Caller:
        """The bearer of the cookie's token; a request header Authorization is not looked at."""
        if not self._settings.quirks.hub_roles:
            return ANYBODY
        cookie = request.headers.get("Cookie")
        if cookie is None:
            raise HubDenied(NO_COOKIE, denied)
        token = hub_token(cookie)
        if token is None:
            raise HubDenied(NO_TOKEN, denied)
        try:
            return self._iam.read(token)
        except TokenInvalid:
            raise HubDenied("Authentication Failed", denied) from None

    async def health(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"status": "UP"})


def _accepted(status: int) -> web.Response:
    return web.Response(status=status, text=ACCEPTED, content_type=FORM)
