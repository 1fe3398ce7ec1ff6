"""The credential that MOSIP issues for a registration, made and read. Pure; signing is in `proofs`.

Sources: contract mosip §5.3 (credential-service `VerCredProvider`, `CredentialProvider`), §7.1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wire.foreign_json import read_json
from wire.mosip import well_known
from wire.mosip.fields import FieldBroken, mapping, text
from wire.mosip.languages import read_language
from wire.world import timestamp

CREDENTIALS_V1 = "https://www.w3.org/2018/credentials/v1"
SECURITY_PREFIX = {"sec": "https://w3id.org/security#"}
TYPES = ("VerifiableCredential", "MOSIPVerifiableCredential")
ID_PREFIX = "http://credential.idrepo/credentials/"
SUBJECT_VERSION = "VC-V1"


@dataclass(frozen=True)
class Credential:
    """A credential of either type, read. `subject` holds its attributes without `id` and `vcVer`.

    `id` and `issuer` are as in the document.
    """

    kind: str
    id: str
    issuer: str
    registration_id: str
    subject: Mapping[str, Any]

    def attribute(self, name: str) -> str | None:
        """A subject attribute as text: the value itself, or the first of languages; None when absent."""
        return read_language(self.subject.get(name))


def verifiable_credential(
    *,
    base: str,
    registration_id: str,
    credential_id: str,
    attributes: Mapping[str, Any],
    now: datetime,
) -> dict[str, Any]:
    """The unsigned `vercred` document of the issuer at `base`; `credential_id` is a UUID.

    `attributes` are what the partner policy shares: plain texts or language arrays. Empty for a death in the
    manner of OpenCRVS's mock.
    """
    return {
        "issuanceDate": timestamp(now),
        "credentialSubject": {
            **attributes,
            "id": f"{ID_PREFIX}{registration_id}",
            "vcVer": SUBJECT_VERSION,
        },
        "id": f"{ID_PREFIX}{credential_id}",
        "type": list(TYPES),
        "@context": [CREDENTIALS_V1, well_known.context_url(base), dict(SECURITY_PREFIX)],
        "issuer": well_known.controller_url(base),
    }


def euin_credential(
    *,
    base: str,
    registration_id: str,
    credential_id: str,
    partner: str,
    attributes: Mapping[str, Any],
    now: datetime,
) -> dict[str, Any]:
    """The `euin` document: no context, no proof; arrays become JSON text, the subject id is the bare RID."""
    return {
        "id": f"{ID_PREFIX}{credential_id}",
        "type": ["mosip"],
        "issuer": well_known.controller_url(base),
        "issuanceDate": timestamp(now),
        "issuedTo": partner,
        "consent": "",
        "credentialSubject": {
            **{
                name: value
                if isinstance(value, str)
                else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
                for name, value in attributes.items()
            },
            "id": registration_id,
        },
        "protectedAttributes": [],
    }


def encode(document: Mapping[str, Any]) -> bytes:
    """The document as the compact UTF-8 JSON that gets sealed."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def decode(plain: bytes) -> dict[str, Any]:
    """The document in unsealed bytes; FieldBroken when they are no JSON object."""
    try:
        document = read_json(plain)
    except ValueError as error:
        raise FieldBroken("credential", "sound JSON is due") from error
    if not isinstance(document, dict):
        raise FieldBroken("credential", "a JSON object is due")
    return document


def read(document: Any) -> Credential:
    """Parse a credential document of either type; FieldBroken names what is missing."""
    held = mapping(document, "credential")
    subject = mapping(held.get("credentialSubject"), "credentialSubject")
    issuer = held.get("issuer")
    return Credential(
        kind="vercred" if "@context" in held else "euin",
        id=text(held, "id"),
        issuer=text(issuer, "id", "issuer") if isinstance(issuer, Mapping) else text(held, "issuer"),
        registration_id=registration_id(text(subject, "id", "credentialSubject")),
        subject={name: value for name, value in subject.items() if name not in ("id", "vcVer")},
    )


def registration_id(subject_id: str) -> str:
    """The registration that a credential is about: the last path part of its subject's id."""
    return subject_id.rstrip("/").rpartition("/")[2]
