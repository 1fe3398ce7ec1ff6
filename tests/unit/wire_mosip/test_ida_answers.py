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
    ("body", "verified", "codes"),
    [
        ({"response": {"authStatus": True, "authToken": "1"}, "errors": None}, True, []),
        ({"response": {"kycStatus": True}}, True, []),
        (
            {"response": {"authStatus": False}, "errors": [{"errorCode": "IDA-DEA-001"}]},
            False,
            ["IDA-DEA-001"],
        ),
        (
            {"response": {"authStatus": False}, "errors": [{"errorCode": "IDA-MPA-016"}]},
            False,
            ["IDA-MPA-016"],
        ),
        (
            {"response": None, "errors": [{"errorCode": "IDA-DEA-001"}, {"errorCode": "IDA-MLC-007"}]},
            False,
            ["IDA-DEA-001", "IDA-MLC-007"],
        ),
        ({"response": None, "errors": None}, False, []),
        ({"response": {"authStatus": True}, "errors": [{"errorCode": "X"}]}, False, ["X"]),
        ({"response": {"authStatus": "true"}}, False, []),
    ],
)
def test_answers_tell_a_match_and_what_was_refused(
    body: dict[str, Any], verified: bool, codes: list[str]
) -> None:
    result = ida_answers.read_response(body)
    assert (result.verified, [fault.code for fault in result.faults]) == (verified, codes)


def test_answers_have_idas_names() -> None:
    body = ida_answers.response(
        transaction_id="1",
        now=NOW,
        response={"authStatus": True},
        faults=[EnvelopeFault("C", "m", action="a")],
    )
    assert list(body) == ["transactionID", "version", "id", "errors", "responseTime", "response"]
    assert body["errors"] == [{"errorCode": "C", "errorMessage": "m", "actionMessage": "a"}]
