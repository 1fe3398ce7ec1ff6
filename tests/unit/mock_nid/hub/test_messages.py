"""A message of the hub: the bytes, their signature, and each fault of a delivery (contract mosip §4.5)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from mock_nid.hub.messages import Message, headers, signature, struck
from testbed.facts import Said
from testbed.faults import FaultKind
from tests.unit.wire_mosip.known import WEBSUB
from wire.mosip import hub

SECRET: str = WEBSUB["secret"]
KNOWN: str = WEBSUB["delivery"]["body"]
MESSAGE = Message(WEBSUB["topic"], json.loads(KNOWN), ("P", "T"), word="issued")
URL = "http://127.0.0.1:9191/hub"


def test_the_hub_writes_the_body_anew_and_signs_these_bytes() -> None:
    body = MESSAGE.body(reserialise=True)
    assert body.decode() == KNOWN
    assert MESSAGE.body(reserialise=False) == json.dumps(json.loads(KNOWN), separators=(",", ":")).encode()
    assert headers(MESSAGE, body, hub_url=URL, secret=SECRET, sign=True, link=True) == {
        "Content-Type": "application/json",
        "Link": WEBSUB["delivery"]["headers"]["Link"],
        "X-Hub-Signature": WEBSUB["delivery"]["headers"]["X-Hub-Signature"],
    }


@pytest.mark.parametrize(
    ("secret", "sign", "signing"), [(None, True, "good"), (SECRET, False, "good"), (SECRET, True, "none")]
)
def test_what_goes_unsigned(secret: str | None, sign: bool, signing: Any) -> None:
    made = headers(
        replace(MESSAGE, signing=signing), b"{}", hub_url=URL, secret=secret, sign=sign, link=False
    )
    assert made == {"Content-Type": "application/json"}


def test_a_bad_signature_looks_like_one_and_does_not_hold() -> None:
    text = signature(SECRET, b"{}", "bad")
    with pytest.raises(hub.HubSignatureRefused, match="mismatch"):
        hub.verify_signature(text, SECRET, b"{}")


@pytest.mark.parametrize(
    ("kind", "times", "changes"),
    [
        (FaultKind.LOSE, 1, {"lost": True}),
        (FaultKind.DUPLICATE, 2, {}),
        (FaultKind.WRONG_SIGNATURE, 1, {"signing": "bad"}),
        (FaultKind.NO_SIGNATURE, 1, {"signing": "none"}),
        (FaultKind.MALFORMED_BODY, 1, {"raw": b'{"publisher": '}),
        (FaultKind.TRUNCATED_BODY, 1, {"raw": KNOWN.encode()[: len(KNOWN.encode()) // 2]}),
    ],
)
def test_a_fault_of_a_delivery_is_done_to_it_and_told(
    kind: FaultKind, times: int, changes: dict[str, Any]
) -> None:
    made, many = struck(MESSAGE, kind)
    assert many == times
    assert {name: getattr(made, name) for name in changes} == changes
    assert made.spoilt is (kind not in (FaultKind.LOSE, FaultKind.DUPLICATE))


def test_another_topic_is_another_topic_in_the_body_alone() -> None:
    made, _ = struck(MESSAGE, FaultKind.WRONG_TOPIC)
    assert (made.topic, made.payload["topic"]) == (MESSAGE.topic, "another/TOPIC")
    assert {**made.payload, "topic": MESSAGE.payload["topic"]} == MESSAGE.payload


def test_what_it_says_is_the_id_systems_word_until_it_is_spoilt() -> None:
    assert MESSAGE.said == (Said("P", "issued"),)
    assert replace(MESSAGE, faults=("wrong key",)).said == (Said("P", "issued"),)
    assert replace(MESSAGE, faults=("wrong key",), spoilt=True).said == (Said("P", "issued", ("wrong key",)),)
    assert replace(MESSAGE, word=None).said == ()
