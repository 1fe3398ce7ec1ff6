"""The documents of an issuer."""

from __future__ import annotations

import pytest

from tests.unit.wire_mosip.known import BASE, ISSUER_PUBLIC
from wire.mosip import well_known
from wire.mosip.fields import FieldBroken


@pytest.mark.requirement("MOSIP-CRD-03")
def test_well_known_documents_refer_to_each_other() -> None:
    key = well_known.public_key_document(BASE + "/", ISSUER_PUBLIC)
    controller = well_known.controller_document(BASE)
    assert key["controller"] == controller["id"]
    assert controller["assertionMethod"] == [key["id"]]
    assert well_known.base_of(key["id"]) == BASE
    windows = {**key, "publicKeyPem": key["publicKeyPem"].replace("\n", "\r\n")}
    assert well_known.read_public_key(windows).key == ISSUER_PUBLIC
    with pytest.raises(FieldBroken, match="publicKeyPem"):
        well_known.read_public_key({**key, "publicKeyPem": "none"})
