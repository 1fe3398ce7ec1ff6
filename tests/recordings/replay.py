"""Recorded exchanges of a real core, said again to the mock over real sockets, in the recorded order.

What differs from run to run stands in a recording as a placeholder (`{id:12}`, `{jwt:3}`, …), the same one
for the same value. One that an answer brings first is bound to what the mock says there; one that a request
brings first is made up. Core asks the country's server in between: there the recorded answer is given.
"""

from __future__ import annotations

import json
import lzma
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jwt
from aiohttp import ClientSession, web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from yarl import URL

from wire.world import World

HERE = Path(__file__).parent
_PLACEHOLDER = re.compile(r"\{(?:id|tracking|nonce|jwt):\d+\}|\{(?:time|stack|pem)\}")
_SHAPES = {
    "id": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "tracking": re.compile(r"[A-Z0-9]{6}"),
    "nonce": re.compile(r"[A-Za-z0-9+/=]{24}"),
    "jwt": re.compile(r"[\w-]+\.[\w-]+\.[\w-]+"),
    "time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"),
    "stack": re.compile(r".+", re.DOTALL),
    "pem": re.compile(r"-----BEGIN PUBLIC KEY-----\n[\w+/=\n]+-----END PUBLIC KEY-----\n"),
}
_FREE = ("time", "stack", "pem")
Json = dict[str, Any]


def read_recording(name: str) -> tuple[dict[str, Json], list[Json]]:
    """The tokens by number, and the exchanges in their order."""
    first, *lines = lzma.decompress((HERE / f"{name}.jsonl.xz").read_bytes()).decode().splitlines()
    return json.loads(first)["tokens"], [json.loads(line) for line in lines]


def read_configuration(name: str) -> Json:
    """Path (`/config/events`, …) -> the JSON that the country's server gave there."""
    found: Json = json.loads(lzma.decompress((HERE / f"{name}-config.json.xz").read_bytes()))
    return found


@dataclass
class Bound:
    """What each placeholder stands for in this run."""

    tokens: dict[str, Json]
    key: RSAPrivateKey
    world: World
    values: dict[str, str] = field(default_factory=dict)

    def fill(self, text: str) -> str:
        """The text of a request with values in place of placeholders; unknown ones are made up."""
        return _PLACEHOLDER.sub(lambda found: self._value(found[0]), text)

    def _value(self, placeholder: str) -> str:
        if placeholder not in self.values:
            self.values[placeholder] = self._made_up(placeholder)
        return self.values[placeholder]

    def _made_up(self, placeholder: str) -> str:
        kind, _, number = placeholder[1:-1].partition(":")
        match kind:
            case "id":
                return self.world.chance.uuid()
            case "tracking":
                return self.world.chance.digits(6)
            case "jwt":
                claims = json.loads(self.fill(json.dumps(self.tokens[number]["claims"])))
                now = int(self.world.clock.now().timestamp())
                claims |= {"iat": now, "exp": now + int(claims["exp"].removeprefix("iat+"))}
                return jwt.encode(claims, self.key, "RS256")
            case _:
                raise AssertionError(f"a request brings {placeholder} that no answer brought")

    def text_fits(self, recorded: str, got: str) -> bool:
        """Whether the text is the recorded one; unbound placeholders are bound to what stands there."""
        pattern, names = "", []
        for part in re.split(f"({_PLACEHOLDER.pattern})", recorded):
            kind = part[1:-1].partition(":")[0] if _PLACEHOLDER.fullmatch(part) else ""
            if not kind:
                pattern += re.escape(part)
            elif kind in _FREE:
                pattern += f"(?:{_SHAPES[kind].pattern})"
            elif part in self.values:
                pattern += re.escape(self.values[part])
            else:
                pattern += f"(?P<p{len(names)}>{_SHAPES[kind].pattern})"
                names.append(part)
        found = re.fullmatch(pattern, got, re.DOTALL)
        if found is None:
            return False
        self.values |= {name: found[f"p{at}"] for at, name in enumerate(names)}
        return True

    def unlike(self, recorded: Any, got: Any, path: str = "") -> Iterator[str]:
        """Where a JSON value differs from the recorded one: its path, and both."""
        if isinstance(recorded, dict) and isinstance(got, dict):
            for name in {**recorded, **got}:
                below = f"{path}.{name}" if path else name
                if name not in got:
                    yield f"{below}: missing"
                elif name not in recorded:
                    yield f"{below}: not recorded"
                else:
                    yield from self.unlike(recorded[name], got[name], below)
        elif isinstance(recorded, list) and isinstance(got, list):
            if len(recorded) != len(got):
                yield f"{path}: {len(recorded)} recorded, {len(got)} here"
            for at, (one, other) in enumerate(zip(recorded, got, strict=False)):
                yield from self.unlike(one, other, f"{path}[{at}]")
        elif isinstance(recorded, str) and isinstance(got, str):
            if not self.text_fits(recorded, got):
                yield f"{path}: {self._shown(recorded)} recorded, {got!r} here"
        elif recorded != got or isinstance(recorded, bool) is not isinstance(got, bool):
            yield f"{path}: {recorded!r} recorded, {got!r} here"

    def _shown(self, recorded: str) -> str:
        return repr(_PLACEHOLDER.sub(lambda found: self.values.get(found[0], found[0]), recorded))

    def bodies_unlike(self, recorded: str, got: bytes) -> Iterator[str]:
        """The differences of two bodies, as JSON where the recorded one is JSON."""
        text = got.decode(errors="replace")
        try:
            told = json.loads(recorded)
        except ValueError:
            if not self.text_fits(recorded, text):
                yield f": {self._shown(recorded)} recorded, {text!r} here"
            return
        try:
            found = json.loads(text)
        except ValueError:
            yield f": JSON recorded, {text!r} here"
            return
        yield from self.unlike(told, found)


