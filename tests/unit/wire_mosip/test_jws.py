"""Detached JSON Web Signatures in MOSIP's two forms (contract mosip §5.4, §6.4)."""

from __future__ import annotations

import json

import pytest

from tests.unit.wire_mosip.known import CREDENTIAL, ISSUER_KEY, ISSUER_PUBLIC, PARTNER_KEY
from wire.mosip import jws
from wire.mosip.encoding import to_base64url

RAW = {"alg": "PS256", "b64": False, "crit": ["b64"]}
TEXT = {"alg": "RS256"}
PAYLOAD = b'{"a":1}'


def altered(signed: str, **header: object) -> str:
    """The same signature under another header."""
    _, _, signature = signed.split(".")
    return f"{to_base64url(json.dumps(header).encode())}..{signature}"


@pytest.mark.parametrize("header", [RAW, TEXT], ids=["raw", "base64url"])
def test_what_is_signed_verifies_over_these_very_bytes(header: dict[str, object]) -> None:
    detached = jws.take_apart(jws.sign(PAYLOAD, header, ISSUER_KEY))
    assert list(detached.header.items()) == list(header.items())
    jws.verify(detached, PAYLOAD, ISSUER_PUBLIC, algorithm=str(header["alg"]))
    for payload, key in ((PAYLOAD + b" ", ISSUER_PUBLIC), (PAYLOAD, PARTNER_KEY.public_key())):
        with pytest.raises(jws.JwsRefused, match="signature"):
            jws.verify(detached, payload, key, algorithm=str(header["alg"]))


def test_the_known_header_is_written_in_its_order() -> None:
    known = CREDENTIAL["proof_real"]["jws_header"]
    protected = jws.sign(PAYLOAD, known, ISSUER_KEY).split("..")[0]
    assert protected == CREDENTIAL["expected_vc"]["proof"]["jws"].split("..")[0]


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "RS256", "b64": False},
        {"alg": "none"},
        {"b64": False},
        {**RAW, "crit": ["b64", "exp"]},
        {**RAW, "crit": "b64"},
    ],
)
def test_only_the_algorithm_that_is_due_counts(header: dict[str, object]) -> None:
    detached = jws.take_apart(altered(jws.sign(PAYLOAD, RAW, ISSUER_KEY), **header))
    with pytest.raises(jws.JwsRefused, match="algorithm"):
        jws.verify(detached, PAYLOAD, ISSUER_PUBLIC, algorithm="PS256")


def test_bytes_that_were_signed_raw_are_not_taken_as_text() -> None:
    detached = jws.take_apart(altered(jws.sign(PAYLOAD, RAW, ISSUER_KEY), alg="PS256"))
    with pytest.raises(jws.JwsRefused, match="signature"):
        jws.verify(detached, PAYLOAD, ISSUER_PUBLIC, algorithm="PS256")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b",
        "e30.e30.c2ln",
        "..c2ln",
        "e30..",
        "W10..c2ln",
        "e30..*",
        "e30..c2ln..",
        "eyJ..c2ln",
        "e30.c2ln",
    ],
)
def test_what_is_no_detached_signature(text: str) -> None:
    with pytest.raises(jws.JwsRefused, match="malformed"):
        jws.take_apart(text)


def test_nothing_is_signed_by_another_algorithm() -> None:
    with pytest.raises(ValueError, match="PS256 or RS256"):
        jws.sign(PAYLOAD, {"alg": "HS256"}, ISSUER_KEY)
