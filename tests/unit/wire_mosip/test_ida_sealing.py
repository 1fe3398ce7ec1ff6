"""Seals of ID authentication."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wire_mosip.known import (
    CLIENT_CERTIFICATE,
    IDA_CERTIFICATE,
    IDA_KEY,
    PARTNER_CERTIFICATE,
    PARTNER_KEY,
    chance,
    open_identity,
)
from tests.unit.wire_mosip.requests import _raw
from wire.mosip import encoding, ida, ida_sealing, keys


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (lambda: _raw(thumbprint="AAAA"), "IDA-MPA-003"),
        (lambda: _raw(requestSessionKey="AAAA"), "IDA-MPA-003"),
        (lambda: _raw(request="AAAA"), "IDA-MPA-003"),
        (lambda: _raw(request="!"), "IDA-MPA-003"),
        (lambda: _raw(requestHMAC=_raw()["request"]), "IDA-MPA-016"),
    ],
)
def test_blocks_that_do_not_open_have_idas_code(raw: Any, code: str) -> None:
    with pytest.raises(ida_sealing.BlockBroken) as broken:
        ida.open_request(raw(), IDA_KEY, IDA_CERTIFICATE)
    assert broken.value.code == code


def test_a_block_that_is_no_object_is_not_opened() -> None:
    sealed = ida_sealing.seal_block(b"no json", IDA_CERTIFICATE, chance())
    raw = _raw(request=sealed.request, requestSessionKey=sealed.session_key, requestHMAC=sealed.hmac)
    with pytest.raises(ida_sealing.BlockBroken) as broken:
        ida.open_request(raw, IDA_KEY, IDA_CERTIFICATE)
    assert broken.value.code == "IDA-MPA-003"


def test_thumbprints_are_taken_as_hex_and_as_base64() -> None:
    mark = keys.thumbprint(IDA_CERTIFICATE)
    for text in (mark.hex(), mark.hex().upper(), encoding.to_base64(mark), encoding.to_base64url(mark)):
        assert ida_sealing.thumbprint_fits(text, IDA_CERTIFICATE)
    assert not ida_sealing.thumbprint_fits(mark.hex(), CLIENT_CERTIFICATE)
    assert not ida_sealing.thumbprint_fits("no thumbprint at all", IDA_CERTIFICATE)


@given(st.binary(max_size=200))
def test_a_kyc_identity_opens_for_the_partner_alone(plain: bytes) -> None:
    sealed = ida_sealing.seal_identity(plain, PARTNER_CERTIFICATE, chance())
    assert open_identity(sealed.session_key, sealed.identity, PARTNER_KEY) == plain
    with pytest.raises(ValueError, match="Decryption failed"):
        open_identity(sealed.session_key, sealed.identity, IDA_KEY)
