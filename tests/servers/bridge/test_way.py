"""The way of a registration, over real sockets."""

from __future__ import annotations

from bridge.registration import State
from tests.servers.bridge.conftest import BIRTH, DEATH, Stage
from tests.servers.bridge.stubs import TOPIC, VID


async def test_birth_goes_the_whole_way(stage: Stage) -> None:
    event = await stage.submitted()
    registration = await stage.of(event)
    assert registration.state is State.SUBMITTED
    packet = stage.mosip.packets[registration.packet_id]
    assert packet["fields"]["birthCertificateNumber"] == registration.number == f"2026B{event['trackingId']}"
    assert (
        await stage.deliver(
            stage.mosip.event(registration.packet_id, stage.mosip.credential(registration.packet_id))
        )
        == 200
    )
    [accepted] = stage.opencrvs.accepted(event)
    assert accepted["registrationNumber"] == registration.number
    assert accepted["declaration"] == {"child.nid": VID}
    assert (await stage.of(event)).state is State.CONFIRMED
    assert (await stage.running.store.lookups.secrets(registration.id)).token is None
    assert [body["event"]["status"] for body in stage.mosip.published] == ["STORED"]


async def test_both_topics_are_subscribed(stage: Stage) -> None:
    assert set(stage.mosip.subscriptions) == {TOPIC, "REGISTRATION_PROCESSOR_WORKFLOW_COMPLETED_EVENT"}


async def test_every_other_action_is_answered_200(stage: Stage) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    for action in ("DECLARE", "NOTIFY", "REJECT", "ARCHIVE", "PRINT_CERTIFICATE"):
        assert (await stage.trigger(event, action=action))[0] == 200


async def test_rejection_reaches_the_registrar_with_words(stage: Stage) -> None:
    event = await stage.submitted()
    registration = await stage.of(event)
    assert await stage.deliver(stage.mosip.ended(registration.packet_id, "FAILED")) == 200
    assert (await stage.of(event)).state is State.REJECTED
    rejected = stage.opencrvs.events[event["id"]]["actions"][-1]
    assert rejected["type"] == "REJECT"
    assert rejected["content"]["reason"].startswith("A required detail is missing")
    assert len(stage.opencrvs.rejected(event)) == 1


async def test_death_is_completed_by_the_workflow_event(stage: Stage) -> None:
    event = await stage.submitted("death", DEATH)
    registration = await stage.of(event)
    packet = stage.mosip.packets[registration.packet_id]
    assert packet["process"] == "CRVS_DEATH"
    assert packet["fields"]["UIN"] == DEATH["deceased.nid"]
    await stage.deliver(stage.mosip.ended(registration.packet_id, "PROCESSED", "CRVS_DEATH"))
    [accepted] = stage.opencrvs.accepted(event)
    assert accepted["declaration"] == {}
    assert accepted["registrationNumber"].startswith("2026D")
