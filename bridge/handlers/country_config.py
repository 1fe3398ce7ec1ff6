"""What the bridge does not decide is the country's own server's to answer, unchanged."""

from __future__ import annotations

import structlog
from aiohttp import web

from bridge.errors import Refusal
from wire.http.passing import NotPassedOn, Passing

_TITLES = {400: "Bad Request", 408: "Request Timeout", 413: "Request Entity Too Large", 502: "Bad Gateway"}


class PassOn:
    """Any method, any path."""

    def __init__(self, passing: Passing) -> None:
        self._passing = passing
        self._log = structlog.get_logger("bridge.country-config")

    async def pass_on(self, request: web.Request, body: bytes | None = None) -> web.StreamResponse:
        """Refusal 502 or 504 when the country's server gives no answer."""
        try:
            return await self._passing.pass_on(request, body)
        except NotPassedOn as failed:
            if failed.status in (502, 504):
                self._log.warning("not passed on", method=request.method, why=str(failed))
            title = _TITLES.get(failed.status, "Gateway Timeout")
            detail = f"{failed}; it is the server at BRIDGE_COUNTRY_CONFIG_URL that has to answer this"
            raise Refusal(failed.status, title, detail if failed.status >= 500 else failed.what) from failed
