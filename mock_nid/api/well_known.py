"""The documents by which credentials are checked (contract mosip §5.3)."""

from __future__ import annotations

from aiohttp import web

from mock_nid.answers import json_answer
from mock_nid.processing.issuance import Issuer
from wire.mosip import well_known


class WellKnownHandlers:
    """`/.well-known/{public-key,controller,mosip-context}.json`"""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer

    async def public_key(self, request: web.Request) -> web.StreamResponse:
        return json_answer(well_known.public_key_document(self._issuer.base, self._issuer.public_key))

    async def controller(self, request: web.Request) -> web.StreamResponse:
        return json_answer(well_known.controller_document(self._issuer.base))

    async def context(self, request: web.Request) -> web.StreamResponse:
        return json_answer(well_known.mosip_context(self._issuer.base))
