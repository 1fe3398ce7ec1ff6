"""Is this person who the form says? Asked of MOSIP's ID authentication (contract mosip §6).

Three outcomes, never two: verified, not that person (and why), and Unavailable (we cannot know now).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from bridge.calls.channels import Channels
from bridge.calls.failure import Failure, FailureKind, by_status
from bridge.calls.peer import Peer
from bridge.country.folder import country_of
from bridge.country.people import PersonAsked, PersonVerdict, Reason
from bridge.mosip.certificates import Keys
from bridge.nid import NidDown
from bridge.settings import Settings
from wire.http.client import Answer
from wire.mosip import envelope, ida, ida_answers, ida_signature, identifiers
from wire.mosip.envelope import EnvelopeFault
from wire.mosip.languages import language_values
from wire.world import World

_ABOUT_US = ("IDA-MPA-", "IDA-MLC-006", "IDA-MLC-009")
"""Beginnings of errors about the partner, its licence, keys and policy, or the form of our requests (§6.6).
The second of two errors is the one that tells.
"""

_CHANNEL = "ID authentication"


_NOT_FOUND = frozenset({"IDA-MLC-002", "IDA-MLC-004", "IDA-MLC-018"})
_DEACTIVATED = frozenset({"IDA-MLC-003", "IDA-MLC-010", "IDA-MLC-022", "IDA-MLC-023"})
_MISMATCHES = {"name": Reason.NAME_MISMATCH, "dob": Reason.DOB_MISMATCH, "gender": Reason.GENDER_MISMATCH}
_ATTRIBUTE = re.compile(r"Demographic data (\w+)")


def reason_of(fault: EnvelopeFault, deactivated: Collection[str] = ()) -> Reason:
    """The reason that an error about the person or the number tells."""
    if fault.code in _NOT_FOUND:
        return Reason.NIN_NOT_FOUND
    if fault.code in _DEACTIVATED or fault.code in deactivated:
        return Reason.DEACTIVATED
    named = _ATTRIBUTE.search(fault.message) if fault.code == "IDA-DEA-001" else None
    return _MISMATCHES.get(named[1].lower(), Reason.UNKNOWN) if named is not None else Reason.UNKNOWN


class Unavailable(NidDown):
    """ID authentication gave no verdict; the text has its error code, never the person's data."""


class Verification:
    """The ID-authentication client. Two RSA operations of ours per question, off the loop."""

    def __init__(self, settings: Settings, world: World, channels: Channels, keys: Keys) -> None:
        self._settings, self._world, self._channels = settings, world, channels
        self.ways = country_of(settings.country).identification
        self._ida, self._signers = keys.sealing, keys.ida_signers
        self._key, self._certificate = keys.signing
        self._partner = ida.Partner(
            misp_license_key=settings.partner_misp_key.get_secret_value(),
            partner_id=settings.partner_id,
            api_key=settings.partner_api_key.get_secret_value(),
            domain_uri=settings.ida_domain_uri,
        )
        self.peer = Peer("ID authentication", settings, world, Unavailable, connections=64)

    async def verify(self, person: PersonAsked) -> PersonVerdict:
        """Unavailable when there is no verdict."""
        if not person.nid.strip():
            # nobody has an empty number, and IDA would only say that it is missing
            return PersonVerdict((Reason.NIN_NOT_FOUND,))
        answer = await self.ask(person)
        if answer.status != 200:  # ID authentication itself always answers 200 (§6.5)
            failure = by_status("ID authentication", answer.status, answer.wait)
            self._channels.failed(_CHANNEL, failure)
            raise Unavailable(failure)
        self._check_signature(answer.headers.get("response-signature"), answer.body)
        try:
            result = ida_answers.read_response(envelope.parse_body(answer.body))
        except envelope.EnvelopeBroken as broken:
            raise Unavailable(f"ID authentication: HTTP {answer.status}") from broken
        about_the_person = ida_answers.ABOUT_THE_PERSON.union(self.ways.deactivated)
        if all(fault.code in about_the_person for fault in result.faults):
            self._channels.worked(_CHANNEL)
            if result.verified:
                return PersonVerdict()
            if result.faults:
                reasons = (reason_of(fault, self.ways.deactivated) for fault in result.faults)
                return PersonVerdict(tuple(dict.fromkeys(reasons)))
        codes = ", ".join(fault.code for fault in result.faults) or f"HTTP {answer.status} without a verdict"
        failure = Failure(FailureKind.TRANSIENT, f"ID authentication: {codes}")
        if result.faults and result.faults[-1].code.startswith(_ABOUT_US):
            failure = replace(failure, kind=FailureKind.CHANNEL, code=result.faults[-1].code)
            self._channels.failed(_CHANNEL, failure)
        raise Unavailable(failure)

    async def ask(self, person: PersonAsked) -> Answer:
        """What ID authentication answers about this person, unread. Unavailable when nothing comes."""
        body, signature = await self._world.offload(self._request, person)
        headers = {
            "Content-Type": "application/json",
            "Authorization": self._partner.authorization,
            "signature": signature,
        }
        return await self.peer.call(
            "POST", self._settings.ida_url + self._partner.path(), headers=headers, body=body
        )

    def _request(self, person: PersonAsked) -> tuple[bytes, str]:
        language = self._settings.language

        def text(value: str) -> list[dict[str, str]]:
            return language_values(value, language)

        body = ida.auth_request(
            individual_id=self.ways.number(person.nid),
            individual_id_type=self.ways.type or kind_of(person.nid),
            demographics=ida.demographics(
                name=text(person.name),
                dob=self.ways.date(person.born) if person.born else None,
                gender=text(person.gender) if person.gender else None,
            ),
            partner=self._partner,
            certificate=self._ida,
            transaction_id=ida.transaction_id(self._world.chance),
            now=self._world.clock.now(),
            chance=self._world.chance,
        )
        return body, ida_signature.sign_request(body, self._key, self._certificate)

    def _check_signature(self, header: str | None, body: bytes) -> None:
        if self._settings.allow_unsigned_ida and (header is None or not self._signers):
            return
        if not self._signers:
            raise Unavailable("ID authentication's answer cannot be checked: IDA_SIGN_CERT_PATH is not given")
        try:
            ida_signature.verify_response(header, body, self._signers, self._world.clock.now())
        except ida_signature.IdaSignatureRefused as refused:
            raise Unavailable(
                f"ID authentication's answer is not signed by it ({refused.code}: {refused.detail}); "
                "whose signature is believed: IDA_SIGN_CERT_PATH"
            ) from refused


def kind_of(number: str) -> str:
    """VID when it has a VID's length, else UIN (contract mosip §7.3)."""
    return "VID" if len(number) == identifiers.VID_LENGTH else "UIN"
