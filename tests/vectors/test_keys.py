"""Keys, their names and containers, of the known answers."""

from __future__ import annotations

import pytest

from tests.unit.wire_mosip.known import CREDENTIAL, KID, MOSIP, PARTNER_CERTIFICATE, PARTNER_KEY
from wire.mosip import keys


def test_the_key_id_is_made_of_the_unique_identifier() -> None:
    assert keys.key_id(CREDENTIAL["issuer"]["key_unique_identifier_hex"]) == KID


def test_the_p12_container_holds_the_same_pair() -> None:
    import base64

    partner = CREDENTIAL["partner"]
    key, certificate = keys.open_p12(base64.b64decode(partner["p12_base64"]), partner["p12_password"])
    assert key.private_numbers() == PARTNER_KEY.private_numbers()
    assert certificate == PARTNER_CERTIFICATE
    with pytest.raises(keys.KeyUnusable, match="password"):
        keys.open_p12(base64.b64decode(partner["p12_base64"]), "wrong")


def test_thumbprints_are_the_known_ones() -> None:
    assert keys.thumbprint(PARTNER_CERTIFICATE).hex() == CREDENTIAL["partner"]["thumbprint_sha256_hex"]
    ida = MOSIP["ida_auth"]["ida_partner"]
    assert keys.thumbprint(keys.certificate(ida["certificate_pem"])).hex() == ida["thumbprint_hex"]
