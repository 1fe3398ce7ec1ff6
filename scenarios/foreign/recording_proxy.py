"""Stands on the line between our bridge and a foreign ID system, and writes down what passes.

Out: the bridge is given the proxy's addresses in place of MOSIP's, one path for each service. In: the hub
calls the proxy, and the proxy calls the bridge. Bodies pass unchanged; the journal masks them, `calls` and
`deliveries` hold them whole, in memory, for the judge.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from scenarios.foreign.conduct import BridgeCall, Delivered
from scenarios.stage.calling import caller
from testbed.facts import Said, Word
from testbed.journal import Journal
from wire.http.listening import Listening, listen
from wire.mosip import hub
from wire.world import World

SERVER = "national_id"
_CALLBACK = "/websub/callback"
_SECONDS = 60.0
_NOT_PASSED_ON = frozenset(
    {"host", "connection", "keep-alive", "transfer-encoding"}
    | {"content-length", "content-encoding", "accept-encoding"}
)
_STANDING: Mapping[str, Word] = {
    "UIN_GENERATED": "issued",
    "REJECTED": "refused",
    "REREGISTER": "refused",
    "RESEND": "refused",
    "REPROCESS_FAILED": "refused",
}
"""Status codes that are a word about the end of a packet (contract mosip §3.4)."""
_ID_KEYS = ("registrationId", "instanceId", "id")


class RecordingProxy:
    """Start it once for a run. `services` maps an operation to the ID system's own address for it."""

    def __init__(self, world: World, services: Mapping[str, str]) -> None:
        self._world, self._services = world, services
        self.journal = Journal(SERVER, world)
        self.calls: list[BridgeCall] = []
        self.deliveries: list[Delivered] = []
        self.bridge_callback = ""
        """Where the bridge of the present story takes deliveries."""
        self._http = caller(world)
        self._listening: list[Listening] = []

    async def start(self, host: str, port: int) -> None:
        """Listen for the bridge on a free port of this machine, and for the hub on `host` and `port`."""
        for handler, where, at in ((self._out, "127.0.0.1", 0), (self._in, host, port)):
            app = web.Application(client_max_size=64 * 1024 * 1024)
            app.router.add_route("*", "/{path:.*}", handler)
            self._listening.append(await listen(app, where, at, "PORT"))

    @property
    def callback_url(self) -> str:
        """Where the hub reaches the proxy on this machine."""
        return f"{self._listening[1].url}{_CALLBACK}"

    def address(self, operation: str) -> str:
        """What the bridge is given in place of the service's own address; empty when the service has none."""
        return f"{self._listening[0].url}/{operation}" if self._services[operation] else ""

    def clear(self) -> None:
        """Forget what passed: another story begins."""
        self.journal.clear()
        self.calls.clear()
        self.deliveries.clear()

    async def close(self) -> None:
        for one in self._listening:
            await one.close()
        await self._http.close()

    async def _out(self, request: web.Request) -> web.Response:
        service, _, _ = request.path[1:].partition("/")
        if not (base := self._services.get(service)):
            return web.Response(status=404, text=f"the proxy knows no service {service}\n")
        target = URL(base + request.raw_path[1 + len(service) :], encoded=True)
        body = await request.read()
        answer, note = await self._passed_on(request, target, body)
        record = record_of(body) or _digits(target.path)
        status = None if note else answer.status
        content = answer.body if isinstance(answer.body, bytes) else b""
        operation = _operation(service, request.method, body, target)
        self.calls.append(
            BridgeCall(
                self._world.clock.now(),
                operation,
                record,
                body,
                status,
                content,
                answer.headers,
                target.path,
                note,
            )
        )
        self.journal.record(
            "in",
            operation,
            request.method,
            target.path_qs,
            status,
            records=(record,) if record else (),
            request=body,
            response=content,
            note=note,
            said=said_in_answer(operation, target.path, content) if status == 200 else (),
        )
        return answer

    async def _in(self, request: web.Request) -> web.Response:
        body = await request.read()
        rest = request.rel_url.raw_path.removeprefix(_CALLBACK)  # the key, and the slash that the hub adds
        query = f"?{request.rel_url.raw_query_string}" if request.rel_url.raw_query_string else ""
        target = URL(f"{self.bridge_callback}{rest}{query}", encoded=True)
        sent = self._world.clock.now()
        answer, note = await self._passed_on(request, target, body)
        status = None if note else answer.status
        record = record_of(body)
        if request.method == "POST":
            signature = request.headers.get(hub.SIGNATURE_HEADER)
            self.deliveries.append(Delivered(self._world.clock.now(), record, body, signature, status))
        self.journal.record(
            "out",
            f"hub.{_intent(request)}",
            request.method,
            request.path_qs,
            status,
            records=(record,) if record else (),
            request=body,
            response=answer.body if isinstance(answer.body, bytes) else b"",
            note=note,
            said=said_in_delivery(body),
            sent=sent,
        )
        return answer

    async def _passed_on(self, request: web.Request, target: URL, body: bytes) -> tuple[web.Response, str]:
        """The answer of the other side, or a 502 and why there is none."""
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _NOT_PASSED_ON}
        reply = await self._http.reply(
            request.method, target, headers=headers, body=body or None, seconds=_SECONDS
        )
        if reply.status is None:
            return web.Response(status=502, text=reply.why), reply.why
        kept = [(k, v) for k, v in reply.headers.items() if k.lower() not in _NOT_PASSED_ON]
        return web.Response(status=reply.status, body=reply.body, headers=CIMultiDict(kept)), ""


