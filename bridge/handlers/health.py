"""Health for whoever runs the bridge: alive, ready, metrics."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bridge.advice import remedy
from bridge.errors import Refusal
from bridge.flow.outbox import Outbox
from bridge.flow.standing import Outlook, Standing
from bridge.handlers.operations import waiting
from bridge.metrics import CONTENT_TYPE, Metrics
from bridge.store.store import Store
from wire.world import Clock, timestamp


class Health:
    """`/health` (alive), `/ready` (it can serve: the store takes writes), `/metrics`.

    A subscription that does not stand makes nobody unready: registrations are taken, and polling finds their
    answers. It is told beside, and is a metric. So are certificates that run out.
    """

    def __init__(
        self, outlook: Outlook, store: Store, outbox: Outbox, metrics: Metrics, clock: Clock
    ) -> None:
        self._outlook, self._store, self._outbox = outlook, store, outbox
        self._metrics, self._clock = metrics, clock

    async def on_health(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def on_ready(self, request: web.Request) -> web.Response:
        """200 with the subscriptions, and the faults that a person has to mend; 503 when nothing is taken or
        nobody does the work that is due.
        """
        try:
            await self._store.ready()
        except Exception as error:
            raise Refusal(
                503, "Not ready", f"the store cannot be written to ({type(error).__name__})"
            ) from error
        for loop in self._outbox.pumps.values():
            if not loop.runs or loop.trouble:
                raise Refusal(503, "Not ready", f"{loop.name} does no work ({loop.trouble or 'it ended'})")
        standing = await self._outlook.now()
        told = {"status": "ready", "subscriptions": standing.subscribed}
        told |= waiting(standing, self._clock.now())
        return web.json_response(
            told | {"forms_lack": list(standing.forms_lack), "faults": _faults(standing)}
        )

    async def on_metrics(self, request: web.Request) -> web.Response:
        """Prometheus' text format; numbers only, no ids."""
        text = self._metrics.text(await self._outlook.now())
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE})


def _faults(standing: Standing) -> list[dict[str, Any]]:
    held = dict(standing.held)
    seen = [
        {
            "channel": fault.channel,
            "code": fault.failure.code,
            "since": timestamp(fault.since),
            "why": fault.failure.words,
            "remedy": remedy(fault.failure.code),
            "waiting": held.pop(fault.failure.code, 0),
        }
        for fault in standing.faults
    ]
    # what another replica, or this one before it was restarted, has seen
    others = [{"code": code, "remedy": remedy(code), "waiting": count} for code, count in held.items()]
    return seen + others
