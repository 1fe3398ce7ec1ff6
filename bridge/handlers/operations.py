"""What operators see and do over HTTP: /operations, under a credential of their own."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from aiohttp import web
from structlog.contextvars import bind_contextvars

from bridge.advice import ADVICE, Stuck, remedy
from bridge.errors import Refusal
from bridge.expiring import running_out
from bridge.flow.operations import NotPossible, Operations
from bridge.flow.standing import Outlook, Standing
from bridge.opencrvs.token_checker import TokenChecker
from bridge.registration import Registration, State
from bridge.serving import json_object, read_body, token_of
from bridge.store.audit import OperatorAct
from bridge.store.lanes import StoreTrouble
from bridge.store.store import Store
from wire.opencrvs.tokens import COUNTRY_CONFIG, GATEWAY, TokenRefused
from wire.redaction import hide
from wire.world import World, timestamp

T = TypeVar("T")


class OperationsApi:
    """`/operations/registrations…`; every route needs the operations credential."""

    def __init__(
        self,
        operations: Operations,
        outlook: Outlook,
        store: Store,
        tokens: TokenChecker,
        operators: Mapping[str, str],
        world: World,
    ) -> None:
        """`operators`: who has which credential; none: operations are off."""
        self._operations, self._outlook, self._store = operations, outlook, store
        self._tokens, self._operators, self._world = tokens, operators, world

    def _admit(self, request: web.Request) -> str:
        """The operator's name."""
        if not self._operators:
            raise Refusal(404, "Not Found", "operations are off; BRIDGE_OPERATIONS_TOKEN switches them on")
        given, found = (token_of(request) or "").encode(errors="surrogateescape"), None
        for token, name in self._operators.items():
            if hmac.compare_digest(given, token.encode()):
                found = name
        if found is None:
            raise Refusal(401, "Unauthorized", "the operations credential is needed")
        return found

    async def on_list(self, request: web.Request) -> web.Response:
        """What is not settled, oldest first; `state`, `limit`, `offset`.

        State REJECTED: the rejected ones whose reason the registrar cannot read in OpenCRVS, newest first.
        """
        self._admit(request)
        states = None
        if "state" in request.query:
            try:
                states = [State(request.query["state"])]
            except ValueError:
                raise Refusal(400, "Invalid request", f"state is one of {', '.join(State)}") from None
        limit, offset = _number(request, "limit", 100, 1000), _number(request, "offset", 0, 10**9)
        if states == [State.REJECTED]:
            found = await self._store.listings.untold(limit=limit, offset=offset)
        else:
            found = await self._store.listings.pending(states=states, limit=limit, offset=offset)
        standing = await self._outlook.now()
        told = {"registrations": [shown(r) for r in found], "counts": standing.backlog.counts}
        return web.json_response(told | waiting(standing, self._world.clock.now()))

    async def on_show(self, request: web.Request) -> web.Response:
        """One registration with its history; by id, packet id, event id or action id."""
        self._admit(request)
        registration, history = await self._found(request)
        lines = [{"at": timestamp(line.at), "state": line.state, "note": line.note} for line in history]
        return web.json_response({**shown(registration), "history": lines})

    async def on_retry(self, request: web.Request) -> web.Response:
        """Body none, or `{"why": …}`."""
        who, body = self._admit(request), await self._body(request)
        registration, _ = await self._found(request)
        act = OperatorAct(who, "retry", registration.id, _why(body))
        return web.json_response(shown(await self._done(act, partial(self._operations.retry, registration))))

    async def on_reject(self, request: web.Request) -> web.Response:
        """Body `{"reason": "words for the registrar"}`."""
        who, body = self._admit(request), await self._body(request)
        reason = _text(body, "reason")
        registration, _ = await self._found(request)
        # what the registrar reads may name a person: it is kept with the record, and erased with it
        act = OperatorAct(who, "reject", registration.id, _why(body))
        return web.json_response(
            shown(await self._done(act, partial(self._operations.reject, registration, reason)))
        )

    async def on_tokens(self, request: web.Request) -> web.Response:
        """Body `{"tokens": [record token, …]}`, up to 1000; how many came to what."""
        who, body = self._admit(request), await self._body(request)
        given = body.get("tokens")
        if not (
            isinstance(given, list)
            and 1 <= len(given) <= 1000
            and all(isinstance(t, str) and t for t in given)
        ):
            raise Refusal(400, "Invalid request", "tokens: 1 to 1000 texts are due")
        hide(*given)
        act = OperatorAct(who, "tokens replace", f"{len(given)} tokens", _why(body))
        counts = await self._done(act, partial(self._replace, given))
        await self._store.audit.add(replace(act, came_to=json.dumps(counts)))
        return web.json_response({"counts": counts})

    async def _replace(self, given: list[str]) -> Counter[str]:
        counts: Counter[str] = Counter()
        for token in given:
            try:
                claims = await self._tokens.verify(token, (COUNTRY_CONFIG, GATEWAY))
                counts[await self._operations.replace_token(claims, token)] += 1
            except TokenRefused as refused:
                counts[f"refused: {refused.reason}"] += 1
        return counts

    async def on_erase(self, request: web.Request) -> web.Response:
        """Body `{"event": its id at OpenCRVS, "why": …}`: erases all that is kept about it, with a proof."""
        who, body = self._admit(request), await self._body(request)
        event, why = _text(body, "event"), _text(body, "why")
        print_of_event = f"sha256:{hashlib.sha256(event.encode()).hexdigest()}"
        act = OperatorAct(who, "erase", print_of_event, why)
        proof = await self._done(act, partial(self._operations.erase, event))
        if proof is None:
            nothing = (
                "nothing is kept about an event of this id; `bridge show` tells the event's id of a record"
            )
            await self._store.audit.add(replace(act, came_to=nothing))
            raise Refusal(404, "Not Found", nothing)
        proof = {"by": who, "why": why, **proof}
        await self._store.audit.add(replace(act, came_to=json.dumps(proof, sort_keys=True)))
        return web.json_response(proof)

    async def on_audit(self, request: web.Request) -> web.Response:
        """What operators did, oldest first; `after` (a line's number), `limit`."""
        self._admit(request)
        after, limit = _number(request, "after", 0, 10**9), _number(request, "limit", 1000, 1000)
        return web.json_response(
            {"acts": [line.shown for line in await self._store.audit.lines(after, limit)]}
        )

    async def _body(self, request: web.Request) -> dict[str, Any]:
        content = await read_body(request, self._world)
        return json_object(content) if content else {}

    async def _found(self, request: web.Request) -> Any:
        found = await self._operations.show(request.match_info["id"])
        if found is None:
            raise Refusal(404, "Not Found", "no registration has this id")
        bind_contextvars(**found[0].names)
        return found

    async def _done(self, act: OperatorAct, change: Callable[[], Awaitable[T]]) -> T:
        """Noted before it is done, and again when it is not, whatever the reason."""
        await self._store.audit.add(act)
        try:
            return await change()
        except NotPossible as error:
            await self._store.audit.add(replace(act, came_to=f"not possible: {error}"))
            raise Refusal(409, "Not possible now", str(error)) from error
        except Exception as error:
            with suppress(StoreTrouble):  # nor can it be noted then
                await self._store.audit.add(replace(act, came_to=f"broken off: {type(error).__name__}"))
            raise


