"""The quads of the known credentials, by the library and by our short way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.known import recording
from tests.unit.wire_mosip.known import CONTEXTS, CREDENTIAL
from wire.mosip import canonical, jws, proofs, well_known
from wire.mosip.contexts import stock

VC: dict[str, Any] = CREDENTIAL["expected_vc"]


REAL = CREDENTIAL["proof_real"]


@pytest.mark.parametrize("shortcut", [True, False], ids=["short way", "library"])
def test_both_ways_give_the_known_quads(shortcut: bool) -> None:
    assert canonical.credential_quads(VC, CONTEXTS, shortcut=shortcut) == REAL["nquads_document"]
    assert canonical.proof_quads(VC["proof"]) == REAL["nquads_proof_options"]


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
        assert header["kid"] == document["proof"]["verificationMethod"]
        assert json.loads(proofs.jcs(document)) == {k: v for k, v in document.items() if k != "proof"}
        known = stock(well_known.base_of(document["issuer"]))
        assert canonical.credential_quads(document, known) == canonical.credential_quads(
            document, known, shortcut=False
        )
