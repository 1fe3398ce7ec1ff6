"""Which events go on which topics, in how many copies. Flow (contract mosip §3.6, §5.2, §8)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

from mock_nid.hub.messages import Message, struck
from mock_nid.packets.plans import Plan
from mock_nid.packets.registrations import PacketRegistration
from mock_nid.settings import Settings
from testbed.facts import Word
from testbed.latest import Latest
from wire.mosip import events, topics
from wire.mosip.events import ResultCode
from wire.world import World

KEPT = 10_000


class Publisher:
    """Hands messages to the hub, and remembers the last credential event of each registration."""

    def __init__(
        self,
        settings: Settings,
        world: World,
        publish: Callable[[Message], int],
    ) -> None:
        self._settings, self._world = settings, world
        self._publish = publish
        self._last: Latest[str, Message] = Latest(KEPT)

    def credential(self, registration: PacketRegistration, message: Message, plan: Plan) -> int:
        """Publish a credential event as the plan wants it: copies, held back, lost, wrongly signed."""
        self._last[registration.id] = message
        told = _told(plan)
        listeners = 0
        for copy in range(plan.copies):
            one = replace(
                message,
                hold=plan.hold + copy * plan.gap,
                lost=plan.lost,
                faults=(*message.faults, *told),
            )
            listeners = self._publish(struck(one, plan.forge)[0])
        return listeners

    def last(self, registration: PacketRegistration) -> Message | None:
        """The last credential event of a registration; None when it is not remembered."""
        return self._last.get(registration.id)

    def again(self, registration: PacketRegistration) -> int | None:
        """The same credential event once more; None when it is not remembered."""
        message = self.last(registration)
        if message is None:
            return None
        return self._publish(replace(message, faults=(*message.faults, "redelivered")))

    def completed(self, registration: PacketRegistration, result: ResultCode) -> int:
        """The end of a packet, told to all subscribers of the country."""
        payload = events.workflow_completed(registration.id, result, registration.packet.process)
        word: Word = "processed" if result == "PROCESSED" else "refused"
        return self._publish(Message(topics.WORKFLOW_COMPLETED, payload, registration.records, word=word))

    def of_others(self, packet: str, result: ResultCode) -> int:
        """The end of a packet of another partner, as every subscriber of the country hears it."""
        payload = events.workflow_completed(packet, result, "CRVS_NEW")
        return self._publish(Message(topics.WORKFLOW_COMPLETED, payload, (packet,)))

    def paused(self, registration: PacketRegistration) -> int:
        payload = events.workflow_paused(registration.id, registration.packet.process)
        return self._publish(Message(topics.WORKFLOW_PAUSED, payload, registration.records, word="paused"))

    def identity_event(self, name: str, number: str, transaction: str) -> int:
        """DEACTIVATE_ID, REMOVE_ID or ACTIVATE_ID for one UIN or VID, to the partner."""
        topic = topics.partner_topic(self._settings.partner_id, name)
        payload = events.identity_status_changed(
            topic=topic,
            event_id=self._world.chance.uuid(),
            transaction_id=transaction,
            id_hash=hashlib.sha256(f"rehearsal-salt{number}".encode()).hexdigest().upper(),
            now=self._world.clock.now(),
            transaction_limit=None,
        )
        return self._publish(Message(topic, payload, (transaction,)))

    def forget(self) -> None:
        self._last.clear()


def _told(plan: Plan) -> tuple[str, ...]:
    """What the journal says about a delivery that the plan made unusual."""
    told = []
    if plan.copies > 1:
        told.append(f"plan: {plan.copies} copies")
    if plan.hold:
        told.append(f"plan: held back {plan.hold:g} s")
    if plan.lost:
        told.append("plan: lost")
    if plan.forge is not None:
        told.append(f"plan: forged ({plan.forge})")
    return tuple(told)
