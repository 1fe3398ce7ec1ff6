"""The mediator's API, so that a country config written for the upstream mediator works as it is (mosip
§11.1).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from bridge.errors import Refusal
from bridge.flow.receive import Receive
from bridge.flow.reply import Replies
from bridge.handlers.trigger import answered
from bridge.opencrvs.token_checker import TokenChecker
from bridge.registration import PacketContent
from bridge.serving import name_record, read_model, token_of
from wire.opencrvs.tokens import COUNTRY_CONFIG, GATEWAY
from wire.world import World

_NUMBERS = {"birthCertificateNumber": "birth", "deathCertificateNumber": "death"}


class Notification(BaseModel):
    """Whom the ID system may notify."""

    recipientFullName: str | None = ""
    recipientEmail: str | None = ""
    recipientPhone: str | None = ""


class RegistrationInput(BaseModel):
    """The body of POST /events/registration; what it names besides is ignored, as upstream does."""

    model_config = ConfigDict(extra="ignore")

    trackingId: str = Field(min_length=1, max_length=64)
    notification: Notification = Notification()
    requestFields: dict[str, Any]
    metaInfo: dict[str, Any] = {}
    audit: dict[str, Any] = {}
    schemaJson: str | None = None

    def packet(self) -> PacketContent:
        """What is sent on; the death certificate's number is not in the ID schema (contract mosip §2.6)."""
        return PacketContent(
            fields=_texts(self.requestFields, drop="deathCertificateNumber"),
            notification={
                "name": self.notification.recipientFullName or "",
                "phone": self.notification.recipientPhone or "",
                "email": self.notification.recipientEmail or "",
            },
            meta_info=_texts(self.metaInfo),
            audits=[_texts(self.audit)] if self.audit else [],
            schema_json=self.schemaJson,
        )


class Interop:
    """`POST /events/registration` and what else the mediator offers."""

    def __init__(self, receive: Receive, replies: Replies, tokens: TokenChecker, world: World) -> None:
        self._receive, self._replies, self._tokens, self._world = receive, replies, tokens, world

    async def on_registration(self, request: web.Request) -> web.StreamResponse:
        """202 when recorded; exactly one certificate number says whether it is a birth or a death."""
        return await self._on(request, _certificate)

    async def on_update(self, request: web.Request) -> web.StreamResponse:
        """POST /events/update-biographics (contract mosip §11.7): 202 when recorded."""
        return await self._on(request, _person)

    async def _on(
        self, request: web.Request, about: Callable[[dict[str, Any]], tuple[str, str]]
    ) -> web.StreamResponse:
        """`about`: the kind of the packet, and the registration number, by its fields."""
        token = token_of(request)
        claims = await self._tokens.verify(token, (COUNTRY_CONFIG, GATEWAY))
        name_record(claims.get("eventId"))
        asked = await read_model(request, self._world, RegistrationInput)
        kind, number = about(asked.requestFields)
        reply = await self._receive.on_interop(
            kind, asked.trackingId, asked.packet(), number, claims, str(token)
        )
        return await answered(request, reply, self._replies)


def _person(fields: dict[str, Any]) -> tuple[str, str]:
    if not (fields.get("VID") or fields.get("UIN")):
        raise Refusal(400, "Invalid request", "requestFields needs the VID (or UIN) of the person")
    return "update", ""


def _certificate(fields: dict[str, Any]) -> tuple[str, str]:
    given = [name for name, value in fields.items() if name.endswith("CertificateNumber") and value]
    if len(given) != 1 or given[0] not in _NUMBERS:  # of a marriage, nobody is born or dead
        raise Refusal(
            400,
            "Invalid request",
            "requestFields needs birthCertificateNumber or deathCertificateNumber, one of them",
        )
    number = fields[given[0]]
    if not isinstance(number, str) or not 1 <= len(number) <= 64:
        raise Refusal(
            400, "Invalid request", f"requestFields.{given[0]}: a text of at most 64 characters is due"
        )
    return _NUMBERS[given[0]], number


def _texts(values: dict[str, Any], drop: str = "") -> dict[str, str]:
    """Field values as packet manager wants them: text, or JSON text (contract mosip §2.2)."""
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in values.items()
        if name != drop and value is not None
    }
