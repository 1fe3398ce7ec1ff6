"""Requests of ID authentication, in both styles."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.wire_mosip.known import (
    CLIENT_CERTIFICATE,
    CLIENT_KEY,
    IDA,
    IDA_CERTIFICATE,
    IDA_KEY,
    NOW,
    chance,
    otp_request,
)
from tests.unit.wire_mosip.requests import _raw, build, header_of
from wire.mosip import ida, ida_signature
from wire.mosip.fields import FieldBroken

styles = st.sampled_from(["node", "python"])
forms = st.sampled_from(["der", "pem", "pem-lines"])


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
@given(
    styles,
    forms,
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=30),
    st.integers(0, 99),
)
def test_what_is_built_and_signed_opens_and_verifies(style: str, form: str, name: str, seed: int) -> None:
    who = ida.demographics(name=[{"language": "eng", "value": name}])
    body = build(demographics=who, style=style, chance=chance(seed))
    header = header_of(body, CLIENT_KEY, CLIENT_CERTIFICATE, form)
    ida_signature.verify_request(header, body, registered=CLIENT_CERTIFICATE)
    assert form != "pem" or header == ida_signature.sign_request(body, CLIENT_KEY, CLIENT_CERTIFICATE)
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


def test_missing_parts_of_the_block_are_named() -> None:
    raw = _raw()
    del raw["requestSessionKey"]
    with pytest.raises(FieldBroken, match="requestSessionKey"):
        ida.open_request(raw, IDA_KEY, IDA_CERTIFICATE)


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
