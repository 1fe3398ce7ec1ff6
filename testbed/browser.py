"""A registrar's browser as a script: log in, declare, register, wait. It talks to a gateway over HTTP only,
so it works against a real OpenCRVS too (contract opencrvs §2.4, §3, §4).

    async with Browser(gateway_url, world) as browser:
        record = await browser.declare(form)
        await browser.register(record.id)
        await browser.until_in_queue(record.id, "in-external-validation")
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from testbed.gateway_session import GatewaySession
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.state import assigned_to

_POLL_SECONDS = 1.0


class Form(Protocol):
    """A form as it was filled in (contract opencrvs §3)."""

    @property
    def event_type(self) -> str: ...
    @property
    def declaration(self) -> Mapping[str, Any]: ...
    @property
    def annotation(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Declared:
    """A record after its declaration; `event` as the answer showed it."""

    id: str
    tracking_id: str
    event: EventDocument


class Browser(GatewaySession):
    """What a registrar does. Every call raises TRPCError as the browser would see it."""

    async def create(self, event_type: str) -> EventDocument:
        value = {"type": event_type, "transactionId": self.world.chance.uuid()}
        return await self._written("event.create", value)

    async def declare(self, form: Form, *, keep_assignment: bool = False) -> Declared:
        """Create the record and declare it; assigned afterwards only when asked for."""
        created = await self.create(form.event_type)
        asked: dict[str, Any] = {
            "declaration": dict(form.declaration),
            "annotation": dict(form.annotation),
            "keepAssignment": keep_assignment,
        }
        event = await self.act("declare", created["id"], **asked)
        return Declared(event["id"], event["trackingId"], event)

    async def act(
        self, action: str, event_id: str, *, transaction_id: str | None = None, **fields: Any
    ) -> EventDocument:
        """`event.actions.<action>.request`. The same transaction id again is the browser's retry."""
        value = {"eventId": event_id, "transactionId": transaction_id or self.world.chance.uuid(), **fields}
        return await self._written(f"event.actions.{action}.request", value)

    async def assign(self, event_id: str) -> EventDocument:
        await self.logged_in()
        transaction, own = self.world.chance.uuid(), self.user_id
        value = {"eventId": event_id, "transactionId": transaction, "type": "ASSIGN", "assignedTo": own}
        return await self._written("event.actions.assignment.assign", value)

    async def unassign(self, event_id: str) -> EventDocument:
        """Give the record back."""
        value = {"eventId": event_id, "transactionId": self.world.chance.uuid()}
        return await self._written("event.actions.assignment.unassign", value)

    async def register(
        self,
        event_id: str,
        *,
        transaction_id: str | None = None,
        annotation: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> EventDocument:
        """Take the record, in 1.9 validate it, and register it: the call that reaches the country server."""
        event = await self.get(event_id)
        if assigned_to(event) is None:
            event = await self.assign(event_id)
        told = dict(annotation or _annotation(event))
        if self.profile.validates and not _has(event, "VALIDATE"):
            await self.act("validate", event_id, annotation=told, keepAssignment=True)
        return await self.act("register", event_id, transaction_id=transaction_id, annotation=told, **fields)

    async def retry_register(self, event_id: str, transaction_id: str, **fields: Any) -> EventDocument:
        """What the browser's outbox does after a failure: the same request with the same transaction id."""
        told = dict(_annotation(await self.get(event_id)))
        return await self.act("register", event_id, transaction_id=transaction_id, annotation=told, **fields)

    async def get(self, event_id: str) -> EventDocument:
        """The record; core notes the reading in it."""
        bare = self.profile.bare_event_id
        event: EventDocument = await self.query("event.get", event_id if bare else {"eventId": event_id})
        return event

    # looking and waiting

    async def queues(self) -> list[dict[str, Any]]:
        """The workqueues in this user's scopes: `[{slug, name, query, …}]`, own values in the query."""
        listed = await self.query("workqueue.config.list")
        return [{**config, "query": resolved(config["query"], await self.user())} for config in listed]

    async def queue_query(self, slug: str) -> dict[str, Any]:
        """A workqueue's query with this user's own values, as the browser sends it."""
        for config in await self.queues():
            if config["slug"] == slug:
                return dict(config["query"])
        raise LookupError(f"{self.username} has no workqueue {slug!r} in the scopes")

    async def queue(self, slug: str, *, limit: int = 10) -> dict[str, Any]:
        """A page of a workqueue: `{results, total}`."""
        value = {
            "query": await self.queue_query(slug),
            "limit": limit,
            "offset": 0,
            "sort": [{"field": "updatedAt", "direction": "asc"}],
        }
        page: dict[str, Any] = await self.query("event.search", value)
        return page

    async def count(self, slug: str) -> int:
        value = [{"slug": slug, "query": await self.queue_query(slug)}]
        return int((await self.query("workqueue.count", value))[slug])

    async def row(self, event_id: str) -> dict[str, Any] | None:
        """The record as search shows it; None when search does not have it."""
        value = {"query": {"type": "and", "clauses": [{"id": event_id}]}, "limit": 1}
        results = (await self.query("event.search", value))["results"]
        return dict(results[0]) if results else None

    async def in_queue(self, event_id: str, slug: str) -> bool:
        query = await self.queue_query(slug)
        clauses = [{**clause, "id": event_id} for clause in query["clauses"]]
        value = {"query": {**query, "clauses": clauses}, "limit": 1}
        return bool((await self.query("event.search", value))["results"])

    async def until_in_queue(self, event_id: str, slug: str, *, gone: bool = False) -> None:
        """Return when the workqueue has the record, or is rid of it; bound it with `world.clock.timeout`."""
        while await self.in_queue(event_id, slug) is gone:
            await self.world.clock.sleep(_POLL_SECONDS)

    async def _written(self, path: str, value: Mapping[str, Any]) -> EventDocument:
        event: EventDocument = await self.mutate(path, value)
        return event


def _has(event: EventDocument, kind: str) -> bool:
    return any(action["type"] == kind and action["status"] == "Accepted" for action in event["actions"])


def _annotation(event: EventDocument) -> Mapping[str, Any]:
    """The annotation of the last declaration, as the review page shows it again."""
    for action in reversed(event["actions"]):
        if action.get("annotation"):
            return action.get("annotation") or {}
    return {}


def resolved(query: Any, user: dict[str, Any]) -> Any:
    """The query with every `$userField` replaced by the user's value, as the browser does it."""
    if isinstance(query, dict):
        if set(query) == {"$userField"}:
            return user.get(query["$userField"])
        return {name: resolved(value, user) for name, value in query.items()}
    if isinstance(query, list):
        return [resolved(value, user) for value in query]
    return query
