"""A registrar's browser as a script: log in, declare, register, wait. It talks to a gateway over HTTP only,
so it works against a real OpenCRVS too (contract opencrvs §2.4, §3, §4).

    async with Browser(gateway_url, world) as browser:
        record = await browser.declare(form)
        await browser.register(record.id)
        await browser.until_in_queue(record.id, "in-external-validation")
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol

from wire.http.client import HttpClient
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.javascript import UNDEFINED
from wire.opencrvs.profiles import Profile
from wire.opencrvs.state import assigned_to
from wire.opencrvs.tokens import peek
from wire.opencrvs.trpc import TRPCError, mutation, query_url, read
from wire.world import World

_LAST_SECONDS = 60.0
_LARGEST = 64 * 1024 * 1024


class LoginFailed(Exception):
    """The gateway or auth did not let the user in; the text says which step and what came."""


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


class Browser:
    """One logged-in user. Every call raises TRPCError as the browser would see it; NoAnswer when none comes.

    `http` is shared with others and stays theirs to close; its own waits for ever, as the browser does.
    With `renews` a log-in that has run out, or is about to, is followed by a new one, as a person at the
    screen does.
    """

    def __init__(
        self,
        gateway_url: str,
        world: World,
        *,
        username: str = "k.mweene",
        password: str = "test",
        code: str = "000000",
        profile: Profile = Profile.V2_0,
        http: HttpClient | None = None,
        renews: bool = False,
    ) -> None:
        self.gateway_url = gateway_url.rstrip("/")
        self.world = world
        self.username = username
        self.profile = profile
        self._password = password
        self._code = code
        self._http, self._own = http, http is None
        self._renews = renews
        self.token: str | None = None
        self._user: dict[str, Any] | None = None

    async def __aenter__(self) -> Browser:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        if self._http is not None and self._own:
            await self._http.close()
            self._http = None

    # logging in

    async def log_in(self) -> str:
        """Both steps of the log-in; the token is kept for all calls."""
        step = await self._auth("authenticate", username=self.username, password=self._password)
        done = await self._auth("verifyCode", nonce=step["nonce"], code=self._code)
        self.token = str(done["token"])
        self._user = None
        return self.token

    async def _auth(self, name: str, **payload: str) -> dict[str, Any]:
        headers, body = {"content-type": "application/json"}, json.dumps(payload).encode()
        answer = await self._client().call(
            "POST", f"{self.gateway_url}/auth/{name}", headers=headers, body=body
        )
        if answer.status != 200:
            raise LoginFailed(f"{name} of {self.username} was answered {answer.status}")
        found: dict[str, Any] = answer.json()
        return found

    @property
    def user_id(self) -> str:
        """The logged-in user's id, out of the token."""
        return str(peek(self.token or "")["sub"])

    async def user(self) -> dict[str, Any]:
        """The logged-in user as `user.get` shows it."""
        if self._user is None:
            await self._logged_in()
            self._user = dict(await self.query("user.get", self.user_id))
        return self._user

    # calls

    async def query(self, path: str, value: Any = UNDEFINED) -> Any:
        """One tRPC query."""
        return await self._call("GET", query_url(path, value), None)

    async def mutate(self, path: str, value: Any = UNDEFINED) -> Any:
        """One tRPC mutation."""
        target, body = mutation(path, value)
        return await self._call("POST", target, body)

    async def _call(self, method: str, target: str, body: bytes | None) -> Any:
        headers = {"Authorization": f"Bearer {await self._logged_in()}", "content-type": "application/json"}
        url = f"{self.gateway_url}/events{target}"
        answer = await self._client().call(method, url, headers=headers, body=body)
        (item,) = read(answer.status, answer.content_type, answer.body)
        if isinstance(item, TRPCError):
            raise item
        return item

    async def _logged_in(self) -> str:
        if self.token is None or (self._renews and self._runs_out(self.token)):
            return await self.log_in()
        return self.token

    def _runs_out(self, token: str) -> bool:
        """Whether less than a minute of the log-in is left (`exp`, §2.1)."""
        return float(peek(token)["exp"]) <= self.world.clock.now().timestamp() + _LAST_SECONDS

    def _client(self) -> HttpClient:
        if self._http is None:
            self._http = HttpClient("OpenCRVS", self.world, None, repeats=False, answer_limit=_LARGEST)
        return self._http

    # what a registrar does

    async def create(self, event_type: str) -> EventDocument:
        value = {"type": event_type, "transactionId": self.world.chance.uuid()}
        event: EventDocument = await self.mutate("event.create", value)
        return event

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

    async def upload(self, name: str, content: bytes) -> dict[str, str]:
        """A scan, as a FILE field of a form has it (§8)."""
        transaction, kind = self.world.chance.uuid(), f"image/{name.rpartition('.')[2]}"
        begins = f"--{transaction}\r\nContent-Disposition: form-data; name="
        parts = f'{begins}"transactionId"\r\n\r\n{transaction}\r\n{begins}"file"; filename="{name}"\r\n\r\n'
        body = parts.encode() + content + f"\r\n--{transaction}--\r\n".encode()
        headers = {
            "Authorization": f"Bearer {await self._logged_in()}",
            "content-type": f"multipart/form-data; boundary={transaction}",
        }
        answer = await self._client().call("POST", f"{self.gateway_url}/upload", headers=headers, body=body)
        if answer.status != 200:
            raise TRPCError("INTERNAL_SERVER_ERROR", f"upload: HTTP {answer.status}")
        return {"path": answer.text(), "originalFilename": name, "type": kind}

    async def act(
        self, action: str, event_id: str, *, transaction_id: str | None = None, **fields: Any
    ) -> EventDocument:
        """`event.actions.<action>.request`. The same transaction id again is the browser's retry."""
        value = {"eventId": event_id, "transactionId": transaction_id or self.world.chance.uuid(), **fields}
        event: EventDocument = await self.mutate(f"event.actions.{action}.request", value)
        return event

    async def assign(self, event_id: str) -> EventDocument:
        value = {
            "eventId": event_id,
            "transactionId": self.world.chance.uuid(),
            "type": "ASSIGN",
            "assignedTo": self._own_id(await self._logged_in()),
        }
        event: EventDocument = await self.mutate("event.actions.assignment.assign", value)
        return event

    async def unassign(self, event_id: str) -> EventDocument:
        """Give the record back."""
        value = {"eventId": event_id, "transactionId": self.world.chance.uuid()}
        event: EventDocument = await self.mutate("event.actions.assignment.unassign", value)
        return event

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

    async def queue(self, slug: str, *, limit: int = 10, offset: int = 0) -> dict[str, Any]:
        """A page of a workqueue: `{results, total}`."""
        value = {
            "query": await self.queue_query(slug),
            "limit": limit,
            "offset": offset,
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

    async def until_in_queue(self, event_id: str, slug: str, *, poll_seconds: float = 1.0) -> None:
        """Return when the record is in the workqueue; bound it with `world.clock.timeout`."""
        while not await self.in_queue(event_id, slug):
            await self.world.clock.sleep(poll_seconds)

    async def until_out_of_queue(self, event_id: str, slug: str, *, poll_seconds: float = 1.0) -> None:
        while await self.in_queue(event_id, slug):
            await self.world.clock.sleep(poll_seconds)

    def _own_id(self, token: str) -> str:
        return str(peek(token)["sub"])


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
