"""The /admin routes that both mocks have: reset, journal, faults, clock; and the contract at /openapi.yaml.

They are ours, not the protocols': errors are `application/problem+json` (RFC 9457).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from aiohttp import web
from aiohttp_sse import sse_response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from testbed.faults import Fault, Faults
from testbed.journal import Journal
from wire import foreign_json, openapi
from wire.http.listening import Handler
from wire.http.problem import problem
from wire.world import World, timestamp

Model = TypeVar("Model")


class Problem(Exception):
    """A request to one of our own routes that cannot be done: status, what happened, what to do."""

    def __init__(self, status: int, title: str, detail: str = "") -> None:
        super().__init__(title)
        self.status, self.title, self.detail = status, title, detail

    def response(self) -> web.Response:
        return problem(self.status, self.title, detail=self.detail)


class ClockInput(BaseModel):
    """How far POST /admin/clock moves the clock forward, in seconds."""

    model_config = ConfigDict(extra="forbid")

    advance_seconds: float = Field(ge=0, le=31_536_000)


async def read_json(request: web.Request, model: type[Model]) -> Model:
    """The request body as `model`; a Problem 400 names the field that is wrong."""
    try:
        return TypeAdapter(model).validate_python(foreign_json.read_json(await request.read() or b"null"))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise Problem(400, "The request body is not valid", f"{where}: {first['msg']}") from None
    except ValueError:
        raise Problem(400, "The request body is not JSON", "Send a JSON object.") from None


def whole_number(request: web.Request, name: str, default: int, *, at_least: int = 0) -> int:
    """A query parameter as a whole number; a Problem 400 when it is none."""
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 16 and int(text) >= at_least):
        raise Problem(
            400, f"The query parameter {name} is not valid", f"Give a whole number from {at_least}."
        )
    return int(text)


def known_parameters(request: web.Request, *names: str) -> None:
    """A Problem 400 for query parameters that the route does not have: a misspelt one asked for something."""
    unknown = [name for name in request.query if name not in names]
    if unknown:
        raise Problem(
            400,
            f"There is no query parameter {unknown[0]}",
            f"This route has {' and '.join(names)}." if names else "This route has none.",
        )


@web.middleware
async def problem_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Render Problems of our own routes."""
    try:
        return await handler(request)
    except Problem as refused:
        return refused.response()


@dataclass(frozen=True)
class Admin:
    """The shared routes over one server's world, journal and faults; `reset` puts its state back."""

    world: World
    journal: Journal
    faults: Faults
    reset: Callable[[], Awaitable[None]]

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/admin/reset", self._reset),
            web.get("/admin/journal", self._read_journal),
            web.get("/admin/journal/stream", self._stream_journal),
            web.get("/admin/faults", self._list_faults),
            web.post("/admin/faults", self._add_fault),
            web.delete("/admin/faults", self._clear_faults),
            web.delete("/admin/faults/{number}", self._remove_fault),
            web.get("/admin/clock", self._read_clock),
            web.post("/admin/clock", self._move_clock),
        ]

    async def _reset(self, request: web.Request) -> web.Response:
        self.faults.clear()
        self.journal.clear()
        await self.reset()
        return web.json_response({"reset": True})

    async def _read_journal(self, request: web.Request) -> web.Response:
        known_parameters(request, "after", "limit", "record")
        after = whole_number(request, "after", 0)
        limit = whole_number(request, "limit", 500, at_least=1)
        record = request.query.get("record")
        shown, total = self.journal.page(after=after, record=record, limit=limit)
        return web.json_response({"exchanges": [exchange.as_json() for exchange in shown], "total": total})

    async def _stream_journal(self, request: web.Request) -> web.StreamResponse:
        known_parameters(request, "after")
        after = whole_number(request, "after", 0)
        async with sse_response(request) as stream:
            async for exchange in self.journal.follow(after=after):
                await stream.send(json.dumps(exchange.as_json()), id=str(exchange.number))
        return stream

    async def _list_faults(self, request: web.Request) -> web.Response:
        return web.json_response(
            {"faults": [_fault_json(*row) for row in self.faults.listed()], "seams": _seams(self.faults)}
        )

    async def _add_fault(self, request: web.Request) -> web.Response:
        fault = await read_json(request, Fault)
        try:
            number = self.faults.add(fault)
        except ValueError as error:
            raise Problem(400, "This fault cannot be armed", str(error)) from None
        return web.json_response(_fault_json(number, fault, 0), status=201)

    async def _clear_faults(self, request: web.Request) -> web.Response:
        self.faults.clear(request.query.get("seam"))
        return web.json_response({"faults": [_fault_json(*row) for row in self.faults.listed()]})

    async def _remove_fault(self, request: web.Request) -> web.Response:
        number = request.match_info["number"]
        known = number.isascii() and number.isdigit() and len(number) < 16
        if not (known and self.faults.remove(int(number))):
            raise Problem(404, f"No fault has the number {number}", "GET /admin/faults lists them.")
        return web.json_response({"removed": int(number)})

    async def _read_clock(self, request: web.Request) -> web.Response:
        return web.json_response({"now": self.world.timestamp()})

    async def _move_clock(self, request: web.Request) -> web.Response:
        move = await read_json(request, ClockInput)
        await self.world.clock.advance(move.advance_seconds)
        return web.json_response({"now": self.world.timestamp()})


def _fault_json(number: int, fault: Fault, struck: int) -> dict[str, Any]:
    shown = asdict(fault)
    for name in ("since", "until"):
        shown[name] = timestamp(shown[name]) if shown[name] else None
    return {"number": number, **shown, "struck": struck}


def _seams(faults: Faults) -> dict[str, list[str]]:
    return {seam: sorted(kinds) for seam, kinds in sorted(faults.seams.items())}


def contract_routes(name: str) -> list[web.RouteDef]:
    """GET /openapi.yaml and /docs: the hand-written contract of that server, and the page made from it."""
    return [
        web.get("/openapi.yaml", _file(f"{name}.yaml", "application/yaml")),
        web.get("/docs", _file(f"{name}.html", "text/html")),
    ]


def _file(name: str, content_type: str) -> Handler:
    async def serve(request: web.Request) -> web.StreamResponse:
        # read when it is asked for, which few do: they are half a megabyte
        text = (openapi.FOLDER / name).read_text(encoding="utf-8")
        return web.Response(text=text, content_type=content_type)

    return serve
