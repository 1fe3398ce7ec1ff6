"""What a registration is made of: its number, and the packet by the country's mapping."""

from __future__ import annotations

from datetime import date

import structlog

from bridge.country.business import Business, business_of
from bridge.country.packet_fields import NotMappable, Unfit, files_of, left_out, notification, packet_fields
from bridge.opencrvs.authority import NotAcceptable, office_asked
from bridge.registration import Amendment, PacketContent, Registration
from bridge.settings import Settings
from bridge.store.numbers import Numbers
from wire.opencrvs import state
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.profiles import Profile
from wire.world import World


class Packets:
    """By the country's rules, which are the same when a trigger comes and when its way goes on later."""

    def __init__(self, settings: Settings, world: World, numbers: Numbers) -> None:
        self._settings, self._policy, self._world, self._numbers = settings, settings.policy, world, numbers
        self._profile = Profile(settings.profile)
        self._log = structlog.get_logger("bridge")

    def business(
        self, event: EventDocument, action_type: str, action_id: str, today: date | None = None
    ) -> Business | str:
        """What the action is to the ID system; else why it is nothing to it."""
        return business_of(
            event,
            action_type,
            action_id,
            policy=self._policy,
            profile=self._profile,
            today=today or self._policy.today(self._world.clock.now()),
        )

    def again(self, event: EventDocument, registration: Registration) -> Business | str:
        """What an action that came before is to the bridge now; a text: the policy was changed meanwhile, and
        nothing is to be done before it.
        """
        day = self._policy.today(registration.received_at)
        return self.business(event, registration.action_type, registration.action_id, day)

    async def number(self, event: EventDocument, business: Business, amendment: Amendment) -> str:
        """The number that it has, or the country's server gives, or ours; empty where none is due."""
        if not business.numbered:
            return ""
        registers = business.action_type == "REGISTER"
        given = amendment.number if registers else state.registration_number(event)
        return given or await self.own_number(event, business.action_id)

    async def own_number(self, event: EventDocument, action_id: str) -> str:
        """By the country's template. A counted one is durable, and this action's for ever, before anybody is
        told.
        """
        office = office_asked(event, action_id) if self._policy.number_names_office else ""
        number = self._policy.number(event["type"], event["trackingId"], self._world.clock.now(), office)
        if isinstance(number, str):
            return number
        return await self._numbers.count(event["id"], action_id, number)

    def packet(self, business: Business, number: str) -> PacketContent | None:
        """None where none is due. NotAcceptable 400 when the ID system would refuse it, 422 when it cannot be
        made.
        """
        settings, kind, declaration = self._settings, business.kind, business.declaration
        if kind is None:
            return None
        try:
            fields = packet_fields(
                kind,
                declaration,
                number=number,
                schema_version=settings.schema_version,
                language=settings.language,
                country=settings.country,
            )
            told = notification(kind, declaration, settings.country)
            if lost := left_out(kind, declaration, fields, settings.country):
                self._log.warning("left out of the packet: the ID schema refuses them", fields=lost)
        except Unfit as error:
            # 400: the registrar sees a rejection and can correct the record; another status leaves it waiting
            raise NotAcceptable(400, "The ID system would refuse the declaration", str(error)) from error
        except NotMappable as error:
            raise NotAcceptable(422, "The declaration cannot be sent to the ID system", str(error)) from error
        files = tuple(files_of(kind, declaration, settings.country))
        return PacketContent(fields=fields, notification=told, meta_info={}, audits=[], files=files)
