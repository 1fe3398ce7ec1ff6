"""The documents of an issuer, of the known answers."""

from __future__ import annotations

from tests.unit.wire_mosip.known import BASE, CREDENTIAL, ISSUER_PUBLIC
from wire.mosip import well_known


def test_the_public_key_document_is_the_known_one() -> None:
    known = CREDENTIAL["issuer"]["public_key_json"]
    assert well_known.public_key_document(BASE, ISSUER_PUBLIC) == known
    read = well_known.read_public_key(known)
    assert (read.id, read.controller) == (known["id"], known["controller"])
