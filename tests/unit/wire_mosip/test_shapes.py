"""What a credential must look like before its signature means anything (contract mosip §5.3, §11.2)."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.unit.wire_mosip.known import CONTEXTS, CREDENTIAL
from wire.mosip import shapes
from wire.mosip.credentials import CREDENTIALS_V1, SECURITY_PREFIX

KNOWN: dict[str, Any] = CREDENTIAL["expected_vc"]
OWN = KNOWN["@context"][1]
SUBJECT = KNOWN["credentialSubject"]


def with_subject(**more: Any) -> dict[str, Any]:
    return {"credentialSubject": {**SUBJECT, **more}}


@pytest.mark.parametrize("name", ["expected_vc", "expected_vc_death"])
def test_the_known_credentials_are_of_mosips_shape(name: str) -> None:
    assert shapes.fault(CREDENTIAL[name]) is None
    assert shapes.unknown_context(CREDENTIAL[name]["@context"], CONTEXTS) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"type": ["VerifiableCredential"]}, "its type must be"),
        ({"type": KNOWN["type"][::-1]}, "its type must be"),
        ({"credentialSubject": [SUBJECT]}, "its one subject"),
        (with_subject(id="100013575019284"), "its one subject"),
        ({"id": "mosip:1"}, "its id and its issuer"),
        ({"issuer": {"id": KNOWN["issuer"]}}, "its id and its issuer"),
        (with_subject(**{"@type": "x"}), "a keyword or an IRI"),
        (with_subject(**{"https://mosip.example#VID": "x"}), "a keyword or an IRI"),
        (with_subject(fullName=[{"language": "eng", "@value": "x"}]), "'@value' is a keyword"),
        (with_subject(address={"line": {"one": "x"}}), "more than texts and flat objects"),
        (with_subject(address=[["x"]]), "more than texts and flat objects"),
        (with_subject(VID="_:b0"), "refers to a blank node"),
        (with_subject(fullName=[{"language": "eng", "value": "x"}] * 257), "more than 256 values"),
        ({"proof": {**KNOWN["proof"], "creator": ["x"]}}, "the proof's 'creator'"),
        ({"proof": {**KNOWN["proof"], "@context": "x"}}, "the proof's '@context'"),
        ({"proof": {**KNOWN["proof"], "jws": "_:b"}}, "the proof's 'jws'"),
    ],
)
def test_what_could_read_otherwise_than_it_verifies(change: dict[str, Any], why: str) -> None:
    found = shapes.fault({**deepcopy(KNOWN), **change})
    assert found is not None and why in found


@pytest.mark.parametrize(
    "subject",
    [{"fullName": [{"language": "eng", "value": "x"}] * 256}, {"fullName": "x", "gender": {"a": "b"}}],
)
def test_flat_values_and_as_many_as_mosip_has(subject: dict[str, Any]) -> None:
    assert shapes.fault({**KNOWN, **with_subject(**subject)}) is None


@pytest.mark.parametrize(
    ("context", "why"),
    [
        ([], "the first must be"),
        (CREDENTIALS_V1, "the first must be"),
        ([OWN, CREDENTIALS_V1], "the first must be"),
        ([CREDENTIALS_V1], "the second is []"),
        ([CREDENTIALS_V1, {"VID": "x"}], "the second is"),
        ([CREDENTIALS_V1, "https://alien.example/ctx"], "the second is"),
        ([CREDENTIALS_V1, OWN, {"sec": "x"}], "more contexts than MOSIP gives"),
        ([CREDENTIALS_V1, OWN, SECURITY_PREFIX, SECURITY_PREFIX], "more contexts than MOSIP gives"),
    ],
)
def test_a_context_that_mosip_does_not_write(context: Any, why: str) -> None:
    found = shapes.unknown_context(context, CONTEXTS)
    assert found is not None and why in found


def test_a_persons_number_is_not_told_with_the_fault() -> None:
    found = shapes.fault({**KNOWN, **with_subject(**{"4238670978:x": "y"})})
    assert found is not None and "4238670978" not in found
