"""A sealed credential: opened with the partner's key, proved by the issuer's (contract mosip §5.3–5.6)."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

from .settings import NID, P12, P12_PASSWORD, seeded

ISSUER, METHOD = f"{NID}/.well-known/controller.json", f"{NID}/.well-known/public-key.json"
_CONTEXT = ["https://www.w3.org/2018/credentials/v1", f"{NID}/.well-known/mosip-context.json"]
_SIGNED = ("vcVer", "UIN", "VID", "dateOfBirth", "email", "phone", "postalCode")
_W3, _SEC = "https://www.w3.org/2018/credentials#", "https://w3id.org/security#"
_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_TIME = "<http://www.w3.org/2001/XMLSchema#dateTime>"
_OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)


class Unbelievable(Exception):
    """It cannot be opened, is not proved, or is about somebody else."""


def opened(sealed: str) -> dict[str, Any]:
    """`VER_R2` | thumbprint 32 | wrapped key 256 | `#KEY_SPLITTER#` | AAD 32 | ciphertext and tag."""
    try:
        data = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        at = data.index(b"#KEY_SPLITTER#")
        key, _, _ = load_key_and_certificates(Path(P12).read_bytes(), P12_PASSWORD)
        session = key.decrypt(data[38:at], _OAEP)  # type: ignore[union-attr]
        aad, rest = data[at + 14 : at + 46], data[at + 46 :]
        return dict(json.loads(AESGCM(session).decrypt(aad[:12], rest, aad)))
    except (ValueError, InvalidTag, OSError) as error:
        raise Unbelievable(f"cannot be opened: {type(error).__name__}") from None


def believed(document: dict[str, Any], key_pem: str, packet: str, number: str) -> str:
    """The VID, of a credential that the issuer proved and that is about this packet; Unbelievable."""
    subject, proof = document.get("credentialSubject", {}), document.get("proof", {})
    if not seeded("proof_unchecked"):
        trusted = document.get("issuer") == ISSUER and proof.get("verificationMethod") == METHOD
        if not trusted and not seeded("alien_issuer_believed"):
            raise Unbelievable("an issuer that is not ours")
        _proved(document, proof, key_pem)
    if seeded("oldest_waiting_gets_it") or seeded("matched_by_name"):
        return str(subject.get("VID", ""))
    if subject.get("id", "").rpartition("/")[2] != packet and not seeded("other_subject_believed"):
        raise Unbelievable("about another subject")
    named = subject.get("birthCertificateNumber", number)
    if named != number and not seeded("other_certificate_number_believed"):
        raise Unbelievable("about another certificate")
    return str(subject.get("VID", ""))


def _proved(document: dict[str, Any], proof: dict[str, Any], key_pem: str) -> None:
    try:
        base = document["issuer"].removesuffix("/.well-known/controller.json")
        if document["issuer"] == ISSUER and document["@context"][:2] != _CONTEXT:
            raise Unbelievable("contexts that are not the issuer's")
        head, _, signature = proof["jws"].partition("..")
        if json.loads(_bytes(head)) | {"kid": ""} != {
            "b64": False,
            "crit": ["b64"],
            "kid": "",
            "alg": "PS256",
        }:
            raise Unbelievable("a proof of another kind")
        digests = [
            hashlib.sha256(quads.encode()).digest() for quads in (_of_proof(proof), _of(document, base))
        ]
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        load_pem_public_key(key_pem.encode()).verify(  # type: ignore[union-attr, call-arg]
            _bytes(signature), head.encode() + b"." + b"".join(digests), pss, hashes.SHA256()
        )
    except (InvalidSignature, KeyError, ValueError, TypeError, AttributeError) as error:
        raise Unbelievable(f"not proved: {type(error).__name__}") from None


def _of(document: dict[str, Any], base: str) -> str:
    """The credential's quads in order: with plain texts there is no more to canonicalising."""
    node, subject = f"<{document['id']}>", document["credentialSubject"]
    about = f"<{subject['id']}>"
    quads = [
        f"{node} {_TYPE} <{_W3}VerifiableCredential> .\n",
        f"{node} <{_W3}credentialSubject> {about} .\n",
        f'{node} <{_W3}issuanceDate> "{document["issuanceDate"]}"^^{_TIME} .\n',
        f"{node} <{_W3}issuer> <{document['issuer']}> .\n",
        *(f'{about} <{base}/mosip#{name}> "{subject[name]}" .\n' for name in _SIGNED if name in subject),
    ]
    return "".join(sorted(quads))


def _of_proof(proof: dict[str, Any]) -> str:
    return (
        f'_:c14n0 <http://purl.org/dc/terms/created> "{proof["created"]}"^^{_TIME} .\n'
        f"_:c14n0 {_TYPE} <{_SEC}{proof['type']}> .\n"
        f"_:c14n0 <{_SEC}proofPurpose> <{_SEC}{proof['proofPurpose']}> .\n"
        f"_:c14n0 <{_SEC}verificationMethod> <{proof['verificationMethod']}> .\n"
    )


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
