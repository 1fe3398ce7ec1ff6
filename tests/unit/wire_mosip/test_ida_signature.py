"""Signatures of ID authentication."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding

from tests.unit.wire_mosip.known import (
    CLIENT_CERTIFICATE,
    CLIENT_KEY,
    IDA_CERTIFICATE,
    IDA_KEY,
    NOW,
    PARTNER_CERTIFICATE,
    PARTNER_KEY,
)
from tests.unit.wire_mosip.requests import header_of
from wire.mosip import encoding, ida_signature, jws, keys


def _header(**header: Any) -> str:
    return encoding.to_base64url(json.dumps(header).encode()) + "..AAAA"


DER = encoding.to_base64(keys.certificate_der(CLIENT_CERTIFICATE))


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "IDA-MLC-006"),
        ("", "IDA-MLC-006"),
        ("a.b.c", "IDA-MPA-001"),
        (_header(alg="RS256"), "IDA-MPA-022"),
        (_header(alg="RS256", x5c=[]), "IDA-MPA-022"),
        (_header(alg="RS256", x5c=[7]), "IDA-MPA-022"),
        (_header(alg="RS256", x5c=["AAAA"]), "IDA-MPA-002"),
        (_header(alg="RS256", x5c=["*"]), "IDA-MPA-002"),
        (_header(alg="RS256", x5c=[DER]), "IDA-MPA-001"),
        (_header(alg="none", x5c=[DER]), "IDA-MPA-001"),
        (_header(alg="RS256", b64=False, x5c=[DER]), "IDA-MPA-001"),
        (
            _header(alg="RS256", x5c=[encoding.to_base64(keys.certificate_der(PARTNER_CERTIFICATE))]),
            "IDA-MPA-021",
        ),
    ],
)
def test_refused_signatures_have_idas_code(header: str | None, code: str) -> None:
    with pytest.raises(ida_signature.IdaSignatureRefused) as refused:
        ida_signature.verify_request(header, b"{}", registered=CLIENT_CERTIFICATE)
    assert refused.value.code == code


def test_the_newer_keymanager_refuses_line_breaks() -> None:
    header = header_of(b"{}", CLIENT_KEY, CLIENT_CERTIFICATE, "pem-lines")
    ida_signature.verify_request(header, b"{}")
    with pytest.raises(ida_signature.IdaSignatureRefused) as refused:
        ida_signature.verify_request(header, b"{}", line_breaks=False)
    assert refused.value.code == "IDA-MPA-002"


def test_a_signature_is_over_the_very_bytes() -> None:
    header = ida_signature.sign_request(b'{"a":1}', CLIENT_KEY, CLIENT_CERTIFICATE)
    with pytest.raises(ida_signature.IdaSignatureRefused):
        ida_signature.verify_request(header, b'{"a": 1}')


def test_an_answer_is_checked_under_the_known_certificate_not_the_one_it_carries() -> None:
    forged = ida_signature.sign_response(b"{}", PARTNER_KEY, PARTNER_CERTIFICATE)
    with pytest.raises(ida_signature.IdaSignatureRefused):
        ida_signature.verify_response(forged, b"{}", [IDA_CERTIFICATE], NOW)
    ida_signature.verify_response(
        ida_signature.sign_response(b"{}", IDA_KEY, IDA_CERTIFICATE), b"{}", [IDA_CERTIFICATE], NOW
    )
    for header, code in ((None, "IDA-MLC-006"), ("x", "IDA-MPA-001")):
        with pytest.raises(ida_signature.IdaSignatureRefused) as refused:
            ida_signature.verify_response(header, b"{}", [IDA_CERTIFICATE], NOW)
        assert refused.value.code == code


def made(name: str, by: Any = None, *, ca: bool, until: datetime = NOW + timedelta(days=9)) -> Any:
    """(key, certificate) issued by another such pair, or by itself."""
    key = generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).public_key(key.public_key())
    builder = builder.issuer_name(by[1].subject if by else subject).serial_number(7)
    builder = builder.not_valid_before(NOW - timedelta(days=9)).not_valid_after(until)
    builder = builder.add_extension(x509.BasicConstraints(ca, None), critical=True)
    return key, builder.sign(by[0] if by else key, hashes.SHA256())


def signed(key: Any, *chain: Any) -> str:
    x5c = [base64.b64encode(each.public_bytes(Encoding.DER)).decode() for each in chain]
    return jws.sign(b"{}", {"alg": "RS256"} | ({"x5c": x5c} if chain else {}), key)


def test_an_answer_is_believed_under_a_root_by_the_chain_it_carries() -> None:
    root, other = made("root", ca=True), made("root", ca=True)
    middle = made("middle", root, ca=True)
    leaf, late = made("sign", middle, ca=False), made("sign", root, ca=False, until=NOW - timedelta(days=1))
    posing = made("posing", leaf, ca=False)  # by whoever holds a certificate that is no authority's

    def believed(header: str, *trusted: Any) -> bool:
        try:
            ida_signature.verify_response(header, b"{}", [each[1] for each in trusted], NOW)
        except ida_signature.IdaSignatureRefused:
            return False
        return True

    whole = signed(leaf[0], leaf[1], middle[1])
    assert believed(whole, root) and believed(whole, middle) and believed(whole, leaf)
    assert believed(whole, other, root)
    assert believed(signed(leaf[0]), leaf) and not believed(signed(leaf[0]), root)
    assert not believed(whole, other)
    assert not believed(signed(leaf[0], leaf[1]), root)
    assert not believed(signed(other[0], leaf[1], middle[1]), root)
    assert not believed(signed(late[0], late[1]), root) and not believed(signed(late[0], late[1]), late)
    assert not believed(signed(posing[0], posing[1], leaf[1], middle[1]), root)
    assert not believed(whole)
