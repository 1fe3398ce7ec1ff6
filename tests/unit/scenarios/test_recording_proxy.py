"""What a foreign ID system says about packets, read from bodies as they pass."""

from __future__ import annotations

import json

import pytest

from scenarios.foreign.recording_proxy import said_in_answer, said_in_delivery
from testbed.facts import Said


def test_a_status_search_is_read_whole() -> None:
    rows = [
        {"registrationId": f"{number:029}", "statusCode": "REJECTED", "additionalInfoReqId": None}
        for number in range(90)
    ]
    answer = json.dumps({"id": "x", "response": [*rows, {"registrationId": "1", "statusCode": "PROCESSING"}]})
    said = list(said_in_answer("status.external", "/externalstatus/search", answer.encode()))
    assert said == [Said(row["registrationId"] or "", "refused") for row in rows]


@pytest.mark.parametrize(
    "answer", [b"", b"[]", b"null", b'{"response": 1}', b'{"response": [1, {}]}', b"\xff"]
)
def test_an_answer_that_is_none_says_nothing(answer: bytes) -> None:
    assert list(said_in_answer("status.external", "/search", answer)) == []


@pytest.mark.parametrize(
    ("message", "word"),
    [
        ({"topic": "partner/CREDENTIAL_ISSUED", "event": {"data": {"registrationId": "7"}}}, "issued"),
        ({"topic": "CREDENTIAL_ISSUED", "event": {"data": {"registrationId": "7"}}}, "issued"),
        ({"instanceId": "7", "resultCode": "PROCESSED"}, "processed"),
        ({"instanceId": "7", "resultCode": "REJECTED"}, "refused"),
        ({"instanceId": "7", "resultCode": "FAILED"}, "refused"),
    ],
)
def test_a_delivery_says_how_its_packet_ended(message: object, word: str) -> None:
    assert [(one.packet, one.word) for one in said_in_delivery(json.dumps(message).encode())] == [("7", word)]


@pytest.mark.parametrize("body", [b"", b"[]", b'{"topic": 3}', b'{"resultCode": "PROCESSED"}'])
def test_a_delivery_about_no_packet_says_nothing(body: bytes) -> None:
    assert list(said_in_delivery(body)) == []
