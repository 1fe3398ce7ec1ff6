"""Signatures of ID authentication, as two published clients and IDA wrote them."""

from __future__ import annotations

import json

import pytest

from tests.known import recording
from tests.unit.wire_mosip.known import CLIENT_CERTIFICATE, IDA, IDA_CERTIFICATE, IDA_KEY
from wire.mosip import ida, ida_sealing, ida_signature


@pytest.mark.parametrize("name", ["request_node_style", "request_python_sdk_style"])
def test_the_known_requests_open(name: str) -> None:
    request = IDA[name]
    body = request["body"].encode()
    ida_signature.verify_request(request["headers"]["signature"], body, registered=CLIENT_CERTIFICATE)
    read, raw = ida.read_request(body)
    assert read.individual_id == IDA["expected_individual_id"]
    assert ida.open_request(raw, IDA_KEY, IDA_CERTIFICATE) == json.loads(request["inner_plaintext"])
    assert ida_sealing.block_hash(request["inner_plaintext"].encode()) == request["inner_sha256_upper_hex"]


def test_the_recorded_verifications_carry_valid_signatures() -> None:
    seen = 0
    for phase in recording("flow-verify")["phases"]:
        for exchange in phase.get("exchanges", []):
            request = exchange["request"]
            if "/idauthentication/" not in request["target"]:
                continue
            headers = {name.lower(): value for name, value in request["headers"]}
            ida_signature.verify_request(headers["signature"], request["body"].encode())
            assert ida.read_request(request["body"].encode())[0].consent
            seen += 1
    assert seen > 5