@dataclass
class Replay:
    """Says a recording to a gateway and an auth service, and is the country's server meanwhile."""

    bases: dict[str, str]
    """Hop (`gateway`, `auth`) -> URL."""
    bound: Bound
    exchanges: list[Json]
    configuration: Json
    """Path -> what the country's server configured that core with."""
    session: ClientSession
    found: dict[int, list[str]] = field(default_factory=dict)
    """Number of the exchange -> its differences, without those that have none."""
    _waiting: list[tuple[int, Json]] = field(default_factory=list)
    """Triggers that core sent during the present call, and the mock has not yet."""

    async def run(self) -> None:
        """All of it, in order; what was said while the country's server thought, is said then."""
        asked: dict[int, list[int]] = {}
        for number, exchange in enumerate(self.exchanges):
            if exchange["hop"] in self.bases and "while" not in exchange:
                latest = asked.setdefault(number, [])
            elif exchange["hop"] == "trigger":
                latest.append(number)
        for number, triggers in asked.items():
            self._waiting = [(at, self.exchanges[at]) for at in triggers]
            await self._say(number, self.exchanges[number])
            for at, _ in self._waiting:
                self._add(at, "not sent here")

    async def _meanwhile(self, trigger: int) -> None:
        for number, exchange in enumerate(self.exchanges[trigger:], trigger):
            if exchange.get("while") == trigger:
                await self._say(number, exchange)

    async def _say(self, number: int, exchange: Json) -> None:
        await self.bound.world.clock.advance(0.1)
        asked, told = exchange["request"], exchange["response"]
        target = self.bound.fill(unquote(asked["target"]) if "{" in asked["target"] else asked["target"])
        headers = {name: self.bound.fill(value) for name, value in asked["headers"]}
        async with self.session.request(
            asked["method"],
            URL(self.bases[exchange["hop"]] + target),
            data=self.bound.fill(asked["body"]).encode("utf-8", "surrogateescape") or None,
            headers=headers,
            skip_auto_headers=("Content-Type", "User-Agent", "Accept", "Accept-Encoding"),
        ) as answer:
            body = await answer.read()
        if answer.status != told["status"]:
            self._add(number, f"status: {told['status']} recorded, {answer.status} here")
        for name, value in told["headers"]:
            found = answer.headers.get(name, "")
            if name.lower() == "vary":
                # whether an answer was worth packing is not for a mock to repeat
                value, found = (text.removesuffix("accept-encoding").rstrip(",") for text in (value, found))
            if found != value:
                self._add(number, f"{name}: {value!r} recorded, {found!r} here")
        for difference in self.bound.bodies_unlike(told["body"], body):
            self._add(number, f"body {difference}")

    def _add(self, number: int, difference: str) -> None:
        self.found.setdefault(number, []).append(difference)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The country's server: the recorded answer to the recorded question."""
        if request.path in self.configuration:
            return web.json_response(self.configuration[request.path])
        body = await request.read()
        for place, (number, exchange) in enumerate(self._waiting):
            asked, told = exchange["request"], exchange["response"]
            if asked["method"] == request.method and self.bound.text_fits(asked["target"], request.path):
                del self._waiting[place]
                for difference in self.bound.bodies_unlike(asked["body"], body):
                    self._add(number, f"body {difference}")
                for name, value in asked["headers"]:
                    if not self.bound.text_fits(value, request.headers.get(name, "")):
                        self._add(number, f"{name}: {value!r} recorded")
                await self._meanwhile(number)
                if told is None:
                    assert request.transport is not None
                    request.transport.close()
                    return web.Response()
                return web.Response(
                    status=told["status"],
                    headers=dict(told["headers"]),
                    body=self.bound.fill(told["body"]).encode(),
                )
        self._add(-1, f"{request.method} {request.path}: not recorded")
        return web.Response(status=500)

    def country(self) -> web.Application:
        """The country's server."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.answer)
        return app
