"""Tokens of MOSIP's auth manager: fetched once, kept, renewed; a refusal rests before the next try (§1)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, cast

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from bridge.calls.failure import FailureKind
from bridge.calls.peer import Peer as Caller
from bridge.mosip.login import Login
from bridge.nid import NidDown
from wire.http.client import Answer
from wire.world import World

AUTH = "https://mosip.example/v1/authmanager/authenticate/clientidsecretkey"
SERVICE = "https://mosip.example/idrepository/v1/identity"


def answer(
    status: int = 200, body: Any = None, *headers: tuple[str, str], wait: float | None = None
) -> Answer:
    return Answer(status, CIMultiDictProxy(CIMultiDict(headers)), json.dumps(body or {}).encode(), wait)


def fault(code: str, message: str) -> dict[str, Any]:
    return {"response": None, "errors": [{"errorCode": code, "message": message}]}


class Peer:
    """MOSIP: it gives tokens T1, T2, … and takes those that it likes."""

    def __init__(self, world: World) -> None:
        self.world, self.given, self.served = world, 0, list[str]()
        self.log_in: Callable[[], Answer] = self.token
        self.likes: Callable[[str], bool] = lambda token: True

    def token(self) -> Answer:
        self.given += 1
        return answer(
            200,
            {"response": {"status": "Success"}},
            ("Set-Cookie", f"Authorization={self.made(self.given)}; Path=/"),
        )

    def made(self, number: int) -> str:
        return f"T{number}"

    async def call(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        content: Any = None,
        body: bytes | None = None,
    ) -> Answer:
        if url == AUTH:
            return self.log_in()
        await asyncio.sleep(0)
        self.served.append((headers or {})["Cookie"])
        return answer(200 if self.likes((headers or {})["Cookie"]) else 401)


def login() -> tuple[Login, Peer, World]:
    world = World.virtual()
    peer = Peer(world)
    return Login(cast(Caller, peer), world, AUTH, "resident", "crvs", "secret"), peer, world


async def test_a_token_that_is_refused_is_renewed_once() -> None:
    client, peer, _ = login()
    peer.likes = lambda cookie: "T2" in cookie
    assert (await client.call("GET", SERVICE)).status == 200
    peer.likes = lambda cookie: False
    assert (await client.call("GET", SERVICE)).status == 401
    assert (peer.given, len(peer.served)) == (3, 4)


@pytest.mark.parametrize(
    ("said", "kind", "code"),
    [
        # a wrong secret is an HTTP 500 there, an unknown application a 200 (§1.3)
        (answer(500, fault("500", "401 Unauthorized: [no body]")), FailureKind.CHANNEL, "auth manager"),
        (answer(200, fault("KER-ATH-018", "App id not found")), FailureKind.CHANNEL, "auth manager"),
        (answer(500, fault("500", "boom")), FailureKind.TRANSIENT, "HTTP 500"),
        (answer(404), FailureKind.CHANNEL, "HTTP 404"),
        (answer(200), FailureKind.TRANSIENT, ""),
    ],
)
async def test_no_token_is_told_as_whose_fault_it_is(said: Answer, kind: FailureKind, code: str) -> None:
    client, peer, _ = login()
    peer.log_in = lambda: said
    with pytest.raises(NidDown) as down:
        await client.call("GET", SERVICE)
    assert (down.value.failure.kind, down.value.failure.code) == (kind, code)
    assert peer.served == []


async def test_silence_is_the_id_system_being_down() -> None:
    client, peer, _ = login()

    def silent() -> Answer:
        raise NidDown("MOSIP: no answer")

    peer.log_in = silent
    with pytest.raises(NidDown, match="no answer"):
        await client.call("GET", SERVICE)
