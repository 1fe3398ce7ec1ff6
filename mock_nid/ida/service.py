"""The five questions that ID authentication answers, in its order of checks. Flow (contract mosip §6)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from mock_nid.auth.clients import Clients
from mock_nid.ida import lookup, matching, partners, tokens
from mock_nid.ida.faults import IdaRefused, early, refused
from mock_nid.ida.otps import Otps
from mock_nid.ida.requests import Checks, IdaCall, Keys
from mock_nid.identities.claims import claims_of
from mock_nid.identities.people import Identities, Person
from mock_nid.settings import Settings
from testbed.names import language_of
from wire.mosip import ida, ida_sealing
from wire.mosip.envelope import EnvelopeFault
from wire.world import World


@dataclass(frozen=True)
class IdaAnswer:
    """What to answer: the inner response and the faults."""

    response: dict[str, Any] | None
    faults: tuple[EnvelopeFault, ...] = ()


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
        self._settings, self._world = settings, world
        self._checks = Checks(settings, world, clients, keys)
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
        policy = self._checks.admitted(call)
        request, raw = self._checks.read(call)
        inner = self._checks.opened(raw)
        self._checks.check(request, call)
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
            self._kyc_tokens[made] = entry
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
        policy = self._checks.admitted(call)
        if policy.otp == "refused":
            raise early("IDA-MPA-005")
        request, _ = self._checks.read(call)
        self._checks.check(request, call)
        id_type = lookup.id_type_of(request.individual_id, request.individual_id_type, self._people)
        person = self._person(request.individual_id, id_type)
        now = self._world.clock.now()
        masked = self._otps.send(
            person, request.transaction_id, id_type, call.partner_id, request.otp_channels, now
        )
        return IdaAnswer(dict(masked))

    # kyc-exchange

    def _exchange(self, call: IdaCall) -> IdaAnswer:
        self._checks.admitted(call)
        request, raw = self._checks.read(call)
        self._checks.check(request, call)
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

    def _person(self, individual_id: str, id_type: str) -> Person:
        now = self._world.clock.now()
        unknown = self._settings.quirks.ida_unknown
        ended = self._settings.ida_deactivated
        return lookup.find(individual_id, id_type, self._people, now, unknown=unknown, ended=ended)


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
