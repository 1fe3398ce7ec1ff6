"""The ID system as a story directs it: what it will do with the next packets, and what it has done."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from mock_nid.app import Running
from mock_nid.plans import Outcome, Plan, plan_from
from mock_nid.registrations import Registration
from scenarios.actors.breakable import Breakable
from scenarios.desk import Desk
from scenarios.events import Lane
from scenarios.pace import spoken, squeezed
from wire.mosip.events import ResultCode

if TYPE_CHECKING:
    from scenarios.foreign.id_system import ForeignNid

_WORDS = {
    Outcome.ISSUE: "will issue an identity",
    Outcome.REJECT: "will reject the packet",
    Outcome.FAIL: "will fail the packet",
    Outcome.STALL: "will never answer",
    Outcome.PAUSE: "will pause the packet",
}


class IdSystem(Breakable):
    """Plans are taken by the next packets, one each; `always` changes what happens to the rest."""

    def __init__(self, desk: Desk, running: Running | ForeignNid, squeeze: bool = False) -> None:
        super().__init__(desk, Lane.NID, running.faults)
        self._running = running
        self._squeeze = squeeze

    def will(self, outcome: Outcome | str = Outcome.ISSUE, **how: Any) -> Plan:
        """What it does with the next packet: `after` (a timedelta), `reason`, `copies`, `lost`, `hold`, …"""
        plan = self._plan(outcome, how)
        self._running.plans.enqueue(plan)
        self._desk.says(Lane.NID, f"{_told(plan)} (next packet)")
        return plan

    def will_quietly(self, outcome: Outcome | str = Outcome.ISSUE, **how: Any) -> None:
        """As `will`, without a word: for stories with very many packets."""
        self._running.plans.enqueue(self._plan(outcome, how))

    def always(self, outcome: Outcome | str = Outcome.ISSUE, **how: Any) -> Plan:
        plan = self._plan(outcome, how)
        self._running.plans.set_default(plan)
        self._desk.says(Lane.NID, _told(plan))
        return plan

    def _plan(self, outcome: Outcome | str, how: dict[str, Any]) -> Plan:
        values: dict[str, Any] = {
            name: (squeezed(value) if self._squeeze else value).total_seconds()
            if isinstance(value, timedelta)
            else value
            for name, value in how.items()
        }
        return plan_from({"outcome": Outcome(outcome).value, **values})

    async def delivers_again(self, registration: Registration, *, fresh: bool = False) -> None:
        """The credential event once more: the same one, or (`fresh`) one with a new event id."""
        kind = "again, as a new event" if fresh else "again"
        self._desk.says(Lane.NID, f"delivers the credential {kind}")
        self._running.processor.redeliver(registration.id, forge=None, fresh=fresh)

    async def decides(self, registration: Registration, outcome: Outcome | str, **how: Any) -> None:
        """Bring a packet that waits or is under way to its end now."""
        plan = self._plan(outcome, how)
        self._desk.says(Lane.NID, f"decides: {_told(plan).removeprefix('will ')}")
        await self._running.processor.settle(registration.id, plan)

    def publishes_completed(self, registration: Registration, result: str) -> None:
        """The workflow event that a packet has ended, whatever it said before."""
        self._desk.says(Lane.NID, f"says of the packet: {result}")
        self._running.parts.publisher.completed(registration, cast(ResultCode, result))

    def sets_status(self, registration: Registration, status: str) -> None:
        """Activate or deactivate the identity that was issued for this packet."""
        self._desk.says(Lane.NID, f"sets the identity to {status}")
        if registration.uin is None:
            raise LookupError(f"packet {registration.id} has no identity yet")
        digits = self._desk.world.chance.digits(29)
        self._running.parts.lifetimes.set_status(registration.uin, status, digits)

    def forgets_subscriptions(self) -> None:
        self._desk.says(Lane.NID, "forgets all subscriptions at its hub")
        self._running.parts.courier.drop_all()

    def has_subscribers(self) -> bool:
        """Whether somebody is subscribed at the hub now."""
        return bool(self._running.subscriptions.subscriptions)

    def knocks(self) -> int:
        """How many calls came in since the start."""
        return sum(exchange.direction == "in" for exchange in self._running.journal)

    @property
    def registrations(self) -> list[Registration]:
        """Every packet whose workflow was started, oldest first."""
        return list(self._running.registrations)

    def packets_of(self, name: str) -> list[Registration]:
        """The packets that ask for this person."""
        return [one for one in self.registrations if one.packet.name == name]


def _told(plan: Plan) -> str:
    words = [_WORDS[plan.outcome]]
    if plan.after:
        words.append(f"after {spoken(timedelta(seconds=float(plan.after)))}")
    if plan.reason or plan.code:
        words.append(f"({plan.reason or plan.code})")
    if plan.copies > 1:
        words.append(f"and say so {plan.copies} times")
    if plan.lost:
        words.append("and its message will be lost")
    if plan.forge:
        words.append(f"and the delivery will be wrong: {plan.forge.value}")
    return " ".join(words)
