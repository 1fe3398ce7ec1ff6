"""Verify an OpenCRVS that is not ours: what a token allows to see from outside, without changing a record.

A stage has an HTTP client, a token and a pen: it asks, tells what passed, and writes down what was not as the
contract has it, under the promise that it concerns. Nothing is changed unless it was allowed explicitly.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from scenarios.engine import Options
from scenarios.events import Exchanged, Listener
from scenarios.foreign.hooks import NotThere, silences
from scenarios.judging.verdicts import Breach, Promise, Ruling, Verdict, counted, ruled
from scenarios.stage.pace import RealPace
from scenarios.stage.timeline import Timeline
from scenarios.story import Actor, Need, Story, Unmet
from wire.http.client import Answer, HttpClient, NoAnswer
from wire.opencrvs import grants, scopes, tokens, trpc
from wire.opencrvs.javascript import UNDEFINED
from wire.opencrvs.profiles import Profile
from wire.redaction import redact_body, redact_text
from wire.world import World

BELIEVES = Promise(
    1, "OpenCRVS believes the tokens that it has signed, as the contract has them, and no others.", "tokens"
)
FORMS = Promise(2, "Every error comes in its form: OAuth, gateway, tRPC or REST.", "error forms")
OPENS = Promise(3, "A token opens what its scopes name, and nothing else.", "scopes")
CONFIRMS = Promise(
    4, "Nothing is confirmed that OpenCRVS has not asked about: unknown records are refused.", "confirmation"
)
ONCE = Promise(5, "The same transaction id does a thing once.", "once only")
COUNTS = Promise(6, "The count of a workqueue is what its list holds.", "counts")
REGISTRY_PROMISES = (BELIEVES, FORMS, OPENS, CONFIRMS, ONCE, COUNTS)

_SECONDS = 30.0


@dataclass(frozen=True)
class ForeignRegistry:
    """An OpenCRVS of somebody else, and what we may show it: a client's id and secret, or a token."""

    gateway_url: str
    auth_url: str
    public_key_url: str
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    allow_changes: bool = False

    @property
    def credentials(self) -> dict[str, str]:
        """How the client logs in."""
        return grants.credentials(self.client_id or "", self.client_secret or "")

    def lacks(self) -> dict[Need, str]:
        """What checks may not ask of it, and why."""
        missing = {}
        if self.client_id is None or self.client_secret is None:
            missing[Need.CLIENT] = "no client id and secret were given (--client-id, --client-secret)"
            if self.token is None:
                missing[Need.TOKEN] = "neither a token nor a client was given (--token, --client-id)"
        if self.token is None or user_type(self.token) != "user":
            missing[Need.USER] = "no token of a person was given (--token)"
        if not self.allow_changes:
            missing[Need.CHANGES] = "it may not be changed (--allow-changes)"
        return missing


def user_type(token: str) -> str:
    """`user` or `system`, as the token says of itself; empty when it cannot be read."""
    try:
        return str(tokens.peek(token).get("userType", ""))
    except tokens.TokenRefused:
        return ""


