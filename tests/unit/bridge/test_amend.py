"""What becomes of a registration when the country's own server has said what it adds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from bridge.advice import Stuck
from bridge.country.business import Business
from bridge.flow.amend import SAYS_NO, Amend
from bridge.flow.packets import Packets
from bridge.flow.transitions import Transitions
from bridge.opencrvs.authority import NotAcceptable
from bridge.opencrvs.country_config import CountryConfig, CountryDecides
from bridge.registration import Amendment, PacketContent, Registration, Secrets, State
from tests.unit.wire_opencrvs.records import history

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ONE = Registration("r", "e", "a", "birth", "REGISTER", "T", "", "P", "CRVS_NEW", State.QUEUED, AT, AT)
PACKET = PacketContent({"fullName": "x"}, {}, {}, [])
BUSINESS = Business("birth", "REGISTER", "a", {})


class Country:
    """The country's server, which answers one thing."""

    def __init__(self, answer: Amendment | CountryDecides) -> None:
        self.answer, self.asked = answer, list[tuple[str, str]]()

    async def amendment(self, event: Any, action: str, token: str) -> Amendment:
        self.asked.append((action, token))
        if isinstance(self.answer, CountryDecides):
            raise self.answer
        return self.answer


class Made:
    """What packets are made, or why none is."""

    def __init__(self, business: Business | str, refused: NotAcceptable | None) -> None:
        self._business, self._refused = business, refused

    def again(self, *_: Any) -> Business | str:
        return self._business

    async def number(self, event: Any, business: Business, amendment: Amendment) -> str:
        return amendment.number or "2026B1"

    def packet(self, business: Business, number: str) -> PacketContent:
        if self._refused is not None:
            raise self._refused
        return PACKET


class Steps:
    """The transitions that were made."""

    def __init__(self) -> None:
        self.made = list[tuple[Any, ...]]()

    async def give_up(self, one: Registration, reason: Stuck, words: str) -> None:
        self.made.append(("stuck", reason, words))

    async def refuse(self, one: Registration, code: str, note: str, *, words: str) -> None:
        self.made.append(("refused", code, words))

    async def prepared(self, one: Registration, note: str, **changes: Any) -> None:
        self.made.append(("prepared", changes["number"], changes["amendment"], changes["packet"]))


GIVEN = Amendment("2026C7", {"child.birthLocation": "x"})
NO = NotAcceptable(400, "The ID system would refuse the declaration", "fullName is too short")
LOST = NotAcceptable(422, "The declaration cannot be sent to the ID system", "no such mapping")


@pytest.mark.parametrize(
    ("said", "business", "refused", "made"),
    [
        (GIVEN, BUSINESS, None, ("prepared", "2026C7", GIVEN, PACKET)),
        (Amendment(), BUSINESS, None, ("prepared", "2026B1", Amendment(), PACKET)),
        (CountryDecides(400, {"reason": "Too late."}), BUSINESS, None, ("refused", SAYS_NO, "Too late.")),
        (
            CountryDecides(202),
            BUSINESS,
            None,
            ("stuck", Stuck.COUNTRY_DECIDES, "the country config answered 202"),
        ),
        (GIVEN, "it makes no identity", None, ("stuck", Stuck.NID_REFUSED_PACKET, "it makes no identity")),
        (GIVEN, BUSINESS, NO, ("refused", "unfit", "fullName is too short")),
        (GIVEN, BUSINESS, LOST, ("stuck", Stuck.NID_REFUSED_PACKET, str(LOST))),
    ],
)
async def test_what_follows_from_what_the_country_says(
    said: Amendment | CountryDecides,
    business: Business | str,
    refused: NotAcceptable | None,
    made: Sequence[Any],
) -> None:
    country, steps = Country(said), Steps()
    amend = Amend(
        cast(CountryConfig, country),
        cast(Packets, Made(business, refused)),
        cast(Transitions, steps),
    )
    document = json.dumps(history("DECLARE? DECLARE+ REGISTER?")).encode()
    await amend.amend(ONE, Secrets(token="a token", document=document))
    assert country.asked == [("REGISTER", "a token")]
    assert steps.made == [made]


async def test_a_record_that_is_not_stored_is_a_persons_work() -> None:
    country, steps = Country(GIVEN), Steps()
    amend = Amend(cast(CountryConfig, country), cast(Packets, None), cast(Transitions, steps))
    await amend.amend(ONE, Secrets(token="a token"))
    assert (country.asked, steps.made[0][1]) == ([], Stuck.COUNTRY_UNREACHABLE)