def waiting(standing: Standing, now: datetime) -> dict[str, Any]:
    """What waits: the oldest's age in seconds, the time to drain; tokens and certificates that run out."""
    return {
        "oldest": round(standing.backlog.oldest, 1),
        "tokens_expiring": standing.backlog.expiring,
        "certificates": [each.shown for each in running_out(standing.certificates, now)],
        "drain": [
            {
                "destination": each.destination.value,
                "waiting": each.waiting,
                "seconds": None if each.seconds is None else round(each.seconds, 1),
            }
            for each in standing.drain
        ],
    }


def shown(registration: Registration) -> dict[str, Any]:
    """A registration without secrets, as JSON; with what an operator can do about it."""
    hidden = {"kept"}
    values = {
        name: timestamp(value) if isinstance(value, datetime) else value
        for name, value in asdict(registration).items()
        if name not in hidden
    }
    stuck = registration.state is State.STUCK
    values["stuck"] = stuck
    values["untold"] = registration.untold
    values["advice"] = ADVICE[Stuck(registration.reason)] if stuck and registration.reason else None
    if registration.held is not None:
        values["advice"] = remedy(registration.held)
    values["remedies"] = remedies(registration)
    return values


def remedies(registration: Registration) -> list[str]:
    """The operations that are possible now."""
    if registration.state is State.STUCK:
        return ["retry", "reject"]
    again = ["retry"] if registration.held is not None else []
    return again + (["reject"] if registration.state in (State.QUEUED, State.SUBMITTED) else [])


def _text(body: dict[str, Any], name: str) -> str:
    text = body.get(name)
    if not isinstance(text, str) or not 1 <= len(text.strip()) <= 500:
        raise Refusal(400, "Invalid request", f"{name}: a text of 1 to 500 characters is due")
    return text.strip()


def _why(body: dict[str, Any]) -> str:
    return _text(body, "why") if body.get("why") is not None else ""


def _number(request: web.Request, name: str, default: int, most: int) -> int:
    text = request.query.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 10 or int(text) > most:
        raise Refusal(400, "Invalid request", f"{name} is a whole number up to {most}")
    return int(text)
