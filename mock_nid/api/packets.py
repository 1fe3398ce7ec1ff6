"""Packet manager and workflow manager: packets are created, then processed (contract mosip §2, §3.1)."""

from __future__ import annotations

import structlog
from aiohttp import web

from mock_nid.answers import json_answer, spring_json
from mock_nid.auth.guards import Guards
from mock_nid.errors import EnvelopeError, SpringError, WorkflowError
from mock_nid.packets.registrations import StoredPacket
from mock_nid.processing.processor import Processor
from mock_nid.settings import Settings
from testbed.serving import NOTE, belongs_to
from wire.foreign_json import read_json
from wire.mosip import packets as wire_packets
from wire.mosip import workflow
from wire.mosip.envelope import response_envelope
from wire.mosip.fields import FieldBroken
from wire.world import World

log = structlog.get_logger("mock_nid")

CREATE_ROLES = frozenset({"REGISTRATION_PROCESSOR", "ONLINE_REGISTRATION_CLIENT"})
WORKFLOW_ROLES = CREATE_ROLES | {"GLOBAL_ADMIN"}
OPEN_TO_ALL = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "GET, POST"}


class PacketHandlers:
    """`createPacket` and `workflowinstance`."""

    def __init__(self, settings: Settings, world: World, guards: Guards, processor: Processor) -> None:
        self._settings, self._world = settings, world
        self._guards, self._processor = guards, processor
        self._lenient = settings.quirks.any_packet

    async def create(self, request: web.Request) -> web.StreamResponse:
        self._guards.spring(request, CREATE_ROLES, "packet-manager")
        body = await spring_json(request)
        try:
            read = wire_packets.read_packet(body)
        except FieldBroken as broken:
            request[NOTE] = f"MOSIP does not say which: {broken}"
            raise SpringError(400, request.path) from None
        belongs_to(request, read.id, read.fields.get("birthCertificateNumber"))
        if (read.source, read.process) not in self._settings.processes:
            raise EnvelopeError(wire_packets.NO_PROVIDER.code, wire_packets.NO_PROVIDER.message)
        now = self._world.clock.now()
        fault = None if self._lenient else wire_packets.swallowed_fault(read)
        if fault is not None or not read.id:
            why = f"{fault.code} {fault.message}" if fault is not None else "the packet has no id"
            request[NOTE] = f"swallowed, and MOSIP does not say why: {why}"
            log.warning("packet swallowed", registration=read.id, why=why)
            return self._created(None)
        self._processor.create(
            StoredPacket(
                registration_id=read.id,
                source=read.source,
                process=read.process,
                schema_version=read.schema_version or "",
                fields=dict(read.fields),
                meta_info=dict(read.meta_info),
                created_at=self._world.timestamp(),
            )
        )
        return self._created(wire_packets.created_packets(read, now, self._world.chance))

    def _created(self, response: object) -> web.Response:
        return json_answer(
            response_envelope(
                response, now=self._world.clock.now(), id=wire_packets.RESPONSE_ID, version="v1", errors=[]
            )
        )

    async def start(self, request: web.Request) -> web.StreamResponse:
        try:
            body = read_json(await request.read())
        except ValueError:
            body = None
        echo = body if isinstance(body, dict) else {}
        id, version = (_text(echo.get(name)) for name in ("id", "version"))
        self._guards.vertx(request, WORKFLOW_ROLES, "registration-processor", id=id, version=version)
        try:
            asked = workflow.read_workflow_instance(body)
            belongs_to(request, asked.registration_id)
            started = self._processor.start(asked.registration_id, asked.process, asked.source)
        except workflow.WorkflowRefused as refused:
            fault = refused.fault
            raise WorkflowError(fault.code, fault.message, id=id, version=version) from None
        belongs_to(request, *started.records)
        text = workflow.render(workflow.started(started.workflow_id or "", self._world.clock.now()))
        return web.Response(text=text, content_type="application/json", headers=OPEN_TO_ALL)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
