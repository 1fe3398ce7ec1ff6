"""A client of eSignet."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

from tests.servers.mock_nid.actors import Stage
from wire.keyfolder import KeyFolder

REDIRECT = "http://127.0.0.1:9999/callback"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
VERIFIER = "a" * 60
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Relying:
    """A relying party and the person at its browser."""

    def __init__(self, stage: Stage, keys: Path) -> None:
        self.stage, self.key = stage, KeyFolder(keys)["oidp-client"].private_key
        self.base = stage.running.esignet_url

    async def get(self, path: str, **options: Any) -> tuple[int, str, Any]:
        url = path if path.startswith("http") else self.base + path
        async with self.stage.client.session.get(url, allow_redirects=False, **options) as answer:
            return answer.status, await answer.text(), answer

    async def post(self, path: str, form: dict[str, str]) -> tuple[int, str, Any]:
        async with self.stage.client.session.post(
            self.base + path, data=form, allow_redirects=False
        ) as answer:
            return answer.status, await answer.text(), answer

    def query(self, **change: str | None) -> dict[str, str]:
        given: dict[str, str | None] = {
            "client_id": "crvs-rp",
            "response_type": "code",
            "scope": "openid profile",
            "redirect_uri": REDIRECT,
            "state": "s1",
            "nonce": "n1",
            "acr_values": "mosip:idp:acr:generated-code",
            "claims": '{"userinfo":{"name":{"essential":true},"birthdate":null,"individual_id":null}}',
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **change,
        }
        return {name: value for name, value in given.items() if value is not None}

    async def code(self, number: str = "4238670978", **change: str | None) -> str:
        status, page, _ = await self.get(f"/authorize?{urlencode(self.query(**change))}")
        assert status == 200, page
        transaction = re.search(r'name="transaction" value="([^"]+)"', page)
        assert transaction is not None
        form = {
            "transaction": transaction[1],
            "individual_id": number,
            "otp": "111111",
            "decision": "allow",
            "claim": "birthdate",
        }
        status, page, answer = await self.post("/authorize", form)
        assert status == 302, page
        back = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert back["state"] == ["s1"] and back["iss"] == [self.base]
        return back["code"][0]

    def assertion(self, **change: Any) -> str:
        now = int(self.stage.world.clock.now().timestamp())
        claims = {
            "iss": "crvs-rp",
            "sub": "crvs-rp",
            "aud": f"{self.base}/v1/esignet/oauth/v2/token",
            "iat": now,
            "exp": now + 60,
            "jti": self.stage.world.chance.uuid(),
            **change,
        }
        return jwt.encode({k: v for k, v in claims.items() if v is not None}, self.key, algorithm="RS256")

    async def token(self, code: str, /, **change: str) -> tuple[int, Any, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": "crvs-rp",
            "redirect_uri": REDIRECT,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": change.pop("client_assertion", self.assertion()),
            "code_verifier": VERIFIER,
            **change,
        }
        async with self.stage.client.session.post(
            f"{self.base}/v1/esignet/oauth/v2/token", data=form
        ) as answer:
            return answer.status, await answer.json(), answer
