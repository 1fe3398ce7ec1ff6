"""The auth manager's token: how it is asked for, handed over and carried. Pure.

Source: contract mosip §1 (auth manager `AuthController`, auth adapter `AuthFilter`), §4.3 (the hub).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wire.mosip import envelope
from wire.mosip.fields import FieldBroken, mapping

COOKIE = "Authorization"
COOKIE_MAX_AGE = 6000000
SUCCESS = "Clientid and Token combination had been validated successfully"


@dataclass(frozen=True)
class ClientLogin:
    """A client's request for a token; `id` and `version` are echoed."""

    client_id: str
    secret: str
    app_id: str
    id: str | None
    version: str | None


def token_request(client_id: str, secret: str, app_id: str, now: datetime) -> dict[str, Any]:
    """The body of `POST /v1/authmanager/authenticate/clientidsecretkey`."""
    return envelope.request_envelope(
        {"clientId": client_id, "secretKey": secret, "appId": app_id}, now=now, metadata={}
    )


def read_token_request(body: Any) -> ClientLogin:
    """Parse such a body; FieldBroken("request") when the inner object is missing (KER-ATH-019)."""
    held = mapping(body, "body")
    request = held.get("request")
    if not isinstance(request, Mapping):
        raise FieldBroken("request", "must not be null")
    return ClientLogin(
        client_id=_text(request.get("clientId")),
        secret=_text(request.get("secretKey")),
        app_id=_text(request.get("appId")),
        id=held.get("id") if isinstance(held.get("id"), str) else None,
        version=held.get("version") if isinstance(held.get("version"), str) else None,
    )


def token_response(login: ClientLogin, now: datetime) -> dict[str, Any]:
    """The body of a success; the token itself goes into a header and a cookie only."""
    return envelope.response_envelope(
        {"status": "Success", "message": SUCCESS}, now=now, id=login.id, version=login.version
    )


def set_cookie(token: str) -> str:
    """The `Set-Cookie` value that hands the token over."""
    return f"{COOKIE}={token}; Max-Age={COOKIE_MAX_AGE}; Path=/; HttpOnly"


def handed_over(authorization: str | None, set_cookies: Iterable[str]) -> str | None:
    """The token in an answer's `Authorization` header, else in its `Set-Cookie` values; it is never in the
    body (§1.2). None when there is none, or none that a header can carry back: then it is no success.
    """
    if authorization:
        return _sendable(authorization.removeprefix("Bearer "))
    for value in set_cookies:
        name, equals, rest = value.partition("=")
        token = rest.partition(";")[0].strip()
        if equals and COOKIE in name and token:
            return _sendable(token)
    return None


def _sendable(token: str) -> str | None:
    token = token.strip()
    return token if token.isascii() and token.isprintable() and token else None


def cookie(token: str) -> str:
    """The `Cookie` value that carries the token; the form that all of MOSIP's readers take."""
    return f"{COOKIE}={token};"


def spring_token(cookie_header: str | None) -> str | None:
    """The token as Spring services read it: of the cookie whose name contains `Authorization` (§1.6)."""
    for part in (cookie_header or "").split(";"):
        name, equals, value = part.strip().partition("=")
        if equals and COOKIE in name and value:
            return value
    return None


def vertx_token(cookie_header: str | None) -> str | None:
    """The token as the workflow manager reads it: it must be the first cookie (§1.6)."""
    if not cookie_header or f"{COOKIE}=" not in cookie_header:
        return None
    return cookie_header.replace(f"{COOKIE}=", "", 1).partition(";")[0].strip() or None


def hub_token(cookie_header: str | None) -> str | None:
    """The token as the hub reads it: of the parts between `; `, the one with `Authorization=` (§4.3)."""
    for part in re.split(r"; ", cookie_header or ""):
        if part.startswith(f"{COOKIE}="):
            return part.removeprefix(f"{COOKIE}=").rstrip(";") or None
    return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
