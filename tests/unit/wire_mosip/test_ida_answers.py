"""Answers of ID authentication."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.wire_mosip.known import (
    NOW,
)
from wire.mosip import ida_answers
from wire.mosip.envelope import EnvelopeFault


@pytest.mark.parametrize(
    ("body", "verified", "mismatches"),
    [
        ({"response": {"authStatus": True, "authToken": "1"}, "errors": None}, True, False),
        ({"response": {"kycStatus": True}}, True, False),
        ({"response": {"authStatus": False}, "errors": [{"errorCode": "IDA-DEA-001"}]}, False, True),
        ({"response": {"authStatus": False}, "errors": [{"errorCode": "IDA-MPA-016"}]}, False, False),
        (
            {"response": None, "errors": [{"errorCode": "IDA-DEA-001"}, {"errorCode": "IDA-MLC-007"}]},
            False,
            False,
        ),
        ({"response": None, "errors": None}, False, False),
        ({"response": {"authStatus": True}, "errors": [{"errorCode": "X"}]}, False, False),
        ({"response": {"authStatus": "true"}}, False, False),
    ],
)
def test_answers_tell_match_mismatch_and_failure_apart(
    body: dict[str, Any], verified: bool, mismatches: bool
) -> None:
    result = ida_answers.read_response(body)
    assert (result.verified, result.mismatches) == (verified, mismatches)


def test_answers_have_idas_names() -> None:
    body = ida_answers.response(
        transaction_id="1",
        now=NOW,
        response={"authStatus": True},
        faults=[EnvelopeFault("C", "m", action="a")],
    )
    assert list(body) == ["transactionID", "version", "id", "errors", "responseTime", "response"]
    assert body["errors"] == [{"errorCode": "C", "errorMessage": "m", "actionMessage": "a"}]
