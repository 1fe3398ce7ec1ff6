"""The proof of a verifiable credential: MOSIP's (URDNA2015) and that of OpenCRVS's mock (JCS). Pure.

Both are detached PS256 signatures. Source: contract mosip §5.4 (`VerCredProvider`, keymanager `jwsSign`),
§5.5 (mediator `verify-vc.ts`, mock `issue.ts`). Keys are `cryptography` objects; the work is one RSA
operation, so run it off the event loop.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from wire.mosip import canonical, jws, shapes
from wire.mosip.contexts import Contexts
from wire.world import timestamp

PROOF_TYPE = "RsaSignature2018"
PURPOSE = "assertionMethod"

_HELP = {
    "missing": "the credential has no proof",
    "malformed": "the proof lacks a field or its jws cannot be read",
    "type": "the proof is not an RsaSignature2018 for assertion",
    "algorithm": "the jws is not a detached PS256 signature over raw bytes",
    "context": "its contexts are not those that are known here for its issuer",
    "shape": "not of the shape that MOSIP issues, so it could read otherwise than it was signed",
    "canonicalisation": "the credential cannot be brought into canonical form; is its context known?",
    "signature": "the signature does not fit the credential: altered, or signed in the other manner",
}


class ProofRefused(Exception):
    """A credential's proof does not hold; `reason` is a key word, `detail` may say more."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {_HELP[reason]}" + (f" ({detail})" if detail else ""))


def sign_urdna2015(
    credential: Mapping[str, Any],
    private_key: RSAPrivateKey,
    contexts: Contexts,
    *,
    verification_method: str,
    kid: str,
    now: datetime,
) -> dict[str, Any]:
    """The credential with MOSIP's proof.

    `kid` is the key's 43-character id (`keys.key_id`), not a URL; `created` has whole seconds.
    """
    proof = _proof(f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", verification_method)
    header = {"b64": False, "crit": ["b64"], "kid": kid, "alg": "PS256"}
    signed = jws.sign(verify_data(credential, proof, contexts), header, private_key)
    return {**_without_proof(credential), "proof": {**proof, "jws": signed}}


def verify_urdna2015(credential: Mapping[str, Any], public_key: RSAPublicKey, contexts: Contexts) -> None:
    """Check MOSIP's proof; ProofRefused says why it does not hold.

    `contexts` are pinned: those of the issuers that are believed, whatever the credential names. Whether its
    key and issuer are believed is the caller's to ask. What the context does not define is not covered: see
    `covers`. A document that could read otherwise than it was signed is refused before: see `shapes`.
    """
    proof, detached = _open(credential)
    if (unknown := shapes.unknown_context(credential.get("@context"), contexts)) is not None:
        raise ProofRefused("context", unknown)
    odd = shapes.fault(credential)
    if odd is not None:
        raise ProofRefused("shape", odd)
    try:
        data = verify_data(credential, proof, contexts)
    except canonical.NotCanonical as error:
        raise ProofRefused("canonicalisation", str(error)) from error
    _verify(detached, data, public_key)


def verify_data(credential: Mapping[str, Any], proof: Mapping[str, Any], contexts: Contexts) -> bytes:
    """The 64 bytes that are signed: SHA-256 of the proof's quads, then SHA-256 of the credential's."""
    texts = (canonical.proof_quads(proof), canonical.credential_quads(credential, contexts))
    try:
        return b"".join(hashlib.sha256(text.encode()).digest() for text in texts)
    except UnicodeEncodeError as error:
        raise canonical.NotCanonical("a text holds half a character") from error


def sign_jcs(
    credential: Mapping[str, Any],
    private_key: RSAPrivateKey,
    *,
    verification_method: str,
    now: datetime,
) -> dict[str, Any]:
    """The credential with the proof of OpenCRVS's mock: over the JCS text, `kid` being the key's URL."""
    proof = _proof(timestamp(now), verification_method)
    header = {"alg": "PS256", "b64": False, "crit": ["b64"], "kid": verification_method}
    signed = jws.sign(jcs(credential), header, private_key)
    return {**_without_proof(credential), "proof": {**proof, "jws": signed}}


def verify_jcs(credential: Mapping[str, Any], public_key: RSAPublicKey) -> None:
    """Check the proof that OpenCRVS's mock makes; ProofRefused says why it does not hold."""
    _, detached = _open(credential)
    try:
        data = jcs(credential)
    except canonical.NotCanonical as error:
        raise ProofRefused("canonicalisation", str(error)) from error
    _verify(detached, data, public_key)


def jcs(credential: Mapping[str, Any]) -> bytes:
    """The credential without its proof in RFC 8785's canonical JSON."""
    try:
        return rfc8785.dumps(_without_proof(credential))
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeEncodeError) as error:
        raise canonical.NotCanonical(f"not a JCS document: {type(error).__name__}") from error


def covers(credential: Mapping[str, Any], name: str, contexts: Contexts) -> bool:
    """Whether MOSIP's signature covers the subject's attribute `name`: does a context define it?

    With the stock context `birthCertificateNumber` is not covered (§5.4): whoever holds the credential could
    alter it unseen, so nothing may be decided by it. Raises NotCanonical as signing does.
    """
    subject = credential["credentialSubject"]
    without = {key: value for key, value in subject.items() if key != name}
    bare = canonical.credential_quads({**credential, "credentialSubject": without}, contexts)
    return bare != canonical.credential_quads(credential, contexts)


def _proof(created: str, verification_method: str) -> dict[str, str]:
    return {
        "type": PROOF_TYPE,
        "created": created,
        "proofPurpose": PURPOSE,
        "verificationMethod": verification_method,
    }


def _open(credential: Mapping[str, Any]) -> tuple[Mapping[str, Any], jws.Detached]:
    proof = credential.get("proof")
    if proof is None:
        raise ProofRefused("missing")
    if not isinstance(proof, Mapping) or not isinstance(proof.get("jws"), str):
        raise ProofRefused("malformed")
    if proof.get("type") != PROOF_TYPE or proof.get("proofPurpose") != PURPOSE:
        raise ProofRefused("type")
    try:
        detached = jws.take_apart(proof["jws"])
    except jws.JwsRefused as error:
        raise ProofRefused("malformed") from error
    if detached.header.get("b64") is not False:
        raise ProofRefused("algorithm")
    return proof, detached


def _verify(detached: jws.Detached, data: bytes, public_key: RSAPublicKey) -> None:
    try:
        jws.verify(detached, data, public_key, algorithm="PS256")
    except jws.JwsRefused as error:
        raise ProofRefused(error.reason) from error


def _without_proof(credential: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in credential.items() if name != "proof"}