def record_of(body: bytes) -> str:
    """The packet that a message is about: its registration id, wherever MOSIP puts it; empty when none."""
    message = _object(body)
    event = message.get("event")
    inner = message.get("request") or (event.get("data") if isinstance(event, dict) else None)
    inner = inner[0] if isinstance(inner, list) and inner else inner
    for part in (message, inner if isinstance(inner, dict) else {}):
        for key in _ID_KEYS:
            if isinstance(part.get(key), str) and part[key].isdigit():
                return str(part[key])
    return ""


def said_in_answer(operation: str, path: str, content: bytes) -> Iterator[Said]:
    """What an answer of MOSIP says about packets: a status search, or an identity that was read."""
    if operation == "identity.read" and (packet := _digits(path)):
        yield Said(packet, "issued")
    if operation in ("status.external", "status.search"):
        found = _object(content).get("response")
        for row in found if isinstance(found, list) else ():
            word = _STANDING.get(str(row.get("statusCode"))) if isinstance(row, dict) else None
            if word is not None:
                yield Said(str(row.get("registrationId")), word)


def _object(content: bytes) -> dict[str, Any]:
    """The JSON object of a body; empty when it is none."""
    try:
        message = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def said_in_delivery(body: bytes) -> Iterator[Said]:
    """What a message of the hub says about its packet."""
    word = _word_of(body)
    packet = record_of(body)
    if word is not None and packet:
        yield Said(packet, word)


def _word_of(body: bytes) -> Word | None:
    message = _object(body)
    if str(message.get("topic", "")).rpartition("/")[2] == "CREDENTIAL_ISSUED":
        return "issued"
    if "resultCode" in message:
        return "processed" if message["resultCode"] == "PROCESSED" else "refused"
    return "paused" if message and "PAUSED_FOR_ADDITIONAL_INFO" in body.decode(errors="replace") else None


def _digits(path: str) -> str:
    last = path.rstrip("/").rpartition("/")[2]
    return last if last.isdigit() else ""


def _operation(service: str, method: str, body: bytes, target: URL) -> str:
    if service == "hub.subscribe":
        mode = hub.parse_form(body.decode(errors="replace")).get("hub.mode") or target.query.get("hub.mode")
        return f"hub.{mode or 'subscribe'}"
    if service == "identity.read" and method == "POST":
        return "identity.create"
    return service


def _intent(request: web.Request) -> str:
    return "deliver" if request.method == "POST" else request.query.get("hub.mode", "subscribe")
