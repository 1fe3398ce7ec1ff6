"""The country's own server: at OpenCRVS's start it makes the bridge's system client (opencrvs §0.4), and it
may stand behind the bridge.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any

from aiohttp import web

from bridge.country.business import TRACKING_ID
from bridge.country.folder import FARAJALAND
from bridge.country.rules import FILE as POLICY
from mock_opencrvs.app import Running
from scenarios.engine import Unmet
from scenarios.stage.country_config import CountryConfig
from wire.http.client import HttpClient
from wire.http.listening import listen

_SCOPES = ("record.action.accept", "record.action.reject", "record.read", "record.search")


@dataclass
class CountryActor:
    """Answers `GET /trigger/system/ready`; `made` has what `POST /integrations` was answered, in order."""

    line: HttpClient
    opencrvs: Running
    client: Mapping[str, Any]
    config: CountryConfig = field(default_factory=CountryConfig)
    made: list[int | None] = field(default_factory=list)

    async def start_of_opencrvs(self) -> None:
        """OpenCRVS says that it is ready, to this server, not the bridge; Unmet when unheard."""
        app = web.Application()
        app.router.add_get("/trigger/system/ready", self._ready)
        listening = await listen(app, "127.0.0.1", 0, "-")
        before = self.opencrvs.country_config_url
        self.opencrvs.point_at(listening.url)
        try:
            if not await self.opencrvs.announce_ready():
                raise Unmet("the country's server did not hear that OpenCRVS is ready")
        finally:
            self.opencrvs.point_at(before)
            await listening.close()

    @staticmethod
    @contextmanager
    def charges(event_type: str, after_hours: float) -> Iterator[Path]:
        """A folder of the country's own files: Farajaland's, but a registration of this kind costs a fee,
        whose reference is the tracking id; who has not paid after so long is rejected.
        """
        with TemporaryDirectory() as at:
            folder = Path(copytree(FARAJALAND, Path(at) / "country"))
            rules = json.loads((folder / POLICY).read_text(encoding="utf-8"))
            rules["events"][event_type]["REGISTER"]["payment"] = TRACKING_ID
            rules["without_payment"] = {"after_hours": after_hours, "then": "reject"}
            (folder / POLICY).write_text(json.dumps(rules), encoding="utf-8")
            yield folder

    def goes_down(self) -> None:
        """Its country config answers nobody until it `comes_back`."""
        self.config.away = True

    def comes_back(self) -> None:
        self.config.away = False

    async def _ready(self, request: web.Request) -> web.Response:
        """Pass core's token on: it is good for this alone. A client that is there stays."""
        events = self.opencrvs.events_port
        assert events is not None, "the story sets MOCK_OPENCRVS_EVENTS_PORT"
        wanted = {
            "name": "MOSIP",
            "scopes": [f"type={name}&event=birth,death" for name in _SCOPES],
            "credentials": {
                "clientId": self.client["client_id"],
                "clientSecret": self.client["client_secret"],
            },
        }
        headers = {
            "content-type": "application/json",
            "authorization": request.headers.get("Authorization", ""),
        }
        url = f"{events.url}/integrations"
        reply = await self.line.reply("POST", url, body=json.dumps(wanted).encode(), headers=headers)
        self.made.append(reply.status)
        return web.Response(status=200 if reply.ok or reply.status == 409 else 500)
