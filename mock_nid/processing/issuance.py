"""From a registration to the event that carries its credential: document, proof, seal (contract mosip §5).

A forgery makes one of these three wrong on purpose. The RSA work, a fifth of a millisecond, is done on the
loop: handing it to a thread and back costs as much again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key

from mock_nid.hub.messages import Message
from mock_nid.identities.people import Identities
from mock_nid.packets.registrations import PacketRegistration
from mock_nid.packets.stages import BIRTHS
from mock_nid.processing.shares import Shares
from mock_nid.settings import Settings
from testbed.faults import OF_CREDENTIAL, FaultKind, Faults
from wire.keyfolder import KeyPair, self_signed
from wire.mosip import credentials, events, proofs, sealing, well_known
from wire.mosip.contexts import stock
from wire.mosip.keys import certificate_key_id
from wire.world import World


class Issuer:
    """Makes credentials; holds the issuer's key and the partner's certificate."""

    def __init__(
        self,
        settings: Settings,
        world: World,
        faults: Faults,
        people: Identities,
        keys: KeyPair,
        certificate: x509.Certificate,
        shares: Shares,
    ) -> None:
        self._settings, self._world, self._faults = settings, world, faults
        self._people, self._shares = people, shares
        self._key: RSAPrivateKey = keys.private_key
        self._kid = certificate_key_id(keys.certificate)
        self._certificate = certificate
        self._stranger: tuple[RSAPrivateKey, x509.Certificate] | None = None
        self.base = settings.issuer_url or settings.public_url or ""

    @property
    def public_key(self) -> RSAPublicKey:
        return self._key.public_key()

    def sign_with(self, keys: KeyPair) -> None:
        """Sign with another key from now on, and publish that one (the issuer has changed its key)."""
        self._key, self._kid = keys.private_key, certificate_key_id(keys.certificate)

    def trust(self, certificate: x509.Certificate) -> None:
        """Seal for another certificate from now on (the partner has renewed its key)."""
        self._certificate = certificate

    def message(self, registration: PacketRegistration, forge: FaultKind | None = None) -> Message:
        """A fresh credential event for a registration, ready for the hub."""
        fault = self._faults.strike("credential", registration.records)
        forge = forge or (fault.kind if fault is not None else None)
        document = self._document(registration, forge)
        sealed = self._sealed(document, forge)
        topic = self._settings.topic_of_credentials
        payload = self._event(registration, topic, sealed, forge)
        told = (str(fault),) if fault else ()
        spoilt = forge in OF_CREDENTIAL and forge.spoils
        return Message(topic, payload, registration.records, faults=told, word="issued", spoilt=spoilt)

    # the document

    def attributes(self, registration: PacketRegistration, forge: FaultKind | None = None) -> dict[str, Any]:
        """What the partner's policy shares of this person."""
        person = self._people.persons.get(registration.uin or "")
        identity = dict(person.identity) if person else {}
        identity |= {"UIN": registration.uin, "VID": registration.vid}
        number = registration.packet.certificate_number
        if number:
            identity["birthCertificateNumber"] = number
        if registration.packet.process not in BIRTHS and self._settings.proof == "jcs":
            # the OpenCRVS mock's credential for a death names nothing but its subject
            return {}
        shared = {
            name: identity[name]
            for name in self._settings.subject_attributes
            if identity.get(name) is not None
        }
        if forge is FaultKind.NO_VID:
            shared.pop("VID", None)
        if forge is FaultKind.OTHER_CERTIFICATE_NUMBER:
            shared["birthCertificateNumber"] = f"{self._world.chance.alphanumeric(12)}"
        if forge is FaultKind.EXTRA_ATTRIBUTES:
            shared |= {"UIN": registration.uin, "fullName": identity.get("fullName", "")}
        return shared

    def _document(self, registration: PacketRegistration, forge: FaultKind | None) -> dict[str, Any]:
        world, now = self._world, self._world.clock.now()
        id = world.chance.uuid()
        attributes = self.attributes(registration, forge)
        subject = registration.id
        if forge is FaultKind.OTHER_SUBJECT:
            subject = world.chance.digits(15)
        base = "https://alien.example" if forge is FaultKind.ALIEN_ISSUER else self.base
        if self._settings.credential_type == "euin":
            return credentials.euin_credential(
                base=base,
                registration_id=subject,
                credential_id=id,
                partner=self._settings.partner_id,
                attributes=attributes,
                now=now,
            )
        document = credentials.verifiable_credential(
            base=base, registration_id=subject, credential_id=id, attributes=attributes, now=now
        )
        if forge is FaultKind.NO_PROOF:
            return document
        key = self._foreign()[0] if forge is FaultKind.OTHER_KEY else self._key
        jcs = (self._settings.proof == "jcs") is not (forge is FaultKind.OTHER_PROOF)
        return self._proven(document, key, base, now, jcs=jcs)

    def _proven(
        self, document: dict[str, Any], key: RSAPrivateKey, base: str, now: datetime, *, jcs: bool
    ) -> dict[str, Any]:
        method = well_known.public_key_url(base)
        if jcs:
            return proofs.sign_jcs(document, key, verification_method=method, now=now)
        return proofs.sign_urdna2015(
            document, key, stock(base), verification_method=method, kid=self._kid, now=now
        )

    # the seal

    def _sealed(self, document: dict[str, Any], forge: FaultKind | None) -> str:
        settings = self._settings
        certificate = self._foreign()[1] if forge is FaultKind.OTHER_PARTNER else self._certificate
        legacy = settings.sealing == "legacy" or forge is FaultKind.LEGACY_LAYOUT
        sealed = sealing.seal(
            credentials.encode(document),
            certificate,
            self._world.chance,
            layout="thumbprint" if legacy else "VER_R2",
            alphabet=settings.quirks.alphabet,
            thumbprint=settings.thumbprint == "real",
        )
        return _broken(sealed, forge)

    def _foreign(self) -> tuple[RSAPrivateKey, x509.Certificate]:
        """Key and certificate of somebody else, made when first needed."""
        if self._stranger is None:
            key = generate_private_key(public_exponent=65537, key_size=2048)
            self._stranger = (key, self_signed(key, "a stranger"))
        return self._stranger

    # the event

    def _event(
        self, registration: PacketRegistration, topic: str, sealed: str, forge: FaultKind | None
    ) -> dict[str, Any]:
        world, settings = self._world, self._settings
        id = world.chance.digits(15) if forge is FaultKind.UNKNOWN_REGISTRATION else registration.id
        share = self._shares.keep(sealed) if settings.data_share else None
        shares_vid = "VID" in settings.subject_attributes
        return events.credential_issued(
            topic=topic,
            event_id=world.chance.uuid(),
            transaction_id=world.chance.uuid(),
            registration_id=id,
            credential=None if share else sealed,
            now=world.clock.now(),
            data_share_uri=share,
            credential_type=settings.credential_type,
            protection_key=registration.pin,
            expiry=events.NEVER if shares_vid else None,
            signature=None,
            upstream_mock=not settings.quirks.event_extras,
        )


def _broken(sealed: str, forge: FaultKind | None) -> str:
    """The sealed text, altered in its last bytes or without its splitter."""
    if forge is FaultKind.TAMPERED:
        last = "A" if sealed[-8] != "A" else "B"
        return f"{sealed[:-8]}{last}{sealed[-7:]}"
    if forge is FaultKind.NO_SPLITTER:
        return sealed[:380] + sealed[440:]
    return sealed
