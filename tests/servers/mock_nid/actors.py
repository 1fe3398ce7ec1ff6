"""A mock_nid on a free port, a client that speaks to it, and a subscriber with a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, ClientSession, web

from mock_nid.app import Running, start
from mock_nid.settings import Settings
from wire.http.listening import Listening, listen
from wire.mosip import hub, packets, workflow
from wire.world import World

SECRET = "mosip-websub-secret"


@dataclass
class Delivery:
    path: str
    headers: dict[str, str]
    raw: bytes
    at: str

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass
class Subscriber:
    """Listens on a loopback port, echoes challenges, keeps what comes. `answers` are used up, then 200."""

    world: World
    deliveries: list[Delivery] = field(default_factory=list)
    intents: list[dict[str, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    echo: bool = True
    listening: Listening | None = None
    grown: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self) -> Subscriber:
        app = web.Application()
        app.add_routes(
            [
                web.get("/{path:.*}", self._intent),
                web.post("/{path:.*}", self._delivery),
            ]
        )
        self.listening = await listen(app, "127.0.0.1", 0, "none")
        return self

    @property
    def url(self) -> str:
        assert self.listening is not None
        return f"{self.listening.url}/websub/callback"

    async def close(self) -> None:
        if self.listening is not None:
            await self.listening.close()

    async def _intent(self, request: web.Request) -> web.Response:
        self.intents.append(dict(request.query))
        self.grown.set()
        return web.Response(text=request.query.get("hub.challenge", "") if self.echo else "no")

    async def _delivery(self, request: web.Request) -> web.Response:
        raw = await request.read()
        self.deliveries.append(Delivery(request.path, dict(request.headers), raw, self.world.timestamp()))
        self.grown.set()
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    def on(self, topic: str) -> list[Delivery]:
        """Deliveries whose Link names the topic."""
        return [one for one in self.deliveries if f", {topic}; " in one.headers.get("Link", "")]


class Client:
    """Calls mock_nid as a bridge would."""

    def __init__(self, running: Running, world: World, session: ClientSession) -> None:
        self.running, self.world, self.session = running, world, session
        self.tokens: dict[str, str] = {}

    async def call(self, method: str, path: str, **options: Any) -> tuple[int, Any, ClientResponse]:
        async with self.session.request(method, self.running.url + path, **options) as response:
            raw = await response.read()
        try:
            body: Any = json.loads(raw)
        except ValueError:
            body = raw.decode()
        return response.status, body, response

    async def token(self, client: str = "mosip-regproc-client") -> str:
        if client not in self.tokens:
            _, _, response = await self.authenticate(client)
            self.tokens[client] = response.headers["Set-Cookie"].split(";")[0].partition("=")[2]
        return self.tokens[client]

    async def authenticate(
        self, client: str, secret: str = "abcdeABCDE123456", app_id: str = "admin"
    ) -> tuple[int, Any, ClientResponse]:
        request = {"clientId": client, "secretKey": secret, "appId": app_id}
        body = {
            "id": "string",
            "version": "string",
            "requesttime": self.world.timestamp(),
            "request": request,
        }
        return await self.call("POST", "/v1/authmanager/authenticate/clientidsecretkey", json=body)

    async def cookie(self, client: str = "mosip-regproc-client") -> dict[str, str]:
        return {"Cookie": f"Authorization={await self.token(client)};"}

    async def create(
        self, packet_id: str, process: str = "CRVS_NEW", source: str = "OPENCRVS", **fields: Any
    ) -> Any:
        now = self.world.clock.now()
        given = {
            "IDSchemaVersion": "0.1",
            "fullName": [{"language": "eng", "value": "Chanda Mulenga"}],
            "dateOfBirth": "2026/02/20",
            "gender": [{"language": "eng", "value": "Female"}],
            "birthCertificateNumber": f"2026B{packet_id[-8:]}",
        }
        body = packets.create_packet(
            packet_id=packet_id,
            process=process,
            fields={**given, **fields},
            now=now,
            audits=[packets.make_audit(packet_id, now, "6f0b7a7e-4a9b-44b1-8cbe-0a5b8e4a6f0a")],
            source=source,
        )
        return await self.call(
            "PUT", "/commons/v1/packetmanager/createPacket", json=body, headers=await self.cookie()
        )

    async def process(self, packet_id: str, process: str = "CRVS_NEW", source: str = "OPENCRVS") -> Any:
        body = workflow.workflow_instance(
            packet_id=packet_id, process=process, now=self.world.clock.now(), source=source
        )
        return await self.call(
            "POST",
            "/registrationprocessor/v1/workflowmanager/workflowinstance",
            json=body,
            headers=await self.cookie(),
        )

    async def submit(self, packet_id: str, process: str = "CRVS_NEW", **fields: Any) -> None:
        status, body, _ = await self.create(packet_id, process, **fields)
        assert status == 200 and body["response"], body
        status, body, _ = await self.process(packet_id, process)
        assert status == 200 and body["response"]["workflowInstanceId"], body

    async def subscribe(
        self, topic: str, callback: str, client: str = "crvs-partner", secret: str = SECRET
    ) -> tuple[int, Any, ClientResponse]:
        return await self.call(
            "POST",
            "/websub/hub",
            data=hub.subscribe_form(topic, callback, secret),
            headers={**await self.cookie(client), "Content-Type": hub.FORM},
        )


@dataclass
class Stage:
    """Server, client and subscriber over one virtual world."""

    world: World
    running: Running
    client: Client
    subscriber: Subscriber

    async def settle(self) -> None:
        await self.world.clock.settle()

    async def advance(self, seconds: float) -> None:
        await self.world.clock.advance(seconds)

    async def listen(self, *topics: str) -> None:
        for topic in topics:
            status, body, _ = await self.client.subscribe(topic, self.subscriber.url)
            assert status == 202, body
        await self.settle()


Opener = Callable[..., Any]


async def open_stage(keys: Path, *, world: World | None = None, **settings: Any) -> Stage:
    world = world or World.virtual(seed=7)
    running = await start(
        Settings(**{"port": 0, "esignet_port": 0, "seed": 5, "keys": keys, **settings}), world
    )
    client = Client(running, world, ClientSession())
    return Stage(world, running, client, await Subscriber(world).open())


async def close_stage(stage: Stage) -> None:
    await stage.client.session.close()
    await stage.running.close()
    await stage.subscriber.close()
