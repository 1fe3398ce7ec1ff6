"""What the page asks for: parse, call, render. Nothing is decided here. Edge."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import structlog
from aiohttp import web
from aiohttp_sse import EventSourceResponse, sse_response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from scenarios.console.access import ActRefused
from scenarios.console.replay import NoRun, chapters
from scenarios.console.session import FrameLog
from wire.foreign_json import read_json

HERE = Path(__file__).resolve().parent
STATIC, TEXTS = HERE / "static", HERE / "texts"
FILES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}

RecordId = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F-]{36}$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Declaring(_Input):
    event: Literal["birth", "death"]


class OfRecord(_Input):
    record: RecordId


class Deciding(OfRecord):
    outcome: Literal["issue", "reject", "stall"]
    reason: Words | None = None


class Operating(OfRecord):
    what: Literal["retry", "reject"]
    reason: Words | None = None


class DecidingChange(_Input):
    case: int = Field(gt=0, lt=10**9, strict=True)
    approve: bool


class Cutting(_Input):
    line: Literal["opencrvs", "nid"]
    cut: bool


class Moving(_Input):
    seconds: float = Field(gt=0, le=366 * 86400)


class Answering(_Input):
    mode: Literal["ask", "itself"]


class SearchInput(_Input):
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class Beginning(_Input):
    story: Literal["review", "rejection", "line", "forged"]


class Nothing(_Input):
    pass


Input = TypeVar("Input", bound=BaseModel)


async def read(request: web.Request, model: type[Input]) -> Input:
    """The body as `model`; ActRefused 400 names the field."""
    try:
        return model.model_validate(read_json(await request.read() or b"null"))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise ActRefused(400, "bad-input", where=where, why=first["msg"]) from None
    except ValueError:
        raise ActRefused(400, "bad-input", where="body", why="no JSON") from None


class Pages:
    """The page, its parts, its texts."""

    async def index(self, request: web.Request) -> web.StreamResponse:
        return _file(STATIC / "index.html")

    async def static(self, request: web.Request) -> web.StreamResponse:
        return _named(STATIC, request.match_info["name"])

    async def languages(self, request: web.Request) -> web.StreamResponse:
        """`{"en": {"name": "English", "direction": "ltr"}, …}`: a language is a file of texts."""
        spoken = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in TEXTS.glob("*.json")}
        return web.json_response(
            {
                tag: {"name": words["language.name"], "direction": words["language.direction"]}
                for tag, words in sorted(spoken.items())
            }
        )

    async def texts(self, request: web.Request) -> web.StreamResponse:
        return _named(TEXTS, request.match_info["name"])


def _named(folder: Path, name: str) -> web.StreamResponse:
    # only names that are really there: no path of the caller's is ever opened
    for path in folder.iterdir():
        if path.name == name and path.suffix in FILES:
            return _file(path)
    raise web.HTTPNotFound()


def _file(path: Path) -> web.StreamResponse:
    return web.Response(body=path.read_bytes(), content_type=FILES[path.suffix], charset="utf-8")


class Watching:
    """The session: live, as a file, and back from a file."""

    def __init__(self, session: FrameLog) -> None:
        self._session = session
        self._log = structlog.get_logger("console")

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events, one bundle of frames each; `Last-Event-ID` continues after a lost line."""
        last = request.headers.get("Last-Event-ID", "")
        after = int(last) if last.isascii() and last.isdigit() and len(last) < 12 else 0
        async with sse_response(request) as stream:
            pump = asyncio.create_task(self._pump(stream, after))
            # its ping fails when the browser is gone; the pump stops it when it ends
            await stream.wait()
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
        return stream

    async def _pump(self, stream: EventSourceResponse, after: int) -> None:
        try:
            async for bundle in self._session.follow(after):
                await stream.send(json.dumps(bundle, ensure_ascii=False), id=str(bundle[-1]["frame"]))
        except ConnectionResetError:
            return
        except Exception:  # noqa: BLE001 - the stream ends, and the browser asks for the rest again
            self._log.exception("the session cannot be sent")
        stream.stop_streaming()

    async def saved(self, request: web.Request) -> web.StreamResponse:
        return web.Response(
            text=self._session.ndjson(),
            content_type="application/x-ndjson",
            headers={"Content-Disposition": 'attachment; filename="rehearsal-session.ndjson"'},
        )

    async def replay(self, request: web.Request) -> web.StreamResponse:
        """`{"text": "…NDJSON…"}` → `{"chapters": […]}`."""
        given = await read(request, Replaying)
        try:
            return web.json_response({"chapters": chapters(given.text)})
        except NoRun as wrong:
            raise ActRefused(400, "no-run", line=wrong.line, why=wrong.why) from wrong


class Replaying(_Input):
    text: str = Field(min_length=1)


def act(
    model: type[Input], do: Callable[[Input], Awaitable[object]], brings: str = "done"
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A button: what it sends is a `model`; answered `{"<brings>": …}` with what came of it, or true."""

    async def handler(request: web.Request) -> web.StreamResponse:
        came = await do(await read(request, model))
        return web.json_response({brings: True if came is None else came})

    return handler
