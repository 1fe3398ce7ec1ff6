"""The errors of the three services, each in its own form (contract opencrvs §2.4–2.6, §3.2).

The events service speaks tRPC: `wire.opencrvs.trpc.TRPCError`. Auth and gateway are hapi servers.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import web

from wire.opencrvs.ecma import dumpb
from wire.opencrvs.profiles import Profile

DOCUMENTATION = (
    "Refer to https://documentation.opencrvs.org/technology/interoperability/authenticate-a-client"
)
VERSIONS = {Profile.V1_9: "1.9.15", Profile.V2_0: "2.0.0", Profile.V2_1: "2.1.0"}
"""What the gateway says that it is."""


class ServiceError(Exception):
    """An error that a middleware renders; `body` is the JSON, `headers` go with it."""

    def __init__(
        self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status}: {body.get('message') or body.get('error')}")
        self.status = status
        self.body = dict(body)
        self.headers = dict(headers or {})

    def response(self, headers: Mapping[str, str]) -> web.Response:
        """As sent; `headers` are those of every answer of that server."""
        shown = {**headers, "Content-Type": "application/json; charset=utf-8", **self.headers}
        return web.Response(status=self.status, body=dumpb(self.body), headers=shown)


class HapiError(ServiceError):
    """`{"statusCode", "error", "message"}` as hapi writes it."""

    def __init__(
        self,
        status: int,
        message: str | None = None,
        *,
        attributes: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        error: str | None = None,
    ) -> None:
        phrase = error or HTTPStatus(status).phrase
        body: dict[str, Any] = {"statusCode": status, "error": phrase, "message": message or phrase}
        if attributes:
            body["attributes"] = dict(attributes)
        super().__init__(status, body, headers)


class OAuthError(ServiceError):
    """`{"error", "error_description", "error_uri"?}` of the token endpoint."""


def invalid_request() -> OAuthError:
    text = "Invalid request. Check that all required parameters have been provided."
    return OAuthError(
        400, {"error": "invalid_request", "error_description": text, "error_uri": DOCUMENTATION}
    )


def unsupported_grant_type(grants: list[str]) -> OAuthError:
    text = (
        "Invalid or undefined grant type. Only " + " or ".join(f'"{g}"' for g in grants) + " are supported."
    )
    return OAuthError(
        400, {"error": "unsupported_grant_type", "error_description": text, "error_uri": DOCUMENTATION}
    )


def invalid_client() -> OAuthError:
    text = "Invalid client id or secret"
    return OAuthError(401, {"error": "invalid_client", "error_description": text, "error_uri": DOCUMENTATION})


def invalid_subject_token() -> OAuthError:
    return OAuthError(401, {"error": "unauthorized_client", "error_description": "Invalid subject token"})
