"""ID authentication: requests in both styles, their seals and signatures, and answers."""

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
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.wire_mosip.known import (
    CLIENT_CERTIFICATE,
    CLIENT_KEY,
    IDA,
    IDA_CERTIFICATE,
    IDA_KEY,
    NOW,
    PARTNER_CERTIFICATE,
    PARTNER_KEY,
    chance,
    open_identity,
    otp_request,
)
from wire.mosip import encoding, ida, ida_answers, ida_sealing, ida_signature, jws, keys
from wire.mosip.envelope import EnvelopeFault
from wire.mosip.fields import FieldBroken

PARTNER = ida.Partner("MISP", "crvs-partner", "123456", "https://mosip.example")
WHO = ida.demographics(
    name=({"language": "eng", "value": "Amara Okonjo"},),
    dob="1991/02/28",
    gender=({"language": "eng", "value": "female"},),
)
styles = st.sampled_from(["node", "python"])
forms = st.sampled_from(["der", "pem", "pem-lines"])


def build(**changes: Any) -> bytes:
    given_: dict[str, Any] = {
        "individual_id": "4238670978",
        "demographics": WHO,
        "partner": PARTNER,
        "certificate": IDA_CERTIFICATE,
        "transaction_id": ida.transaction_id(chance()),
        "now": NOW,
        "chance": chance(),
    }
    return ida.auth_request(**(given_ | changes))


@pytest.mark.parametrize("style", ["node", "python"])
def test_requests_have_the_published_clients_names_and_order(style: str) -> None:
    known = IDA["request_node_style" if style == "node" else "request_python_sdk_style"]
    body, theirs = json.loads(build(style=style)), json.loads(known["body"])
    assert set(body) == set(theirs)
    if style == "node":
        assert list(body) == list(theirs)
    for name in ("request", "requestHMAC", "requestSessionKey"):
        assert body[name].endswith("=") == theirs[name].endswith("=") or name == "request"
    assert body["thumbprint"] == theirs["thumbprint"]
    opened = ida.open_request(body, IDA_KEY, IDA_CERTIFICATE)
    assert list(opened) == list(json.loads(known["inner_plaintext"]))
    assert opened["demographics"] == IDA["expected_demographics"]


@settings(max_examples=30)
@given(styles, forms, st.text(min_size=1, max_size=30), st.integers(0, 99))
def test_what_is_built_and_signed_opens_and_verifies(
    style: ida.Style, form: ida_signature.X5c, name: str, seed: int
) -> None:
    who = ida.demographics(name=[{"language": "eng", "value": name}])
    body = build(demographics=who, style=style, chance=chance(seed))
    header = ida_signature.sign_request(body, CLIENT_KEY, CLIENT_CERTIFICATE, x5c=form)
    assert ida_signature.verify_request(header, body, registered=CLIENT_CERTIFICATE).x5c == form
    read, raw = ida.read_request(body)
    assert read.consent and read.environment == "Staging"
    assert ida.open_request(raw, IDA_KEY, IDA_CERTIFICATE)["demographics"] == who


def test_the_factors_are_what_the_block_contains() -> None:
    from dataclasses import replace

    body = build(otp="111111", demographics=None, style="python")
    read, raw = ida.read_request(body)
    opened = replace(read, inner=ida.open_request(raw, IDA_KEY, IDA_CERTIFICATE))
    assert opened.factors == ("otp",) and opened.demographics == {}
    read, raw = ida.read_request(build())
    opened = replace(read, inner=ida.open_request(raw, IDA_KEY, IDA_CERTIFICATE))
    assert opened.factors == ("demo",)


def _raw(**changes: Any) -> dict[str, Any]:
    return {**json.loads(build()), **changes}


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


def test_missing_parts_of_the_block_are_named() -> None:
    raw = _raw()
    del raw["requestSessionKey"]
    with pytest.raises(FieldBroken, match="requestSessionKey"):
        ida.open_request(raw, IDA_KEY, IDA_CERTIFICATE)


def test_thumbprints_are_taken_as_hex_and_as_base64() -> None:
    mark = keys.thumbprint(IDA_CERTIFICATE)
    for text in (mark.hex(), mark.hex().upper(), encoding.to_base64(mark), encoding.to_base64url(mark)):
        assert ida_sealing.thumbprint_fits(text, IDA_CERTIFICATE)
    assert not ida_sealing.thumbprint_fits(mark.hex(), CLIENT_CERTIFICATE)
    assert not ida_sealing.thumbprint_fits("no thumbprint at all", IDA_CERTIFICATE)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"id":[]}', b'{"individualId":{}}'])
def test_bodies_of_the_wrong_shape_are_named(body: bytes) -> None:
    with pytest.raises(FieldBroken):
        ida.read_request(body)


def test_what_is_missing_is_read_as_empty() -> None:
    read, _ = ida.read_request(b'{"individualId":7}')
    assert (read.individual_id, read.transaction_id, read.consent) == ("7", "", False)


def test_an_otp_request_is_not_encrypted() -> None:
    body = otp_request("4238670978", "1234567890", NOW)
    read, _ = ida.read_request(body)
    assert (read.id, read.otp_channels) == ("mosip.identity.otp", ("EMAIL",))


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
    header = ida_signature.sign_request(b"{}", CLIENT_KEY, CLIENT_CERTIFICATE, x5c="pem-lines")
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


@pytest.mark.parametrize(
    ("body", "verified", "mismatches"),
    [
        ({"response": {"authStatus": True, "authToken": "1"}, "errors": None}, True, False),
        ({"response": {"kycStatus": True}}, True, False),
        ({"response": {"authStatus": False}, "errors": [{"errorCode": "IDA-DEA-001"}]}, False, True),
        ({"response": {"authStatus": False}, "errors": [{"errorCode": "IDA-MPA-016"}]}, False, False),
        (
            {"response": None, "errors": [{"errorCode": "IDA-DEA-001"}, {"errorCode": "IDA-MLC-007"}]},
            False,
            False,
        ),
        ({"response": None, "errors": None}, False, False),
        ({"response": {"authStatus": True}, "errors": [{"errorCode": "X"}]}, False, False),
        ({"response": {"authStatus": "true"}}, False, False),
    ],
)
def test_answers_tell_match_mismatch_and_failure_apart(
    body: dict[str, Any], verified: bool, mismatches: bool
) -> None:
    result = ida_answers.read_response(body)
    assert (result.verified, result.mismatches) == (verified, mismatches)


def test_answers_have_idas_names() -> None:
    body = ida_answers.response(
        transaction_id="1",
        now=NOW,
        response={"authStatus": True},
        faults=[EnvelopeFault("C", "m", action="a")],
    )
    assert list(body) == ["transactionID", "version", "id", "errors", "responseTime", "response"]
    assert body["errors"] == [{"errorCode": "C", "errorMessage": "m", "actionMessage": "a"}]


@given(st.binary(max_size=200))
def test_a_kyc_identity_opens_for_the_partner_alone(plain: bytes) -> None:
    sealed = ida_sealing.seal_identity(plain, PARTNER_CERTIFICATE, chance())
    assert open_identity(sealed.session_key, sealed.identity, PARTNER_KEY) == plain
    with pytest.raises(ValueError, match="Decryption failed"):
        open_identity(sealed.session_key, sealed.identity, IDA_KEY)
