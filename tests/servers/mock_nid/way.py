"""What a packet's way needs."""

from __future__ import annotations

from pathlib import Path

from tests.servers.mock_nid.actors import Stage
from wire.keyfolder import KeyFolder
from wire.mosip import credentials, events, proofs, sealing, well_known
from wire.mosip.contexts import stock


def opened(stage: Stage, keys: Path, body: dict) -> dict:
    """The credential document of a delivery, unsealed with the partner's key and its proof checked."""
    event = events.read_credential_issued(body)
    partner = KeyFolder(keys)["partner"]
    document = credentials.decode(sealing.unseal(event.credential, partner.private_key, partner.certificate))
    issuer = KeyFolder(keys)["credential-issuer"].private_key.public_key()
    proofs.verify_urdna2015(document, issuer, stock(well_known.base_of(document["issuer"])))
    return document
