"""The country's own server adds to the answer: its number, fields of the declaration. Asked until it says."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import structlog

from bridge.advice import Stuck
from bridge.country.business import Business
from bridge.flow.packets import Packets
from bridge.flow.transitions import Transitions
from bridge.opencrvs.authority import NotAcceptable
from bridge.opencrvs.country_config import CountryConfig, CountryDecides
from bridge.registration import Amendment, Registration, Secrets
from wire.foreign_json import read_json
from wire.opencrvs.documents import EventDocument

SAYS_NO = "country-config"
"""The reason of a rejection that the country's server, not the ID system, decided."""


class Amend:
    """A registration that was taken while the country's server was away."""

    def __init__(self, country: CountryConfig, packets: Packets, transitions: Transitions) -> None:
        self._country, self._packets, self._transitions = country, packets, transitions
        self._log = structlog.get_logger("bridge")

    async def amend(self, registration: Registration, secrets: Secrets) -> None:
        """Ask, make the packet, go on to what is next (the outbox's AMEND task)."""
        if secrets.document is None:
            return await self._transitions.give_up(
                registration, Stuck.COUNTRY_UNREACHABLE, "the record is not stored"
            )
        event = cast(EventDocument, read_json(secrets.document))
        try:
            amendment = await self._country.amendment(event, registration.action_type, secrets.token or "")
        except CountryDecides as decides:
            if decides.status == 400:
                note = "the country config said no"
                return await self._transitions.refuse(registration, SAYS_NO, note, words=str(decides))
            return await self._transitions.give_up(registration, Stuck.COUNTRY_DECIDES, str(decides))
        return await self._go_on(registration, event, amendment)

    async def _go_on(self, registration: Registration, event: EventDocument, amendment: Amendment) -> None:
        business = self._packets.again(event, registration)
        if not isinstance(business, Business):
            return await self._transitions.give_up(registration, Stuck.NID_REFUSED_PACKET, business)
        if not registration.makes_packet:
            # people are verified, or a fee is paid, of a record that has an identity
            business = replace(business, kind=None)
        try:
            number = await self._packets.number(event, business, amendment)
            packet = self._packets.packet(business, number)
        except NotAcceptable as refused:
            if refused.status == 400:
                return await self._transitions.refuse(
                    registration, "unfit", refused.title, words=refused.detail
                )
            return await self._transitions.give_up(registration, Stuck.NID_REFUSED_PACKET, str(refused))
        note = "the country config was asked"
        return await self._transitions.prepared(
            registration, note, number=number, amendment=amendment, packet=packet
        )
