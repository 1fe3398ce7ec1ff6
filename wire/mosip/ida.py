"""ID authentication: requests as the upstream mediator makes them, opened as IDA opens them. Pure.

Sources: contract mosip §6 (id-authentication `AuthController`, `AuthRequestValidator`,
`IdAuthSecurityManager`), §6.9 (mediator's `ida-auth-sdk`).
Signatures are in `ida_signature`, answers in `ida_answers`. A signed request costs one RSA public and one
private operation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from wire.foreign_json import read_json
from wire.mosip import ida_sealing
from wire.mosip.fields import FieldBroken, mapping, optional_text, text
from wire.world import Chance, timestamp

REQUEST_IDS: Mapping[str, str] = {
    "auth": "mosip.identity.auth",
    "kyc": "mosip.identity.kyc",
    "otp": "mosip.identity.otp",
}
VERSION = "1.0"
ENVIRONMENTS = ("Staging", "Developer", "Pre-Production", "Production")


@dataclass(frozen=True)
class Partner:
    """What identifies a partner at IDA: the three parts of the path, and what it says of its surroundings.

    `authorization` must not be empty, IDA only looks whether it is there (§6.2).
    """

    misp_license_key: str
    partner_id: str
    api_key: str
    domain_uri: str
    environment: str = "Staging"
    authorization: str = "Authorization"

    def path(self) -> str:
        """`/<misp>/<partner>/<api key>`, to be put behind the URL of a service."""
        return f"/{self.misp_license_key}/{self.partner_id}/{self.api_key}"


@dataclass(frozen=True)
class AuthRequest:
    """A request as it arrived; `inner` is the decrypted block (empty for otp)."""

    id: str
    version: str
    individual_id: str
    individual_id_type: str | None
    transaction_id: str
    request_time: str
    consent: bool
    environment: str | None
    otp_channels: tuple[str, ...]
    inner: Mapping[str, Any] = field(default_factory=dict)

    @property
    def demographics(self) -> Mapping[str, Any]:
        """The demographic block; empty when none was given."""
        given = self.inner.get("demographics")
        return given if isinstance(given, Mapping) else {}

    @property
    def factors(self) -> tuple[str, ...]:
        """What the block asks to authenticate by: demo, otp, pin, bio (IDA ignores `requestedAuth`)."""
        asked = {
            "demo": any(self.demographics.values()),
            "otp": bool(self.inner.get("otp")),
            "pin": bool(self.inner.get("staticPin")),
            "bio": bool(self.inner.get("biometrics")),
        }
        return tuple(name for name, wanted in asked.items() if wanted)


def transaction_id(chance: Chance) -> str:
    """Ten digits, as both clients draw them."""
    return chance.digits(10)


def demographics(
    *,
    name: Sequence[Mapping[str, str]] | None = None,
    dob: str | None = None,
    gender: Sequence[Mapping[str, str]] | None = None,
) -> dict[str, Any]:
    """A demographic block of what is given; `dob` is `YYYY/MM/DD`, names are `[{language, value}]`."""
    return {key: held for key, held in {"name": name, "dob": dob, "gender": gender}.items() if held}


def auth_request(
    *,
    individual_id: str,
    demographics: Mapping[str, Any],
    partner: Partner,
    certificate: x509.Certificate,
    transaction_id: str,
    now: datetime,
    chance: Chance,
    individual_id_type: str = "UIN",
) -> bytes:
    """The body of `POST …/auth/…`: these bytes are what must be signed and sent. `certificate` is IDA's
    partner certificate.
    """
    moment = timestamp(now)
    block = {"biometrics": [], "demographics": demographics, "otp": "", "timestamp": moment}
    sealed = ida_sealing.seal_block(_compact(block), certificate, chance)
    body: dict[str, Any] = {
        "id": REQUEST_IDS["auth"],
        "version": VERSION,
        "individualId": individual_id,
        "individualIdType": individual_id_type,
        "transactionID": transaction_id,
        "requestTime": moment,
        "specVersion": VERSION,
        "thumbprint": sealed.thumbprint,
        "domainUri": partner.domain_uri,
        "env": partner.environment,
        "requestedAuth": {"demo": False, "pin": False, "otp": False, "bio": False},
        "consentObtained": True,
        "request": sealed.request,
        "requestSessionKey": sealed.session_key,
        "requestHMAC": sealed.hmac,
    }
    return _compact(body)


def read_request(body: bytes) -> tuple[AuthRequest, Mapping[str, Any]]:
    """Parse a body without opening its block; returns it with the raw envelope for `open_request`.

    What is missing is read as empty: which fault that is, IDA decides. FieldBroken names a list or an object
    where a text is due.
    """
    try:
        raw = read_json(body)
    except ValueError as error:
        raise FieldBroken("body", "JSON is due") from error
    held = mapping(raw, "body")
    channels = held.get("otpChannel")
    return (
        AuthRequest(
            id=_scalar(held, "id"),
            version=_scalar(held, "version"),
            individual_id=_scalar(held, "individualId"),
            individual_id_type=_scalar(held, "individualIdType") or None,
            transaction_id=_scalar(held, "transactionID"),
            request_time=_scalar(held, "requestTime"),
            consent=held.get("consentObtained") is True,
            environment=_scalar(held, "env") or None,
            otp_channels=tuple(str(entry) for entry in channels) if isinstance(channels, list) else (),
        ),
        held,
    )


def open_request(
    raw: Mapping[str, Any], private_key: RSAPrivateKey, certificate: x509.Certificate
) -> Mapping[str, Any]:
    """Decrypt the block of a request and check its hash and thumbprint.

    Raises `ida_sealing.BlockBroken` with IDA's error code, FieldBroken for a missing field.
    """
    plain = ida_sealing.open_block(
        session_key=text(raw, "requestSessionKey"),
        request=text(raw, "request"),
        hmac=text(raw, "requestHMAC"),
        thumbprint=optional_text(raw, "thumbprint"),
        private_key=private_key,
        certificate=certificate,
    )
    try:
        return mapping(read_json(plain), "request")
    except ValueError as error:
        raise ida_sealing.BlockBroken("IDA-MPA-003", "the decrypted block is no JSON object") from error


def _scalar(held: Mapping[str, Any], name: str) -> str:
    """A text, or the text of a number or truth value, as Jackson takes it; empty when absent."""
    value = held.get(name)
    if value is None:
        return ""
    if isinstance(value, list | dict):
        raise FieldBroken(name, "a text is due")
    return value if isinstance(value, str) else json.dumps(value)


def _compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
