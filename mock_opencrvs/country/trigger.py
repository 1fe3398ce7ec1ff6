"""The call to the country's own server: node-fetch's headers, redirects followed, no time limit (§1.1).

Upstream: packages/events/src/router/event/actions/actionConfirmationRequest.ts.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from urllib.parse import quote, urljoin

import aiohttp
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from testbed.faults import GENERIC, Fault, FaultKind, Faults
from testbed.journal import Journal
from wire.opencrvs.documents import Action, EventDocument
from wire.opencrvs.ecma import dumpb
from wire.opencrvs.procedures import trigger_path
from wire.opencrvs.tokens import peek, sign
from wire.world import World

TRIGGER_FAULTS = GENERIC | {
    FaultKind.OTHER_KEY,
    FaultKind.WRONG_SIGNATURE,
    FaultKind.NO_SIGNATURE,
    FaultKind.EXPIRED_TOKEN,
    FaultKind.DUPLICATE,
    FaultKind.LOSE,
}
"""Faults of the seam `trigger`: what core sends wrongly, or what becomes of the country server's answer."""


@dataclass(frozen=True)
class TriggerAnswer:
    """What came back in the end; `status` None: nothing, and `why` says what happened."""

    status: int | None
    body: bytes = b""
    why: str = ""


@dataclass
class Trigger:
    """The country server as core sees it; one session, kept alive, and none where nothing is served."""

    base_url: str
    session: aiohttp.ClientSession | None
    journal: Journal
    faults: Faults
    world: World

    def url(self, event_type: str, action_type: str) -> str:
        """`new URL('/trigger/…', base)`: a path in the base is dropped."""
        path = trigger_path(quote(event_type), quote(action_type))
        return urljoin(self.base_url, path)

    async def ask(self, event: EventDocument, action: Action, token: str) -> TriggerAnswer:
        """Post the record and wait, however long it takes, for the country server's word."""
        records = (event["id"], action["id"], event["trackingId"])
        fault = self.faults.strike("trigger", records)
        url = self.url(event["type"], action["type"])
        body = dumpb(event)
        if fault is None:
            return await self._post(url, body, token, records, action["type"])
        return await self._ask_faultily(fault, url, body, token, records, action["type"])

    async def _post(
        self,
        url: str,
        body: bytes,
        token: str | None,
        records: tuple[str, ...],
        action_type: str,
        faults: tuple[str, ...] = (),
    ) -> TriggerAnswer:
        headers = {
            "Content-Type": "application/json",
            "Accept": "*/*",
            "User-Agent": "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
            "Accept-Encoding": "gzip,deflate",
        }
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return await self._call(
            f"trigger.{action_type}", "POST", url, headers, body, records=records, faults=faults
        )

    async def get(
        self, operation: str, path: str, authorization: str | None, seconds: float
    ) -> TriggerAnswer:
        """What the country's server answers, within so many seconds, when core asks for something."""
        headers = {"Accept": "*/*"} | ({"Authorization": authorization} if authorization else {})
        return await self._call(operation, "GET", urljoin(self.base_url, path), headers, seconds=seconds)

    async def _call(
        self,
        operation: str,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        seconds: float | None = None,
        records: tuple[str, ...] = (),
        faults: tuple[str, ...] = (),
    ) -> TriggerAnswer:
        assert self.session is not None, "a trigger without a session belongs to no running server"
        within = nullcontext() if seconds is None else self.world.clock.timeout(seconds)
        try:
            async with within, self.session.request(method, url, data=body, headers=headers) as response:
                answer = TriggerAnswer(response.status, await response.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            answer = TriggerAnswer(None, why=f"{type(error).__name__}: {error}")
        self.journal.record(
            "out",
            operation,
            method,
            url,
            answer.status,
            records=records,
            request=body or b"",
            response=answer.body,
            faults=faults,
            note=answer.why,
        )
        return answer

    async def _ask_faultily(
        self, fault: Fault, url: str, body: bytes, token: str, records: tuple[str, ...], action_type: str
    ) -> TriggerAnswer:
        told = (str(fault),)
        match fault.kind:
            case FaultKind.LOSE:
                operation = f"trigger.{action_type}"
                self.journal.record(
                    "out", operation, "POST", url, None, records=records, faults=told, note="not sent"
                )
                return TriggerAnswer(None, why="lost on purpose")
            case FaultKind.HANG | FaultKind.SLOW:
                await self.world.clock.sleep(fault.seconds)
            case FaultKind.DUPLICATE:
                await self._post(url, body, token, records, action_type, told)
            case FaultKind.NO_SIGNATURE:
                return await self._post(url, body, None, records, action_type, told)
            case FaultKind.WRONG_SIGNATURE:
                token = token[:-8] + ("A" * 8 if token[-8:] != "A" * 8 else "B" * 8)
            case FaultKind.OTHER_KEY | FaultKind.EXPIRED_TOKEN:
                token = await self._forged(fault.kind, token)
        answer = await self._post(url, body, token, records, action_type, told)
        match fault.kind:
            case FaultKind.STATUS:
                return TriggerAnswer(fault.status, fault.body.encode())
            case FaultKind.MALFORMED_BODY | FaultKind.TRUNCATED_BODY:
                return TriggerAnswer(answer.status, b'{"registrationNumber": ')
            case FaultKind.RESET:
                return TriggerAnswer(None, why="cut on purpose")
            case _:
                return answer

    async def _forged(self, kind: FaultKind, token: str) -> str:
        """The same claims under a key that nobody knows; an expired one is made by the token service."""
        key = await self.world.offload(generate_private_key, 65537, 2048)
        claims = peek(token)
        if kind is FaultKind.EXPIRED_TOKEN:
            claims["exp"] = claims["iat"] - 1
        return await self.world.offload(sign, claims, key)
