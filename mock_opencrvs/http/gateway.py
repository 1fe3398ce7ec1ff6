"""The gateway: bearer check in hapi's words, headers of its own, `/events/*` passed on (contract §2.5)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from mock_opencrvs.auth.caller import bearer_of
from mock_opencrvs.auth.tokens import Tokens
from mock_opencrvs.errors import VERSIONS, HapiError, ServiceError
from mock_opencrvs.http.auth_routes import OCTETS
from mock_opencrvs.http.events_service import Answered, EventsService
from testbed.admin import Problem
from testbed.faults import Faults
from testbed.serving import BY, OPERATION, belongs_to, play
from wire.http.listening import Handler
from wire.opencrvs.ecma import dumpb
from wire.opencrvs.profiles import Profile
from wire.opencrvs.tokens import GATEWAY, TokenRefused
from wire.world import World

_log = structlog.get_logger("mock_opencrvs")


@dataclass(frozen=True)
class Gateway:
    """Who may come in, and what the answers look like from outside."""

    tokens: Tokens
    service: EventsService
    faults: Faults
    world: World
    profile: Profile
    check_invalid_token: bool

    def headers(self, vary: str = "origin") -> dict[str, str]:
        """What every answer of the gateway carries. `vary`: of its own, of REST's or of tRPC's answers."""
        return {**self.refusal_headers(vary), "X-Version": VERSIONS[self.profile]}

    def refusal_headers(self, vary: str = "origin") -> dict[str, str]:
        """Of hapi's own errors: they name no version."""
        return {
            "Content-Type": "application/json; charset=utf-8",
            "Vary": vary,
            "Cache-Control": "no-cache",
        }

    def claims(self, request: web.Request) -> dict[str, Any]:
        """The claims of the token; hapi-auth-jwt2's 401 otherwise. It minds neither spaces nor the scheme."""
        header = request.headers.get("Authorization", "")
        token = _SCHEME.sub("", header).replace(" ", "")
        if not token:
            raise _unauthenticated("token is null")
        if token.count(".") != 2:
            raise _unauthenticated("Invalid token format")
        try:
            claims = self.tokens.verify(token, GATEWAY)
        except TokenRefused as refused:
            if refused.reason == "malformed" and not _is_json(token.partition(".")[0]):
                raise _refused("Invalid token format") from None
            text = "Expired token" if refused.reason == "expired" else "Invalid token"
            raise _refused(text) from None
        if self.check_invalid_token and header.replace("Bearer ", "", 1) in self.tokens.invalidated:
            raise _refused("Invalid credentials")
        return claims

    async def events(self, request: web.Request) -> web.StreamResponse:
        """`* /events/{path*}`: the events service behind it."""
        request[OPERATION] = request.match_info["path"] or "events"
        claims = self.claims(request)
        request[BY] = bearer_of(claims)
        belongs_to(request, claims.get("eventId"), claims.get("actionId"))
        body = await request.read()
        incoming = self.service.read(request, body)
        belongs_to(request, *incoming.records)

        async def handler(_: web.Request) -> web.StreamResponse:
            return self._response(request, await self.service.answer(incoming))

        struck = (self.faults.strike(seam, incoming.records) for seam in (*incoming.seams, "gateway"))
        fault = next((fault for fault in struck if fault is not None), None)
        return await play(self.world, fault, request, handler)

    def _response(self, request: web.Request, answered: Answered) -> web.Response:
        belongs_to(request, *answered.records)
        headers = self.headers(answered.vary)
        if request.method == "HEAD":  # hapi says so of a stream whose length it does not know
            if answered.content_type is not None:
                headers |= {"Content-Type": OCTETS, "Vary": "origin"}
            return web.Response(status=204, headers=headers)
        if not answered.body:
            del headers["Content-Type"]
        elif answered.content_type is not None:
            headers["Content-Type"] = answered.content_type
        return web.Response(status=answered.status, body=answered.body, headers=headers)

    async def ping(self, request: web.Request) -> web.StreamResponse:
        return web.Response(body=dumpb({"success": True}), headers=self.headers())


_SCHEME = re.compile("bearer", re.IGNORECASE)


def _is_json(part: str) -> bool:
    try:
        json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return False
    return True


def _unauthenticated(why: str) -> HapiError:
    return HapiError(401, "Missing authentication", headers={"WWW-Authenticate": f'Token error="{why}"'})


def _refused(text: str) -> HapiError:
    headers = {"WWW-Authenticate": f'Token error="{text}"'}
    return HapiError(401, text, attributes={"error": text}, headers=headers)


def hapi_middleware(headers: Callable[[], Mapping[str, str]]) -> Middleware:
    """Render the errors of auth and gateway; a path or method that is not served is hapi's 404."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Problem as problem:
            return problem.response()
        except ServiceError as error:
            return error.response(headers())
        except web.HTTPRequestEntityTooLarge:
            return HapiError(413, "Payload content length greater than maximum allowed").response(headers())
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as error:
            if request.path.startswith("/admin"):
                status = error.status
                return Problem(status, "There is no such admin route", "See /openapi.yaml.").response()
            return HapiError(404).response(headers())
        except (ConnectionResetError, web.HTTPException):
            raise
        except Exception:  # noqa: BLE001 - the last gate: hapi answers 500 and the log says why
            _log.exception("a handler failed", path=request.path)
            return HapiError(500, "An internal server error occurred").response(headers())

    return middleware
