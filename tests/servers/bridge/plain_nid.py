"""A second ID system: plain REST with a webhook, in the manner of OSIA. The bridge's side, and a server."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from aiohttp import ClientSession, web
from pydantic import Field, SecretStr

from bridge.calls.channels import Channels
from bridge.calls.failure import by_status
from bridge.errors import Refusal
from bridge.nid import Answer, Delivery, Done, IdSystem, Inbox, NidDown, NidRefused, No, NotYet, Taken, Yes
from bridge.opencrvs.token_checker import TokenChecker
from bridge.registration import PacketContent, Registration
from bridge.serving import json_object, read_body
from bridge.settings import Settings
from bridge.store.store import Store
from wire.environment import BaseAddress, EnvironmentSettings
from wire.http.client import Answer as Said
from wire.http.client import HttpClient, NoAnswer
from wire.http.listening import Listening, listen
from wire.world import World

WEBHOOK = "/nid/webhook"
SIGNATURE = "X-Signature"


class PlainSettings(EnvironmentSettings):
    """What this ID system reads besides the bridge's own settings."""

    url: BaseAddress = Field("http://127.0.0.1:1", alias="PLAIN_NID_URL")
    secret: SecretStr = Field(SecretStr("-"), alias="PLAIN_NID_SECRET")


class PlainNid(IdSystem):
    """BRIDGE_ID_SYSTEM=tests.servers.bridge.plain_nid:PlainNid."""

    def __init__(self, settings: Settings, world: World, store: Store, channels: Channels) -> None:
        super().__init__(settings, world, store, channels)
        self._own = PlainSettings()
        self._peer = HttpClient("plain ID system", world, settings.call_seconds)

    @property
    def secrets(self) -> Iterable[str]:
        return [self._own.secret.get_secret_value()]

    def new_packet_id(self) -> str:
        return self._world.chance.uuid()

    async def submit(
        self, registration: Registration, packet: PacketContent, created: Callable[[], Awaitable[None]]
    ) -> None:
        await self._call("PUT", f"/events/{registration.packet_id}", _body(registration, packet))

    async def ask_now(self, registration: Registration, packet: PacketContent) -> Answer:
        body = _body(registration, packet)
        try:
            return _read(await self._call("PUT", f"/events/{registration.packet_id}?now=1", body), Done())
        except NidRefused as refused:
            return No(refused.code)

    async def standing(self, packet_ids: Sequence[str]) -> Mapping[str, Answer | NotYet]:
        return {id: _read(await self._call("GET", f"/events/{id}")) for id in packet_ids}

    def routes(self, answers: Inbox, tokens: TokenChecker) -> Iterable[web.RouteDef]:
        async def on_webhook(request: web.Request) -> web.Response:
            body = await read_body(request, self._world)
            proof = signature(self._own.secret.get_secret_value(), body)
            if not hmac.compare_digest(request.headers.get(SIGNATURE, ""), proof):
                raise Refusal(401, "Not the ID system", f"{SIGNATURE} does not fit the body")
            told = json_object(body)

            async def read(_registration: Registration) -> Answer | NotYet:
                return _read(told)

            taken = await answers.take(Delivery(str(told["notice"]), WEBHOOK, str(told["id"])), read)
            return web.json_response({"taken": taken is not Taken.IGNORED})

        return [web.post(WEBHOOK, on_webhook)]

    async def close(self) -> None:
        await self._peer.close()

    async def _call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        content = None if body is None else json.dumps(body).encode()
        try:
            said: Said = await self._peer.call(method, self._own.url + path, body=content)
            found = said.json()
        except NoAnswer as none:
            raise NidDown(str(none)) from none
        except ValueError as error:
            raise NidDown("plain ID system: its answer is no JSON") from error
        if said.status == 422:
            raise NidRefused(str(found.get("code")))
        if said.status != 200:
            raise NidDown(by_status("plain ID system", said.status, said.wait))
        return dict(found)


def _body(registration: Registration, packet: PacketContent) -> dict[str, Any]:
    return {"event": registration.event_type, "process": registration.process, "fields": packet.fields}


def _read(told: Mapping[str, Any], otherwise: Answer | NotYet | None = None) -> Any:
    match told.get("status"):
        case "yes" if told.get("number"):
            return Yes(str(told["number"]))
        case "yes":
            return Done()
        case "no":
            return No(str(told.get("code")))
    return otherwise or NotYet()


def signature(secret: str, body: bytes) -> str:
    return hmac.digest(secret.encode(), body, "sha256").hex()


class PlainServer:
    """The ID system itself: people are made of events CRVS_NEW, once each."""

    secret = "a-secret-of-both"

    def __init__(self, world: World) -> None:
        self.world = world
        self.events: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, dict[str, Any]] = {}
        self.people: dict[str, str] = {}
        self.refuse: str | None = None
        self.down = False

    async def start(self) -> PlainServer:
        app = web.Application()
        app.add_routes([web.put("/events/{id}", self._put), web.get("/events/{id}", self._get)])
        self.listening: Listening = await listen(app, "127.0.0.1", 0, "-")
        return self

    async def close(self) -> None:
        await self.listening.close()

    def decide(self, id: str) -> dict[str, Any]:
        """Its word about an event; the same when asked again."""
        if self.refuse is not None:
            return self.answers.setdefault(id, {"status": "no", "code": self.refuse})
        if self.events[id]["process"] == "CRVS_NEW":
            number = self.people.setdefault(id, self.world.chance.digits(10))
            return self.answers.setdefault(id, {"status": "yes", "number": number})
        return self.answers.setdefault(id, {"status": "yes"})

    async def tell(self, base: str, id: str, *, secret: str | None = None) -> int:
        """Call the webhook with the answer; the HTTP status that it gets."""
        body = json.dumps({"notice": f"{id}-1", "id": id, **self.decide(id)}).encode()
        headers = {SIGNATURE: signature(secret or self.secret, body)}
        async with (
            ClientSession() as session,
            session.post(base + WEBHOOK, data=body, headers=headers) as said,
        ):
            return said.status

    async def _put(self, request: web.Request) -> web.Response:
        if self.down:
            return web.json_response({}, status=503)
        id = request.match_info["id"]
        self.events[id] = await request.json()
        if "now" in request.query:
            said = self.decide(id)
            return web.json_response(said, status=422 if said["status"] == "no" else 200)
        return web.json_response({"status": "waiting"})

    async def _get(self, request: web.Request) -> web.Response:
        return web.json_response(self.answers.get(request.match_info["id"], {"status": "waiting"}))
