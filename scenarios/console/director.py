"""THE WAY of a button: what people do, done over the same APIs that the real people would use. Flow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Literal, TypeVar
from urllib.parse import quote

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

_WAITS = {"outcome": "stall"}
_UNTIL_DELIVERED = 1.0
"""Seconds after which a repeated delivery has had its effect, if it has one."""
_ADULT = timedelta(days=18 * 366)


class Director:
    """One person acts at a time; every act leaves a step in the session."""

    def __init__(self, access: ConsoleAccess, screen: Screen) -> None:
        self._access, self._reader, self._screen = access, access.reader, screen

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
        person = await self._somebody_alive()
        first, _, last = str(person["name"]).rpartition(" ")
        changes = {
            "deceased__name": {"firstname": first or last, "surname": last},
            "deceased__dob": str(person["dateOfBirth"]).replace("/", "-"),
        }
        return await registrar.declares_death(str(person["uin"]), **changes)

    async def _somebody_alive(self) -> dict[str, Any]:
        """An adult whom the ID system knows and who is not deactivated."""
        youngest = (self._access.world.clock.now() - _ADULT).date().isoformat()
        dead = {
            record["name"]
            for record in (self._access.session.picture or {}).get("records", [])
            if record["type"] == "death"
        }
        for person in (await self._reader.get("nid", "/admin/people?limit=500"))["people"]:
            born = str(person.get("dateOfBirth") or "9999").replace("/", "-")
            alive = person["status"] == "ACTIVATED" and born < youngest
            if alive and person.get("name") and person["name"] not in dead:
                return dict(person)
        raise ActRefused(409, "nobody-left")

    async def register(self, event_id: str) -> None:
        """Click Register: OpenCRVS asks the country's server, and the registrar waits for its word."""
        async with self._access.act():
            record = await self._record(event_id)
            await self._plan_next_packet()
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

    async def _plan_next_packet(self) -> None:
        """A packet that waits for a person stalls. A plan that no packet took is used now, or taken back."""
        plans = await self._reader.get("nid", "/admin/plans")
        unused = plans["queue"][:1] == [_WAITS]
        if self._access.follower.answers == "ask":
            if not unused:
                await self._reader.send("nid", "POST", "/admin/plans/queue", _WAITS)
        elif unused:
            await self._reader.send("nid", "DELETE", "/admin/plans")
            await self._reader.send("nid", "PUT", "/admin/plans/default", plans["default"])
            for key, plan in plans["registrations"].items():
                await self._reader.send(
                    "nid", "PUT", f"/admin/plans/registrations/{quote(key, safe='')}", plan
                )
            for plan in plans["queue"][1:]:
                await self._reader.send("nid", "POST", "/admin/plans/queue", plan)

    async def _record(self, event_id: str) -> CivilRecord:
        try:
            document = await self._reader.document(event_id)
        except Unreachable as gone:
            raise ActRefused(404, "no-record") from gone
        return CivilRecord(
            document["id"],
            document["trackingId"],
            _declaration(document),
            self._access.systems.profile,
            self._reader.document,
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
            plan = {"reason": reason} if outcome == "reject" and reason else {}
            self._access.note("nid", f"nid.{outcome}", row, reason=reason or "")
            await self._reader.send("nid", "POST", f"/admin/registrations/{row['packet']}/{outcome}", plan)

    async def deliver_again(self, event_id: str) -> None:
        """The hub says the same thing once more."""
        async with self._access.act():
            row = await self._access.row(event_id)
            if "again" not in row["can"]:
                raise ActRefused(409, "no-credential", who=row["name"])
            self._access.note("nid", "nid.again", row)
            await self._reader.send("nid", "POST", f"/admin/registrations/{row['packet']}/redeliver", {})
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
            packet = await self._reader.get("nid", f"/admin/registrations/{row['packet']}")
            body = {"wish": wish, "number": packet["uin"], "reason": "asked in the console"}
            try:
                await self._reader.send("nid", "POST", "/admin/verifications", body)
            except Unreachable as gone:
                raise ActRefused(409, "change-refused", why=gone.why) from gone
            self._access.note("nid", f"change.asked.{wish}", row)

    async def decide_change(self, number: int, *, approve: bool) -> None:
        """What the person of the ID system says; the civil registry is not told."""
        async with self._access.act():
            cases = (await self._access.follower.look())["cases"]
            case = next((one for one in cases if one["number"] == number), None)
            if case is None:
                raise ActRefused(409, "no-case")
            word = "approve" if approve else "reject"
            await self._reader.send("nid", "POST", f"/admin/verifications/{number}/{word}")
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
