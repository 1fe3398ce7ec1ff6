"""What operators see and do over HTTP: /operations (own credential), and health for whoever runs
the bridge.
"""

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

from bridge.channels import remedy
from bridge.errors import Refusal
from bridge.flow.operations import NotPossible, Operations
from bridge.metrics import CONTENT_TYPE, Gauges, Metrics
from bridge.nid import IdSystem
from bridge.opencrvs.token_checker import TokenChecker
from bridge.registration import ADVICE, Registration, State, Stuck
from bridge.serving import bearer, json_object, read_body
from bridge.store.audit import OperatorAct
from bridge.store.backlog import Backlog
from bridge.store.lanes import StoreTrouble
from wire.opencrvs.tokens import COUNTRY_CONFIG, GATEWAY, TokenRefused
from wire.redaction import hide
from wire.world import World, timestamp

T = TypeVar("T")


class OperationsApi:
    """`/operations/registrations…`; every route needs the operations credential."""

    def __init__(
        self, operations: Operations, tokens: TokenChecker, operators: Mapping[str, str], world: World
    ) -> None:
        """`operators`: who has which credential; none: operations are off."""
        self._operations, self._tokens, self._operators, self._world = operations, tokens, operators, world

    def _admit(self, request: web.Request) -> str:
        """The operator's name."""
        if not self._operators:
            raise Refusal(404, "Not Found", "operations are off; BRIDGE_OPERATIONS_TOKEN switches them on")
        given, found = (bearer(request) or "").encode(errors="surrogateescape"), None
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
            found = await self._operations.untold(limit=limit, offset=offset)
        else:
            found = await self._operations.pending(states=states, limit=limit, offset=offset)
        backlog = await self._operations.backlog()
        told = {"registrations": [shown(r) for r in found], "counts": backlog.counts}
        return web.json_response(told | waiting(self._operations, backlog))

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
        await self._operations.note(replace(act, came_to=json.dumps(counts)))
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
            await self._operations.note(replace(act, came_to=nothing))
            raise Refusal(404, "Not Found", nothing)
        proof = {"by": who, "why": why, **proof}
        await self._operations.note(replace(act, came_to=json.dumps(proof, sort_keys=True)))
        return web.json_response(proof)

    async def on_audit(self, request: web.Request) -> web.Response:
        """What operators did, oldest first; `after` (a line's number), `limit`."""
        self._admit(request)
        after, limit = _number(request, "after", 0, 10**9), _number(request, "limit", 1000, 1000)
        return web.json_response(
            {"acts": [line.shown for line in await self._operations.audit(after, limit)]}
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
        await self._operations.note(act)
        try:
            return await change()
        except NotPossible as error:
            await self._operations.note(replace(act, came_to=f"not possible: {error}"))
            raise Refusal(409, "Not possible now", str(error)) from error
        except Exception as error:
            with suppress(StoreTrouble):  # nor can it be noted then
                await self._operations.note(replace(act, came_to=f"broken off: {type(error).__name__}"))
            raise


class Health:
    """`/health` (alive), `/ready` (it can serve: the store takes writes), `/metrics`.

    A subscription that does not stand makes nobody unready: registrations are taken, and polling finds their
    answers. It is told beside, and is a metric. So are certificates that run out.
    """

    def __init__(
        self,
        operations: Operations,
        nid: IdSystem,
        metrics: Metrics,
    ) -> None:
        self._operations, self._nid, self._metrics = operations, nid, metrics

    async def on_health(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def on_ready(self, request: web.Request) -> web.Response:
        """200 with the subscriptions, and the faults that a person has to mend; 503 when nothing is taken or
        nobody does the work that is due.
        """
        try:
            await self._operations.ready()
        except Exception as error:
            raise Refusal(
                503, "Not ready", f"the store cannot be written to ({type(error).__name__})"
            ) from error
        for loop in self._operations.loops:
            if not loop.runs or loop.trouble:
                raise Refusal(503, "Not ready", f"{loop.name} does no work ({loop.trouble or 'it ended'})")
        told = {"status": "ready", "subscriptions": self._nid.listening}
        told |= waiting(self._operations, await self._operations.backlog())
        told["forms_lack"] = list(self._operations.forms_lack)
        return web.json_response(told | {"faults": await self._faults()})

    async def _faults(self) -> list[dict[str, Any]]:
        held = dict(await self._operations.held())
        seen = [
            {
                "channel": fault.channel,
                "code": fault.failure.code,
                "since": timestamp(fault.since),
                "why": fault.failure.words,
                "remedy": remedy(fault.failure.code),
                "waiting": held.pop(fault.failure.code, 0),
            }
            for fault in self._operations.faults
        ]
        # what another replica, or this one before it was restarted, has seen
        others = [{"code": code, "remedy": remedy(code), "waiting": count} for code, count in held.items()]
        return seen + others

    async def on_metrics(self, request: web.Request) -> web.Response:
        """Prometheus' text format; numbers only, no ids."""
        backlog = await self._operations.backlog()
        standing = Gauges(
            backlog,
            self._operations.circuits,
            self._nid.listening,
            self._nid.certificates,
            await self._operations.held(),
            [(fault.channel, fault.failure.code) for fault in self._operations.faults],
            self._operations.drain(backlog),
        )
        return web.Response(body=self._metrics.text(standing), headers={"Content-Type": CONTENT_TYPE})


def waiting(operations: Operations, backlog: Backlog) -> dict[str, Any]:
    """What waits: the oldest's age in seconds, the time to drain; tokens and certificates that run out."""
    return {
        "oldest": round(backlog.oldest, 1),
        "tokens_expiring": backlog.expiring,
        "certificates": [each.shown for each in operations.ending],
        "drain": [each.shown for each in operations.drain(backlog)],
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
