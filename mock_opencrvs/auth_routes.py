"""The auth service over HTTP: on its own port, and behind the gateway's `/auth/…` (contract §2.4, §2.5)."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from mock_opencrvs.errors import HapiError, ServiceError
from mock_opencrvs.limits import LIMITED, RateLimit
from mock_opencrvs.oauth import Auth
from testbed.faults import Faults
from testbed.serving import OPERATION, belongs_to, faulty
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

    def _payload_handlers(self) -> dict[str, Callable[[Any], Awaitable[dict[str, Any]]]]:
        return {
            "authenticate": self.auth.authenticate,
            "verifyCode": self.auth.verify_code,
            "resendAuthenticationCode": self.auth.resend_code,
            "refreshToken": self.auth.refresh_token,
            "verifyToken": self.auth.verify_token,
            "invalidateToken": self.auth.invalidate_token,
        }

    def _post(self, name: str, content_type: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handler(request: web.Request) -> web.StreamResponse:
            request[OPERATION] = f"auth.{name}"
            if content_type == OCTETS and name in LIMITED:
                payload = await _json_payload(request)
                self.limit.check(_limited_by(name, payload), self.auth.world.clock.now())
            try:
                answer = await self._answer(name, request)
            except ServiceError as error:
                error.headers |= {"Content-Type": content_type, "Cache-Control": _caching(name)}
                raise
            headers = {"Content-Type": content_type, "Cache-Control": _caching(name)}
            return web.Response(body=json.dumps(answer, separators=(",", ":")).encode(), headers=headers)

        seam = "token" if name == "token" else "auth"
        return faulty(self.faults, seam, handler)

    async def _answer(self, name: str, request: web.Request) -> dict[str, Any]:
        if name == "token":
            return await self._token(request)
        return await self._payload_handlers()[name](await _json_payload(request))

    async def _token(self, request: web.Request) -> dict[str, Any]:
        body = await _any_payload(request) if self.auth.settings.profile is not Profile.V1_9 else {}
        wanted = {**request.query, **body}
        belongs_to(request, _text(wanted.get("event_id")), _text(wanted.get("action_id")))
        return dict(await self.auth.token(request.query, body))

    async def well_known(self, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = "auth.well-known"
        return web.Response(
            body=self.auth.tokens.public_pem().encode(),
            headers={"Content-Type": OCTETS, "Cache-Control": "no-cache"},
        )

    async def ping(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"success": True})

    async def anonymous(self, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = "auth.anonymous-token"
        return web.json_response(await self.auth.anonymous_token())


def _caching(name: str) -> str:
    return "no-store" if name == "token" else "no-cache"


def _limited_by(name: str, payload: Any) -> str:
    """Log-ins are counted by user name, codes by nonce."""
    given = payload if isinstance(payload, dict) else {}
    return f"{name}/{given.get('username') or given.get('nonce')}"


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


async def _json_payload(request: web.Request) -> Any:
    kind = request.headers.get("Content-Type", "application/json").partition(";")[0].strip()
    if kind != "application/json":
        raise HapiError(415)
    try:
        return json.loads(await request.read() or b"null")
    except (ValueError, RecursionError):
        raise HapiError(400, "Invalid request payload JSON format") from None


async def _any_payload(request: web.Request) -> dict[str, Any]:
    """The body of `/token`: JSON or a form; an absent one is empty."""
    raw = await request.read()
    if not raw:
        return {}
    if request.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(raw.decode("utf-8", errors="replace")))
    payload = await _json_payload(request)
    return payload if isinstance(payload, dict) else {}
