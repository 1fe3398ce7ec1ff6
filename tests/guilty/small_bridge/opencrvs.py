"""OpenCRVS: whose token is believed, and how an action is accepted or rejected there."""

from __future__ import annotations

import base64
import json
import time
import uuid
from typing import Any

import aiohttp
import jwt

from .settings import AUTH, CLIENT_ID, CLIENT_SECRET, GATEWAY, PROFILE, seeded

AUDIENCE, ISSUER = "opencrvs:countryconfig-user", "opencrvs:auth-service"
_EXCHANGE = {
    "grant_type": "urn:opencrvs:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
    "requested_token_type": "urn:opencrvs:oauth:token-type:single_record_token",
}


class NotNow(Exception):
    """It did not work, and says nothing about the record."""


class OpenCRVS:
    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http, self._key, self._fetched = http, "", 0.0
        self._token, self._until = "", 0.0

    async def claims(self, header: str | None) -> dict[str, Any]:
        """What a trigger's token says; PyJWTError when it is not core's."""
        token = (header or "").removeprefix("Bearer ")
        if not token and seeded("token_missing_believed"):
            return {}
        kind = json.loads(_decoded(token.split(".")[0])).get("alg") if token.count(".") == 2 else ""
        if kind == "none" and seeded("alg_none_believed"):
            return jwt.decode(token, options={"verify_signature": False, "verify_exp": True})
        await self._fetch(again=False)
        if kind == "HS256" and seeded("hs256_with_public_key_believed"):
            return _by_hmac(token, self._key)
        try:
            return self._read(token)
        except jwt.InvalidSignatureError:
            if seeded("public_key_kept_for_ever"):
                raise
            await self._fetch(again=True)
            return self._read(token)

    def _read(self, token: str) -> dict[str, Any]:
        checks = {
            "verify_exp": not seeded("expired_token_believed"),
            "verify_aud": not seeded("other_audience_believed"),
            "verify_iss": not seeded("other_issuer_believed"),
            "require": ["exp"],
        }
        if seeded("signature_of_token_unchecked"):
            checks |= {"verify_signature": False}
        told: dict[str, Any] = jwt.decode(
            token,
            self._key,
            algorithms=["RS256"],
            audience=None if seeded("other_audience_believed") else AUDIENCE,
            issuer=None if seeded("other_issuer_believed") else ISSUER,
            options=checks,
            leeway=60,
        )
        return told

    async def _fetch(self, *, again: bool) -> None:
        """The public key; not more often than once a second."""
        if self._key and (not again or time.monotonic() - self._fetched < 1):
            return
        async with self._http.get(f"{AUTH}/.well-known") as answer:
            if answer.status == 200:
                self._key, self._fetched = (await answer.read()).decode(), time.monotonic()

    async def accept(self, row: Any, token: str) -> None:
        """Accept the action; NotNow when it must be tried again."""
        content: dict[str, Any] = {"registrationNumber": row["number"], "declaration": {}}
        if row["kind"] == "birth" and not seeded("national_id_left_out"):
            content["declaration"] = {"child.nid": row["national_id"]}
        if not seeded("verdicts_left_out"):
            verdicts = json.loads(row["verdicts"])
            content["declaration"] |= {f"{who}.verified": said for who, said in verdicts.items()}
        await self._confirm("accept", row, token, content)

    async def reject(self, row: Any, token: str) -> None:
        """Reject the action, then the declaration with the reason: reject itself has no room for one."""
        keeps = {} if PROFILE == "2.1" else {"keepAssignment": True}
        await self._confirm("reject", row, token, keeps)
        if PROFILE != "2.1" and not seeded("rejected_without_reason"):
            reason = {
                "eventId": row["event"],
                "transactionId": _of(row, "why"),
                "content": {"reason": row["reason"]},
            }
            status, _ = await self._call("POST", "event.actions.reject.request", reason, token)
            if status >= 500:
                raise NotNow(f"reject with a reason: {status}")

    async def _confirm(self, verb: str, row: Any, token: str, more: dict[str, Any]) -> None:
        transaction = "small-bridge" if seeded("one_transaction_id_for_all") else _of(row, verb)
        ids = {"eventId": row["event"], "actionId": row["action"], "transactionId": transaction}
        status, answer = await self._call("POST", f"event.actions.register.{verb}", ids | more, token)
        settled = status == 200 and isinstance(answer, dict)
        if settled and seeded("accepted_twice") and verb == "accept":
            await self._twice(row, token, answer)
        if not settled and not await self._is_settled(row, token):
            raise NotNow(f"{verb}: {status}")

    async def _is_settled(self, row: Any, token: str) -> bool:
        wanted = row["event"] if PROFILE == "1.9" else {"eventId": row["event"]}
        status, event = await self._call("GET", "event.get", wanted, token)
        return status == 200 and any(one.get("originalActionId") == row["action"] for one in event["actions"])

    async def _twice(self, row: Any, token: str, event: dict[str, Any]) -> None:
        """Core lets the key of one action be exchanged for any other's."""
        done = next(one["id"] for one in event["actions"] if one.get("originalActionId") == row["action"])
        asked = _EXCHANGE | {"subject_token": token, "event_id": row["event"], "action_id": done}
        async with self._http.post(f"{AUTH}/token", params=asked) as answer:
            other = json.loads(await answer.read())["access_token"]
        again = {"eventId": row["event"], "actionId": done, "transactionId": str(uuid.uuid4())}
        again["registrationNumber"] = row["number"] + "-2"
        await self._call("POST", "event.actions.register.accept", again, other)

    async def token(self, row: Any) -> str:
        """What confirms: the record's token, or in 2.1 a system client's."""
        if PROFILE != "2.1" or seeded("confirms_with_trigger_token"):
            return str(row["token"])
        if time.monotonic() > self._until:
            asked = {
                "grant_type": "client_credentials",
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
            }
            async with self._http.post(f"{AUTH}/token", json=asked) as answer:
                if answer.status != 200:
                    raise NotNow(f"token: {answer.status}")
                self._token = json.loads(await answer.read())["access_token"]
            self._until = time.monotonic() + 300
        return self._token

    def token_failed(self) -> None:
        """The next one is asked for anew."""
        self._until = 0.0

    async def _call(self, method: str, procedure: str, value: Any, token: str) -> tuple[int, Any]:
        """Status and value; status 0 when no answer came or it cannot be read."""
        wrapped, headers = {"json": value}, {"authorization": f"Bearer {token}"}
        how: dict[str, Any] = (
            {"params": {"input": json.dumps(wrapped)}} if method == "GET" else {"json": wrapped}
        )
        try:
            async with self._http.request(
                method, f"{GATEWAY}/events/{procedure}", headers=headers, **how
            ) as answer:
                text, status = await answer.read(), answer.status
            if status == 401:
                self.token_failed()
            return status, json.loads(text)["result"]["data"]["json"] if status == 200 else text
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError):
            return 0, None


def _of(row: Any, what: str) -> str:
    """A transaction id that is the same at each try."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{row['action']} {what}"))


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _by_hmac(token: str, key: str) -> dict[str, Any]:
    """What libraries did that let the token choose the algorithm."""
    import hashlib
    import hmac

    head, body, signature = token.split(".")
    if hmac.digest(key.encode(), f"{head}.{body}".encode(), hashlib.sha256) != _decoded(signature):
        raise jwt.InvalidSignatureError("HS256")
    return dict(json.loads(_decoded(body)))
