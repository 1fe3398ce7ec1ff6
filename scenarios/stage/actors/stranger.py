"""Somebody who is not the ID system, and posts to the bridge's callback all the same.

The stranger knows what is public: the callback's address, the partner's certificate, the form of a delivery;
and has a key of its own. Each message is kept as a Forgery for the judge (contract mosip §4.5, §5).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from scenarios.judging.evidence import Forgery
from scenarios.stage.credentials import PARTNER
from scenarios.stage.timeline import Timeline
from scenarios.story import Actor, Unmet
from wire.http.client import HttpClient, Reply
from wire.keyfolder import KeyFolder
from wire.mosip import credentials, events, hub, proofs, sealing, topics, well_known
from wire.mosip.contexts import stock
from wire.mosip.keys import certificate_key_id

CALLBACK = "/websub/callback"


class Stranger:
    """Builds messages that are right but for what a stranger lacks. `issuer` is the base that the ID system's
    credentials name.
    """

    def __init__(self, timeline: Timeline, line: HttpClient, callback: str, keys: Path, issuer: str) -> None:
        self._timeline, self._line, self._url, self._keys = timeline, line, callback, keys
        self._issuer = issuer
        self._key: RSAPrivateKey | None = None
        self.forgeries: list[Forgery] = []
        self.last: tuple[bytes, str] | None = None
        """The last signed message, byte for byte, with its signature."""

    async def sends_credential(
        self,
        packet_id: str,
        *,
        certificate_number: str = "",
        secret: str | None = None,
        topic: str = f"{PARTNER}/{topics.CREDENTIAL_ISSUED}",
        proof: bool = True,
        issuers_proof: bool = False,
        what: str = "a credential that it made itself",
    ) -> Reply:
        """A sealed credential for somebody's packet under the stranger's key; `secret` signs the body.

        `issuers_proof` proves it by the issuer's own key, so that it is wrong in what else is given alone.
        """
        world = self._timeline.world
        number = world.chance.digits(16)
        document = credentials.verifiable_credential(
            base=self._issuer,
            registration_id=packet_id,
            credential_id=world.chance.uuid(),
            attributes={"VID": number, "birthCertificateNumber": certificate_number},
            now=world.clock.now(),
        )
        if proof:
            document = await world.offload(self._proven, document, issuers_proof)
        certificate = KeyFolder(self._keys)["partner"].certificate
        sealed = sealing.seal(credentials.encode(document), certificate, world.chance)
        event = events.credential_issued(
            topic=topic,
            event_id=world.chance.uuid(),
            transaction_id=world.chance.uuid(),
            registration_id=packet_id,
            credential=sealed,
            now=world.clock.now(),
        )
        return await self._send(event, secret, what, packet_id, number)

    async def sends_rejection(
        self, packet_id: str, *, secret: str | None = None, what: str = "a rejection that it made up"
    ) -> Reply:
        """The news that a packet was rejected."""
        event = events.workflow_completed(packet_id, "REJECTED", "CRVS_NEW")
        return await self._send(event, secret, what, packet_id, None)

    async def repeats(self, sent: tuple[bytes, str] | None, packet_id: str) -> Reply:
        """An old delivery once more, byte for byte with its signature, as somebody who read along has it."""
        if sent is None:
            raise Unmet(f"the hub has sent nothing about packet {packet_id}")
        body, signature = sent
        return await self._signed(body, signature, "an old delivery of the hub", packet_id, None)

    async def sends_nonsense(self, body: bytes, what: str) -> Reply:
        return await self._post(body, None, what, "", None)

    def _proven(self, document: dict[str, Any], issuers: bool) -> dict[str, Any]:
        if issuers:
            issuer = KeyFolder(self._keys)["credential-issuer"]
            key, kid = issuer.private_key, certificate_key_id(issuer.certificate)
        else:
            if self._key is None:
                self._key = generate_private_key(public_exponent=65537, key_size=2048)
            key, kid = self._key, "stranger"
        return proofs.sign_urdna2015(
            document,
            key,
            stock(self._issuer),
            verification_method=well_known.public_key_url(self._issuer),
            kid=kid,
            now=self._timeline.world.clock.now(),
        )

    async def _send(
        self, event: dict[str, Any], secret: str | None, what: str, packet_id: str, number: str | None
    ) -> Reply:
        return await self._post(json.dumps(event).encode(), secret, what, packet_id, number)

    async def _post(
        self, body: bytes, secret: str | None, what: str, packet_id: str, number: str | None
    ) -> Reply:
        signature = None if secret is None else hub.signature(secret, body)
        return await self._signed(body, signature, what, packet_id, number)

    async def _signed(
        self, body: bytes, signature: str | None, what: str, packet_id: str, number: str | None
    ) -> Reply:
        world = self._timeline.world
        headers = {"content-type": "application/json"}
        if signature is not None:
            headers[hub.SIGNATURE_HEADER] = signature
            self.last = body, signature
        self._timeline.says(Actor.STRANGER, f"posts {what} to the bridge")
        at = world.clock.now()
        reply = await self._timeline.posts(self._line, Actor.STRANGER, what, self._url, body, headers)
        self.forgeries.append(Forgery(at, what, packet_id, reply.status, number))
        return reply
