"""The country's own server: at OpenCRVS's start it makes the bridge's system client (opencrvs §0.4), it may
stand behind the bridge, and the country may charge a fee.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from aiohttp import web

from bridge.country.business import TRACKING_ID
from bridge.country.folder import FARAJALAND
from bridge.country.rules import FILE as POLICY
from scenarios.stage.actors.bridge import BridgeActor
from scenarios.stage.country_config import CountryConfig
from scenarios.stage.credentials import SYSTEM_CLIENT
from scenarios.stage.servers import Servers
from scenarios.stage.timeline import Timeline
from scenarios.story import Actor, Unmet
from testbed import payments
from wire.http.client import HttpClient
from wire.http.listening import listen

_SCOPES = ("record.action.accept", "record.action.reject", "record.read", "record.search")


class CountryActor:
    """Answers `GET /trigger/system/ready`; `made` has what `POST /integrations` was answered, in order."""

    def __init__(self, timeline: Timeline, line: HttpClient, servers: Servers, bridge: BridgeActor) -> None:
        self._timeline, self._line, self._servers, self._bridge = timeline, line, servers, bridge
        self.config = servers.country_config or CountryConfig()
        self.made: list[int | None] = []
        self.payments: payments.PaymentBook | None = None
        """Who has paid a fee, where the story's country asks for one."""

    async def hears_of_start(self) -> None:
        """OpenCRVS starts, says so here, and has the bridge's client made. Unmet when unheard."""
        self._timeline.says(Actor.OPENCRVS, "is ready: the country's server makes the bridge's client")
        app, opencrvs = web.Application(), self._servers.opencrvs
        app.router.add_get("/trigger/system/ready", self._ready)
        listening = await listen(app, "127.0.0.1", 0, "-")
        before = opencrvs.country_config_url
        opencrvs.point_at(listening.url)
        try:
            if not await opencrvs.announce_ready():
                raise Unmet("the country's server did not hear that OpenCRVS is ready")
        finally:
            opencrvs.point_at(before)
            await listening.close()

    @asynccontextmanager
    async def stands_behind_bridge(self) -> AsyncIterator[None]:
        """A country config behind the bridge; a foreign bridge was started before one."""
        if self._servers.country_config is not None:
            yield
            return
        listening = await self.config.start()
        try:
            await self._bridge.restarts(country_config_url=listening.url)
            yield
        finally:
            await listening.close()

    @asynccontextmanager
    async def charges(self, event_type: str, after_hours: float) -> AsyncIterator[payments.PaymentBook]:
        """A fee at registrations of this kind: a system of payments, the bridge's folder that names it, and
        the book of who has paid, in which everybody owes at first. A foreign bridge was started so, with a
        patience of its own.
        """
        if (asked := self._servers.payments) is not None:
            asked.otherwise, self.payments = "pending", asked
            yield asked
            return
        book = self.payments = payments.PaymentBook(self._timeline.world, otherwise="pending")
        listening = await payments.start(book)
        try:
            with charging(event_type, after_hours) as folder:
                await self._bridge.restarts(payments_url=listening.url, country_folder=folder)
                yield book
        finally:
            await listening.close()

    def goes_down(self) -> None:
        """Its country config answers nobody until it `comes_back`."""
        self.config.away = True

    def comes_back(self) -> None:
        self.config.away = False

    async def _ready(self, request: web.Request) -> web.Response:
        """Pass core's token on: it is good for this alone. A client that is there stays."""
        events = self._servers.opencrvs.events_port
        assert events is not None, "the story sets MOCK_OPENCRVS_EVENTS_PORT"
        wanted = {
            "name": "MOSIP",
            "scopes": [f"type={name}&event=birth,death" for name in _SCOPES],
            "credentials": {
                "clientId": SYSTEM_CLIENT["client_id"],
                "clientSecret": SYSTEM_CLIENT["client_secret"],
            },
        }
        headers = {
            "content-type": "application/json",
            "authorization": request.headers.get("Authorization", ""),
        }
        url = f"{events.url}/integrations"
        reply = await self._line.reply("POST", url, body=json.dumps(wanted).encode(), headers=headers)
        self.made.append(reply.status)
        return web.Response(status=200 if reply.ok or reply.status == 409 else 500)


@contextmanager
def charging(event_type: str, after_hours: float) -> Iterator[Path]:
    """A folder of the country's own files: Farajaland's, but a registration of this kind costs a fee, whose
    reference is the tracking id; who has not paid after so long is rejected.
    """
    with TemporaryDirectory() as at:
        folder = Path(copytree(FARAJALAND, Path(at) / "country"))
        rules = json.loads((folder / POLICY).read_text(encoding="utf-8"))
        rules["events"][event_type]["REGISTER"]["payment"] = TRACKING_ID
        rules["without_payment"] = {"after_hours": after_hours, "then": "reject"}
        (folder / POLICY).write_text(json.dumps(rules), encoding="utf-8")
        yield folder
