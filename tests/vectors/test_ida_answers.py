"""Answers of ID authentication, as IDA wrote them."""

from __future__ import annotations

import json

import pytest

from tests.unit.wire_mosip.known import IDA, IDA_CERTIFICATE, NOW
from wire.mosip import ida_answers, ida_signature


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
    from datetime import datetime

    written = ida_answers.response(
        transaction_id=body["transactionID"],
        now=datetime.fromisoformat(body["responseTime"]),
        response=body["response"],
        faults=result.faults,
    )
    assert written == body
