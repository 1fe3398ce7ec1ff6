"""A country config behind a bridge: it gives registrations their numbers, and agrees to everything else."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from wire.http.listening import Listening, listen

_BIGGEST = 64 * 1024 * 1024


@dataclass
class CountryConfig:
    """`away`: it answers nobody."""

    away: bool = False

    @staticmethod
    def number_of(tracking_id: str) -> str:
        """The number that it gives to a record."""
        return f"CC-{tracking_id}"

    async def start(self, port: int = 0) -> Listening:
        """Listen; CannotListen when the port is taken."""
        app = web.Application(client_max_size=_BIGGEST)
        app.router.add_route("*", "/{path:.*}", self._answer)
        return await listen(app, "127.0.0.1", port, "--country-config-port")

    async def _answer(self, request: web.Request) -> web.Response:
        if self.away and request.transport is not None:
            request.transport.abort()
        if not request.path.endswith("/REGISTER"):
            return web.json_response({})
        try:
            number = self.number_of((await request.json())["trackingId"])
        except (ValueError, KeyError, TypeError):
            return web.json_response({"error": "no event document"}, status=400)
        return web.json_response({"registrationNumber": number})
