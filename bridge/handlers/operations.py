"""What operators see and do over HTTP: /operations (own credential), and health for whoever runs
the bridge.
"""

from __future__ import annotations

import hmac
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from typing import Any

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
from bridge.store.backlog import Backlog
from wire.opencrvs.tokens import COUNTRY_CONFIG, GATEWAY, TokenRefused
from wire.redaction import hide
from wire.world import World, timestamp


class OperationsApi:
    """`/operations/registrations…`; every route needs the operations credential."""

    def __init__(self, operations: Operations, tokens: TokenChecker, token: str | None, world: World) -> None:
        self._operations, self._tokens, self._token, self._world = operations, tokens, token, world

    def _admit(self, request: web.Request) -> None:
        if self._token is None:
            raise Refusal(404, "Not Found", "operations are off; BRIDGE_OPERATIONS_TOKEN switches them on")
        if not hmac.compare_digest((bearer(request) or "").encode(), self._token.encode()):
            raise Refusal(401, "Unauthorized", "the operations credential is needed")

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
        self._admit(request)
        registration, _ = await self._found(request)
        return web.json_response(shown(await self._done(self._operations.retry(registration))))

    async def on_reject(self, request: web.Request) -> web.Response:
        """Body `{"reason": "words for the registrar"}`."""
        self._admit(request)
        body = json_object(await read_body(request, self._world))
        reason = body.get("reason")
        if not isinstance(reason, str) or not 1 <= len(reason.strip()) <= 500:
            raise Refusal(400, "Invalid request", "reason: a text of 1 to 500 characters is due")
        registration, _ = await self._found(request)
        return web.json_response(
            shown(await self._done(self._operations.reject(registration, reason.strip())))
        )

    async def on_tokens(self, request: web.Request) -> web.Response:
        """Body `{"tokens": [record token, …]}`, up to 1000; how many came to what."""
        self._admit(request)
        given = json_object(await read_body(request, self._world)).get("tokens")
        if not (
            isinstance(given, list)
            and 1 <= len(given) <= 1000
            and all(isinstance(t, str) and t for t in given)
        ):
            raise Refusal(400, "Invalid request", "tokens: 1 to 1000 texts are due")
        hide(*given)
        counts: Counter[str] = Counter()
        for token in given:
            try:
                claims = await self._tokens.verify(token, (COUNTRY_CONFIG, GATEWAY))
                counts[await self._operations.replace_token(claims, token)] += 1
            except TokenRefused as refused:
                counts[f"refused: {refused.reason}"] += 1
        return web.json_response({"counts": counts})

    async def _found(self, request: web.Request) -> Any:
        found = await self._operations.show(request.match_info["id"])
        if found is None:
            raise Refusal(404, "Not Found", "no registration has this id")
        bind_contextvars(**found[0].names)
        return found

    async def _done(self, change: Any) -> Registration:
        try:
            done: Registration = await change
        except NotPossible as error:
            raise Refusal(409, "Not possible now", str(error)) from error
        return done


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


def _number(request: web.Request, name: str, default: int, most: int) -> int:
    text = request.query.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 10 or int(text) > most:
        raise Refusal(400, "Invalid request", f"{name} is a whole number up to {most}")
    return int(text)
