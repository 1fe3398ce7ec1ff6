"""The mediator's API, so that a country config written for the upstream mediator works as it is (mosip
§11.1).
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bridge.errors import Refusal, first_error
from bridge.flow.ask import TriggerReply
from bridge.flow.receive import Receive
from bridge.opencrvs.token_checker import TokenChecker
from bridge.registration import PacketContent
from bridge.serving import bearer, json_object, name_record, read_body, send
from wire.opencrvs.tokens import COUNTRY_CONFIG, GATEWAY
from wire.world import World

if TYPE_CHECKING:
    from bridge.traces import Traces

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

    def __init__(self, receive: Receive, tokens: TokenChecker, world: World, traces: Traces | None) -> None:
        self._receive, self._tokens, self._world, self._traces = receive, tokens, world, traces

    async def on_registration(self, request: web.Request) -> web.StreamResponse:
        """202 when recorded; exactly one certificate number says whether it is a birth or a death."""
        began, token = self._world.clock.now(), bearer(request)
        claims = await self._tokens.verify(token, (COUNTRY_CONFIG, GATEWAY))
        name_record(claims.get("eventId"))
        asked = await self._body(request)
        name, number = _certificate(asked.requestFields)
        reply = await self._receive.on_interop(
            asked.trackingId, _NUMBERS[name], asked.packet(), number, claims, str(token)
        )
        return await self._answer(request, reply, began)

    async def on_update(self, request: web.Request) -> web.StreamResponse:
        """POST /events/update-biographics (contract mosip §11.7): 202 when recorded."""
        began, token = self._world.clock.now(), bearer(request)
        claims = await self._tokens.verify(token, (COUNTRY_CONFIG, GATEWAY))
        name_record(claims.get("eventId"))
        asked = await self._body(request)
        if not (asked.requestFields.get("VID") or asked.requestFields.get("UIN")):
            raise Refusal(400, "Invalid request", "requestFields needs the VID (or UIN) of the person")
        reply = await self._receive.on_update(asked.trackingId, asked.packet(), claims, str(token))
        return await self._answer(request, reply, began)

    async def _body(self, request: web.Request) -> RegistrationInput:
        body = json_object(await read_body(request, self._world))
        try:
            return RegistrationInput.model_validate(body)
        except ValidationError as error:
            raise Refusal(400, "Invalid request", first_error(error)) from error

    async def _answer(self, request: web.Request, reply: TriggerReply, began: datetime) -> web.StreamResponse:
        response = web.json_response({}, status=reply.status)
        whole = await send(request, response)
        if self._traces is not None and reply.registration is not None:
            self._traces.triggered(
                reply.registration, began, reply.status, request.headers.get("traceparent")
            )
        await (self._receive.sent(reply) if whole else self._receive.lost(reply))
        return response


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
    return given[0], number


def _texts(values: dict[str, Any], drop: str = "") -> dict[str, str]:
    """Field values as packet manager wants them: text, or JSON text (contract mosip §2.2)."""
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in values.items()
        if name != drop and value is not None
    }
