"""Credential documents."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.wire_mosip.known import BASE, CREDENTIAL, NOW
from wire.mosip import credentials
from wire.mosip.fields import FieldBroken

RID, UUID = "100013575019284", "b7907dd4-f667-4a37-9639-792d65b678ea"


def test_the_document_is_the_known_one_without_its_proof() -> None:
    known = {name: value for name, value in CREDENTIAL["expected_vc"].items() if name != "proof"}
    made = credentials.verifiable_credential(
        base=BASE,
        registration_id=RID,
        credential_id=UUID,
        attributes={"birthCertificateNumber": "2025B7K3M9Q2X4", "VID": "4703420631835716"},
        now=NOW,
    )
    assert made == known
    assert credentials.encode(made).decode() == json.dumps(known, separators=(",", ":"))


def test_a_credential_is_read() -> None:
    read = credentials.read(credentials.decode(CREDENTIAL["expected_plaintext"].encode()))
    assert (read.kind, read.registration_id) == ("vercred", RID)
    assert read.attribute("VID") == "4703420631835716"
    assert read.attribute("UIN") is None
    death = credentials.read(CREDENTIAL["expected_vc_death"])
    assert death.subject == {}


def test_an_euin_credential_has_texts_only_and_no_proof() -> None:
    made = credentials.euin_credential(
        base=BASE,
        registration_id=RID,
        credential_id=UUID,
        partner="crvs-partner",
        attributes={"UIN": "4238670978", "fullName": [{"language": "eng", "value": "Amara"}]},
        now=NOW,
    )
    read = credentials.read(made)
    assert (read.kind, read.registration_id) == ("euin", RID)
    assert "proof" not in made
    assert made["credentialSubject"]["fullName"] == '[{"language":"eng","value":"Amara"}]'
    assert read.attribute("fullName") == "Amara"


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (None, "credential"),
        ({}, "credentialSubject"),
        ({"credentialSubject": []}, "credentialSubject"),
        ({"credentialSubject": {}}, "id"),
        ({"credentialSubject": {}, "id": "x"}, "issuer"),
        ({"credentialSubject": {}, "id": "x", "issuer": "y"}, "credentialSubject.id"),
        ({"credentialSubject": {"id": 7}, "id": "x", "issuer": "y"}, "credentialSubject.id"),
    ],
)
def test_broken_documents_name_the_field(document: Any, path: str) -> None:
    with pytest.raises(FieldBroken) as broken:
        credentials.read(document)
    assert broken.value.path == path


@pytest.mark.parametrize("plain", [b"", b"[]", b"\xff", b"{"])
def test_unsealed_bytes_must_be_an_object(plain: bytes) -> None:
    with pytest.raises(FieldBroken):
        credentials.decode(plain)
