"""The proofs of the known credentials, both manners, and every step between."""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any

import pytest

from tests.unit.wire_mosip.known import CONTEXTS, CREDENTIAL, ISSUER_PUBLIC
from wire.mosip import jws, proofs

VC: dict[str, Any] = CREDENTIAL["expected_vc"]
MOCK: dict[str, Any] = json.loads(CREDENTIAL["expected_plaintext_mock_style"])
REAL = CREDENTIAL["proof_real"]


def test_the_signed_bytes_are_the_known_ones() -> None:
    assert hashlib.sha256(REAL["nquads_document"].encode()).hexdigest() == REAL["sha256_document_hex"]
    assert proofs.verify_data(VC, VC["proof"], CONTEXTS).hex() == REAL["verify_data_hex"]
    assert jws.take_apart(VC["proof"]["jws"]).header == REAL["jws_header"]


@pytest.mark.parametrize("name", ["expected_vc", "expected_vc_death"])
def test_real_proofs_hold(name: str) -> None:
    proofs.verify_urdna2015(CREDENTIAL[name], ISSUER_PUBLIC, CONTEXTS)


def test_the_mocks_proof_holds_in_its_own_manner() -> None:
    assert proofs.jcs(MOCK).decode() == CREDENTIAL["proof_mock"]["jcs"]
    assert jws.take_apart(MOCK["proof"]["jws"]).header == CREDENTIAL["proof_mock"]["jws_header"]
    proofs.verify_jcs(MOCK, ISSUER_PUBLIC)


def test_neither_manner_takes_the_other() -> None:
    with pytest.raises(proofs.ProofRefused) as refused:
        proofs.verify_jcs(VC, ISSUER_PUBLIC)
    assert refused.value.reason == "signature"
    with pytest.raises(proofs.ProofRefused) as refused:
        proofs.verify_urdna2015(MOCK, ISSUER_PUBLIC, CONTEXTS)
    assert refused.value.reason == "signature"


def test_what_the_context_does_not_define_can_be_altered_unseen() -> None:
    assert [
        f"credentialSubject.{name}"
        for name in VC["credentialSubject"]
        if name != "id" and not proofs.covers(VC, name, CONTEXTS)
    ] == [entry for entry in REAL["not_covered_by_signature"] if entry.startswith("credentialSubject")]
    altered = copy.deepcopy(VC)
    altered["credentialSubject"]["birthCertificateNumber"] = "2025BOTHER"
    proofs.verify_urdna2015(altered, ISSUER_PUBLIC, CONTEXTS)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("credentialSubject", "VID"), "4703420631835717"),
        (("credentialSubject", "id"), "http://credential.idrepo/credentials/100013575019285"),
        (("issuanceDate",), "2025-04-11T07:57:43.135Z"),
        (("proof", "created"), "2025-04-11T07:57:44Z"),
        (("issuer",), "https://elsewhere.example/.well-known/controller.json"),
    ],
)
def test_an_altered_credential_does_not_hold(path: tuple[str, ...], value: str) -> None:
    altered = copy.deepcopy(VC)
    holder = altered
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = value
    with pytest.raises(proofs.ProofRefused) as refused:
        proofs.verify_urdna2015(altered, ISSUER_PUBLIC, CONTEXTS)
    assert refused.value.reason == "signature"