@dataclass
class RegistryStage:
    """The stage of one check. What is `expected` and not so becomes a finding; the check goes on."""

    foreign: ForeignRegistry
    timeline: Timeline
    peer: HttpClient
    profile: Profile
    _findings: dict[int, list[Breach]] = field(default_factory=dict)
    _looked_at: dict[int, int] = field(default_factory=dict)
    _token: str | None = None

    # the engine's side

    async def play(self, story: Story) -> None:
        await story.play(self)

    async def crash(self) -> str:
        return ""

    async def rest(self) -> None:
        """Nothing is left to come: every answer was waited for."""

    async def verdicts(self) -> tuple[Verdict, ...]:
        return tuple(self._verdict(promise) for promise in REGISTRY_PROMISES)

    def _verdict(self, promise: Promise) -> Verdict:
        many = self._looked_at.get(promise.number, 0)
        if not many:
            return Verdict(promise, Ruling.NOT_JUDGED, "not looked at in this check")
        return ruled(promise, counted(many, "answer"), self._findings.get(promise.number, ()))

    # the words of a check

    @property
    def world(self) -> World:
        return self.timeline.world

    def tells(self, text: str) -> None:
        self.timeline.says(Actor.DIRECTOR, text)

    def expect(self, promise: Promise, what: str, met: bool, text: str, seen: str, shows: str = "") -> None:
        """Something that the contract has so. `what` was asked; `seen` came when it is not met; `shows`:
        ids of the requirements that it is a look at."""
        self._looked_at[promise.number] = self._looked_at.get(promise.number, 0) + 1
        seen = redact_text(seen)[:400]
        self.timeline.found(f"{what}: {text}", met, seen, shows)
        if not met:
            found = Breach(what, f"expected {text}", (f"seen: {seen}",))
            self._findings.setdefault(promise.number, []).append(found)

    async def token(self) -> str:
        """The token that was given, or one for the client; Unmet when there is none to be had."""
        if self._token is None:
            self._token = self.foreign.token or await self._client_token()
        return self._token

    async def _client_token(self) -> str:
        answer = await self.asks_for_token(self.foreign.credentials)
        token = grants.given(body_of(answer))
        if answer.status != 200 or token is None:
            raise Unmet(f"expected: the client gets a token; seen: {shown(answer)}")
        return token

    async def claims(self) -> dict[str, Any]:
        """What our token says, unproved; Unmet when it cannot be read."""
        try:
            return tokens.peek(await self.token())
        except tokens.TokenRefused as refused:
            raise Unmet(f"expected: a token that can be read; seen: {refused}") from refused

    async def of_person(self) -> bool:
        """Whether our token is a person's, not a client's."""
        return (await self.claims()).get("userType") == "user"

    async def scopes(self) -> list[str]:
        """The scopes that our token names."""
        found = (await self.claims()).get("scope")
        return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []

    async def holds(self, *names: str) -> bool:
        """Whether our token has any of these scopes, whatever narrows it."""
        held = await self.scopes()
        return any(scopes.allows(held, name, profile=self.profile) for name in names)

    async def asks_for_token(self, form: Mapping[str, str]) -> Answer:
        url, headers, body = grants.posted(self.foreign.auth_url, form, self.profile)
        return await self.call("POST", url, "asks for a token", body=body, headers=headers)

    async def query(self, path: str, value: Any = UNDEFINED) -> Any:
        """A query's value, or the TRPCError that came."""
        url = f"{self.foreign.gateway_url}/events{trpc.query_url(path, value)}"
        return self.read(await self.call("GET", url, path, headers=await self.headers()))

    async def mutation(self, path: str, value: Any) -> Any:
        """A mutation's value, or the TRPCError that came."""
        target, body = trpc.mutation(path, value)
        url = f"{self.foreign.gateway_url}/events{target}"
        return self.read(await self.call("POST", url, path, body=body, headers=await self.headers()))

    def read(self, answer: Answer) -> Any:
        """What an answer to one call says: its value, or the TRPCError."""
        return trpc.read(answer.status, answer.content_type, answer.body)

    async def headers(self) -> dict[str, str]:
        return {**trpc.HEADERS, "authorization": f"Bearer {await self.token()}"}

    async def call(
        self,
        method: str,
        url: str,
        what: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One exchange, told to the listeners. Unmet when nothing answers."""
        status, content, note = None, b"", ""
        try:
            answer = await self.peer.call(method, url, headers=headers, body=body)
            status, content = answer.status, answer.body
        except NoAnswer as down:
            note = str(down)
            raise Unmet(f"expected: an answer to {what}; seen: {down}") from down
        finally:
            self.timeline.listener(
                Exchanged(
                    self.world.clock.now(),
                    Actor.DIRECTOR,
                    Actor.OPENCRVS,
                    what,
                    status,
                    target=f"{method} {redact_text(url)}",
                    request=redact_body(body or b""),
                    response=redact_body(content),
                    note=note,
                )
            )
        return answer


def body_of(answer: Answer) -> dict[str, Any]:
    """The JSON object of an answer; empty when it is none."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def shown(answer: Answer) -> str:
    """Status and body, for a message; masked by whoever prints it."""
    try:
        text = json.dumps(json.loads(redact_body(answer.body)), ensure_ascii=False)
    except ValueError:
        text = redact_text(answer.text())
    return f"HTTP {answer.status} {text[:300]}"


def said(value: Any) -> str:
    """What a procedure came to, for a message."""
    if isinstance(value, trpc.TRPCError):
        form = "" if value.enveloped else ", not in tRPC's form"
        return f"{value.http_status} {value.code}: {value.message[:200]}{form}"
    return "200 and a value"


class RegistryVerification:
    """`open_stage` is what the engine wants; every check has a stage of its own."""

    def __init__(self, foreign: ForeignRegistry) -> None:
        self._foreign = foreign

    async def awaits_gateway(self, world: World, seconds: float) -> None:
        """NotThere when nothing answers at the gateway."""
        url = f"{self._foreign.gateway_url}/ping"
        if await silences((url,), world, seconds):
            raise NotThere(f"nothing answers at {url} within {seconds:g} s; check --opencrvs")

    @asynccontextmanager
    async def open_stage(
        self, story: Story, world: World, options: Options, listener: Listener
    ) -> AsyncIterator[RegistryStage]:
        # a transaction id that an earlier run used would say nothing: no seed here
        world = World(world.clock, World.system().chance)
        peer = HttpClient("OpenCRVS", world, _SECONDS)
        timeline = Timeline(world, RealPace(world, longest=timedelta(seconds=_SECONDS)), listener)
        try:
            yield RegistryStage(self._foreign, timeline, peer, Profile(options.profile))
        finally:
            await peer.close()
