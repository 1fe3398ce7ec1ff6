"""How a mock writes its journal and plays faults, and which ports are free: the testbed's aiohttp side."""

from __future__ import annotations

import itertools
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import cache

from aiohttp import web
from aiohttp.typedefs import Middleware
from multidict import CIMultiDict

from testbed.facts import Said
from testbed.faults import Fault, FaultKind, Faults
from testbed.journal import Journal
from wire.http.listening import Handler
from wire.world import World

RECORDS = web.RequestKey("records", list[str])
OPERATION = web.RequestKey("operation", str)
FAULTS = web.RequestKey("faults", list[str])
INJECTED = web.RequestKey("injected", Fault)
NOTE = web.RequestKey("note", str)
BY = web.RequestKey("by", str)
SAID = web.RequestKey("said", list[Said])


@cache
def _candidates(process: int) -> Iterator[int]:
    """Each process begins far from the others, so that two at the same time do not choose the same port."""
    # below 32768: from there on systems draw the ports of outgoing connections, one of which could take ours
    # before we listen
    return (10_000 + number % 22_000 for number in itertools.count(process * 4_099))


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on at this moment, nor this process was given before."""
    return next(port for port in _candidates(os.getpid()) if port_is_free(host, port))


def port_is_free(host: str, port: int) -> bool:
    """Whether nobody listens on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def belongs_to(request: web.Request, *records: object) -> None:
    """Say which records the request is about, for the journal and for faults bound to a record.

    What others sent in place of an id, and is none, is passed over.
    """
    request.setdefault(RECORDS, []).extend(one for one in records if one and isinstance(one, str))


def named(operation: str, handler: Handler) -> Handler:
    """A handler whose exchanges the journal keeps under the name of an operation."""

    async def handle(request: web.Request) -> web.StreamResponse:
        request[OPERATION] = operation
        return await handler(request)

    return handle


def journal_middleware(journal: Journal) -> Middleware:
    """Write every incoming exchange down, except those of the administration and of the API's description."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(("/admin", "/openapi.yaml")):
            return await handler(request)
        status: int | None = None
        answer = b""
        note = ""
        try:
            response = await handler(request)
            status = response.status
            if isinstance(response, web.Response) and isinstance(response.body, bytes):
                answer = response.body
            return response
        except web.HTTPException as error:
            status = error.status
            raise
        except ConnectionResetError:
            note = "the connection was cut"
            raise
        finally:
            journal.record(
                "in",
                request.get(OPERATION, request.path.rsplit("/", 1)[-1] or "/"),
                request.method,
                request.path_qs,
                status,
                records=tuple(request.get(RECORDS, ())),
                request=await _body_as_far_as_read(request),
                response=answer,
                faults=tuple(request.get(FAULTS, ())),
                note=request.get(NOTE, note),
                by=request.get(BY, ""),
                said=request.get(SAID, ()) if status == 200 else (),
            )

    return middleware


async def _body_as_far_as_read(request: web.Request) -> bytes:
    # a handler that refused before reading left the body on the socket: it stays there
    return await request.read() if request._read_bytes is not None else b""


def faulty(
    faults: Faults,
    seam: str,
    handler: Handler,
    about: Callable[[web.Request], Awaitable[Iterable[str]]] | None = None,
) -> Handler:
    """A handler at a seam, whose faults are played; `about` finds the records that a request is about."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        if not faults.armed:
            return await handler(request)
        records = await about(request) if about is not None else request.get(RECORDS, ())
        return await play(faults.world, faults.strike(seam, records), request, handler)

    return guarded


def injected(request: web.Request) -> Fault | None:
    """The fault that the handler itself has to play, if one struck."""
    return request.get(INJECTED)


async def play(
    world: World, fault: Fault | None, request: web.Request, handler: Handler
) -> web.StreamResponse:
    """Play a fault on an incoming request, and have the journal say so.

    The generic ones strike before the handler runs, except for a truncated or slow answer to real work; the
    others are the handler's own, which finds them by `injected`.
    """
    if fault is None:
        return await handler(request)
    request.setdefault(FAULTS, []).append(str(fault))
    request.setdefault(OPERATION, fault.seam)  # a path may hold a key
    match fault.kind:
        case FaultKind.STATUS:
            headers = CIMultiDict({"Content-Type": "text/html; charset=utf-8"})
            headers.update(fault.headers)
            return web.Response(status=fault.status, body=fault.body.encode(), headers=headers)
        case FaultKind.MALFORMED_BODY:
            return web.Response(body=b'{"response": ', content_type="application/json")
        case FaultKind.RESET:
            return _cut(request)
        case FaultKind.HANG:
            await world.clock.sleep(fault.seconds)
            return _cut(request)
        case FaultKind.SLOW:
            await world.clock.sleep(fault.seconds)
            return await handler(request)
        case FaultKind.TRUNCATED_BODY:
            return await _truncated(request, await handler(request))
        case _:
            request[INJECTED] = fault
            return await handler(request)


class _CutOnPurpose(ConnectionResetError):
    """A fault cut the connection."""


def _is_trouble(record: logging.LogRecord) -> bool:
    return record.exc_info is None or not isinstance(record.exc_info[1], _CutOnPurpose)


# a server that is away for two days would tell each knock at its door as an error, with a traceback
logging.getLogger("aiohttp.server").addFilter(_is_trouble)


def _cut(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    raise _CutOnPurpose


async def _truncated(request: web.Request, whole: web.StreamResponse) -> web.StreamResponse:
    body = whole.body if isinstance(whole, web.Response) and isinstance(whole.body, bytes) else b""
    half = web.StreamResponse(status=whole.status, headers={"Content-Type": whole.content_type})
    half.content_length = len(body)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    return _cut(request)
