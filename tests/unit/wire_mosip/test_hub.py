"""The hub's forms, rights and signatures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.mosip import hub

secrets = st.text(min_size=1, max_size=30)
methods = st.sampled_from(hub.METHODS)


@given(secrets, st.binary(max_size=300), methods)
def test_what_is_signed_verifies(secret: str, body: bytes, method: str) -> None:
    header = hub.signature(secret, body, method)
    hub.verify_signature(header, secret, body)
    hub.verify_signature(header.upper().replace(method.upper(), method), secret, body)
    with pytest.raises(hub.HubSignatureRefused) as refused:
        hub.verify_signature(header, secret, body + b" ")
    assert refused.value.reason == "mismatch"
    with pytest.raises(hub.HubSignatureRefused):
        hub.verify_signature(header, secret + "x", body)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (None, "missing"),
        ("", "missing"),
        ("sha256", "malformed"),
        ("sha256=", "malformed"),
        ("md5=abc", "method"),
        ("sha256=é", "mismatch"),
        ("sha256=" + "0" * 64, "mismatch"),
    ],
)
def test_refused_signatures_say_why(header: str | None, reason: str) -> None:
    with pytest.raises(hub.HubSignatureRefused) as refused:
        hub.verify_signature(header, "secret", b"{}")
    assert refused.value.reason == reason


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=40), secrets)
def test_forms_round_trip(topic: str, callback: str, secret: str) -> None:
    form = hub.parse_form(hub.subscribe_form(topic, callback, secret))
    assert form == {
        "hub.mode": "subscribe",
        "hub.topic": topic,
        "hub.callback": callback,
        "hub.secret": secret,
    }
    ended = hub.parse_form(hub.subscribe_form(topic, callback, secret, "unsubscribe"))
    assert ended == form | {"hub.mode": "unsubscribe"}
    assert hub.parse_form(hub.publish_query(topic)) == {"hub.mode": "publish", "hub.topic": topic}


def test_a_refusal_hides_in_a_200() -> None:
    denied = hub.denied("Publisher is not authorized")
    assert denied == "hub.mode=denied&hub.reason=Publisher is not authorized"
    assert hub.refusal(200, denied) == "Publisher is not authorized"
    assert hub.refusal(202, hub.ACCEPTED) is None
    assert hub.refusal(200, "Subscribed successfully.") is None
    assert hub.refusal(400, "Empty value found for parameter 'hub.topic'") == (
        "HTTP 400: Empty value found for parameter 'hub.topic'"
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def test_rights_follow_the_topic() -> None:
    own, general = "crvs-partner/CREDENTIAL_ISSUED", "CREDENTIAL_ISSUED"
    assert hub.required_role(own, "subscribe") == "SUBSCRIBE_CREDENTIAL_ISSUED_INDIVIDUAL"
    assert hub.required_role(own, "publish") == "PUBLISH_CREDENTIAL_ISSUED_ALL_INDIVIDUAL"
    assert hub.required_role(general, "subscribe") == "SUBSCRIBE_CREDENTIAL_ISSUED_GENERAL"
    roles = {"SUBSCRIBE_CREDENTIAL_ISSUED_INDIVIDUAL"}
    assert hub.may(own, "subscribe", roles, "service-account-crvs-partner")
    assert not hub.may(own, "subscribe", roles, "service-account-other-partner")
    assert not hub.may(general, "subscribe", roles, "service-account-crvs-partner")
    assert not hub.may(own, "publish", roles, "crvs-partner")
    assert hub.may(own, "publish", {"PUBLISH_CREDENTIAL_ISSUED_ALL_INDIVIDUAL"}, "credential-service")


def test_small_things() -> None:
    assert hub.store_name("a/b") == hub.store_name("a_b") == "a_b"
    assert hub.join_query("http://h/cb", "x=1") == "http://h/cb?x=1"
    assert hub.join_query("http://h/cb?intentMode=subscribe", "x=1") == "http://h/cb?intentMode=subscribe&x=1"
    assert hub.intent_query("t", "c", mode="unsubscribe") == (
        "hub.mode=unsubscribe&hub.topic=t&hub.challenge=c"
    )
    assert hub.read_intent({"hub.lease_seconds": "soon"}).lease_seconds is None
