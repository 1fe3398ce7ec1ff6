"""Sealing: what goes in comes out, and nothing else does."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.wire_mosip.known import PARTNER_CERTIFICATE, PARTNER_KEY, chance
from wire.keyfolder import self_signed
from wire.mosip import encoding, sealing

layouts = st.sampled_from(["VER_R2", "thumbprint", "bare"])
alphabets = st.sampled_from(["base64url", "base64"])


@settings(max_examples=40)
@given(st.binary(max_size=3000), layouts, alphabets, st.integers(0, 99))
def test_what_is_sealed_opens(
    plain: bytes, layout: sealing.Layout, alphabet: sealing.Alphabet, seed: int
) -> None:
    text = sealing.seal(plain, PARTNER_CERTIFICATE, chance(seed), layout=layout, alphabet=alphabet)
    assert sealing.take_apart(text).layout == layout
    assert sealing.unseal(text, PARTNER_KEY, PARTNER_CERTIFICATE) == plain


@settings(max_examples=60)
@given(st.data())
def test_no_altered_byte_goes_unseen(data: st.DataObject) -> None:
    text = sealing.seal(b'{"VID":"4703420631835716"}', PARTNER_CERTIFICATE, chance())
    raw = bytearray(encoding.from_base64(text))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(encoding.to_base64url(bytes(raw)), PARTNER_KEY, PARTNER_CERTIFICATE)


@settings(max_examples=60)
@given(st.integers(0, 380))
def test_no_shortened_text_opens(kept: int) -> None:
    text = sealing.seal(b"short", PARTNER_CERTIFICATE, chance())
    raw = encoding.from_base64(text)[:kept]
    if len(raw) == len(encoding.from_base64(text)):
        return
    with pytest.raises(sealing.SealBroken) as broken:
        sealing.unseal(encoding.to_base64url(raw), PARTNER_KEY, PARTNER_CERTIFICATE)
    assert broken.value.reason in ("layout", "truncated", "tag")


@given(st.text(max_size=200))
def test_any_text_is_refused_in_a_civil_way(text: str) -> None:
    with pytest.raises(sealing.SealBroken) as broken:
        sealing.unseal(text, PARTNER_KEY, PARTNER_CERTIFICATE)
    assert broken.value.reason in ("encoding", "layout")


def test_the_thumbprint_may_be_left_out_as_the_mock_does() -> None:
    text = sealing.seal(b"x", PARTNER_CERTIFICATE, chance(), alphabet="base64", thumbprint=False)
    assert sealing.take_apart(text).thumbprint == bytes(32)
    assert sealing.unseal(text, PARTNER_KEY) == b"x"
    assert sealing.unseal(text, PARTNER_KEY, PARTNER_CERTIFICATE, thumbprint="match_or_zero") == b"x"
    with pytest.raises(sealing.SealBroken, match="renewed"):
        sealing.unseal(text, PARTNER_KEY, PARTNER_CERTIFICATE)


def test_a_key_of_another_size_finds_its_own_splitter() -> None:
    key = generate_private_key(public_exponent=65537, key_size=3072)
    certificate = self_signed(key, "larger")
    text = sealing.seal(b"larger", certificate, chance())
    assert sealing.unseal(text, key, certificate) == b"larger"
    with pytest.raises(sealing.SealBroken) as broken:
        sealing.unseal(text, PARTNER_KEY, PARTNER_CERTIFICATE)
    assert broken.value.reason == "layout"


def test_a_renewed_key_is_told_from_an_altered_text() -> None:
    key = generate_private_key(public_exponent=65537, key_size=2048)
    text = sealing.seal(b"x", PARTNER_CERTIFICATE, chance())
    with pytest.raises(sealing.SealBroken) as broken:
        sealing.unseal(text, key)
    assert broken.value.reason == "key"


def test_the_session_key_and_aad_come_from_the_chance_given() -> None:
    parts = [sealing.take_apart(sealing.seal(b"x", PARTNER_CERTIFICATE, chance(5))) for _ in range(2)]
    assert parts[0].aad == parts[1].aad
    assert parts[0].ciphertext == parts[1].ciphertext
