"""The proofs of the known credentials, both manners, and every step between."""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any

import pytest

from tests.known import recording
from tests.unit.wire_mosip.known import BASE, CONTEXTS, CREDENTIAL, ISSUER_PUBLIC, KID, METHOD
from wire.mosip import canonical, jws, keys, proofs, well_known
from wire.mosip.contexts import stock

VC: dict[str, Any] = CREDENTIAL["expected_vc"]
MOCK: dict[str, Any] = json.loads(CREDENTIAL["expected_plaintext_mock_style"])
REAL = CREDENTIAL["proof_real"]


@pytest.mark.parametrize("shortcut", [True, False], ids=["short way", "library"])
def test_both_ways_give_the_known_quads(shortcut: bool) -> None:
    assert canonical.credential_quads(VC, CONTEXTS, shortcut=shortcut) == REAL["nquads_document"]
    assert canonical.proof_quads(VC["proof"], shortcut=shortcut) == REAL["nquads_proof_options"]


def test_the_signed_bytes_are_the_known_ones() -> None:
    assert hashlib.sha256(REAL["nquads_document"].encode()).hexdigest() == REAL["sha256_document_hex"]
    assert proofs.verify_data(VC, VC["proof"], CONTEXTS).hex() == REAL["verify_data_hex"]
    assert jws.take_apart(VC["proof"]["jws"]).header == REAL["jws_header"]


def test_the_key_id_is_made_of_the_unique_identifier() -> None:
    assert keys.key_id(CREDENTIAL["issuer"]["key_unique_identifier_hex"]) == KID


@pytest.mark.parametrize("name", ["expected_vc", "expected_vc_death"])
def test_real_proofs_hold(name: str) -> None:
    proofs.verify_urdna2015(
        CREDENTIAL[name],
        ISSUER_PUBLIC,
        CONTEXTS,
        methods={METHOD},
        issuers={f"{BASE}/.well-known/controller.json"},
    )


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


def test_the_public_key_document_is_the_known_one() -> None:
    known = CREDENTIAL["issuer"]["public_key_json"]
    assert well_known.public_key_document(BASE, ISSUER_PUBLIC) == known
    read = well_known.read_public_key(known)
    assert (read.id, read.controller) == (known["id"], known["controller"])


def test_the_recorded_credentials_of_the_mock_are_shaped_as_ours() -> None:
    """Their issuer's key is not in the recording, so only the header and the canonical form are compared."""
    decrypted = [
        exchange["request"]["decrypted"]["vc"]
        for phase in recording("flow-birth")["phases"]
        for exchange in phase["exchanges"]
        if "decrypted" in exchange["request"]
    ]
    assert decrypted
    for document in decrypted:
        header = jws.take_apart(document["proof"]["jws"]).header
        assert header["kid"] == proofs.method_of(document)
        assert json.loads(proofs.jcs(document)) == {k: v for k, v in document.items() if k != "proof"}
        known = stock(well_known.base_of(document["issuer"]))
        assert canonical.credential_quads(document, known) == canonical.credential_quads(
            document, known, shortcut=False
        )
