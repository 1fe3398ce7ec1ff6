"""Data share: the partner fetches a sealed credential by the link of its event (contract mosip §5.2)."""

from __future__ import annotations

from aiohttp import web

from mock_nid.auth.guards import Guards
from mock_nid.errors import EnvelopeError
from mock_nid.processing.shares import Shares


class ShareHandlers:
    """`GET /v1/datashare/get/{id}`: any valid token will do."""

    def __init__(self, guards: Guards, shares: Shares) -> None:
        self._guards, self._shares = guards, shares

    async def read(self, request: web.Request) -> web.StreamResponse:
        self._guards.spring(request, None)
        sealed = self._shares.find(request.match_info["id"])
        if sealed is None:
            raise EnvelopeError("DAT-SER-006", "Data share not found")
        return web.Response(text=sealed, content_type="application/octet-stream")
