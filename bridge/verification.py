"""Is this person who the form says? Asked of MOSIP's ID authentication (contract mosip §6).

Three outcomes, never two: `verified`, `failed` (not that person), and Unavailable (we cannot know now).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cryptography import x509

from bridge.peer import Peer, PeerDown
from bridge.settings import Settings
from bridge.starting import key_folder, needs
from wire.mosip import envelope, ida, ida_answers, ida_signature, identifiers, keys
from wire.mosip.languages import language_values
from wire.world import World

_NOT_THAT_PERSON = frozenset(
    {"IDA-DEA-001", "IDA-DEA-003", "IDA-MLC-002", "IDA-MLC-003", "IDA-MLC-004", "IDA-MLC-005"}
    | {"IDA-MLC-010", "IDA-MLC-018", "IDA-MLC-022", "IDA-MLC-023"}
    | {"IDA-MLC-026", "IDA-MLC-027", "IDA-MLC-028", "IDA-MLC-029"}
)
"""Errors about the person or the number. All others are about us or IDA: they say nothing of the person."""


class Verdict(StrEnum):
    """What the caller reads."""

    VERIFIED = "verified"
    FAILED = "failed"


class Unavailable(Exception):
    """ID authentication gave no verdict; the text has its error code, never the person's data."""


@dataclass(frozen=True)
class Person:
    """Who is asked about: `nid` as typed, `born` as `YYYY-MM-DD`, name parts joined by blanks."""

    nid: str
    born: str
    name: str
    gender: str | None


class Verification:
    """The ID-authentication client. Two RSA operations of ours per question, off the loop."""

    def __init__(self, settings: Settings, world: World) -> None:
        self._settings, self._world = settings, world
        folder = key_folder(settings)
        self._ida, own = folder["ida-partner"].certificate, folder["ida-client"]
        self._key, self._certificate = own.private_key, own.certificate
        if settings.ida_certificate is not None:
            with needs("ENCRYPT_CERT_PATH", "give ID authentication's certificate as PEM"):
                self._ida = keys.certificate(settings.ida_certificate.read_bytes())
        if settings.sign_p12_path is not None:
            password = settings.sign_p12_password.get_secret_value()
            with needs("SIGN_P12_FILE_PATH", "give the P12 file that signs, and SIGN_P12_FILE_PASSWORD"):
                self._key, self._certificate = keys.open_p12(settings.sign_p12_path.read_bytes(), password)
        self._partner = ida.Partner(
            misp_license_key=settings.partner_misp_key.get_secret_value(),
            partner_id=settings.partner_id,
            api_key=settings.partner_api_key.get_secret_value(),
            domain_uri=settings.ida_domain_uri,
        )
        self.peer = Peer("ID authentication", world, settings.call_seconds, connections=64)

    async def verify(self, person: Person) -> Verdict:
        """Unavailable when there is no verdict."""
        if not person.nid.strip():
            return Verdict.FAILED  # nobody has an empty number, and IDA would only say that it is missing
        body, signature = await self._world.offload(self._request, person)
        headers = {
            "Content-Type": "application/json",
            "Authorization": self._partner.authorization,
            "signature": signature,
        }
        url = self._settings.ida_url + self._partner.path()
        try:
            answer = await self.peer.call("POST", url, headers=headers, body=body)
        except PeerDown as down:
            raise Unavailable(str(down)) from down
        self._check_signature(answer.headers.get("response-signature"), answer.body, self._ida)
        try:
            result = ida_answers.read_response(envelope.parse_body(answer.body))
        except envelope.EnvelopeBroken as broken:
            raise Unavailable(f"ID authentication: HTTP {answer.status}") from broken
        if result.verified:
            return Verdict.VERIFIED
        if result.faults and all(fault.code in _NOT_THAT_PERSON for fault in result.faults):
            return Verdict.FAILED
        codes = ", ".join(fault.code for fault in result.faults) or f"HTTP {answer.status} without a verdict"
        raise Unavailable(f"ID authentication: {codes}")

    def _request(self, person: Person) -> tuple[bytes, str]:
        language = self._settings.language

        def text(value: str) -> list[dict[str, str]]:
            return language_values(value, language)

        body = ida.auth_request(
            individual_id=person.nid,
            individual_id_type=kind_of(person.nid),
            demographics=ida.demographics(
                name=text(person.name),
                dob=person.born.replace("-", "/"),
                gender=text(person.gender) if person.gender else None,
            ),
            partner=self._partner,
            certificate=self._ida,
            transaction_id=ida.transaction_id(self._world.chance),
            now=self._world.clock.now(),
            chance=self._world.chance,
        )
        return body, ida_signature.sign_request(body, self._key, self._certificate)

    def _check_signature(self, header: str | None, body: bytes, certificate: x509.Certificate) -> None:
        if header is None and self._settings.allow_unsigned_ida:
            return
        try:
            ida_signature.verify_response(header, body, certificate)
        except ida_signature.SignatureRefused as refused:
            raise Unavailable(f"ID authentication's answer is not signed by it ({refused.code})") from refused

    async def close(self) -> None:
        await self.peer.close()


def kind_of(number: str) -> str:
    """VID when it has a VID's length, else UIN (contract mosip §7.3)."""
    return "VID" if len(number) == identifiers.VID_LENGTH else "UIN"
