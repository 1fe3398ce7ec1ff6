"""A small bridge of its own, with the mistakes that bridges are known for: each breaks one promise.

It shares only the wire formats (and MOSIP's log-in) with the real one.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientSession, web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from bridge.calls.peer import Peer
from bridge.country.packet_fields import notification, packet_fields
from bridge.mosip.login import Login
from bridge.nid import NidDown
from bridge.settings import Settings
from wire.keyfolder import KeyFolder
from wire.mosip import credentials, hub, packets, proofs, sealing, well_known, workflow
from wire.mosip.contexts import stock
from wire.opencrvs import state
from wire.opencrvs.trpc import HEADERS, mutation, read
from wire.world import World

MISTAKES = (
    "silent",
    "twice",
    "swapped",
    "talkative",
    "gullible",
    "unsigned",
    "headerless",
    "any_topic",
    "copies_refused",
    "forgetful",
    "hasty",
)


@dataclass
class _Row:
    event: dict[str, Any]
    action_id: str
    token: str
    number: str
    sealed: str | None = None
    """The credential of a stored delivery."""
    done: bool = False


@dataclass
class BrokenBridge:
    """Asynchronous mode only. `mistakes` are out of MISTAKES; without any it keeps the promises.

    `rows` is its disk: hand it to the next one, and that is a restart.
    """

    settings: Settings
    world: World
    mistakes: frozenset[str]
    rows: dict[str, _Row] = field(default_factory=dict)
    held: list[tuple[_Row, str]] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    runners: list[web.AppRunner] = field(default_factory=list)

    async def start(self) -> BrokenBridge:
        settings = self.settings
        self.peer = Peer("MOSIP", settings, self.world, NidDown)
        self.http = ClientSession()
        self.packets = self._login(settings.packet_client_id, settings.packet_client_secret)
        self.hub = self._login(settings.websub_client_id, settings.websub_client_secret)
        trigger, mediator = web.Application(), web.Application()
        trigger.add_routes([web.post("/trigger/events/{event}/actions/{action}", self.on_trigger)])
        mediator.add_routes(
            [
                web.get("/websub/callback", self.on_intent),
                web.get("/websub/callback/", self.on_intent),
                web.post("/websub/callback", self.on_delivery),
                web.post("/websub/callback/", self.on_delivery),
            ]
        )
        for app, port in ((trigger, settings.trigger_port), (mediator, settings.port)):
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            await web.TCPSite(runner, settings.host, port).start()
            self.runners.append(runner)
        callback = f"http://{settings.host}:{settings.port}/websub/callback"
        for topic in (settings.topic, settings.workflow_topic):
            form = hub.subscribe_form(topic, callback, settings.hub_secret.get_secret_value())
            await self.hub.call("POST", settings.hub_url, body=form.encode(), content_type=hub.FORM)
        for packet_id, row in self.rows.items():
            if row.sealed is not None and not row.done:
                self._later(self.settle(packet_id, row, row.sealed))
        return self

    def _login(self, client: str, secret: Any) -> Login:
        url, app = self.settings.mosip_auth_url, self.settings.mosip_app_id
        return Login(self.peer, self.world, url, app, client, secret.get_secret_value())

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for runner in self.runners:
            await runner.cleanup()
        await self.http.close()
        await self.peer.close()

    kill = close

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def on_trigger(self, request: web.Request) -> web.Response:
        event = await request.json()
        if request.match_info["action"] != "REGISTER":
            return web.json_response({})
        token = request.headers["Authorization"].removeprefix("Bearer ")
        number = f"{self.world.clock.now().year}B{event['trackingId']}"
        row = _Row(event, event["actions"][-1]["id"], token, number)
        packet_id = self.world.chance.digits(29)
        if "talkative" in self.mistakes:
            print(f"will confirm with the key {token}", file=sys.stderr)
        if "silent" not in self.mistakes:
            self.rows[packet_id] = row
            self._later(self.submit(packet_id, row))
        return web.Response(status=202)

    async def submit(self, packet_id: str, row: _Row) -> None:
        declaration = state.declaration(row.event)  # type: ignore[arg-type]
        kind, now = row.event["type"], self.world.clock.now()
        body = packets.create_packet(
            packet_id=packet_id,
            process="CRVS_NEW",
            fields=packet_fields(kind, declaration, number=row.number),
            now=now,
            audits=[packets.make_audit(packet_id, now, self.world.chance.uuid())],
            meta_info=None,
            source=self.settings.packet_source,
            schema_version=self.settings.schema_version,
            schema_json=None,
            centre=self.settings.center_id,
            machine=self.settings.machine_id,
        )
        await self.packets.call("PUT", self.settings.create_packet_url, content=body)
        told = notification(kind, declaration)
        start = workflow.workflow_instance(
            packet_id=packet_id, process="CRVS_NEW", now=now, source=self.settings.packet_source, **told
        )
        await self.packets.call("POST", self.settings.process_packet_url, content=start)

    async def on_intent(self, request: web.Request) -> web.Response:
        return web.Response(text=request.query.get("hub.challenge", ""))

    async def on_delivery(self, request: web.Request) -> web.Response:
        body = await request.read()
        unsigned = hub.SIGNATURE_HEADER not in request.headers
        if not (self.mistakes & {"gullible", "unsigned"} or (unsigned and "headerless" in self.mistakes)):
            secret = self.settings.hub_secret.get_secret_value()
            try:
                hub.verify_signature(request.headers.get(hub.SIGNATURE_HEADER), secret, body)
            except Exception:  # noqa: BLE001 - a double
                return web.Response(status=401)
        message = json.loads(body)
        data = message.get("event", {}).get("data", {})
        foreign = message.get("topic", self.settings.topic) != self.settings.topic
        if foreign and not self.mistakes & {"gullible", "any_topic"}:
            return web.Response(status=400)
        if (row := self.rows.get(data.get("registrationId", ""))) is not None and "credential" in data:
            if row.done and "copies_refused" in self.mistakes:
                return web.Response(status=409)
            # it thanks the hub for what it has in memory only
            if "hasty" not in self.mistakes:
                row.sealed = data["credential"]
            self._later(self.settle(data["registrationId"], row, data["credential"]))
        elif message.get("resultCode") == "REJECTED" and message.get("instanceId") in self.rows:
            self._later(self.reject(self.rows[message["instanceId"]]))
        return web.json_response({"status": "RECEIVED"})

    async def settle(self, packet_id: str, row: _Row, sealed: str) -> None:
        folder = KeyFolder(self.settings.keys)
        document = credentials.decode(
            sealing.unseal(sealed, folder["partner"].private_key, folder["partner"].certificate)
        )
        if "gullible" not in self.mistakes:
            try:
                known = stock(well_known.base_of(document["issuer"]))
                proofs.verify_urdna2015(document, await self.issuer_key(), known)
            except proofs.ProofRefused:
                return
        # it drops what it knows before the confirmation took effect, as the upstream mediator does
        if "forgetful" in self.mistakes:
            self.rows.pop(packet_id, None)
        await self.confirm(row, str(document["credentialSubject"]["VID"]))

    async def issuer_key(self) -> RSAPublicKey:
        """The key that proves; asked for until it comes."""
        url = f"{self.settings.well_known_url}/public-key.json"
        while (answer := await self.peer.call("GET", url)).status != 200:
            await self.world.clock.sleep(0.3)
        return well_known.read_public_key(answer.json()).key

    async def confirm(self, row: _Row, vid: str) -> None:
        if "swapped" in self.mistakes:
            self.held.append((row, vid))
            if len(self.held) == 2:
                (first, one), (second, other) = self.held
                await self.accept(first, other)
                await self.accept(second, one)
            return
        document = await self.accept(row, vid)
        while not isinstance(document, dict):
            if "forgetful" in self.mistakes:
                return
            await self.world.clock.sleep(0.3)
            document = await self.accept(row, vid)
        row.done = True
        if "twice" in self.mistakes:
            # core lets the key of one action be exchanged for any other's (contract opencrvs §2.4)
            accepted = next(
                a["id"] for a in document["actions"] if a.get("originalActionId") == row.action_id
            )
            token = await self.exchanged(row, accepted)
            await self.accept(_Row(row.event, accepted, token, f"{row.number}-2"), vid)

    async def exchanged(self, row: _Row, action_id: str) -> str:
        form = {
            "grant_type": "urn:opencrvs:oauth:grant-type:token-exchange",
            "subject_token": row.token,
            "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "requested_token_type": "urn:opencrvs:oauth:token-type:single_record_token",
            "event_id": row.event["id"],
            "action_id": action_id,
        }
        async with self.http.post(f"{self.settings.auth_url}/token", params=form) as answer:
            return str(json.loads(await answer.read())["access_token"])

    async def accept(self, row: _Row, vid: str) -> Any:
        """The record; an error of OpenCRVS or of the network instead when there is no answer."""
        number = {"registrationNumber": row.number, "declaration": {"child.nid": vid}}
        return await self.call("event.actions.register.accept", row, number)

    async def reject(self, row: _Row) -> None:
        await self.call("event.actions.register.reject", row, {})

    async def call(self, procedure: str, row: _Row, more: dict[str, Any]) -> Any:
        ids = {"eventId": row.event["id"], "actionId": row.action_id}
        target, body = mutation(procedure, {**ids, "transactionId": self.world.chance.uuid(), **more})
        headers = {**HEADERS, "authorization": f"Bearer {row.token}"}
        url = f"{self.settings.gateway_url}/events{target}"
        try:
            async with self.http.post(url, data=body, headers=headers) as answer:
                document = read(answer.status, answer.content_type, await answer.read())
        except ClientError as error:
            return error
        return document
