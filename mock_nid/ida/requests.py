"""What every request of ID authentication has to pass, in its order of checks (contract mosip §6.1–6.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography import x509

from mock_nid.auth.clients import Clients, PartnerPolicy
from mock_nid.ida import partners
from mock_nid.ida.faults import IdaRefused, early, refused
from mock_nid.settings import Settings, Style
from wire.foreign_json import read_json
from wire.keyfolder import KeyPair
from wire.mosip import ida, ida_sealing, ida_signature
from wire.mosip.fields import FieldBroken
from wire.world import World, parse_timestamp

SERVICE_IDS: Mapping[str, str] = {
    **ida.REQUEST_IDS,
    "kyc-auth": "mosip.identity.kycauth",
    "kyc-exchange": "mosip.identity.kycexchange",
}
STATED_WINDOW = "30"
WINDOW_SECONDS = 60
"""How far requestTime may be from now: 30 and, stock, 30 more (contract mosip §6.6)."""


@dataclass(frozen=True)
class IdaCall:
    """A request as it came: the three path parts, two headers, the exact bytes."""

    service: str
    misp_key: str
    partner_id: str
    api_key: str
    signature: str | None
    authorization: str | None
    body: bytes


@dataclass(frozen=True)
class Keys:
    """What requests are sealed for, what IDA signs with, the partner's signature certificate, and what e-KYC
    is sealed for.
    """

    own: KeyPair
    sign: KeyPair
    client: x509.Certificate
    partner: x509.Certificate


@dataclass(frozen=True)
class Checks:
    """Reads what came, or raises IdaRefused."""

    _settings: Settings
    _world: World
    _clients: Clients
    _keys: Keys

    def admitted(self, call: IdaCall) -> PartnerPolicy:
        policy = partners.policy_of(
            self._clients.ida,
            call.misp_key,
            call.partner_id,
            call.api_key,
            any_key=call.service.startswith("kyc-"),
        )
        if self._settings.ida_checks == "lenient":
            return policy
        if not call.signature:
            raise early("IDA-MLC-006", "signature header")
        if not call.authorization:
            raise early("IDA-MLC-006", "Authorization - header")
        try:
            ida_signature.verify_request(
                call.signature,
                call.body,
                registered=self._keys.client,
                line_breaks=self._settings.ida_x5c == "lenient",
            )
        except ida_signature.IdaSignatureRefused as wrong:
            raise early(wrong.code, "signature header") from None
        return policy

    def read(self, call: IdaCall) -> tuple[ida.AuthRequest, Mapping[str, Any]]:
        try:
            return ida.read_request(call.body)
        except FieldBroken as broken:
            raise _field(broken, call.body) from None

    def opened(self, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        own = self._keys.own
        try:
            return ida.open_request(raw, own.private_key, own.certificate)
        except ida_sealing.BlockBroken as broken:
            raise early(broken.code) from None
        except FieldBroken as broken:
            name = broken.path
            raise refused("IDA-MLC-006" if raw.get(name) is None else "IDA-MLC-009", name) from None

    def check(self, request: ida.AuthRequest, call: IdaCall) -> None:
        """id, transaction and time, as the request validators do."""
        upstream = self._settings.style is Style.UPSTREAM_MOCK
        for name, value in (
            ("id", request.id),
            ("individualId", request.individual_id),
            ("transactionID", request.transaction_id),
            ("requestTime", request.request_time),
        ):
            if not value and not (upstream and name == "individualId"):
                raise refused("IDA-MLC-006", name)
        if request.id != SERVICE_IDS[call.service] and self._settings.ida_checks == "strict":
            raise refused("IDA-MLC-009", "id")
        text = request.transaction_id
        if not (len(text) == 10 and text.isascii() and text.isalnum()):
            raise refused("IDA-MLC-009", "transactionID")
        try:
            asked = parse_timestamp(request.request_time)
            off = abs(asked - self._world.clock.now())
        except (ValueError, OverflowError):
            raise refused("IDA-MLC-009", "requestTime") from None
        window = timedelta(seconds=WINDOW_SECONDS)
        if off > window and self._settings.ida_checks == "strict":
            raise refused("IDA-MLC-001", STATED_WINDOW)


def _field(broken: FieldBroken, body: bytes) -> IdaRefused:
    """A missing field is MLC-006, a wrong one MLC-009."""
    if broken.path == "body":
        return refused("IDA-MLC-009", "request")
    value = read_json(body)
    missing = isinstance(value, dict) and value.get(broken.path) in (None, "")
    return refused("IDA-MLC-006" if missing else "IDA-MLC-009", broken.path)
