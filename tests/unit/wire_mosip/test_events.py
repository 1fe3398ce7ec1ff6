"""Events that the hub delivers: credentials, ends of packets, deactivations."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.wire_mosip.known import NOW
from wire.mosip import events, topics
from wire.mosip.fields import FieldBroken

RID, UUID = "100013575019284", "b7907dd4-f667-4a37-9639-792d65b678ea"


def event(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "topic": topics.partner_topic("crvs-partner"),
        "event_id": "e",
        "transaction_id": "t",
        "registration_id": RID,
        "credential": "sealed",
        "now": NOW,
    }
    return events.credential_issued(**(given | changes))


def test_a_data_share_event_has_a_url_instead_of_the_credential() -> None:
    body = event(credential=None, data_share_uri="https://share.example/1")
    assert "credential" not in body["event"]["data"]
    read = events.read_credential_issued(body)
    assert (read.credential, read.data_share_uri) == (None, "https://share.example/1")


def test_expiry_is_told_only_when_a_vid_is_shared() -> None:
    assert "ExpiryTimestamp" not in event(expiry=None)["event"]["data"]
    assert event()["event"]["data"]["TransactionLimit"] is None


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda body: body.pop("topic"), "topic"),
        (lambda body: body.pop("event"), "event"),
        (lambda body: body["event"].pop("id"), "event.id"),
        (lambda body: body["event"].pop("transactionId"), "event.transactionId"),
        (lambda body: body["event"].pop("data"), "event.data"),
        (lambda body: body["event"]["data"].pop("registrationId"), "event.data.registrationId"),
        (lambda body: body["event"]["data"].pop("credential"), "event.data.credential"),
        (lambda body: body["event"]["data"].update(credential=[]), "event.data.credential"),
    ],
)
def test_broken_events_name_the_field(change: Any, path: str) -> None:
    body = event()
    change(body)
    with pytest.raises(FieldBroken) as broken:
        events.read_credential_issued(body)
    assert broken.value.path == path


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (None, "body"),
        ({}, "resultCode"),
        ({"resultCode": "DONE"}, "resultCode"),
        ({"resultCode": "FAILED"}, "instanceId"),
        ({"resultCode": "FAILED", "instanceId": "1"}, "workflowType"),
    ],
)
def test_broken_completed_events_name_the_field(body: Any, path: str) -> None:
    with pytest.raises(FieldBroken) as broken:
        events.read_workflow_completed(body)
    assert broken.value.path == path


def test_a_deactivation_is_told_to_the_authentication_partner() -> None:
    body = events.identity_status_changed(
        topic=topics.partner_topic("mpartner-default-auth", topics.DEACTIVATE_ID),
        event_id="e",
        transaction_id=RID,
        id_hash="h",
        now=NOW,
        transaction_limit=2,
    )
    assert body["topic"] == "mpartner-default-auth/DEACTIVATE_ID"
    assert body["event"]["type"] == {"namespace": "mosip", "name": "ida"}
    assert body["event"]["data"] == {
        "id_hash": "h",
        "expiry_timestamp": "2025-04-11T07:57:43.134Z",
        "transaction_limit": 2,
    }
