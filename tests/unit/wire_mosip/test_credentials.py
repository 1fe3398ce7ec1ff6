"""Credential documents, events that carry them, well-known documents and the token's way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.wire_mosip.known import BASE, CREDENTIAL, ISSUER_PUBLIC, NOW
from wire.mosip import auth, credentials, events, topics, well_known
from wire.mosip.fields import FieldBroken

RID, UUID = "100013575019284", "b7907dd4-f667-4a37-9639-792d65b678ea"


def test_the_document_is_the_known_one_without_its_proof() -> None:
    known = {name: value for name, value in CREDENTIAL["expected_vc"].items() if name != "proof"}
    made = credentials.verifiable_credential(
        base=BASE,
        registration_id=RID,
        credential_id=UUID,
        attributes={"birthCertificateNumber": "2025B7K3M9Q2X4", "VID": "4703420631835716"},
        now=NOW,
    )
    assert made == known
    assert credentials.encode(made).decode() == json.dumps(known, separators=(",", ":"))


def test_a_credential_is_read() -> None:
    read = credentials.read(credentials.decode(CREDENTIAL["expected_plaintext"].encode()))
    assert (read.kind, read.registration_id, read.has_proof) == ("vercred", RID, True)
    assert read.attribute("VID") == "4703420631835716"
    assert read.attribute("UIN") is None
    death = credentials.read(CREDENTIAL["expected_vc_death"])
    assert death.subject == {}


def test_an_euin_credential_has_texts_only_and_no_proof() -> None:
    made = credentials.euin_credential(
        base=BASE,
        registration_id=RID,
        credential_id=UUID,
        partner="crvs-partner",
        attributes={"UIN": "4238670978", "fullName": [{"language": "eng", "value": "Amara"}]},
        now=NOW,
    )
    read = credentials.read(made)
    assert (read.kind, read.registration_id, read.has_proof) == ("euin", RID, False)
    assert made["credentialSubject"]["fullName"] == '[{"language":"eng","value":"Amara"}]'
    assert read.attribute("fullName", "eng") == "Amara"


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (None, "credential"),
        ({}, "credentialSubject"),
        ({"credentialSubject": []}, "credentialSubject"),
        ({"credentialSubject": {}}, "id"),
        ({"credentialSubject": {}, "id": "x"}, "issuer"),
        ({"credentialSubject": {}, "id": "x", "issuer": "y"}, "credentialSubject.id"),
        ({"credentialSubject": {"id": 7}, "id": "x", "issuer": "y"}, "credentialSubject.id"),
    ],
)
def test_broken_documents_name_the_field(document: Any, path: str) -> None:
    with pytest.raises(FieldBroken) as broken:
        credentials.read(document)
    assert broken.value.path == path


@pytest.mark.parametrize("plain", [b"", b"[]", b"\xff", b"{"])
def test_unsealed_bytes_must_be_an_object(plain: bytes) -> None:
    with pytest.raises(FieldBroken):
        credentials.decode(plain)


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


@pytest.mark.requirement("MOSIP-CRD-03")
def test_well_known_documents_refer_to_each_other() -> None:
    key = well_known.public_key_document(BASE + "/", ISSUER_PUBLIC)
    controller = well_known.controller_document(BASE)
    assert key["controller"] == controller["id"]
    assert controller["assertionMethod"] == [key["id"]]
    assert well_known.base_of(key["id"]) == BASE
    windows = {**key, "publicKeyPem": key["publicKeyPem"].replace("\n", "\r\n")}
    assert well_known.read_public_key(windows).key == ISSUER_PUBLIC
    with pytest.raises(FieldBroken, match="publicKeyPem"):
        well_known.read_public_key({**key, "publicKeyPem": "none"})


@pytest.mark.parametrize(
    ("header", "spring", "vertx", "hub"),
    [
        (auth.cookie("abc"), "abc", "abc", "abc"),
        ("Authorization=abc; other=1", "abc", "abc", "abc"),
        ("other=1; Authorization=abc", "abc", "other=1", "abc"),
        ("X-Authorization=abc", "abc", "X-abc", None),
        ("other=1", None, None, None),
        ("", None, None, None),
        (None, None, None, None),
    ],
)
def test_each_reader_finds_the_token_in_its_own_way(
    header: str | None, spring: str | None, vertx: str | None, hub: str | None
) -> None:
    assert auth.spring_token(header) == spring
    assert auth.vertx_token(header) == vertx
    assert auth.hub_token(header) == hub


def test_the_token_is_handed_over_in_a_cookie() -> None:
    assert auth.set_cookie("a.b.c") == "Authorization=a.b.c; Max-Age=6000000; Path=/; HttpOnly"
    assert auth.handed_over(None, ["x=1", auth.set_cookie("a.b.c", secure=True)]) == "a.b.c"
    assert auth.handed_over("Bearer a.b.c", ["x=1"]) == "a.b.c"
    assert auth.handed_over(None, []) is None


@pytest.mark.parametrize("body", [{}, {"request": None}, {"request": []}])
def test_a_login_without_its_request_is_named(body: Any) -> None:
    with pytest.raises(FieldBroken) as broken:
        auth.read_token_request(body)
    assert f"{broken.value.path} {broken.value.why}" == "request must not be null"
