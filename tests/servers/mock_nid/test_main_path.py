"""The way of a registration through mock_nid, over sockets and on the virtual clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.servers.mock_nid.actors import SECRET, Stage
from wire.keyfolder import KeyFolder
from wire.mosip import credentials, events, hub, identifiers, proofs, sealing, well_known
from wire.mosip.contexts import stock

Open = Callable[..., Awaitable[Stage]]
CREDENTIALS = "crvs-partner/CREDENTIAL_ISSUED"
COMPLETED = "REGISTRATION_PROCESSOR_WORKFLOW_COMPLETED_EVENT"


def opened(stage: Stage, keys: Path, body: dict) -> dict:
    """The credential document of a delivery, unsealed with the partner's key and its proof checked."""
    event = events.read_credential_issued(body)
    partner = KeyFolder(keys)["partner"]
    document = credentials.decode(sealing.unseal(event.credential, partner.private_key, partner.certificate))
    issuer = KeyFolder(keys)["credential-issuer"].private_key.public_key()
    proofs.verify_urdna2015(document, issuer, stock(well_known.base_of(document["issuer"])))
    return document


@pytest.mark.requirement("MOSIP-CRD-01")
async def test_birth_is_issued_after_its_time(stage: Open, keys: Path) -> None:
    s = await stage(processing_seconds=3600)
    await s.listen(CREDENTIALS, COMPLETED)
    assert [intent["hub.mode"] for intent in s.subscriber.intents] == ["subscribe", "subscribe"]
    await s.client.submit("100013575019284", birthCertificateNumber="2026BXK3M9Q2")
    await s.advance(3599)
    assert s.subscriber.deliveries == []
    await s.advance(2)
    (delivery,) = s.subscriber.on(CREDENTIALS)
    hub.verify_signature(delivery.headers[hub.SIGNATURE_HEADER], SECRET, delivery.raw)
    assert b'": "' in delivery.raw and delivery.path == "/websub/callback/"
    document = opened(s, keys, delivery.body)
    subject = document["credentialSubject"]
    assert set(subject) == {"VID", "birthCertificateNumber", "id", "vcVer"}
    assert subject["birthCertificateNumber"] == "2026BXK3M9Q2"
    assert subject["id"].endswith("/100013575019284")
    assert identifiers.vid_fault(subject["VID"]) is None
    (completed,) = s.subscriber.on(COMPLETED)
    assert completed.body == {
        "instanceId": "100013575019284",
        "resultCode": "PROCESSED",
        "workflowType": "CRVS_NEW",
        "errorCode": None,
    }
    journal = s.running.journal.about("100013575019284")
    assert [exchange.operation for exchange in journal] == [
        "packet.create",
        "packet.process",
        "hub.deliver",
        "hub.deliver",
    ]


@pytest.mark.requirement("MOSIP-CRD-02")
async def test_well_known_documents_prove_the_credential(stage: Open, keys: Path) -> None:
    s = await stage()
    _, document, _ = await s.client.call("GET", "/.well-known/public-key.json")
    key = well_known.read_public_key(document)
    _, controller, _ = await s.client.call("GET", "/.well-known/controller.json")
    assert controller["assertionMethod"] == [key.id]
    assert key.id == f"{s.running.url}/.well-known/public-key.json"
    status, context, _ = await s.client.call("GET", "/.well-known/mosip-context.json")
    assert status == 200 and "@context" in context


@pytest.mark.parametrize(
    ("plan", "result", "error"),
    [("reject:duplicate", "REJECTED", "PACKET_REJECTED"), ("fail", "FAILED", "PACKET_FAILED")],
)
@pytest.mark.requirement("MOSIP-WFL-05")
async def test_rejection_and_failure_come_as_completed_events(
    stage: Open, plan: str, result: str, error: str
) -> None:
    s = await stage(default_plan=plan)
    await s.listen(CREDENTIALS, COMPLETED)
    await s.client.submit("100010000000001")
    await s.advance(60)
    (delivery,) = s.subscriber.deliveries
    assert (delivery.body["resultCode"], delivery.body["errorCode"]) == (result, error)


async def test_stalled_packet_waits_for_an_operator(stage: Open) -> None:
    s = await stage(default_plan="stall")
    await s.listen(CREDENTIALS, COMPLETED)
    await s.client.submit("100010000000002")
    await s.advance(30 * 86400)
    assert s.subscriber.deliveries == []
    status, shown, _ = await s.client.call("POST", "/admin/registrations/100010000000002/issue")
    assert status == 200 and shown["status"] == "PROCESSED" and shown["vid"]
    await s.settle()
    assert len(s.subscriber.on(CREDENTIALS)) == 1


async def test_plans_are_found_queue_then_registration_then_name_then_default(stage: Open) -> None:
    s = await stage(default_plan="fail")
    s.running.plans.enqueue("stall")
    s.running.plans.set_for("2026B00000012", "issue")
    magic = '[{"language":"eng","value":"Chanda Rejected Mulenga"}]'
    await s.client.submit("100010000000011")
    await s.client.submit("100010000000012", birthCertificateNumber="2026B00000012", fullName=magic)
    await s.client.submit("100010000000013", fullName=magic)
    await s.client.submit("100010000000014")
    await s.advance(60)
    ended = {one.id[-1]: (one.plan_source, one.status.value) for one in s.running.registrations}
    assert ended == {
        "1": ("queue", "REPROCESS"),
        "2": ("registration", "PROCESSED"),
        "3": ("magic", "REJECTED"),
        "4": ("default", "FAILED"),
    }


