"""THE WAY of a button: what people do at OpenCRVS, the ID system and the bridge. Flow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Literal, TypeVar

from mock_nid.identities.people import Person
from mock_nid.packets.plans import plan_from
from mock_nid.processing.manual_verification import ChangeRefused, IdentityChange
from mock_opencrvs.families import Family
from scenarios.console import steps
from scenarios.console.access import ActRefused, ConsoleAccess
from scenarios.console.reading import Unreachable
from scenarios.console.screen import Screen
from scenarios.stage.actors.civil_record import CivilRecord
from scenarios.stage.actors.registrar import ClickResult, Registrar
from wire.opencrvs.documents import EventDocument

Done = TypeVar("Done")
Outcome = Literal["issue", "reject", "stall"]

_WAITS = plan_from({"outcome": "stall"})
_UNTIL_DELIVERED = 1.0
"""Seconds after which a repeated delivery has had its effect, if it has one."""
_ADULT = timedelta(days=18 * 366)


class Director:
    """One person acts at a time; every act leaves a step in the session."""

    def __init__(self, access: ConsoleAccess, screen: Screen) -> None:
        self._access, self._reader, self._screen = access, access.reader, screen
        self._nid = access.servers.nid

    # the registrar

    async def declare(self, event_type: Literal["birth", "death"]) -> str:
        """A family comes to the office; returns the record's id."""
        async with self._access.act():
            record = await self._registrar_does(
                Registrar.declares_birth if event_type == "birth" else self._death
            )
            self._access.tell(
                steps.click(
                    self._access.now(),
                    f"declared.{event_type}",
                    record.event_id,
                    who=record.name,
                    tracking=record.tracking_id,
                )
            )
            return record.event_id

    async def _death(self, registrar: Registrar) -> CivilRecord:
        person = self._somebody_alive()
        first, _, last = (person.text("fullName") or "").rpartition(" ")
        changes = {
            "deceased__name": {"firstname": first or last, "surname": last},
            "deceased__dob": (person.text("dateOfBirth") or "").replace("/", "-"),
        }
        return await registrar.declares_death(person.uin, **changes)

    def _somebody_alive(self) -> Person:
        """An adult whom the ID system knows and who is not deactivated."""
        youngest = (self._access.world.clock.now() - _ADULT).date().isoformat()
        dead = {
            record["name"]
            for record in (self._access.session.picture or {}).get("records", [])
            if record["type"] == "death"
        }
        for person in self._nid.people.persons.values():
            born = (person.text("dateOfBirth") or "9999").replace("/", "-")
            alive = person.status == "ACTIVATED" and born < youngest
            if alive and person.text("fullName") and person.text("fullName") not in dead:
                return person
        raise ActRefused(409, "nobody-left")

    async def register(self, event_id: str) -> None:
        """Click Register: OpenCRVS asks the country's server, and the registrar waits for its word."""
        async with self._access.act():
            record = await self._record(event_id)
            self._plan_next_packet()
            self._access.tell(steps.click(self._access.now(), "clicked", event_id, who=record.name))
            self._access.follower.asking.add(event_id)
            try:
                answer: ClickResult = await self._registrar_does(
                    lambda registrar: registrar.mends_and_registers(record)
                )
            finally:
                self._access.follower.asking.discard(event_id)
            # 500: what the country's server said, or not, is shown by the steps and the place of the record
            if answer.status == 409:
                raise ActRefused(409, "not-registrable", who=record.name)

    def _plan_next_packet(self) -> None:
        """A packet that waits for a person stalls. A plan that no packet took is used now, or taken back."""
        plans = self._nid.plans
        unused = bool(plans.queue) and plans.queue[0] == _WAITS
        if self._access.follower.answers == "ask":
            if not unused:
                plans.enqueue(_WAITS)
        elif unused:
            plans.queue.popleft()

    async def _record(self, event_id: str) -> CivilRecord:
        try:
            document = await self._reader.document(event_id)
        except LookupError as gone:
            raise ActRefused(404, "no-record") from gone
        profile = self._access.servers.opencrvs.settings.profile
        return CivilRecord(
            document["id"], document["trackingId"], _declaration(document), profile, self._reader.document
        )

    async def _registrar_does(self, doing: Callable[[Registrar], Awaitable[Done]]) -> Done:
        try:
            return await self._screen.does(doing)
        except Unreachable as gone:
            raise ActRefused(502, "registrar-failed", why=gone.why) from gone

    # the ID system

    async def decide(self, event_id: str, outcome: Outcome, reason: str | None) -> None:
        """The people of the ID system end a packet, or leave it."""
        async with self._access.act():
            row = await self._access.row(event_id)
            if outcome not in row["can"]:
                raise ActRefused(409, "no-open-packet", who=row["name"])
            plan = plan_from({"outcome": outcome, "reason": reason if outcome == "reject" else None})
            self._access.note("nid", f"nid.{outcome}", row, reason=reason or "")
            await self._nid.processor.settle(row["packet"], plan)

    async def deliver_again(self, event_id: str) -> None:
        """The hub says the same thing once more."""
        async with self._access.act():
            row = await self._access.row(event_id)
            if "again" not in row["can"]:
                raise ActRefused(409, "no-credential", who=row["name"])
            self._access.note("nid", "nid.again", row)
            self._nid.processor.redeliver(row["packet"], forge=None, fresh=False)
            await self._access.world.clock.sleep(_UNTIL_DELIVERED)
            after = await self._access.row(event_id)
            same = all(after[name] == row[name] for name in ("stage", "number", "nationalId"))
            self._access.note("opencrvs", "again.same" if same else "again.changed", row, good=same)

    async def answers(self, mode: Literal["ask", "itself"]) -> None:
        """Whether packets registered from here wait for a person, or are answered after a few seconds."""
        self._access.follower.answers = mode
        self._access.note("nid", f"answers.{mode}")
        await self._access.follower.look()

    # those who help a record that nobody answers

    async def release(self, event_id: str) -> None:
        """OpenCRVS's administrator ends a question that never reached anybody; the registrar may ask anew."""
        async with self._access.act():
            row = await self._access.row(event_id)
            if "release" not in row["can"]:
                raise ActRefused(409, "nothing-to-operate", who=row["name"])
            record = await self._record(event_id)
            self._access.note("opencrvs", "release", row)
            await self._registrar_does(lambda registrar: self._screen.ends_waiting(record))

    async def operate(self, event_id: str, what: Literal["retry", "reject"], reason: str | None) -> None:
        """What the bridge's own list offers for a record that waits for a person."""
        if what == "reject" and reason is None:
            raise ActRefused(400, "bad-input", where="reason", why="a reason is needed")
        async with self._access.act():
            row = await self._access.row(event_id)
            if row["bridge"] is None or f"operator-{what}" not in row["can"]:
                raise ActRefused(409, "nothing-to-operate", who=row["name"])
            self._access.note("bridge", f"operator.{what}", row, reason=reason or "")
            await self._reader.decide(
                row["bridge"]["id"], what, {"reason": reason} if what == "reject" else {}
            )

    # manual verification: what the civil registry asks about an identity, and a person decides

    async def ask_change(self, event_id: str) -> None:
        """Ask what can be asked about the identity behind a record."""
        async with self._access.act():
            row = await self._access.row(event_id)
            wish = next((one.removeprefix("ask-") for one in row["can"] if one.startswith("ask-")), None)
            if wish is None:
                raise ActRefused(409, "no-identity", who=row["name"])
            number = next(one.uin for one in self._nid.registrations if one.id == row["packet"]) or ""
            try:
                self._nid.parts.desk.ask(IdentityChange(wish), number, "asked in the console")
            except ChangeRefused as why:
                raise ActRefused(409, "change-refused", why=str(why)) from why
            self._nid.parts.state.changed()
            self._access.note("nid", f"change.asked.{wish}", row)

    async def decide_change(self, number: int, *, approve: bool) -> None:
        """What the person of the ID system says; the civil registry is not told."""
        async with self._access.act():
            cases = (await self._access.follower.look())["cases"]
            case = next((one for one in cases if one["number"] == number), None)
            if case is None:
                raise ActRefused(409, "no-case")
            self._nid.parts.desk.decide(number, approve=approve)
            self._nid.parts.state.changed()
            key = f"approved.{case['wish']}" if approve else "rejected"
            self._access.note("nid", f"change.{key}", who=case["who"])


def _declaration(document: EventDocument) -> Family:
    """What was declared, back from the record: also of records that were not made here."""
    values: dict[str, Any] = {}
    annotation: dict[str, Any] = {}
    for action in document["actions"]:
        values |= action.get("declaration") or {}
        annotation |= action.get("annotation") or {}
    return Family(document["type"], values, annotation)
