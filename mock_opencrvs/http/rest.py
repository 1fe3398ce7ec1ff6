"""The REST face of the events service for system clients (contract opencrvs §5; upstream trpc-to-openapi)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from mock_opencrvs.events.checks import InvalidInput
from wire.opencrvs import ecma
from wire.opencrvs.javascript import UNDEFINED
from wire.opencrvs.profiles import Profile
from wire.opencrvs.trpc import TRPCError


@dataclass(frozen=True)
class Route:
    """`{name}` segments become input keys beside the body's or the query's."""

    method: str
    path: str
    procedure: str

    def match(self, path: str) -> dict[str, str] | None:
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path)
        found = re.fullmatch(pattern, path)
        return found.groupdict() if found else None


_BOTH = (
    Route("GET", "config", "event.config.get"),
    Route("POST", "events", "event.create"),
    Route("POST", "events/search", "event.search"),
)
_OLD = (
    *_BOTH,
    Route("POST", "events/bulk-import", "event.bulkImport"),
    Route("POST", "events/reindex", "event.reindex"),
    Route("POST", "events/notifications", "event.actions.notify.request"),
    Route("POST", "events/correction/request", "event.actions.correction.request.request"),
    Route("POST", "events/correction/approve", "event.actions.correction.approve.request"),
    Route("POST", "events/correction/reject", "event.actions.correction.reject.request"),
)
_NEW = (
    *_BOTH,
    Route("POST", "events/notify", "event.actions.createAndNotify.request"),
    Route("POST", "events/reindex", "event.reindex.trigger"),
    Route("GET", "events/reindex", "event.reindex.status"),
    Route("GET", "integrations", "integrations.list"),
    Route("POST", "integrations", "integrations.create"),
    Route("GET", "events/{eventId}", "event.get"),
    Route("POST", "events/{eventId}/notify", "event.actions.notify.request"),
    Route("POST", "events/{eventId}/correction/request", "event.actions.correction.request.request"),
    Route("POST", "events/{eventId}/correction/approve", "event.actions.correction.approve.request"),
    Route("POST", "events/{eventId}/correction/reject", "event.actions.correction.reject.request"),
    Route("GET", "locations", "locations.list"),
)
_LATEST = (
    *_NEW,
    *(
        route
        for path, router in (("locations", "locations"), ("administrative-areas", "administrativeAreas"))
        for route in (
            Route("POST", path, f"{router}.create"),
            Route("PUT", f"{path}/{{id}}", f"{router}.update"),
            Route("DELETE", f"{path}/{{id}}/versions/{{versionId}}", f"{router}.withdrawVersion"),
        )
    ),
)


def routes(profile: Profile) -> tuple[Route, ...]:
    return {Profile.V1_9: _OLD, Profile.V2_0: _NEW, Profile.V2_1: _LATEST}[profile]


@dataclass(frozen=True)
class RestCall:
    """The procedure that a REST request means, with its input; or the error that it already is."""

    procedure: str
    input: Any = UNDEFINED
    error: TRPCError | None = None


@dataclass(frozen=True)
class RestTable:
    profile: Profile

    def read(self, request: web.Request, path: str, body: bytes) -> RestCall:
        """Find the route and gather the input from path, query and body."""
        for route in routes(self.profile):
            names = route.match(path.rstrip("/"))
            if names is not None and route.method == request.method:
                return self._read(route, names, request, body)
        return RestCall("", error=TRPCError("NOT_FOUND", "Not found"))

    def _read(self, route: Route, names: Mapping[str, str], request: web.Request, body: bytes) -> RestCall:
        if route.method in ("GET", "DELETE"):
            given = {name: _typed(name, request.query.getall(name)) for name in request.query}
            whole = {**given, **names}
            return RestCall(route.procedure, whole or UNDEFINED)
        kind = request.headers.get("Content-Type", "application/json").partition(";")[0].strip().lower()
        if kind not in ("application/json", "application/octet-stream"):
            # the missing closing quote is upstream's
            return RestCall(
                route.procedure,
                error=TRPCError("UNSUPPORTED_MEDIA_TYPE", f'Unsupported content-type "{kind}'),
            )
        try:
            parsed = {} if not body and self.profile is Profile.V1_9 else ecma.loads(body)
        except ecma.JSONSyntaxError:
            return RestCall(
                route.procedure, error=TRPCError("INTERNAL_SERVER_ERROR", "Internal server error")
            )
        if not isinstance(parsed, dict):
            if self.profile is Profile.V1_9:
                return RestCall(route.procedure, parsed)
            parsed = {}  # JavaScript spreads what it is into an object, in which nobody finds anything
        return RestCall(route.procedure, {**parsed, **names})

    def render(self, value: Any, call: RestCall) -> bytes:
        """Plain JSON of the output; void is an empty body."""
        return b"" if value is UNDEFINED else ecma.dumpb(_defined(value))

    def render_error(
        self, error: TRPCError, path: str, stack: str | None, production: bool
    ) -> tuple[int, bytes]:
        """`{message, code, data, issues?}` (§5)."""
        masked = production and error.http_status == 500
        data: dict[str, Any] = {"code": error.code, "httpStatus": error.http_status}
        if stack is not None and not masked:
            data["stack"] = stack
        if path and not masked:
            data["path"] = path
        issues = error.issues if isinstance(error, InvalidInput) else None
        message = "Input validation failed" if issues else error.message
        shape: dict[str, Any] = {
            "message": "Internal server error" if masked else message,
            "code": error.code,
            "data": data,
        }
        if issues:
            shape["issues"] = issues
        return error.http_status, ecma.dumpb(shape)


def _typed(name: str, values: list[str]) -> Any:
    """A member of a query string as upstream reads it: any text is a true boolean, also `false`."""
    if name in ("isActive", "waitFor"):
        return bool(values[0])
    return values if name in ("locationIds", "ids") else values[0]


def _defined(value: Any) -> Any:
    """The value without undefined keys, as JSON.stringify leaves them out."""
    if isinstance(value, dict):
        return {name: _defined(held) for name, held in value.items() if held is not UNDEFINED}
    if isinstance(value, list):
        return [_defined(held) for held in value]
    return value
