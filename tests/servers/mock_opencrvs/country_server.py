"""A stub of the country's own server: what it answers is scripted, what it was asked is kept."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from pytest_aiohttp.plugin import AiohttpServer

from wire.opencrvs.documents import EventDocument

Script = Callable[["Asked"], Awaitable[web.Response]]


@dataclass(frozen=True)
class Asked:
    """One trigger as it came in."""

    path: str
    action: str
    headers: dict[str, str]
    event: EventDocument

    @property
    def token(self) -> str:
        return self.headers["Authorization"].removeprefix("Bearer ")

    @property
    def action_id(self) -> str:
        return self.event["actions"][-1]["id"]


class CountryServer:
    """Answers 200 `{}` (REGISTER: with a number) unless `answers[ACTION]` holds something else."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: dict[str, deque[web.Response | Script]] = defaultdict(deque)
        self._numbers = 0
        self.arrived = asyncio.Event()
        self.server: TestServer

    @property
    def url(self) -> str:
        return str(self.server.make_url(""))

    async def open(self, aiohttp_server: AiohttpServer) -> CountryServer:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self.server = await aiohttp_server(app)
        return self

    def will(self, action: str, answer: web.Response | Script | int, body: Any = None) -> None:
        """Script the next answer to an action: a status with a JSON body, a response, or a function."""
        if isinstance(answer, int):
            answer = web.json_response({} if body is None else body, status=answer)
        self.answers[action].append(answer)

    async def _handle(self, request: web.Request) -> web.Response:
        action = request.path.rsplit("/", 1)[-1]
        asked = Asked(request.path, action, dict(request.headers), await request.json())
        self.asked.append(asked)
        self.arrived.set()
        if self.answers[action]:
            answer = self.answers[action].popleft()
            return answer if isinstance(answer, web.Response) else await answer(asked)
        if action == "REGISTER":
            self._numbers += 1
            return web.json_response({"registrationNumber": f"2026B{self._numbers:06}"})
        return web.json_response({})

    def last(self, action: str) -> Asked:
        return next(asked for asked in reversed(self.asked) if asked.action == action)
