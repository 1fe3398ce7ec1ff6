"""The auth service over HTTP: on its own port, and behind the gateway's `/auth/…` (contract §2.4, §2.5)."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from mock_opencrvs.auth.limits import RateLimit, counted_by
from mock_opencrvs.auth.oauth import RECOVERY, Auth
from mock_opencrvs.errors import VERSIONS, HapiError, ServiceError
from testbed.faults import Faults
from testbed.serving import OPERATION, belongs_to, faulty
from wire.http.listening import Handler
from wire.opencrvs.profiles import Profile

OCTETS = "application/octet-stream"
_JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class AuthRoutes:
    """Handlers over one Auth; the gateway's copies answer with its own content type (§0.3 row 12)."""

    auth: Auth
    faults: Faults
    limit: RateLimit

    def own(self) -> list[web.RouteDef]:
        """Routes of the auth service's own port."""
        routes = [
            web.get("/.well-known", faulty(self.faults, "well-known", self.well_known)),
            web.get("/ping", self.ping),
            *(web.post(f"/{name}", self._post(name, _JSON)) for name in self._names()),
        ]
        old = self.auth.settings.profile is Profile.V1_9
        routes.append(web.get("/anonymous-token" if old else "/internal/anonymous-token", self.anonymous))
        return routes

    def gateway(self) -> list[web.RouteDef]:
        """The same under the gateway's `/auth`."""
        return [web.post(f"/auth/{name}", self._post(name, OCTETS)) for name in self._names()]

    def _names(self) -> list[str]:
        return ["token", *self._payload_handlers()]

    def _payload_handlers(self) -> dict[str, Callable[[Any], Awaitable[dict[str, Any] | None]]]:
        return {
            "authenticate": self.auth.authenticate,
            "verifyCode": self.auth.verify_code,
            "resendAuthenticationCode": self.auth.resend_code,
            "refreshToken": self.auth.refresh_token,
            "verifyToken": self.auth.verify_token,
            "invalidateToken": self.auth.invalidate_token,
            **{name: partial(self.auth.recover, name) for name in RECOVERY},
        }

    def _post(self, name: str, content_type: str) -> Handler:
        own_caching = "no-store" if name == "token" and content_type == _JSON else "no-cache"
        members = counted_by(self.auth.settings.profile, name) if content_type == OCTETS else None

        async def handler(request: web.Request) -> web.StreamResponse:
            request[OPERATION] = f"auth.{name}"
            if members is not None:
                await self._count(name, members, request)
            headers = {"Content-Type": content_type, "Cache-Control": own_caching}
            if content_type == OCTETS:
                headers |= {"Vary": "origin", "X-Version": VERSIONS[self.auth.settings.profile]}
            try:
                answer = await self._answer(name, request)
            except HapiError as error:
                error.headers |= {**headers, "Cache-Control": "no-cache"}
                raise
            except ServiceError as error:
                error.headers |= headers
                raise
            body = b"" if answer is None else json.dumps(answer, separators=(",", ":")).encode()
            return web.Response(body=body, headers=headers)

        seam = "token" if name == "token" else "auth"
        return faulty(self.faults, seam, handler)

    async def _count(self, name: str, members: tuple[str, ...], request: web.Request) -> None:
        try:
            payload = json.loads(await request.read())
        except (ValueError, RecursionError):
            payload = None
        self.limit.check(name, members, payload, self.auth.world.clock.now())

    async def _answer(self, name: str, request: web.Request) -> dict[str, Any] | None:
        if name == "token":
            return await self._token(request)
        return await self._payload_handlers()[name](await _payload(request))

    async def _token(self, request: web.Request) -> dict[str, Any]:
        old = self.auth.settings.profile is Profile.V1_9
        payload = {} if old else await _payload(request)
        body = payload if isinstance(payload, dict) else {}
        wanted = {**request.query, **body}
        belongs_to(request, wanted.get("event_id"), wanted.get("action_id"))
        return dict(await self.auth.token(request.query, body))

    async def well_known(self, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = "auth.well-known"
        return web.Response(
            body=self.auth.tokens.public_pem().encode(),
            headers={"Content-Type": OCTETS, "Cache-Control": "no-cache"},
        )

    async def ping(self, request: web.Request) -> web.StreamResponse:
        return _json_response({"success": True})

    async def anonymous(self, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = "auth.anonymous-token"
        return _json_response(await self.auth.anonymous_token())


def _json_response(value: Any) -> web.Response:
    headers = {"Content-Type": _JSON, "Cache-Control": "no-cache"}
    return web.Response(body=json.dumps(value, separators=(",", ":")).encode(), headers=headers)


async def _payload(request: web.Request) -> Any:
    """The body as hapi reads it by its type: JSON, a form, or text; nothing is null."""
    raw = await request.read()
    kind = request.headers.get("Content-Type", "application/json").partition(";")[0].strip().lower()
    if not raw:
        return None
    if kind == "application/x-www-form-urlencoded":
        return dict(parse_qsl(raw.decode("utf-8", errors="replace")))
    if kind.startswith("text/"):
        return raw.decode("utf-8", errors="replace")
    if kind != "application/json":
        raise HapiError(415)
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise HapiError(400, "Invalid request payload JSON format") from None
