"""Subscriptions, intents and deliveries of the known answers and recordings."""

from __future__ import annotations

import json

import pytest

from tests.unit.wire_mosip.known import WEBSUB
from wire.mosip import hub

TOPIC, SECRET = WEBSUB["topic"], WEBSUB["secret"]


DELIVERY = WEBSUB["delivery"]


def test_the_subscription_form_is_the_known_one() -> None:
    form = hub.subscribe_form(TOPIC, WEBSUB["subscribe_form"]["hub.callback"], SECRET)
    assert hub.parse_form(form) == WEBSUB["subscribe_form"]
    reply = WEBSUB["subscribe_reply"]
    assert (reply["body"], reply["content_type"]) == (hub.ACCEPTED, hub.FORM)
    assert hub.refusal(reply["status"], reply["body"]) is None


def test_intents_are_written_raw_and_read_back() -> None:
    challenge = WEBSUB["intent_expected_body"]
    assert hub.intent_query(TOPIC, challenge) == WEBSUB["intent_query"]
    assert hub.denied_query(TOPIC, "Subscriber has already registered with the Hub") == WEBSUB["denied_query"]
    intent = hub.read_intent(hub.parse_form(WEBSUB["intent_query"]))
    assert (intent.mode, intent.topic, intent.challenge) == ("subscribe", TOPIC, challenge)
    assert intent.lease_seconds == 86400
    denied = hub.read_intent(hub.parse_form(WEBSUB["denied_query"]))
    assert (denied.mode, denied.reason) == ("denied", "Subscriber has already registered with the Hub")


def test_a_delivery_is_signed_over_the_hubs_own_bytes() -> None:
    body = DELIVERY["body"].encode()
    header = DELIVERY["headers"]["X-Hub-Signature"]
    assert hub.signature(SECRET, body) == header
    hub.verify_signature(header, SECRET, body)
    compact = json.dumps(json.loads(body), separators=(",", ":")).encode()
    with pytest.raises(hub.HubSignatureRefused) as refused:
        hub.verify_signature(header, SECRET, compact)
    assert refused.value.reason == "mismatch"
    with pytest.raises(hub.HubSignatureRefused):
        hub.verify_signature(WEBSUB["delivery_bad_signature"], SECRET, body)


def test_the_link_header_is_the_known_one() -> None:
    assert hub.link_header("http://127.0.0.1:9191/hub", TOPIC) == DELIVERY["headers"]["Link"]