@pytest.mark.requirement("MOSIP-DTH-01")
async def test_death_is_a_completed_event_alone(stage: Open) -> None:
    s = await stage()
    await s.listen(CREDENTIALS, COMPLETED)
    await s.client.submit("100010000000021", "CRVS_DEATH", UIN="2760938145", birthCertificateNumber=None)
    await s.advance(60)
    (delivery,) = s.subscriber.deliveries
    assert delivery.body["resultCode"] == "PROCESSED" and delivery.body["workflowType"] == "CRVS_DEATH"


async def test_death_by_credential_when_so_set(stage: Open, keys: Path) -> None:
    s = await stage(death_outcome="credential")
    await s.listen(CREDENTIALS)
    await s.client.submit("100010000000022", "CRVS_DEATH", UIN="2760938145", birthCertificateNumber=None)
    await s.advance(60)
    (delivery,) = s.subscriber.deliveries
    assert opened(s, keys, delivery.body)["credentialSubject"]["VID"] == "5806319743540932"


@pytest.mark.requirement("MOSIP-DTH-02")
async def test_death_of_somebody_unknown_fails(stage: Open) -> None:
    s = await stage()
    await s.listen(COMPLETED)
    await s.client.submit("100010000000023", "CRVS_DEATH", UIN="3467045314", birthCertificateNumber=None)
    await s.advance(60)
    assert s.subscriber.deliveries[0].body["resultCode"] == "FAILED"
    (registration,) = s.running.registrations
    assert registration.transactions[-1].comment == "UIN Updation failed - No Record(s) found"
    assert (registration.reason or "").startswith("RPR-UIN-FAILED-005 UIN Updation failed")


@pytest.mark.parametrize(("settings", "comes"), [({}, 0), ({"credential_topic": "plain"}, 1)])
async def test_stock_mosip_publishes_nothing_on_the_plain_topic(
    stage: Open, settings: dict[str, str], comes: int
) -> None:
    """The upstream mediator's default environment subscribes there, and waits for ever (§4.3)."""
    s = await stage(**settings)
    status, _, _ = await s.client.subscribe(
        "CREDENTIAL_ISSUED", s.subscriber.url, client="mosip-websub-client"
    )
    assert status == 202
    await s.settle()
    await s.client.submit("100010000000031")
    await s.advance(60)
    assert [one.body["topic"] for one in s.subscriber.deliveries] == ["CREDENTIAL_ISSUED"] * comes


@pytest.mark.requirement("MOSIP-IDR-06")
async def test_synchronous_identity(stage: Open) -> None:
    s = await stage()
    cookie = await s.client.cookie()
    _, body, _ = await s.client.call("GET", "/v1/idgenerator/uin", headers=cookie)
    uin = body["response"]["uin"]
    assert identifiers.uin_fault(uin) is None
    request = {
        "registrationId": "10001100040000120260302080000",
        "identity": {
            "IDSchemaVersion": 0.1,
            "UIN": uin,
            "fullName": [{"language": "eng", "value": "Chanda"}],
        },
    }
    envelope = {
        "id": "mosip.id.create",
        "version": "v1",
        "requesttime": s.world.timestamp(),
        "request": request,
    }
    status, body, _ = await s.client.call("POST", "/idrepository/v1/identity/", json=envelope, headers=cookie)
    assert (status, body["response"]["status"], body["errors"]) == (200, "ACTIVATED", [])
    _, body, _ = await s.client.call("GET", f"/idrepository/v1/identity/idvid/{uin}", headers=cookie)
    assert body["response"]["identity"]["fullName"][0]["value"] == "Chanda"
    _, body, _ = await s.client.call("POST", "/idrepository/v1/identity/", json=envelope, headers=cookie)
    assert body["errors"][0]["errorCode"] == "IDR-IDC-012"


@pytest.mark.requirement("MOSIP-HUB-08")
async def test_subscriber_that_answers_late_is_tried_again(stage: Open) -> None:
    s = await stage()
    await s.listen(COMPLETED)
    port = s.subscriber.listening.port
    await s.subscriber.close()
    await s.client.submit("100010000000041")
    await s.advance(6)
    assert s.subscriber.deliveries == []
    from aiohttp import web

    from wire.http.listening import listen

    app = web.Application()
    app.add_routes([web.post("/{path:.*}", s.subscriber._delivery)])
    s.subscriber.listening = await listen(app, "127.0.0.1", port, "none")
    await s.advance(30)
    assert len(s.subscriber.deliveries) == 1


@pytest.mark.requirement("MOSIP-IDR-05")
async def test_many_registrations_each_have_their_own_number(stage: Open, keys: Path) -> None:
    s = await stage(processing_seconds=60)
    await s.listen(CREDENTIALS)
    await asyncio.gather(*(s.client.submit(f"1000100000{n:05d}") for n in range(50)))
    await s.advance(120)
    documents = [opened(s, keys, one.body) for one in s.subscriber.deliveries]
    subjects = [document["credentialSubject"] for document in documents]
    assert len({subject["VID"] for subject in subjects}) == len({one["id"] for one in subjects}) == 50
