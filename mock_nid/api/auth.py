"""The auth manager: client id and secret for a token, and the check of tokens (contract mosip §1)."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from mock_nid.answers import json_answer
from mock_nid.auth.clients import Clients
from mock_nid.auth.iam import Iam, TokenInvalid
from mock_nid.errors import EnvelopeError
from testbed.faults import FaultKind
from testbed.serving import injected
from wire.foreign_json import read_json
from wire.mosip import auth
from wire.mosip.envelope import response_envelope
from wire.world import World, parse_timestamp

REFUSED_BY_KEYCLOAK = (
    '401 Unauthorized: "{"error":"unauthorized_client",'
    '"error_description":"Invalid client or Invalid client credentials"}"'
)


STICKY = "INGRESSCOOKIE=1741683600.123.45.678901|0a1b2c3d4e5f60718293a4b5c6d7e8f9; Path=/; HttpOnly"
"""By which an ingress finds the same replica again; not MOSIP's (contract mosip §15 row 8)."""


class AuthHandlers:
    """`/v1/authmanager/…`"""

    def __init__(
        self, world: World, clients: Clients, iam: Iam, *, upstream_cookie: bool, sticky: bool
    ) -> None:
        self._world, self._clients, self._iam = world, clients, iam
        self._upstream_cookie, self._sticky = upstream_cookie, sticky

    async def authenticate(self, request: web.Request) -> web.StreamResponse:
        body = _read(await request.read())
        login = auth.read_token_request(body)
        if login.app_id not in self._clients.app_ids and not self._upstream_cookie:
            raise EnvelopeError(
                "KER-ATH-026", f"Realm not found:: {login.app_id}", id=login.id, version=login.version
            )
        client = self._iam.client(login.client_id, login.secret)
        if client is None:
            raise EnvelopeError("500", REFUSED_BY_KEYCLOAK, status=500, id=login.id, version=login.version)
        fault = injected(request)
        expired = fault is not None and fault.kind is FaultKind.EXPIRED_TOKEN
        token = self._iam.issue(client, expired=expired)
        answer = json_answer(auth.token_response(login, self._world.clock.now()))
        if self._upstream_cookie:
            answer.headers["Set-Cookie"] = f"Authorization={token}; Path=/; HttpOnly; Secure; SameSite=Strict"
        else:
            answer.headers["Authorization"] = token
            if self._sticky:
                answer.headers.add("Set-Cookie", STICKY)
            answer.headers.add("Set-Cookie", auth.set_cookie(token))
        return answer

    async def validate(self, request: web.Request) -> web.StreamResponse:
        if not request.headers.get("Cookie"):
            raise EnvelopeError("KER-ATH-006", "Cookies are empty")
        token = auth.spring_token(request.headers.get("Cookie"))
        if token is None:
            raise EnvelopeError("KER-ATH-007", "Token is not present in cookies")
        try:
            caller = self._iam.read(token)
        except TokenInvalid as wrong:
            raise EnvelopeError(
                "KER-ATH-401", f"Authentication Failed : Invalid Token :{wrong}", status=401
            ) from None
        roles = "".join(f"{role}," for role in sorted(caller.roles))
        user = {
            "userId": f"service-account-{caller.user_id}",
            "mobile": None,
            "mail": None,
            "langCode": None,
            "userPassword": None,
            "name": None,
            "role": roles,
            "token": token,
            "rId": None,
        }
        return json_answer(response_envelope(user, now=self._world.clock.now()))


def _read(raw: bytes) -> dict[str, Any]:
    """The request; KER-ATH-019 with the parser's or validator's text."""
    try:
        body = read_json(raw)
    except ValueError as error:
        raise EnvelopeError("KER-ATH-019", f"JSON parse error: {error}") from None
    if not isinstance(body, dict):
        raise EnvelopeError("KER-ATH-019", "JSON parse error: an object is due")
    time = body.get("requesttime")
    if time is not None:
        try:
            parse_timestamp(time)
        except (ValueError, TypeError):
            raise EnvelopeError("KER-ATH-019", "JSON parse error: requesttime is no date-time") from None
    if body.get("request") is None:
        raise EnvelopeError("KER-ATH-019", "request must not be null")
    if not isinstance(body["request"], dict):
        raise EnvelopeError("KER-ATH-019", "JSON parse error: request is no object")
    for name in ("clientId", "secretKey", "appId"):
        if isinstance(body["request"].get(name), dict | list):
            raise EnvelopeError("KER-ATH-019", f"JSON parse error: {name} is no text")
    return body
