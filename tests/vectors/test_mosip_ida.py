"""Requests and answers of ID authentication, as two published clients and IDA wrote them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.known import recording
from tests.unit.wire_mosip.known import CLIENT_CERTIFICATE, IDA, IDA_CERTIFICATE, IDA_KEY, MOSIP, NOW
from wire.mosip import ida, ida_answers, ida_sealing, ida_signature

STYLES = {"request_node_style": "pem", "request_python_sdk_style": "pem-lines"}
CAPTURED = [
    pytest.param(request, id=f"{client} {kind}")
    for client, requests in MOSIP["captured_clients"].items()
    if client != "note"
    for kind, request in requests.items()
]


@pytest.mark.parametrize("name", STYLES)
def test_the_known_requests_open(name: str) -> None:
    request = IDA[name]
    body = request["body"].encode()
    signed = ida_signature.verify_request(
        request["headers"]["signature"], body, registered=CLIENT_CERTIFICATE
    )
    assert signed.x5c == STYLES[name]
    read, raw = ida.read_request(body)
    assert read.individual_id == IDA["expected_individual_id"]
    assert ida.open_request(raw, IDA_KEY, IDA_CERTIFICATE) == json.loads(request["inner_plaintext"])
    assert ida_sealing.block_hash(request["inner_plaintext"].encode()) == request["inner_sha256_upper_hex"]


@pytest.mark.parametrize("request_", CAPTURED)
def test_what_the_published_clients_really_send_opens(request_: dict[str, Any]) -> None:
    headers = {name.lower(): value for name, value in request_["headers"].items()}
    body = request_["body"].encode()
    ida_signature.verify_request(headers["signature"], body, registered=CLIENT_CERTIFICATE)
    read, raw = ida.read_request(body)
    if read.id == ida.REQUEST_IDS["otp"]:
        assert read.otp_channels == ("email",)
    else:
        block = ida.open_request(raw, IDA_KEY, IDA_CERTIFICATE)
        assert block["timestamp"].endswith("Z")


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


def test_the_known_answer_is_signed_and_read() -> None:
    answer = IDA["response_ok"]
    ida_signature.verify_response(
        answer["response-signature"], answer["body"].encode(), [IDA_CERTIFICATE], NOW
    )
    result = ida_answers.read_response(json.loads(answer["body"]))
    assert result.verified and result.auth_token == "203548751936482716405938271650493827"


@pytest.mark.parametrize("name", IDA["responses_error"])
def test_the_known_refusals_are_read_and_written(name: str) -> None:
    body = IDA["responses_error"][name]
    result = ida_answers.read_response(body)
    assert not result.verified
    assert result.mismatches == name.endswith("_mismatch")
    from datetime import datetime

    written = ida_answers.response(
        transaction_id=body["transactionID"],
        now=datetime.fromisoformat(body["responseTime"]),
        response=body["response"],
        faults=result.faults,
    )
    assert written == body
