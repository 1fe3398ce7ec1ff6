"""The registrar's side over HTTP: /admin/script routes that act through the gateway, as a browser would.

Bodies are JSON; errors are `application/problem+json`, and tell what OpenCRVS itself answered.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field
from yarl import URL

from mock_opencrvs.events.core import Core
from mock_opencrvs.families import Families, Family
from testbed.admin import Problem, read_json
from testbed.browser import Browser
from testbed.gateway_session import LoginFailed
from wire.opencrvs.trpc import TRPCError


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")

    username: str = "k.mweene"


class DeclareInput(_Input):
    """`child` or `deceased` overrides name parts (a magic name); `same_mother` names a record."""

    event_type: Literal["birth", "death"] = "birth"
    child: dict[str, str] = Field(default_factory=dict)
    deceased: dict[str, str] = Field(default_factory=dict)
    same_mother: str | None = None
    verified: bool = False
    changes: dict[str, Any] = Field(default_factory=dict)


class RegisterInput(_Input):
    """`transactionId` of an earlier attempt is the browser's retry."""

    record: str
    transactionId: str | None = None


class WaitInput(_Input):
    """Wait until the record is in the queue (or, with `leave`, out of it), `seconds` at most."""

    record: str
    queue: str = "in-external-validation"
    leave: bool = False
    seconds: float = Field(60.0, gt=0, le=31_536_000)


class Scripts:
    """Routes over one running server, and the family generator that they share."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._families: Families | None = None

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/admin/script/declare", self._declare),
            web.post("/admin/script/register", self._register),
            web.post("/admin/script/wait", self._wait),
            web.get("/admin/script/queues/{slug}", self._queue),
        ]

    @asynccontextmanager
    async def _browser(self, request: web.Request, username: str) -> AsyncIterator[Browser]:
        user = self._core.people.by_username(username)
        if user is None:
            raise Problem(404, f"No user is called {username}", "GET /admin/users lists them.")
        settings = self._core.settings
        browser = Browser(
            _own_address(request),
            self._core.world,
            username=username,
            password=user.password,
            profile=settings.profile,
        )
        async with browser:
            # the script needs no telephone: the server knows the scopes itself
            browser.token = await self._core.tokens.for_user(user, self._core.people.scopes_of(user))
            try:
                yield browser
            except TRPCError as error:
                status = error.http_status if 400 <= error.http_status < 500 else 502
                raise Problem(status, "OpenCRVS refused", f"{error.code}: {error.message}") from None
            except LoginFailed as error:
                raise Problem(502, "The log-in failed", str(error)) from None

    async def _declare(self, request: web.Request) -> web.Response:
        wanted = await read_json(request, DeclareInput)
        family = self._family(wanted)
        async with self._browser(request, wanted.username) as browser:
            record = await browser.declare(family)
        shown = {"record": record.id, "trackingId": record.tracking_id, "name": family.name}
        return web.json_response({**shown, "declaration": dict(family.declaration)}, status=201)

    def _family(self, wanted: DeclareInput) -> Family:
        if self._families is None:
            self._families = Families(self._core.world, self._core.settings.locale)
        families = self._families
        families.verified = wanted.verified
        if wanted.event_type == "death":
            family = families.death(deceased=wanted.deceased)
        else:
            family = families.birth(child=wanted.child, same_mother=self._like(wanted.same_mother))
        return Family(family.event_type, {**family.declaration, **wanted.changes}, family.annotation)

    def _like(self, record: str | None) -> Family | None:
        if record is None:
            return None
        row = self._core.index.get(self._found(record))
        if row is None or row["type"] != "birth":
            raise Problem(409, f"Record {record} is no declared birth", "Name one that was declared.")
        return Family("birth", row["declaration"], {})

    def _found(self, record: str) -> str:
        event = self._core.records.find(record)
        if event is None:
            raise Problem(
                404, f"There is no record {record}", "Give an id, tracking id or registration number."
            )
        return event["id"]

    async def _register(self, request: web.Request) -> web.Response:
        wanted = await read_json(request, RegisterInput)
        event_id = self._found(wanted.record)
        async with self._browser(request, wanted.username) as browser:
            if wanted.transactionId is None:
                event = await browser.register(event_id)
            else:
                event = await browser.retry_register(event_id, wanted.transactionId)
        return web.json_response({"record": event_id, "document": event})

    async def _wait(self, request: web.Request) -> web.Response:
        wanted = await read_json(request, WaitInput)
        event_id = self._found(wanted.record)
        clock = self._core.world.clock
        async with self._browser(request, wanted.username) as browser:
            try:
                async with clock.timeout(wanted.seconds):
                    await browser.until_in_queue(event_id, wanted.queue, gone=wanted.leave)
            except LookupError as error:
                raise Problem(404, str(error.args[0]), "GET /admin/users shows who there is.") from None
            except TimeoutError:
                side = "left" if wanted.leave else "entered"
                raise Problem(
                    504, f"The record has not {side} {wanted.queue}", "Look into the journal."
                ) from None
        return web.json_response({"record": event_id, "queue": wanted.queue, "in": not wanted.leave})

    async def _queue(self, request: web.Request) -> web.Response:
        slug = request.match_info["slug"]
        async with self._browser(request, request.query.get("username", "k.mweene")) as browser:
            try:
                return web.json_response(await browser.queue(slug, limit=100))
            except LookupError as error:
                raise Problem(404, str(error.args[0]), "Slugs: workqueue.config.list.") from None


def _own_address(request: web.Request) -> str:
    """Where this gateway listens: the address to which the request came, whatever name it was called by."""
    if request.transport is None:
        raise ConnectionResetError("whoever asked has gone")
    host, port = request.transport.get_extra_info("sockname")[:2]
    return str(URL.build(scheme="http", host=host, port=port))
