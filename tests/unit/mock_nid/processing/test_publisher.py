"""Which events go on which topics, in how many copies, and what the journal says of them (§3.6, §5.2, §8)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mock_nid.hub.messages import Message
from mock_nid.packets.plans import Plan
from mock_nid.packets.registrations import PacketRegistration, StoredPacket
from mock_nid.processing.publisher import Publisher
from mock_nid.settings import Settings
from testbed.facts import Said
from testbed.faults import FaultKind
from wire.mosip import topics
from wire.world import World

ONE = PacketRegistration(
    StoredPacket(
        "P", "OPENCRVS", "CRVS_NEW", "0.1", {"birthCertificateNumber": "B1"}, {}, "2026-03-02T08:00:00.000Z"
    )
)
CREDENTIAL = Message("partner/CREDENTIAL_ISSUED", {"id": "x"}, ONE.records, word="issued")


def hub(**settings: Any) -> tuple[Publisher, list[Message]]:
    sent: list[Message] = []

    def publish(message: Message) -> int:
        sent.append(message)
        return 1

    return Publisher(Settings(**settings), World.virtual(), publish), sent


@pytest.mark.parametrize(
    ("plan", "copies"),
    [
        (Plan(), [(0.0, False, ())]),
        (Plan(copies=2, gap=5.0), [(0.0, False, ("plan: 2 copies",)), (5.0, False, ("plan: 2 copies",))]),
        (Plan(hold=60.0), [(60.0, False, ("plan: held back 60 s",))]),
        (Plan(lost=True), [(0.0, True, ("plan: lost",))]),
    ],
)
def test_a_credential_goes_out_as_the_plan_wants_it(
    plan: Plan, copies: list[tuple[float, bool, tuple[str, ...]]]
) -> None:
    publisher, sent = hub()
    publisher.credential(ONE, CREDENTIAL, plan)
    assert [(one.hold, one.lost, one.faults) for one in sent] == copies


def test_a_forged_delivery_is_spoilt_and_what_is_sent_again_is_the_genuine_one() -> None:
    publisher, sent = hub()
    publisher.credential(ONE, CREDENTIAL, Plan(forge=FaultKind.WRONG_SIGNATURE))
    assert (sent[0].signing, sent[0].said[0].spoilt) == ("bad", sent[0].faults)
    assert publisher.again(ONE) == 1
    assert sent[1] == replace(CREDENTIAL, faults=("redelivered",))
    publisher.forget()
    assert publisher.again(ONE) is None


@pytest.mark.parametrize(
    ("result", "word"), [("PROCESSED", "processed"), ("REJECTED", "refused"), ("FAILED", "refused")]
)
def test_the_end_of_a_packet_is_told_to_the_whole_country(result: Any, word: Any) -> None:
    publisher, sent = hub()
    publisher.completed(ONE, result)
    assert (sent[0].topic, sent[0].records) == (topics.WORKFLOW_COMPLETED, ("P", "B1"))
    assert sent[0].said == (Said("P", word),)
    publisher.of_others("Q", result)
    assert (sent[1].records, sent[1].said) == (("Q",), ()), "of the packet of another nothing is judged"


def test_a_pause_is_told_on_its_own_topic() -> None:
    publisher, sent = hub()
    publisher.paused(ONE)
    assert (sent[0].topic, sent[0].said) == (topics.WORKFLOW_PAUSED, (Said("P", "paused"),))


def test_an_identitys_event_hides_the_number() -> None:
    publisher, sent = hub(partner_id="crvs")
    publisher.identity_event("DEACTIVATE_ID", "4238670978", "t")
    assert sent[0].topic == "crvs/DEACTIVATE_ID" and "4238670978" not in str(sent[0].payload)
