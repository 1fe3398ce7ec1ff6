"""A small stand-in for ID authentication and eSignet: keeps what it was asked, answers as the test says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import jwt
from aiohttp import web

from wire.http.listening import Listening, listen
from wire.keyfolder import KeyFolder
from wire.mosip import ida, ida_answers, ida_signature
from wire.mosip.envelope import EnvelopeFault
from wire.world import World

PERSON = {"name": "Amara Okonjo", "birthdate": "1991/02/28", "individual_id": "4238670978"}


class StubPeople:
    """`verdict` is IDA's response (or `faults`), signed with `ida_key`; `esignet_key` signs the userinfo."""

    def __init__(self, world: World, keys: KeyFolder) -> None:
        self.world, self.keys = world, keys
        self.verdict: Mapping[str, Any] | None = {"authStatus": True, "authToken": "t"}
        self.faults: list[EnvelopeFault] = []
        self.faults_of: dict[str, list[EnvelopeFault]] = {}
        """What is wrong with one number alone."""
        self.down = False
        self.ida_key: str | None = "ida-sign"
        self.esignet_key = "esignet"
        self.esignet_kid: str | None = "e1"
        self.nonce = "nonce-of-the-form"
        self.claims: dict[str, Any] = {}
        self.asked: list[tuple[ida.AuthRequest, Mapping[str, Any]]] = []
        self.codes: list[dict[str, str]] = []

    async def start(self) -> StubPeople:
        app = web.Application()
        app.add_routes(
            [
                web.post("/auth/{misp}/{partner}/{key}", self._auth),
                web.post("/v1/esignet/oauth/v2/token", self._token),
                web.get("/v1/esignet/oidc/userinfo", self._userinfo),
                web.get("/v1/esignet/oauth/.well-known/jwks.json", self._jwks),
            ]
        )
        self.listening: Listening = await listen(app, "127.0.0.1", 0, "-")
        return self

    @property
    def settings(self) -> dict[str, str]:
        """What a bridge must be told to ask here."""
        return {"ida_url": f"{self.listening.url}/auth", "esignet_url": self.listening.url}

    async def close(self) -> None:
        await self.listening.close()

    async def _auth(self, request: web.Request) -> web.Response:
        if self.down:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        own = self.keys["ida-partner"]
        asked, raw = ida.read_request(await request.read())
        self.asked.append((asked, ida.open_request(raw, own.private_key, own.certificate)))
        own_faults = self.faults_of.get(asked.individual_id, [])
        content: dict[str, Any] = ida_answers.response(
            transaction_id=asked.transaction_id,
            now=self.world.clock.now(),
            response={"authStatus": False} if own_faults else self.verdict or {},
            faults=own_faults or self.faults,
        )
        if self.verdict is None:
            content["response"] = None
        body = json.dumps(content).encode()
        headers = {}
        if self.ida_key is not None:
            pair = self.keys[self.ida_key]
            headers[ida_signature.RESPONSE_HEADER] = ida_signature.sign_response(
                body, pair.private_key, pair.certificate
            )
        return web.Response(body=body, headers=headers, content_type="application/json")

    async def _token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.codes.append(form)
        id_token = self._signed({"aud": form["client_id"], "nonce": self.nonce, "sub": "psut"})
        return web.json_response({"access_token": "an-access-token", "id_token": id_token})

    async def _userinfo(self, request: web.Request) -> web.Response:
        claims = {**PERSON, "aud": self.codes[-1]["client_id"]}
        return web.Response(text=self._signed(claims), content_type="application/jwt")

    async def _jwks(self, request: web.Request) -> web.Response:
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.keys["esignet"].private_key.public_key()))
        return web.json_response({"keys": [key | {"kid": "e1", "use": "sig"}]})

    def _signed(self, claims: dict[str, Any]) -> str:
        expires = int(self.world.clock.now().timestamp()) + 300
        key = self.keys[self.esignet_key].private_key
        claims = {**claims, "exp": expires, **self.claims}
        return jwt.encode(
            claims, key, algorithm="RS256", headers={"kid": self.esignet_kid} if self.esignet_kid else None
        )
