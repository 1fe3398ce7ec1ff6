"""What the hub delivers, of the known answers and recordings."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.known import recording
from tests.unit.wire_mosip.known import MOSIP, WEBSUB
from wire.mosip import events, hub, topics

TOPIC, SECRET = WEBSUB["topic"], WEBSUB["secret"]
WORKFLOWS = MOSIP["workflow_events"]
DELIVERY = WEBSUB["delivery"]


def test_the_delivered_event_is_read_and_written() -> None:
    body = json.loads(DELIVERY["body"])
    event = events.read_credential_issued(body)
    assert event.registration_id == "100013575019284"
    assert event.credential_type == "vercred" and event.data_share_uri is None
    written = events.credential_issued(
        topic=event.topic,
        event_id=event.event_id,
        transaction_id=event.transaction_id,
        registration_id=event.registration_id,
        credential=event.credential,
        now=_instant(body["publishedOn"]),
        protection_key=body["event"]["data"]["protectionKey"],
        signature=(body["event"]["data"].get("proof") or {}).get("signature"),
    )
    assert written == body
    assert list(written["event"]["data"]) == list(body["event"]["data"])


@pytest.mark.parametrize(
    ("name", "result", "process"),
    [
        ("processed", "PROCESSED", "CRVS_NEW"),
        ("rejected", "REJECTED", "CRVS_NEW"),
        ("failed", "FAILED", "CRVS_NEW"),
        ("death_processed", "PROCESSED", "CRVS_DEATH"),
    ],
)
def test_completed_events_are_the_known_bytes(name: str, result: Any, process: str) -> None:
    known = WORKFLOWS[name]
    body = events.workflow_completed("100013575019284", result, process)
    assert json.dumps(body, separators=(",", ":")) == known["body"]
    hub.verify_signature(known["X-Hub-Signature"], SECRET, known["body"].encode())
    read = events.read_workflow_completed(json.loads(known["body"]))
    assert (read.registration_id, read.result, read.workflow_type) == ("100013575019284", result, process)


def test_paused_events_are_the_known_bytes() -> None:
    body = events.workflow_paused("100013575019284", "CRVS_NEW")
    assert json.dumps(body, separators=(",", ":")) == WORKFLOWS["paused"]["body"]
    assert WORKFLOWS["topic_completed"] == topics.WORKFLOW_COMPLETED
    assert WORKFLOWS["topic_paused"] == topics.WORKFLOW_PAUSED


def test_the_recorded_mock_subscribes_and_delivers_in_forms_that_we_read() -> None:
    flow = recording("flow-birth")
    by_target = {urlsplit(e["request"]["target"]).path: e["request"] for e in flow["startup"]}
    form = hub.parse_form(by_target["/websub/hub"]["body"])
    assert (
        hub.parse_form(hub.subscribe_form(form["hub.topic"], form["hub.callback"], form["hub.secret"]))
        == form
    )
    assert (
        hub.subscribe_form(form["hub.topic"], form["hub.callback"], form["hub.secret"])
        == (by_target["/websub/hub"]["body"])
    )
    challenge = hub.read_intent(hub.parse_form(urlsplit(by_target["/websub/callback"]["target"]).query))
    assert challenge.challenge and challenge.mode is None
    deliveries = [
        json.loads(e["request"]["body"])
        for phase in flow["phases"]
        for e in phase["exchanges"]
        if e["request"]["target"].startswith("/websub/callback")
    ]
    for body in deliveries:
        event = events.read_credential_issued(body)
        written = events.credential_issued(
            topic=event.topic,
            event_id=event.event_id,
            transaction_id=event.transaction_id,
            registration_id=event.registration_id,
            credential=event.credential,
            now=_instant(body["publishedOn"]),
            expiry=body["event"]["data"]["ExpiryTimestamp"],
            upstream_mock=True,
        )
        assert written == body
    assert deliveries


def test_the_recorded_acknowledgement_is_ours() -> None:
    answers = [
        json.loads(e["response"]["body"])
        for phase in recording("flow-birth")["phases"]
        for e in phase["exchanges"]
        if e["request"]["target"].startswith("/websub/callback")
    ]
    for body in answers:
        written = events.credential_status_update(
            publisher="CREDENTIAL_SERVICE",
            topic=topics.CREDENTIAL_ISSUED,
            event_id=body["event"]["id"],
            request_id=body["event"]["requestId"],
            now=_instant(body["publishedOn"]),
        )
        assert written == body
    assert answers


def _instant(text: str) -> Any:
    from wire.world import parse_timestamp

    return parse_timestamp(text)
