"""The events service behind the gateway: tRPC or REST, which procedures, rendered how (§3, §5).

It reads and renders; what the calls do is the procedures' business.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog
from aiohttp import web

from mock_opencrvs.auth.caller import Caller
from mock_opencrvs.events.core import Core
from mock_opencrvs.http.rest import RestCall, RestTable
from mock_opencrvs.procedures.registry import Procedure
from wire.opencrvs.profiles import Profile
from wire.opencrvs.tokens import EVENTS, GATEWAY, TokenRefused
from wire.opencrvs.trpc import (
    Batch,
    ErrorItem,
    ProcedureCall,
    ResultItem,
    TRPCError,
    check_kinds,
    check_method,
    error_item,
    parse_calls,
    render,
    render_failure,
    unknown_procedure,
)

_REST_VARY = "origin,accept-encoding"
_UNTYPED = "text/plain;charset=UTF-8"
"""What a tRPC answer to a whole request gets: nobody sets a type, so the runtime does."""
_log = structlog.get_logger("mock_opencrvs")


@dataclass(frozen=True)
class Answered:
    status: int
    body: bytes
    records: tuple[str, ...] = ()
    content_type: str | None = None
    """When it is not JSON's."""
    vary: str = "trpc-accept,origin,accept-encoding"


@dataclass(frozen=True)
class Incoming:
    """One request as read: tRPC calls, a REST call, or an answer already (`failure`)."""

    authorization: str
    """The header as it came."""
    method: str
    batch: Batch | None = None
    rest: RestCall | None = None
    failure: Answered | None = None
    seams: tuple[str, ...] = ()
    records: tuple[str, ...] = ()


