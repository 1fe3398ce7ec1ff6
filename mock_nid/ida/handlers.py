"""ID authentication over HTTP: always 200, signed answers (contract mosip §6.5)."""

from __future__ import annotations

from aiohttp import web

from mock_nid.errors import dumped
from mock_nid.ida.requests import SERVICE_IDS, IdaCall
from mock_nid.ida.service import IdaAnswer, IdaService
from mock_nid.settings import Settings
from testbed.facts import Said, Word
from testbed.faults import FaultKind
from testbed.serving import SAID, belongs_to, injected
from wire.foreign_json import read_json
from wire.http.listening import Handler
from wire.keyfolder import KeyPair
from wire.mosip import ida_answers, ida_signature
from wire.world import World


class IdaHandlers:
    """`/idauthentication/v1/…`"""

    def __init__(self, settings: Settings, world: World, service: IdaService, key: KeyPair) -> None:
        self._world, self._service, self._key = world, service, key
        self._deactivated = settings.ida_deactivated

    def answering(self, service: str) -> Handler:
        """The handler of one of `SERVICE_IDS`."""

        async def handler(request: web.Request) -> web.StreamResponse:
            return self._answer(request, await request.read(), service)

        return handler

    def _answer(self, request: web.Request, body: bytes, service: str) -> web.Response:
        parts = request.match_info
        call = IdaCall(
            service,
            parts["misp"],
            parts["partner"],
            parts["key"],
            request.headers.get(ida_signature.REQUEST_HEADER),
            request.headers.get("Authorization"),
            body,
        )
        verdict, told = self._service.answer(call), _told(body)
        if (word := self._said(verdict)) is not None:
            number = told["individualId"].partition("@")[0].lower()
            request.setdefault(SAID, []).append(Said(number, word))
        transaction = told["transactionID"]
        belongs_to(request, transaction)
        return self._render(request, verdict, service, transaction)

    def _said(self, verdict: IdaAnswer) -> Word | None:
        """Whether this is a word about a person, and which."""
        about = ida_answers.ABOUT_THE_PERSON | {self._deactivated}
        if verdict.faults:
            return "unverified" if all(fault.code in about for fault in verdict.faults) else None
        return "verified" if (verdict.response or {}).get("authStatus") else None

    def _render(
        self, request: web.Request, verdict: IdaAnswer, service: str, transaction: str
    ) -> web.Response:
        answer = ida_answers.response(
            transaction_id=transaction,
            now=self._world.clock.now(),
            response=verdict.response or {},
            faults=verdict.faults,
            id=SERVICE_IDS[service],
        )
        if verdict.response is None:
            answer["response"] = None
        raw = dumped(answer)
        fault = injected(request)
        signed = b"{}" if fault is not None and fault.kind is FaultKind.WRONG_SIGNATURE else raw
        signature = ida_signature.sign_response(signed, self._key.private_key, self._key.certificate)
        headers = {ida_signature.RESPONSE_HEADER: signature}
        return web.Response(body=raw, content_type="application/json", headers=headers)


def _told(body: bytes) -> dict[str, str]:
    """What the answer and the journal tell of a request; empty where it has no such text."""
    try:
        given = read_json(body)
    except ValueError:
        given = None
    found = given if isinstance(given, dict) else {}
    texts = {name: found.get(name) for name in ("individualId", "transactionID")}
    return {name: text if isinstance(text, str) else "" for name, text in texts.items()}
