"""The sealed credentials of the known answers, opened."""

from __future__ import annotations

import json

import pytest

from tests.unit.wire_mosip.known import CREDENTIAL, PARTNER_CERTIFICATE, PARTNER_KEY
from wire.mosip import sealing

LAYOUT = CREDENTIAL["layout"]


@pytest.mark.parametrize(
    ("name", "layout", "plain"),
    [
        ("encrypted_ver_r2_base64url", "VER_R2", "expected_plaintext"),
        ("encrypted_ver_r2_base64", "VER_R2", "expected_plaintext"),
        ("encrypted_legacy_no_version_base64url", "thumbprint", "expected_plaintext"),
    ],
)
def test_each_layout_and_alphabet_opens_to_the_known_text(name: str, layout: str, plain: str) -> None:
    sealed = CREDENTIAL[name]
    assert sealing.take_apart(sealed).layout == layout
    opened = sealing.unseal(sealed, PARTNER_KEY, PARTNER_CERTIFICATE)
    assert opened.decode() == CREDENTIAL[plain]


def test_the_death_credential_opens() -> None:
    opened = sealing.unseal(CREDENTIAL["encrypted_death_base64url"], PARTNER_KEY, PARTNER_CERTIFICATE)
    assert json.loads(opened) == CREDENTIAL["expected_vc_death"]


def test_the_mocks_zero_thumbprint_opens_only_when_that_is_allowed() -> None:
    sealed = CREDENTIAL["encrypted_mock_style_base64"]
    with pytest.raises(sealing.SealBroken, match="thumbprint"):
        sealing.unseal(sealed, PARTNER_KEY, PARTNER_CERTIFICATE)
    for rule in ("match_or_zero", "ignore"):
        opened = sealing.unseal(sealed, PARTNER_KEY, PARTNER_CERTIFICATE, thumbprint=rule)
        assert opened.decode() == CREDENTIAL["expected_plaintext_mock_style"]


def test_the_parts_are_the_known_ones() -> None:
    parts = sealing.take_apart(CREDENTIAL["encrypted_ver_r2_base64url"])
    assert parts.thumbprint.hex() == LAYOUT["thumbprint_hex"]
    assert parts.wrapped_key.hex() == LAYOUT["wrapped_key_hex"]
    assert parts.aad.hex() == LAYOUT["aad_hex"]
    assert parts.nonce.hex() == LAYOUT["nonce_hex"]
    assert parts.ciphertext[-16:].hex() == LAYOUT["tag_hex"]
    assert PARTNER_KEY.decrypt(parts.wrapped_key, sealing.OAEP).hex() == LAYOUT["session_key_hex"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("tampered_base64url", "tag"),
        ("other_partner_base64url", "thumbprint"),
        ("no_splitter_base64url", "layout"),
    ],
)
def test_broken_seals_say_why(name: str, reason: str) -> None:
    with pytest.raises(sealing.SealBroken) as broken:
        sealing.unseal(CREDENTIAL["negative"][name], PARTNER_KEY, PARTNER_CERTIFICATE)
    assert broken.value.reason == reason


def test_another_partners_seal_fails_at_the_key_when_the_thumbprint_is_not_looked_at() -> None:
    with pytest.raises(sealing.SealBroken) as broken:
        sealing.unseal(
            CREDENTIAL["negative"]["other_partner_base64url"],
            PARTNER_KEY,
            PARTNER_CERTIFICATE,
            thumbprint="ignore",
        )
    assert broken.value.reason == "key"