@dataclass(frozen=True)
class EventsService:
    """Dispatch over the procedures of one profile."""

    core: Core
    procedures: Mapping[str, Procedure]
    rest: RestTable

    def read(self, request: web.Request, body: bytes) -> Incoming:
        """tRPC when the query begins with `batch` or `input` or the path is a procedure; else REST (§3.1)."""
        path, method = request.match_info["path"], request.method
        authorization = request.headers.get("Authorization", "")
        if not (request.query_string.startswith(("batch", "input")) or path in self.procedures):
            call = self.rest.read(request, path, body)
            seams = (self._seam(call.procedure),) if call.procedure else ()
            return Incoming(authorization, method, rest=call, seams=seams, records=_records([call.input]))
        content_type = request.headers.get("Content-Type")
        try:
            batch = parse_calls(method, path, request.query, body, content_type=content_type)
        except TRPCError as error:
            status, text = render_failure(error, stack=self._stack(error))
            return Incoming(authorization, method, failure=Answered(status, text, content_type=_UNTYPED))
        return Incoming(
            authorization,
            method,
            batch,
            seams=tuple(self._seam(call.path) for call in batch.calls),
            records=_records([call.input for call in batch.calls]),
        )

    def _seam(self, path: str) -> str:
        procedure = self.procedures.get(path)
        return procedure.seam if procedure else "procedure"

    async def answer(self, incoming: Incoming) -> Answered:
        """Do the calls, all of a batch side by side; what they wrote is kept before the answer goes out."""
        answered = await self._answer(incoming)
        await self.core.persist()
        return answered

    async def _answer(self, incoming: Incoming) -> Answered:
        if incoming.failure is not None:
            return incoming.failure
        if incoming.rest is not None:
            return await self._answer_rest(incoming, incoming.rest)
        assert incoming.batch is not None
        calls = incoming.batch.calls
        kinds = [self.procedures[call.path].kind for call in calls if call.path in self.procedures]
        try:
            check_kinds([str(kind) for kind in kinds])
        except TRPCError as error:
            items: list[ResultItem | ErrorItem] = [self._failed(error, call.path) for call in calls]
        else:
            items = await asyncio.gather(*(self._item(incoming, call) for call in calls))
        status, body = render(items, batched=incoming.batch.batched)
        return Answered(status, body, _records([i.value for i in items if isinstance(i, ResultItem)]))

    async def _item(self, incoming: Incoming, call: ProcedureCall) -> ResultItem | ErrorItem:
        try:
            return ResultItem(await self._call(incoming, call))
        except TRPCError as error:
            return self._failed(error, call.path)

    async def _call(self, incoming: Incoming, call: ProcedureCall) -> Any:
        procedure = self.procedures.get(call.path)
        if procedure is None:
            raise unknown_procedure(call.path)
        check_method(incoming.method, procedure.kind, call.path)
        caller = self._caller(incoming.authorization)
        if call.fault is not None:
            raise call.fault
        if procedure.people_only:
            caller.needs_user()
        await self.core.country.load(caller.token)
        began = self.core.world.timestamp()
        try:
            answer = await procedure.handle(self.core, caller, call.input)
            self.core.audit.observe(caller, call.path, call.input, answer, began)
            return answer
        except TRPCError:
            raise
        except Exception as error:  # the real service answers any surprise as a tRPC 500, too
            _log.exception("a procedure failed", procedure=call.path)
            raise TRPCError("INTERNAL_SERVER_ERROR", f"{type(error).__name__} in {call.path}") from error

    def _caller(self, authorization: str) -> Caller:
        """Who calls; 401 for a person without a row, as after they were removed (§2.6).

        For a system client nobody looks: its token outlives it.
        """
        if not _BEARER.match(authorization):
            raise TRPCError("UNAUTHORIZED", "Authorization token is missing")
        token, people = authorization.split(" ")[1:2], self.core.people
        try:
            claims = self.core.tokens.payload("".join(token), (GATEWAY, EVENTS))
        except TokenRefused:
            raise _failed() from None
        subject = claims["sub"]
        # 1.9 calls whoever exchanged a token for a record's a user (§2.3)
        exchanged = self.core.profile is Profile.V1_9 and subject in people.clients
        if exchanged or claims.get("userType", "user") == "system":
            return Caller(claims, "".join(token), None, people.clients.get(subject), self.core.profile)
        user = people.users.get(subject)
        if user is None or user.status == "deactivated" or claims.get("userType", "user") != "user":
            raise _failed()
        return Caller(claims, "".join(token), user, None, self.core.profile)

    async def _answer_rest(self, incoming: Incoming, call: RestCall) -> Answered:
        try:
            if call.error is not None:
                raise call.error
            value = await self._call(
                replace(incoming, method="POST"), ProcedureCall(call.procedure, call.input)
            )
        except TRPCError as error:
            stack = self._stack(error)
            status, body = self.rest.render_error(error, call.procedure, stack, self.core.settings.production)
            # for a path that is no route nobody compresses
            return Answered(status, body, vary=_REST_VARY if call.procedure else "origin")
        return Answered(200, self.rest.render(value, call), _records([value]), vary=_REST_VARY)

    def _failed(self, error: TRPCError, path: str) -> ErrorItem:
        production = self.core.settings.production
        return error_item(error, path, stack=self._stack(error), production=production)

    def _stack(self, error: TRPCError) -> str | None:
        """Outside production upstream sends a stack; ours names no files."""
        return None if self.core.settings.production else f"TRPCError: {error.message}\n    at events service"


_BEARER = re.compile(r"Bearer\s")


def _failed() -> TRPCError:
    return TRPCError("UNAUTHORIZED", "Authentication failed")


def _records(values: list[Any]) -> tuple[str, ...]:
    """Ids that the journal files an exchange under."""
    found = []
    for value in values:
        if isinstance(value, str) and len(value) == 36:
            found.append(value)
        if isinstance(value, dict):
            names = ("eventId", "actionId", "id", "trackingId")
            found += [value[name] for name in names if isinstance(value.get(name), str)]
    return tuple(found)
