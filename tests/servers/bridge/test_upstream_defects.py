"""The defects of the upstream mediator (contract mosip §11.6), by number, and what we do instead."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import ClientSession, web

from bridge.registration import Registration, State
from tests.servers.bridge.asking import ask
from tests.servers.bridge.conftest import BIRTH, Stage
from tests.servers.bridge.delivered import unchanged, waiting
from tests.servers.bridge.queued import queued
from tests.servers.bridge.stubs import TOPIC, VID
from tests.servers.bridge.test_confirmation import ACCEPT, DAY, issued
from tests.servers.bridge.test_restart import Hang
from tests.servers.bridge.test_wait import HOUR
from tests.servers.bridge.test_work import said


def delivery(stage: Stage, registration: Registration, **options: Any) -> bytes:
    """A credential for that registration, as the hub sends it."""
    sealed = stage.mosip.credential(registration.packet_id, **options)
    return stage.mosip.event(registration.packet_id, sealed)


async def mediated(stage: Stage, event: dict[str, Any], **changes: Any) -> int:
    """POST /events/registration, as an upstream country config calls it."""
    body = {
        "trackingId": event["trackingId"],
        "notification": {"recipientFullName": "Grace Mulenga", "recipientEmail": "", "recipientPhone": ""},
        "requestFields": {"birthCertificateNumber": f"2026B{event['trackingId']}"},
        "metaInfo": {},
        "audit": {},
    }
    headers = {"Authorization": f"Bearer {stage.opencrvs.token(event)}"}
    url = f"{stage.running.mediator_url}/events/registration"
    async with ClientSession() as session, session.post(url, json=body | changes, headers=headers) as answer:
        await stage.world.clock.settle()
        return answer.status


async def test_defect_01_failed_accept_is_our_work_and_not_lost_after_the_answer_to_the_hub(
    stage: Stage,
) -> None:
    stage.opencrvs.faults[ACCEPT] = [lambda: web.Response(status=500)] * 3
    event = await issued(stage)
    await stage.restart(kill=True)
    await stage.world.clock.advance(120)
    assert (await stage.of(event)).state is State.CONFIRMED
    assert len(stage.opencrvs.accepted(event)) == 1


async def test_defect_02_row_and_token_are_kept_until_the_accept_took_effect(stage: Stage) -> None:
    stage.opencrvs.faults[ACCEPT] = [lambda: web.Response(status=502)]
    event = await issued(stage)
    kept = await stage.running.store.lookups.secrets((await stage.of(event)).id)
    assert kept.token is not None and kept.national_id == VID
    await stage.world.clock.advance(60)
    assert (await stage.of(event)).state is State.CONFIRMED
    dropped = await stage.running.store.lookups.secrets((await stage.of(event)).id)
    assert dropped.token is None and dropped.national_id is None


async def test_defect_03_failure_is_no_200_and_what_the_hub_never_repeats_is_found_by_asking(
    stage: Stage,
) -> None:
    event, registration = await waiting(stage)
    assert await stage.deliver(stage.mosip.event(registration.packet_id, "garbage")) == 422
    stage.mosip.standing[registration.packet_id] = "UIN_GENERATED"
    stage.mosip.identities[registration.packet_id] = {"UIN": "4238670978"}
    await stage.world.clock.advance(2 * HOUR)
    assert len(stage.opencrvs.accepted(event)) == 1


async def test_defect_04_proof_of_the_credential_is_checked(stage: Stage) -> None:
    event, registration = await waiting(stage)
    assert await stage.deliver(delivery(stage, registration, key="mosip-iam")) == 422
    assert await unchanged(stage, event)


async def test_defect_05_signature_of_the_hub_is_checked(stage: Stage) -> None:
    event, registration = await waiting(stage)
    body = delivery(stage, registration)
    assert [await stage.deliver(body, secret=secret) for secret in (None, "guessed")] == [401, 401]
    assert await unchanged(stage, event)


async def test_defect_06_partners_public_certificate_and_a_known_id_forge_nothing(stage: Stage) -> None:
    event, registration = await waiting(stage)
    forged = delivery(stage, registration, key="oidp-client", VID="9999999999999999")
    assert await stage.deliver(forged, secret=None) == 401
    assert await stage.deliver(forged) == 422  # not even with the hub's secret
    assert await unchanged(stage, event)
    ids = [registration.packet_id, *[(await waiting(stage))[1].packet_id for _ in range(3)]]
    assert {len(id) for id in ids} == {29}
    assert len({id[10:16] for id in ids}) == 4


@pytest.mark.parametrize("wrong", ["subject", "certificate number"])
async def test_defect_07_all_three_ids_are_compared(stage: Stage, wrong: str) -> None:
    event, registration = await waiting(stage)
    _, other = await waiting(stage)
    if wrong == "subject":
        sealed = stage.mosip.credential(other.packet_id)
    else:
        numbers = {"birthCertificateNumber": other.number, "VID": VID}
        sealed = stage.mosip.credential(registration.packet_id, **numbers)
    assert await stage.deliver(stage.mosip.event(registration.packet_id, sealed)) == 422
    assert await unchanged(stage, event)


async def test_defect_08_registration_may_be_repeated_while_the_id_system_is_down(stage: Stage) -> None:
    stage.mosip.down = True
    event = stage.opencrvs.record("birth", BIRTH)
    token = stage.opencrvs.token(event)
    answers = [await stage.trigger(event, token), await stage.trigger(event, token)]
    answers.append(await stage.trigger(event, stage.opencrvs.token(event, lifetime=1000)))
    assert [status for status, _ in answers] == [202, 202, 202]
    stage.mosip.down = False
    await stage.world.clock.advance(HOUR)
    assert list(stage.mosip.started) == [(await stage.of(event)).packet_id]


@pytest.mark.parametrize("code", [None, "KER-PUT-015"])
async def test_defect_09_errors_and_a_null_response_of_create_packet_are_seen(
    stage: Stage, code: str | None
) -> None:
    swallowed = lambda: web.json_response({"response": None, "errors": []})  # noqa: E731
    stage.mosip.faults["createPacket"] = [said(stage.world, code) if code else swallowed]
    event = await queued(stage)
    assert (await stage.of(event)).state is State.QUEUED and not stage.mosip.started
    await stage.world.clock.advance(30)
    assert (await stage.of(event)).state is State.SUBMITTED


async def test_defect_10_already_present_means_done(stage: Stage) -> None:
    stage.mosip.faults["workflowinstance"] = [said(stage.world, "RPR-WIS-001")]
    assert (await stage.of(await queued(stage))).state is State.SUBMITTED


@pytest.mark.parametrize("seam", ["createPacket", "workflowinstance"])
async def test_defect_11_calls_have_a_time_limit_and_are_tried_again(stage: Stage, seam: str) -> None:
    hang = Hang(stage)
    stage.mosip.faults[seam] = [hang, lambda: web.Response(status=503)]
    event = stage.opencrvs.record("birth", BIRTH)
    await stage.trigger(event)
    await hang.reached.wait()
    await stage.world.clock.advance(120)
    assert (await stage.of(event)).state is State.SUBMITTED


async def test_defect_12_token_is_kept_and_renewed_when_it_is_refused(stage: Stage) -> None:
    await queued(stage)
    before = stage.mosip.asked["authenticate"]
    await queued(stage)
    assert stage.mosip.asked["authenticate"] == before
    stage.mosip.faults["createPacket"] = [said(stage.world, "KER-ATH-401", status=401)]
    assert (await stage.of(await queued(stage))).state is State.SUBMITTED
    assert stage.mosip.asked["authenticate"] == before + 1


@pytest.mark.parametrize("told", [True, False], ids=["by the hub", "by asking"])
async def test_defect_13_rejected_packet_is_rejected_in_opencrvs(stage: Stage, told: bool) -> None:
    event, registration = await waiting(stage)
    if told:
        await stage.deliver(stage.mosip.ended(registration.packet_id, "REJECTED"))
    else:
        stage.mosip.standing[registration.packet_id] = "REJECTED"
        await stage.world.clock.advance(2 * HOUR)
    assert len(stage.opencrvs.rejected(event)) == 1
    assert stage.opencrvs.events[event["id"]]["actions"][-1]["content"]["reason"]


async def test_defect_14_hub_that_is_down_or_denies_is_asked_until_the_subscription_stands(
    stage: Stage,
) -> None:
    stage.mosip.subscriptions.clear()
    stage.mosip.down = True
    await stage.restart(kill=True)
    assert stage.running.nid.subscriptions.alive[TOPIC] is None
    stage.mosip.down = False
    stage.mosip.faults["hub"] = [lambda: web.Response(text="hub.mode=denied&hub.reason=not now")] * 2
    await stage.world.clock.advance(300)
    assert stage.running.nid.subscriptions.alive[TOPIC] is not None and TOPIC in stage.mosip.subscriptions
    stage.mosip.subscriptions.clear()  # the hub forgot us
    await stage.world.clock.advance(6 * HOUR)
    assert TOPIC in stage.mosip.subscriptions


async def test_defect_15_challenge_is_echoed_only_for_a_pending_request(stage: Stage) -> None:
    for mode, topic in (("subscribe", TOPIC), ("unsubscribe", TOPIC), ("subscribe", "another")):
        query = f"hub.mode={mode}&hub.topic={topic}&hub.challenge=c"
        assert (await ask(stage, "GET", f"/websub/callback?{query}", token=None))[0] == 404


async def test_defect_16_acknowledgement_is_published_to_mosip(stage: Stage) -> None:
    await issued(stage)
    [published] = stage.mosip.published
    assert (published["topic"], published["event"]["status"]) == ("CREDENTIAL_STATUS_UPDATE", "STORED")


@pytest.mark.parametrize("stage", [{"allow_euin": True}], indirect=True)
@pytest.mark.parametrize("shared", [True, False], ids=["data share", "inline"])
@pytest.mark.parametrize("kind", ["vercred", "euin"])
async def test_defect_17_both_topics_both_kinds_and_the_data_share(
    stage: Stage, shared: bool, kind: Any
) -> None:
    assert len(stage.mosip.subscriptions) == 2
    event, registration = await waiting(stage)
    sealed = (
        stage.mosip.credential(registration.packet_id)
        if kind == "vercred"
        else stage.mosip.unproven(registration.packet_id, VID=VID)
    )
    stage.mosip.shares["s1"] = sealed
    way = {"data_share_uri": f"{stage.mosip.url}/share/s1"} if shared else {"sealed": sealed}
    body = stage.mosip.event(registration.packet_id, credential_type=kind, **way)
    assert await stage.deliver(body) == 200
    [accepted] = stage.opencrvs.accepted(event)
    assert accepted["declaration"] == {"child.nid": VID}


async def test_defect_18_second_copy_and_early_copy_are_no_errors(stage: Stage) -> None:
    hang = Hang(stage)
    stage.mosip.faults["workflowinstance"] = [hang]
    event = stage.opencrvs.record("birth", BIRTH)
    await stage.trigger(event)
    await hang.reached.wait()
    body = delivery(stage, await stage.of(event))
    assert [await stage.deliver(body) for _ in range(3)] == [200, 200, 200]
    await stage.world.clock.advance(300)
    assert len(stage.opencrvs.accepted(event)) == 1


async def test_defect_19_token_lies_sealed_in_the_store_and_a_system_client_outlives_it(
    stage: Stage, tmp_path: Any
) -> None:
    await stage.restart(client_id="bridge", client_secret="client-secret")
    event, registration = await waiting(stage)
    token = (await stage.running.store.lookups.secrets(registration.id)).token
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("bridge.db*"))
    assert token and event["id"].encode() in stored and token.encode() not in stored
    await stage.world.clock.advance(8 * DAY)
    await stage.deliver(delivery(stage, registration))
    assert len(stage.opencrvs.accepted(event)) == 1


async def test_defect_20_token_is_verified_at_the_trigger_and_its_ids_are_stored_then(stage: Stage) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    stage.opencrvs.key_name = "partner"
    forged = stage.opencrvs.token(event)
    stage.opencrvs.key_name = "opencrvs-auth"
    assert (await stage.trigger(event, forged))[0] == 401
    assert await stage.running.store.listings.pending() == []
    real = await issued(stage)
    [given] = [given for path, given, _ in stage.opencrvs.calls if path == ACCEPT]
    registration = await stage.of(real)
    assert (given["eventId"], given["actionId"]) == (registration.event_id, registration.action_id)


async def test_defect_21_birth_without_a_national_id_is_not_accepted_as_a_death(stage: Stage) -> None:
    event, registration = await waiting(stage)
    assert await stage.deliver(delivery(stage, registration, fullName="Nobody")) == 422
    assert await unchanged(stage, event)


async def test_defect_22_death_gets_no_childs_national_id(stage: Stage) -> None:
    event, registration = await waiting(stage, "death")
    await stage.deliver(stage.mosip.ended(registration.packet_id, "PROCESSED", "CRVS_DEATH"))
    [accepted] = stage.opencrvs.accepted(event)
    assert accepted["declaration"] == {}


@pytest.mark.parametrize("stage", [{"packet_source": "CRVS1", "schema_version": "0.5"}], indirect=True)
async def test_defect_23_source_and_schema_version_are_settings(stage: Stage) -> None:
    _, registration = await waiting(stage)
    packet = stage.mosip.packets[registration.packet_id]
    assert (packet["source"], packet["schemaVersion"]) == ("CRVS1", "0.5")


async def test_defect_24_exactly_one_certificate_number_is_due(stage: Stage) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    both = {"birthCertificateNumber": "2026BAAAAAA", "deathCertificateNumber": "2026DAAAAAA"}
    for fields in (both, {}, {"fullName": "[]"}):
        assert await mediated(stage, event, requestFields=fields) == 400
    assert not stage.mosip.packets and await stage.running.store.listings.pending() == []


async def test_defect_30_packet_ids_have_29_digits_of_which_19_are_drawn(stage: Stage) -> None:
    drawn = {stage.running.nid.new_packet_id() for _ in range(1000)}
    assert len(drawn) == 1000
    assert {id[:10] for id in drawn} == {"1000110004"} and {len(id) for id in drawn} == {29}


async def test_defect_31_empty_meta_info_and_audit_are_filled_before_they_are_sent(stage: Stage) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    assert await mediated(stage, event) == 202
    [packet] = stage.mosip.packets.values()
    assert packet["metaInfo"]["registrationId"] == packet["id"]
    assert packet["audits"] and all(packet["audits"])


async def test_defect_32_deleting_a_transaction_never_shows_its_token(stage: Stage) -> None:
    event, registration = await waiting(stage)
    token = stage.opencrvs.token(event)
    path = f"/debug/transactions/{registration.packet_id}"
    assert await ask(stage, "DELETE", path, token=token) == (200, {"registrationNumber": registration.number})
    await stage.world.clock.settle()
    assert len(stage.opencrvs.rejected(event)) == 1


async def test_every_delivery_of_ten_survives_an_opencrvs_that_answers_500(stage: Stage) -> None:
    """Field §4: the mediator lost five of ten."""
    both = [await waiting(stage) for _ in range(10)]
    stage.opencrvs.faults[ACCEPT] = [lambda: web.Response(status=500)] * 10
    bodies = [delivery(stage, registration) for _, registration in both]
    answers = await asyncio.gather(*(stage.mosip.deliver(stage.callback, body) for body in bodies))
    assert set(answers) == {200}
    await stage.world.clock.advance(600)
    assert [len(stage.opencrvs.accepted(event)) for event, _ in both] == [1] * 10
