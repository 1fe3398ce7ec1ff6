"""The five questions that ID authentication answers, in its order of checks. Flow (contract mosip §6)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jwt
from cryptography import x509

from mock_nid.auth.clients import Clients, PartnerPolicy
from mock_nid.ida import lookup, matching, partners, tokens
from mock_nid.ida.faults import IdaRefused, early, refused
from mock_nid.ida.otps import Otps
from mock_nid.identities.claims import claims_of
from mock_nid.identities.people import Identities, Person
from mock_nid.settings import Settings, Style
from testbed.names import language_of
from wire.foreign_json import read_json
from wire.keyfolder import KeyPair
from wire.mosip import ida, ida_sealing, ida_signature
from wire.mosip.envelope import EnvelopeFault
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
class IdaAnswer:
    """What to answer: the inner response and the faults."""

    response: dict[str, Any] | None
    faults: tuple[EnvelopeFault, ...] = ()


@dataclass(frozen=True)
class Keys:
    """What requests are sealed for, what IDA signs with, the partner's signature certificate, and what e-KYC
    is sealed for.
    """

    own: KeyPair
    sign: KeyPair
    client: x509.Certificate
    partner: x509.Certificate


class IdaService:
    """Authentication, e-KYC and OTP over the known people."""

    def __init__(
        self,
        settings: Settings,
        world: World,
        clients: Clients,
        people: Identities,
        otps: Otps,
        kyc_tokens: tokens.KycTokens,
        keys: Keys,
    ) -> None:
        self._settings, self._world, self._clients = settings, world, clients
        self._people, self._otps, self._kyc_tokens = people, otps, kyc_tokens
        self._keys = keys

    def answer(self, call: IdaCall) -> IdaAnswer:
        """The verdict for any service; never raises IdaRefused."""
        failed = _failed(call.service)
        try:
            if call.service == "otp":
                return self._otp(call)
            if call.service == "kyc-exchange":
                return self._exchange(call)
            return self._authenticate(call)
        except IdaRefused as wrong:
            return IdaAnswer(failed, wrong.faults)

    # auth, kyc, kyc-auth

    def _authenticate(self, call: IdaCall) -> IdaAnswer:
        policy = self._admitted(call)
        request, raw = self._read(call)
        inner = self._opened(raw)
        self._check(request, call)
        if not request.consent:
            raise refused("IDA-MLC-012")
        if request.environment not in ida.ENVIRONMENTS:
            raise refused("IDA-MLC-009", "env") if request.environment else refused("IDA-MLC-006", "env")
        factors = ida.AuthRequest(**{**vars(request), "inner": inner}).factors
        if not factors:
            raise refused("IDA-MLC-008")
        partners.admit(policy, factors, kyc=call.service == "kyc")
        id_type = lookup.id_type_of(request.individual_id, request.individual_id_type, self._people)
        person = self._person(request.individual_id, id_type)
        if locked := next((factor for factor in factors if factor in person.locked), None):
            raise refused("IDA-MLC-019", locked)
        faults = self._compared(inner, factors, person)
        token = tokens.auth_token(person.uin, call.partner_id)
        if faults:
            shown = token if self._settings.quirks.token_on_mismatch else None
            return IdaAnswer({**(_failed(call.service) or {}), "authToken": shown}, tuple(faults))
        if "otp" in factors:
            now = self._world.clock.now()
            otp = str(inner.get("otp"))
            self._otps.check(person, otp, request.transaction_id, id_type, call.partner_id, now)
        return self._granted(call, request, person, token)

    def _compared(
        self, inner: Mapping[str, Any], factors: tuple[str, ...], person: Person
    ) -> list[EnvelopeFault]:
        if "demo" not in factors:
            return []
        return matching.mismatches(
            inner["demographics"],
            person,
            self._world.clock.now().date(),
            ordered=self._settings.quirks.names_in_order,
            dates=self._settings.ida_dates.split(","),
            supported=matching.LANGUAGES | {language_of(self._settings.locale)},
        )

    def _granted(self, call: IdaCall, request: ida.AuthRequest, person: Person, token: str) -> IdaAnswer:
        if call.service == "auth":
            return IdaAnswer({"authStatus": True, "authToken": token})
        if call.service == "kyc-auth":
            made = self._world.chance.alphanumeric(43)
            entry = tokens.KycToken(
                person.uin,
                request.individual_id,
                call.api_key,
                request.transaction_id,
                self._world.clock.now(),
            )
            self._kyc_tokens.keep(made, entry)
            return IdaAnswer({"kycToken": made, "authToken": token, "kycStatus": True})
        identity = json.dumps(_kyc_identity(person), ensure_ascii=False).encode()
        sealed = ida_sealing.seal_identity(identity, self._keys.partner, self._world.chance)
        return IdaAnswer(
            {
                "kycStatus": True,
                "authToken": token,
                "thumbprint": sealed.thumbprint,
                "identity": sealed.identity,
                "sessionKey": sealed.session_key,
            }
        )

    # otp

    def _otp(self, call: IdaCall) -> IdaAnswer:
        policy = self._admitted(call)
        if policy.otp == "refused":
            raise early("IDA-MPA-005")
        request, _ = self._read(call)
        self._check(request, call)
        id_type = lookup.id_type_of(request.individual_id, request.individual_id_type, self._people)
        person = self._person(request.individual_id, id_type)
        now = self._world.clock.now()
        masked = self._otps.send(
            person, request.transaction_id, id_type, call.partner_id, request.otp_channels, now
        )
        return IdaAnswer(dict(masked))

    # kyc-exchange

    def _exchange(self, call: IdaCall) -> IdaAnswer:
        self._admitted(call)
        request, raw = self._read(call)
        self._check(request, call)
        given = raw.get("kycToken")
        if not isinstance(given, str) or not given:
            raise refused("IDA-MLC-006", "kycToken")
        entry = self._kyc_tokens.redeem(
            given, call.api_key, request.transaction_id, request.individual_id, self._world.clock.now()
        )
        consented, locales = raw.get("consentObtained"), raw.get("locales")
        claims = claims_of(
            self._people.persons[entry.uin],
            [str(name) for name in consented] if isinstance(consented, list) else [],
            subject=tokens.subject(entry.uin, call.api_key),
            individual_id=entry.individual_id,
            locales=[str(tag) for tag in locales] if isinstance(locales, list) and locales else ("en",),
        )
        signed = jwt.encode(claims, self._keys.sign.private_key, algorithm="RS256")
        return IdaAnswer({"encryptedKyc": signed})

    # what all of them check

    def _admitted(self, call: IdaCall) -> PartnerPolicy:
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

    def _read(self, call: IdaCall) -> tuple[ida.AuthRequest, Mapping[str, Any]]:
        try:
            return ida.read_request(call.body)
        except FieldBroken as broken:
            raise _field(broken, call.body) from None

    def _opened(self, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        own = self._keys.own
        try:
            return ida.open_request(raw, own.private_key, own.certificate)
        except ida_sealing.BlockBroken as broken:
            raise early(broken.code) from None
        except FieldBroken as broken:
            name = broken.path
            raise refused("IDA-MLC-006" if raw.get(name) is None else "IDA-MLC-009", name) from None

    def _check(self, request: ida.AuthRequest, call: IdaCall) -> None:
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

    def _person(self, individual_id: str, id_type: str) -> Person:
        now = self._world.clock.now()
        unknown = self._settings.quirks.ida_unknown
        ended = self._settings.ida_deactivated
        return lookup.find(individual_id, id_type, self._people, now, unknown=unknown, ended=ended)


def _field(broken: FieldBroken, body: bytes) -> IdaRefused:
    """A missing field is MLC-006, a wrong one MLC-009."""
    if broken.path == "body":
        return refused("IDA-MLC-009", "request")
    value = read_json(body)
    missing = isinstance(value, dict) and value.get(broken.path) in (None, "")
    return refused("IDA-MLC-006" if missing else "IDA-MLC-009", broken.path)


def _failed(service: str) -> dict[str, Any] | None:
    """The inner response of a refusal, all null."""
    if service == "auth":
        return {"authStatus": False, "authToken": None}
    if service == "kyc":
        names = ("authToken", "thumbprint", "identity", "sessionKey")
        return {"kycStatus": False, **dict.fromkeys(names)}
    if service == "kyc-auth":
        return {"kycToken": None, "authToken": None, "kycStatus": False}
    return None


def _kyc_identity(person: Person) -> dict[str, Any]:
    """What e-KYC tells of a person, under IDA's own names."""
    names = {
        "name": "fullName",
        "dob": "dateOfBirth",
        "gender": "gender",
        "phoneNumber": "phone",
        "emailId": "email",
        "addressLine1": "addressLine1",
        "location1": "city",
        "location2": "region",
        "location3": "province",
        "postalCode": "postalCode",
    }
    identity = person.identity
    return {name: identity[stored] for name, stored in names.items() if identity.get(stored) is not None}
