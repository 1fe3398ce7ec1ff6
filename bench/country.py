"""A stand-in for OpenCRVS that only confirms: public key, accept, and who was accepted when."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from wire.http.listening import Listening, listen


@dataclass
class CountryStub:
    """Answers `/.well-known` and `register.accept`; `accepted` maps an event id to when it was accepted."""

    key: RSAPrivateKey
    accepted: dict[str, asyncio.Future[float]] = field(default_factory=dict)
    again: int = 0
    _listening: Listening | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/.well-known", self._public_key)
        app.router.add_get("/events/event.config.get", self._forms)
        app.router.add_post("/events/event.actions.register.accept", self._accept)
        self._listening = await listen(app, "127.0.0.1", 0, "the benchmark's port")

    @property
    def url(self) -> str:
        assert self._listening is not None
        return self._listening.url

    async def close(self) -> None:
        assert self._listening is not None
        await self._listening.close()

    def expect(self, event_id: str) -> asyncio.Future[float]:
        """The instant (perf_counter) at which that event will be accepted."""
        future: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.accepted[event_id] = future
        return future

    async def _public_key(self, request: web.Request) -> web.Response:
        pem = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return web.Response(body=pem, content_type="application/octet-stream")

    async def _forms(self, request: web.Request) -> web.Response:
        return web.json_response([{"result": {"data": {"json": [_BIRTH]}}}])

    async def _accept(self, request: web.Request) -> web.Response:
        wanted = json.loads(await request.read())["0"]["json"]
        future = self.accepted[wanted["eventId"]]
        if future.done():
            self.again += 1
        else:
            future.set_result(perf_counter())
        return web.json_response([{"result": {"data": {"json": _accepted(wanted)}}}])


_BIRTH = {"id": "birth", "declaration": {"pages": [{"id": "child", "fields": [{"id": "child.nid"}]}]}}


def _accepted(wanted: dict[str, Any]) -> dict[str, Any]:
    action = {
        "id": wanted["actionId"][:-1] + "0",
        "type": "REGISTER",
        "status": "Accepted",
        "transactionId": wanted["transactionId"],
        "originalActionId": wanted["actionId"],
        "declaration": wanted["declaration"],
        "registrationNumber": wanted["registrationNumber"],
    }
    return {"id": wanted["eventId"], "type": "birth", "trackingId": "BENCH0", "actions": [action]}
