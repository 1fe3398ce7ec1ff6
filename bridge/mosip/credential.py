"""Opening and believing a credential: seal, proof, and that it is about this registration.

`check` is pure; `Opener` adds the partner key and the issuer's key document (an edge). Contract mosip
§5.3–5.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from bridge.calls.failure import by_status
from bridge.calls.peer import Peer
from bridge.mosip.certificates import Keys
from bridge.mosip.contexts import SETTING as CONTEXTS
from bridge.nid import NidDown, NotBelieved
from bridge.registration import Registration
from bridge.settings import Settings
from wire.mosip import credentials, proofs, sealing, well_known
from wire.mosip.contexts import Contexts
from wire.mosip.events import CredentialIssued
from wire.mosip.fields import FieldBroken
from wire.mosip.keys import KeyUnusable
from wire.mosip.proofs import ProofRefused
from wire.mosip.sealing import SealBroken
from wire.redaction import hide, hide_private
from wire.world import World

_REFETCH_AFTER = timedelta(seconds=60)


class NotSealed(NotBelieved):
    """It is no text that was sealed for us."""


def unsealed(
    text: str, key: RSAPrivateKey, certificate: x509.Certificate, settings: Settings
) -> dict[str, Any]:
    """The credential document inside a sealed text; NotBelieved says why it cannot be had. Blocking (RSA)."""
    try:
        layout = sealing.take_apart(text, key.key_size // 8).layout
        if layout != "VER_R2" and not settings.allow_old_sealing:
            raise NotSealed(f"sealed in an older layout ({layout}); BRIDGE_ALLOW_OLD_SEALING lets it pass")
        rule: sealing.Thumbprint = "match_or_zero" if settings.allow_zero_thumbprint else "match"
        return credentials.decode(sealing.unseal(text, key, certificate, thumbprint=rule))
    except SealBroken as broken:
        raise NotSealed(f"the seal is broken: {broken.reason}") from broken
    except FieldBroken as broken:
        raise NotBelieved(str(broken)) from broken


def check(document: Mapping[str, Any], registration: Registration, national_id_key: str) -> str | None:
    """The national ID in a proven credential, when it is about this registration; None when it holds none.

    The three ids must agree: the event's registration id (by which the registration was found), the
    subject's,
    and the certificate number where the credential has one.
    """
    try:
        credential = credentials.read(document)
        if credential.registration_id != registration.packet_id:
            raise NotBelieved("the credential's subject is another registration")
        for name in ("birthCertificateNumber", "deathCertificateNumber"):
            number = credential.attribute(name)
            if number is not None and number != registration.number:
                raise NotBelieved(f"the credential's {name} is another registration's")
        national_id = credential.attribute(national_id_key)
    except FieldBroken as broken:
        raise NotBelieved(str(broken)) from broken
    if national_id is not None and not (5 <= len(national_id) <= 64 and national_id.isalnum()):
        raise NotBelieved(f"the credential's {national_id_key} does not look like a national ID")
    return national_id


def method_of(document: Mapping[str, Any]) -> str:
    """The URL of the key that the proof names."""
    proof = document.get("proof")
    method = proof.get("verificationMethod") if isinstance(proof, Mapping) else None
    if not isinstance(method, str) or not method:
        raise NotBelieved("the credential has no proof with a verificationMethod")
    return method


class Opener:
    """Holds the partner's key and the issuers' keys. One RSA private operation per credential, off
    the loop.
    """

    def __init__(self, settings: Settings, world: World, peer: Peer, contexts: Contexts, keys: Keys) -> None:
        self._settings, self._world, self._peer = settings, world, peer
        self._key, self._certificate = keys.partner
        self._contexts = contexts
        self._issuers: dict[str, tuple[RSAPublicKey, datetime]] = {}

    async def open(self, event: CredentialIssued, sealed: str, registration: Registration) -> str | None:
        """The national ID (None when it has none). NotBelieved, or NidDown when it cannot be checked now."""
        document, proven = await self._world.offload(self._read, sealed, dict(self._issuers))
        hide_private(document)
        hide(_text_of(document, self._settings.national_id_key))
        if "proof" not in document and self._settings.allow_euin and event.credential_type == "euin":
            return check(document, registration, self._settings.national_id_key)
        method = method_of(document)
        if method not in self._settings.verification_methods:
            raise NotBelieved(
                "the proof names a key that is not allowed (MOSIP_VERIFIABLE_CREDENTIAL_ALLOWLIST)"
            )
        if _base(method) != _base(document.get("issuer")):
            raise NotBelieved("the proof's key is not the issuer's")
        if not proven:
            await self._prove(document, method)
        return check(document, registration, self._settings.national_id_key)

    def _read(
        self, sealed: str, issuers: Mapping[str, tuple[RSAPublicKey, datetime]]
    ) -> tuple[dict[str, Any], bool]:
        """The document, and whether an issuer's key at hand proves it: once to a thread and back."""
        document = unsealed(sealed, self._key, self._certificate, self._settings)
        try:
            self._verify(document, issuers[method_of(document)][0])
        except (KeyError, NotBelieved, ProofRefused):
            return document, False  # what comes after says why, or has a newer key
        return document, True

    async def _prove(self, document: Mapping[str, Any], method: str) -> None:
        while True:
            key, fetched_at = await self._issuer(method)
            try:
                return await self._world.offload(self._verify, document, key)
            except ProofRefused as refused:
                # the issuer may have a new key since we fetched it (a clock put back must not hide that)
                if timedelta() <= self._world.clock.now() - fetched_at < _REFETCH_AFTER:
                    raise _broken(refused) from refused
            del self._issuers[method]

    def _verify(self, document: Mapping[str, Any], key: RSAPublicKey) -> None:
        try:
            proofs.verify_urdna2015(document, key, self._contexts)
        except ProofRefused:
            if not self._settings.allow_jcs:
                raise
            return proofs.verify_jcs(document, key)  # covers every letter
        name = self._settings.national_id_key
        if name in document["credentialSubject"] and not proofs.covers(document, name, self._contexts):
            raise NotBelieved(
                f"no context document defines {name}, so the proof does not cover it and anybody could have "
                f"altered it; give the issuer's own with {CONTEXTS}"
            )
        return None

    async def _issuer(self, method: str) -> tuple[RSAPublicKey, datetime]:
        if method not in self._issuers:
            self._issuers[method] = (await self._fetch(method), self._world.clock.now())
        return self._issuers[method]

    async def _fetch(self, method: str) -> RSAPublicKey:
        """The allowed key document, from the configured place instead of its public URL when there is one."""
        url = method
        if self._settings.well_known_url:
            url = f"{self._settings.well_known_url.rstrip('/')}/{urlsplit(method).path.rpartition('/')[2]}"
        answer = await self._peer.call("GET", url)
        if answer.status != 200:
            raise NidDown(by_status("issuer key", answer.status, answer.wait))
        try:
            return well_known.read_public_key(answer.json()).key
        except (ValueError, FieldBroken, KeyUnusable) as broken:
            raise NidDown(f"issuer key: {broken}") from broken


def _text_of(document: Mapping[str, Any], name: str) -> str | None:
    """A subject's attribute that is a text, unproven."""
    subject = document.get("credentialSubject")
    value = subject.get(name) if isinstance(subject, Mapping) else None
    return value if isinstance(value, str) else None


def _base(url: object) -> str | None:
    """Scheme and host of a URL in a credential; None when it is no URL."""
    try:
        return well_known.base_of(url) if isinstance(url, str) else None
    except ValueError:
        return None


def _broken(refused: ProofRefused) -> NotBelieved:
    """What is wrong with a proof, for whoever reads the log; the credential's own words are cut."""
    why = f"{refused.reason} ({refused.detail})" if refused.detail else refused.reason
    advice = f"; a country's own is given with {CONTEXTS}" if refused.reason == "context" else ""
    return NotBelieved(f"the proof does not hold: {why}{advice}")
