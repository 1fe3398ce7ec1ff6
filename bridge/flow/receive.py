"""The beginning of the way: a trigger or a mediator call becomes a registration, recorded before anything is
done.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog

from bridge.country.corrections import correction_of
from bridge.country.packet_fields import NotMappable, Unfit, left_out, notification, packet_fields, process_of
from bridge.country.policy import Mode
from bridge.flow.ask import ANSWER_GRACE, ANSWERED, Ask, Reply
from bridge.flow.outbox import Outbox
from bridge.flow.record import Record
from bridge.flow.transitions import Transitions
from bridge.nid import IdSystem
from bridge.opencrvs.authority import NotAcceptable, action_asked, asks_for, confirmation, office_asked
from bridge.opencrvs.client import expiry
from bridge.registration import FINAL, UNTOLD, Act, NotAllowed, Packet, Registration, Secrets, State, Task
from bridge.settings import Settings
from bridge.store.lanes import StoreTrouble
from bridge.store.store import Store
from wire.opencrvs import state
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.profiles import Profile
from wire.world import World


class Receive:
    """Turns requests into registrations. Call `sent` (or `lost`) when the reply left, so that the work goes
    on.
    """

    def __init__(
        self,
        settings: Settings,
        world: World,
        store: Store,
        nid: IdSystem,
        *,
        record: Record,
        ask: Ask,
        outbox: Outbox,
        transitions: Transitions,
    ) -> None:
        self._settings, self._policy, self._world, self._store = settings, settings.policy, world, store
        self._nid, self._record, self._ask = nid, record, ask
        self._outbox, self._transitions = outbox, transitions
        self.profile = Profile(settings.profile)
        self._log = structlog.get_logger("bridge")

    # -- the country's server -----------------------------------------------------------------------

    async def on_trigger(self, event: EventDocument, claims: Mapping[str, Any], token: str) -> Reply:
        """The answer to POST /trigger/events/{event}/actions/REGISTER (contract opencrvs §1.2)."""
        action_id = action_asked(event, asks_for(claims, self.profile))
        declaration = state.declaration(event, profile=self.profile)
        asked = next((a for a in event["actions"] if a["id"] == action_id), None)
        changes = asked.get("declaration") if asked is not None else None
        declaration = state.merged(declaration, changes or {})
        today = self._policy.today(self._world.clock.now())
        why_not = self._policy.why_not_forwarded(event["type"], declaration, today)
        if why_not is not None:
            self._log.info("registered without the ID system", event_id=event["id"], why=why_not)
            return Reply(200, {"registrationNumber": await self._number(event, action_id)})
        number = await self._number(event, action_id)
        packet = self._packet(event["type"], declaration, number)
        mode = self._mode(event["type"])
        registration = self._new(
            event["id"], action_id, event["type"], event["trackingId"], number, token, mode
        )
        if mode is Mode.ASYNC:
            return await self._queue(registration, Secrets(token=token, packet=packet))
        return await self._ask.ask(registration, Secrets(token=token, packet=packet), mode)

    async def on_correction(self, event: EventDocument, claims: Mapping[str, Any], token: str) -> Reply:
        """APPROVE_CORRECTION: 200 unless it makes or changes an identity; then 202, confirmed later."""
        action_id = action_asked(event, asks_for(claims, self.profile), "APPROVE_CORRECTION")
        if not self._settings.corrections:
            return Reply(200, {})
        place = self._policy.national_id_fields.get(event["type"])
        correction = correction_of(event, action_id, place, self.profile)
        if correction is None:
            return Reply(200, {})
        today = self._policy.today(self._world.clock.now())
        if correction.kind == "birth" and (
            self._policy.why_not_forwarded(event["type"], correction.declaration, today) is not None
            or await self._has_identity(event["id"], correction.action_id)
        ):
            return Reply(200, {})
        number = state.registration_number(event) or await self._number(event, correction.action_id)
        packet = self._packet(correction.kind, correction.declaration, number)
        new = replace(
            self._new(
                event["id"],
                correction.action_id,
                event["type"],
                event["trackingId"],
                number,
                token,
                Mode.ASYNC,
            ),
            action_type="APPROVE_CORRECTION",
            request_id=correction.request_id,
            process=process_of(correction.kind),
        )
        return await self._queue(new, Secrets(token=token, packet=packet))

    async def _has_identity(self, event_id: str, action_id: str) -> bool:
        """Whether another action of the record has made an identity, or may still make one."""
        return any(
            earlier.action_id != action_id
            and earlier.brings_national_id
            and earlier.state is not State.REJECTED
            for earlier in await self._store.of_event(event_id)
        )

    def _mode(self, event_type: str) -> Mode:
        """As the country says; what the ID system cannot be asked synchronously is submitted."""
        mode = self._policy.mode(event_type)
        if mode is Mode.ASYNC or self._nid.asks_now(process_of(event_type)):
            return mode
        self._log.info("cannot be asked synchronously: submitted", event_type=event_type)
        return Mode.ASYNC

    # -- the mediator's API -------------------------------------------------------------------------

    async def on_interop(
        self,
        tracking_id: str,
        event_type: str,
        packet: Packet,
        number: str,
        claims: Mapping[str, Any],
        token: str,
    ) -> Reply:
        """POST /events/registration: another country config made the packet; always asynchronous."""
        event_id, action_id = confirmation(claims)
        new = self._new(event_id, action_id, event_type, tracking_id, number, token, Mode.ASYNC)
        return await self._queue(new, Secrets(token=token, packet=packet))

    async def on_update(
        self, tracking_id: str, packet: Packet, claims: Mapping[str, Any], token: str
    ) -> Reply:
        """POST /events/update-biographics: a correction whose packet another country config made."""
        event_id, action_id = confirmation(claims)
        new = replace(
            self._new(event_id, action_id, "birth", tracking_id, "", token, Mode.ASYNC),
            action_type="APPROVE_CORRECTION",
            process=process_of("update"),
        )
        return await self._queue(new, Secrets(token=token, packet=packet))

    async def _number(self, event: EventDocument, action_id: str) -> str:
        """The number of the record. A counted one is durable, and this action's for ever, before anybody is
        told.
        """
        office = office_asked(event, action_id) if self._policy.number_names_office else ""
        number = self._policy.number(event["type"], event["trackingId"], self._world.clock.now(), office)
        if isinstance(number, str):
            return number
        return await self._store.count(event["id"], action_id, number)

    def _packet(self, event_type: str, declaration: Mapping[str, Any], number: str) -> Packet:
        settings = self._settings
        try:
            fields = packet_fields(
                event_type,
                declaration,
                number=number,
                schema_version=settings.schema_version,
                language=settings.language,
            )
            told = notification(event_type, declaration)
            if lost := left_out(event_type, declaration, fields):
                self._log.warning("left out of the packet: the ID schema refuses them", fields=lost)
        except Unfit as error:
            # 400: the registrar sees a rejection and can correct the record; another status leaves it waiting
            raise NotAcceptable(400, "The ID system would refuse the declaration", str(error)) from error
        except NotMappable as error:
            raise NotAcceptable(422, "The declaration cannot be sent to the ID system", str(error)) from error
        return Packet(fields=fields, notification=told, meta_info={}, audits=[])

    def _new(
        self,
        event_id: str,
        action_id: str,
        event_type: str,
        tracking_id: str,
        number: str,
        token: str,
        mode: Mode,
    ) -> Registration:
        now = self._world.clock.now()
        synchronous = mode is not Mode.ASYNC
        return Registration(
            id=self._world.chance.uuid(),
            event_id=event_id,
            action_id=action_id,
            event_type=event_type,
            action_type="REGISTER",
            tracking_id=tracking_id,
            number=number,
            packet_id=self._nid.new_packet_id(),
            process=process_of(event_type),
            state=State.RECEIVED if synchronous else State.QUEUED,
            mode="sync" if synchronous else "async",
            task=Task.ASK if synchronous else Task.SUBMIT,
            # an unanswered question is asked again by the outbox, should this process end before its answer
            due_at=now + timedelta(seconds=self._settings.sync_seconds) + ANSWER_GRACE
            if synchronous
            else now,
            step="asked" if synchronous else None,
            token_expires_at=expiry(token),
            received_at=now,
            updated_at=now,
        )

    # -- asynchronous -------------------------------------------------------------------------------

    async def _queue(self, new: Registration, secrets: Secrets) -> Reply:
        lease = self._outbox.reserve(Task.SUBMIT)
        begun = False
        try:
            registration, is_new = await self._record.add(new, secrets, "received, queued", lease=lease)
            begun = is_new and lease is not None
        finally:
            if lease is not None and not begun:
                self._outbox.release(Task.SUBMIT)
        if is_new:
            packet = registration.packet_id
            self._log.info("queued", registration=new.id, event_id=new.event_id, packet=packet)
        elif registration.final:
            registration = await self._record.asked_again(registration, secrets.token)
        return Reply(202, {}, registration, secrets, leased=begun)

    async def sent(self, reply: Reply) -> None:
        """The reply left whole: go on."""
        registration = reply.registration
        if registration is None:
            return
        if reply.leased:
            self._outbox.begin(registration, reply.secrets)
        elif reply.unsure and registration.state not in FINAL:
            with suppress(StoreTrouble):  # then it is confirmed as if the answer had been lost
                await self._store.touch(registration, "OpenCRVS was answered", step=ANSWERED)
        elif reply.status in (200, 400) and registration.state not in FINAL:
            # a 400 carries no reason (contract opencrvs §1.2)
            act, step = (Act.ANSWER_YES, None) if reply.status == 200 else (Act.ANSWER_NO, UNTOLD)
            try:
                # the national ID stays (encrypted) so that a repeated question gets the same answer
                moved = await self._store.move(
                    registration.id,
                    act,
                    "OpenCRVS was answered",
                    drop=("token", "packet", "delivery"),
                    step=step,
                )
            except NotAllowed as late:
                self._log.info("was confirmed before", registration=registration.id, why=str(late))
                return
            except StoreTrouble as trouble:  # the outbox finds that it was answered
                self._log.warning("answered, not noted", registration=registration.id, why=str(trouble))
                return
            if moved.untold:
                self._transitions.untold(moved)

    async def lost(self, reply: Reply) -> None:
        """The caller went away before it had the reply: what it was told must be confirmed the other way."""
        registration = reply.registration
        if registration is None:
            return
        if reply.leased:
            self._outbox.begin(registration, reply.secrets)
        elif registration.state not in FINAL and registration.task is not None:
            self._log.warning("the answer was not taken", registration=registration.id)
            with suppress(StoreTrouble):  # then it is due a little later
                await self._store.touch(registration, "answer not taken", due_at=self._world.clock.now())
