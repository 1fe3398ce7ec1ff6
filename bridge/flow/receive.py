"""The beginning of the way: a trigger or a mediator call becomes a registration, recorded before anything is
done.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog

from bridge.country.business import Business
from bridge.country.packet_fields import process_of
from bridge.country.policy import Mode
from bridge.flow.ask import Ask
from bridge.flow.at_once import AtOnce
from bridge.flow.outbox import Outbox
from bridge.flow.packets import Packets
from bridge.flow.record import Record
from bridge.flow.reply import ANSWER_GRACE, TriggerReply
from bridge.flow.transitions import first
from bridge.nid import IdSystem
from bridge.opencrvs.authority import Named, action_asked, asks_for, confirmation
from bridge.opencrvs.country_config import CountryConfig, CountryDecides, CountryDown
from bridge.registration import NO_PACKET, Amendment, PacketContent, Registration, Secrets, State, Task
from bridge.settings import Settings
from bridge.store.lookups import Lookups
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.profiles import Profile
from wire.world import World, instant


class Receive:
    """Turns requests into registrations. Say `Replies.told` when the reply left, so that the work goes on."""

    def __init__(
        self,
        settings: Settings,
        world: World,
        lookups: Lookups,
        nid: IdSystem,
        country: CountryConfig,
        packets: Packets,
        record: Record,
        ask: Ask,
        at_once: AtOnce,
        outbox: Outbox,
    ) -> None:
        self._settings, self._policy, self._world, self._lookups = settings, settings.policy, world, lookups
        self._nid, self._country, self._packets = nid, country, packets
        self._record, self._ask, self._at_once = record, ask, at_once
        self._outbox = outbox
        self.profile = Profile(settings.profile)
        self._log = structlog.get_logger("bridge")

    async def on_action(
        self, action: str, event: EventDocument, claims: Mapping[str, Any], token: str
    ) -> TriggerReply | None:
        """The answer to POST /trigger/events/{event}/actions/{action} (contract opencrvs §1.2); None when it
        is the country's server that answers.
        """
        action_id = action_asked(event, asks_for(claims, self.profile), action)
        business = self._packets.business(event, action, action_id)
        if isinstance(business, Business) and await self._has_identity(event["id"], business):
            why = "the record has an identity, or may still get one"
            business = replace(business, kind=None) if business.ahead else why
        if not isinstance(business, Business):
            if self._country.is_there:
                self._log.info("left to the country config", event_id=event["id"], why=business)
                return None
            if action != "REGISTER":
                return TriggerReply(200, {})
            self._log.info("registered without the ID system", event_id=event["id"], why=business)
            return TriggerReply(200, {"registrationNumber": await self._packets.own_number(event, action_id)})
        try:
            amendment = await self._amended(event, action, action_id, token)
        except CountryDecides as decides:
            return TriggerReply(decides.status, decides.body)
        except CountryDown as down:
            if not self.profile.rejects_late(action):  # and its no may come later
                self._log.warning("rejected: the country config is away", event_id=event["id"], why=str(down))
                return TriggerReply(400, {"reason": "The country config does not answer."})
            self._log.warning("the country config is asked later", event_id=event["id"], why=str(down))
            ahead = (Task.AMEND, *business.ahead)
            new = self._new(event, business, "", claims, Mode.ASYNC, ahead)
            return await self._queue(new, Secrets(token=token, document=_stored(event)))
        number = await self._packets.number(event, business, amendment)
        packet = self._packets.packet(business, number)
        mode = self._mode(event["type"], business)
        at_once = self._at_once_asked(business, mode)
        new = self._new(event, business, number, claims, mode, business.ahead, waits=not at_once)
        document = _stored(event) if business.ahead else None
        secrets = Secrets(token=token, packet=packet, amendment=amendment, document=document)
        if at_once:
            late = self.profile.rejects_late(action)
            return await self._at_once.answer(new, secrets, business.unanswered, rejects_late=late)
        if mode is Mode.ASYNC:
            return await self._queue(new, secrets)
        return await self._ask.ask(new, secrets, mode)

    async def _amended(self, event: EventDocument, action: str, action_id: str, token: str) -> Amendment:
        """What the country's server adds to the answer; it is asked once for an action."""
        if not self._country.is_there or await self._lookups.by_action(event["id"], action_id) is not None:
            return Amendment()
        return await self._country.amendment(event, action, token)

    async def _has_identity(self, event_id: str, business: Business) -> bool:
        """Whether a correction would make a second identity: another action of the record has made one, or
        may still make one.
        """
        if business.action_type == "REGISTER" or business.kind in (None, "update"):
            return False
        return any(
            earlier.action_id != business.action_id
            and earlier.brings_national_id
            and earlier.state is not State.REJECTED
            for earlier in await self._lookups.of_event(event_id)
        )

    def _at_once_asked(self, business: Business, mode: Mode) -> bool:
        """Whether what stands before the answer is asked about while OpenCRVS waits: as the country says, and
        always where a no is impossible later.
        """
        if not business.ahead:
            return False
        if business.unanswered != "wait" or not self.profile.rejects_late(business.action_type):
            return True
        return mode is not Mode.ASYNC

    def _mode(self, event_type: str, business: Business) -> Mode:
        """As the country says; what the ID system cannot be asked synchronously is submitted, and who is
        verified before a packet is verified first.
        """
        mode = self._policy.mode(business.kind or event_type)
        if business.kind is None:
            return Mode.ASYNC if Task.PAY in business.ahead else mode
        if mode is Mode.ASYNC or business.action_type != "REGISTER" or business.ahead:
            return Mode.ASYNC
        if self._nid.asks_now(process_of(business.kind, self._policy.country)):
            return mode
        self._log.info("cannot be asked synchronously: submitted", event_type=business.kind)
        return Mode.ASYNC

    async def on_interop(
        self,
        kind: str,
        tracking_id: str,
        packet: PacketContent,
        number: str,
        claims: Mapping[str, Any],
        token: str,
    ) -> TriggerReply:
        """POST /events/registration (a birth or a death) and /events/update-biographics (`kind` update: a
        correction of a birth): another country config made the packet; always asynchronous.
        """
        updates = kind == "update"
        new = replace(
            self._asked(confirmation(claims), tracking_id, number, claims),
            event_type="birth" if updates else kind,
            action_type="APPROVE_CORRECTION" if updates else "REGISTER",
            process=process_of(kind, self._policy.country),
        )
        return await self._queue(new, Secrets(token=token, packet=packet))

    def decides(self, event_type: str, action: str) -> bool:
        """Whether there may be something to say about an action."""
        return self._policy.rules.decides(event_type, action)

    def _new(
        self,
        event: EventDocument,
        business: Business,
        number: str,
        claims: Mapping[str, Any],
        mode: Mode,
        ahead: Sequence[Task],
        *,
        waits: bool = True,
    ) -> Registration:
        """`waits`: what is ahead of it is the outbox's, not asked about now."""
        named = Named(event["id"], business.action_id)
        new = replace(
            self._asked(named, event["trackingId"], number, claims),
            event_type=event["type"],
            action_type=business.action_type,
            request_id=business.request_id,
            process=NO_PACKET if business.kind is None else process_of(business.kind, self._policy.country),
            ahead=" ".join(ahead) or None,
            task=first(ahead),
        )
        if mode is Mode.ASYNC and waits:
            return new
        # an unanswered question is asked again by the outbox, should this process end before its answer
        due = new.received_at + timedelta(seconds=self._settings.sync_seconds) + ANSWER_GRACE
        if ahead:
            return replace(new, mode="async" if new.makes_packet else "sync", due_at=due)
        return replace(new, state=State.RECEIVED, mode="sync", task=Task.ASK, due_at=due, step="asked")

    def _asked(self, named: Named, tracking_id: str, number: str, claims: Mapping[str, Any]) -> Registration:
        """A registration that is to be queued; its event type and process are the caller's to say."""
        now = self._world.clock.now()
        return Registration(
            id=self._world.chance.uuid(),
            event_id=named.event_id,
            action_id=named.action_id,
            event_type="",
            action_type="REGISTER",
            tracking_id=tracking_id,
            number=number,
            packet_id=self._nid.new_packet_id(),
            process=NO_PACKET,
            state=State.QUEUED,
            task=Task.SUBMIT,
            due_at=now,
            token_expires_at=instant(claims.get("exp")),
            received_at=now,
            updated_at=now,
        )

    async def _queue(self, new: Registration, secrets: Secrets) -> TriggerReply:
        assert new.task is not None
        lease = self._outbox.reserve(new.task)
        begun = False
        try:
            registration, is_new = await self._record.add(new, secrets, "received, queued", lease=lease)
            begun = is_new and lease is not None
        finally:
            if lease is not None and not begun:
                self._outbox.release(new.task)
        if is_new:
            packet = registration.packet_id
            self._log.info("queued", registration=new.id, event_id=new.event_id, packet=packet)
        elif registration.final:
            registration = await self._record.asked_again(registration, secrets.token)
        return TriggerReply(202, {}, registration, secrets, leased=begun)


def _stored(event: EventDocument) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()
