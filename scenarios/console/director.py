"""THE WAY of a button: what people do, done over the same APIs that the real people would use. Flow."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Literal, TypeVar
from urllib.parse import quote

from mock_opencrvs.families import Family
from scenarios.console import steps
from scenarios.console.follower import Follower
from scenarios.console.picture import faults_of_a_cut
from scenarios.console.reading import Reader, Unreachable
from scenarios.console.screen import Screen
from scenarios.console.session import FrameLog
from scenarios.console.systems import Systems
from scenarios.stage.actors.civil_record import CivilRecord
from scenarios.stage.actors.registrar import ClickResult, Registrar
from wire.opencrvs.documents import EventDocument
from wire.world import World

Done = TypeVar("Done")
Outcome = Literal["issue", "reject", "stall"]
HttpClient = Literal["opencrvs", "nid"]

_WAITS = {"outcome": "stall"}
_UNTIL_DELIVERED = 1.0
"""Seconds after which a repeated delivery has had its effect, if it has one."""
_ADULT = timedelta(days=18 * 366)


class ActRefused(Exception):
    """A button that cannot do its work now. `key` names the sentence in the texts, `params` what is in it."""

    def __init__(self, status: int, key: str, **params: Any) -> None:
        super().__init__(f"{key} {params or ''}".strip())
        self.status, self.key, self.params = status, key, params


class Director:
    """One person acts at a time; every act leaves a step in the session."""

    def __init__(
        self,
        systems: Systems,
        reader: Reader,
        session: FrameLog,
        follower: Follower,
        screen: Screen,
        world: World,
    ) -> None:
        self._systems, self._reader, self._session = systems, reader, session
        self._follower, self._world = follower, world
        self._acting = asyncio.Lock()
        self._screen = screen

    # the registrar

    async def declare(self, event_type: Literal["birth", "death"]) -> str:
        """A family comes to the office; returns the record's id."""
        async with self._acting:
            declare = self._birth if event_type == "birth" else self._death
            record = await self._registrar_does(declare)
            self._follower.tell(
                steps.click(
                    self._now(),
                    f"declared.{event_type}",
                    record.event_id,
                    who=record.name,
                    tracking=record.tracking_id,
                )
            )
            await self._follower.look()
            return record.event_id

    async def _birth(self, registrar: Registrar) -> CivilRecord:
        return await registrar.declares_birth()

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
        youngest = (self._world.clock.now() - _ADULT).date().isoformat()
        dead = {
            record["name"]
            for record in (self._session.picture or {}).get("records", [])
            if record["type"] == "death"
        }
        for person in (await self._ask("nid", "/admin/people?limit=500"))["people"]:
            born = str(person.get("dateOfBirth") or "9999").replace("/", "-")
            alive = person["status"] == "ACTIVATED" and born < youngest
            if alive and person.get("name") and person["name"] not in dead:
                return dict(person)
        raise ActRefused(409, "nobody-left")

    async def register(self, event_id: str) -> None:
        """Click Register: OpenCRVS asks the country's server, and the registrar waits for its word."""
        async with self._acting:
            record = await self._record(event_id)
            await self._plan_next_packet()
            self._follower.tell(steps.click(self._now(), "clicked", event_id, who=record.name))
            self._follower.asking.add(event_id)
            try:
                answer: ClickResult = await self._registrar_does(
                    lambda registrar: registrar.mends_and_registers(record)
                )
            finally:
                self._follower.asking.discard(event_id)
            if not answer.ok:
                self._refused_by_opencrvs(record, answer)
            await self._follower.look()

    async def _plan_next_packet(self) -> None:
        """A packet that waits for a person stalls. A plan that no packet took is used now, or taken back."""
        plans = await self._ask("nid", "/admin/plans")
        unused = plans["queue"][:1] == [_WAITS]
        if self._follower.answers == "ask":
            if not unused:
                await self._do("nid", "POST", "/admin/plans/queue", _WAITS)
        elif unused:
            await self._do("nid", "DELETE", "/admin/plans")
            await self._do("nid", "PUT", "/admin/plans/default", plans["default"])
            for key, plan in plans["registrations"].items():
                await self._do("nid", "PUT", f"/admin/plans/registrations/{quote(key, safe='')}", plan)
            for plan in plans["queue"][1:]:
                await self._do("nid", "POST", "/admin/plans/queue", plan)

    def _refused_by_opencrvs(self, record: CivilRecord, answer: ClickResult) -> None:
        if answer.status == 409:
            raise ActRefused(409, "not-registrable", who=record.name)
        # 500: what the country's server did or did not say is shown by the steps and the place of the record

    async def _record(self, event_id: str) -> CivilRecord:
        try:
            document = await self._reader.document(event_id)
        except Unreachable as gone:
            raise ActRefused(404, "no-record") from gone
        return CivilRecord(
            document["id"],
            document["trackingId"],
            _declaration(document),
            self._systems.profile,
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
        async with self._acting:
            row = await self._row(event_id)
            if outcome not in row["can"]:
                raise ActRefused(409, "no-open-packet", who=row["name"])
            plan = {"reason": reason} if outcome == "reject" and reason else {}
            self._follower.tell(
                steps.note(
                    self._now(),
                    "nid",
                    f"nid.{outcome}",
                    record=event_id,
                    who=row["name"],
                    reason=reason or "",
                )
            )
            await self._do("nid", "POST", f"/admin/registrations/{row['packet']}/{outcome}", plan)
            await self._follower.look()

    async def deliver_again(self, event_id: str) -> None:
        """The hub says the same thing once more."""
        async with self._acting:
            row = await self._row(event_id)
            if "again" not in row["can"]:
                raise ActRefused(409, "no-credential", who=row["name"])
            self._follower.tell(steps.note(self._now(), "nid", "nid.again", record=event_id, who=row["name"]))
            await self._do("nid", "POST", f"/admin/registrations/{row['packet']}/redeliver", {})
            await self._world.clock.sleep(_UNTIL_DELIVERED)
            after = await self._row(event_id)
            same = all(after[name] == row[name] for name in ("stage", "number", "nationalId"))
            key = "again.same" if same else "again.changed"
            self._follower.tell(
                steps.note(self._now(), "opencrvs", key, record=event_id, good=same, who=row["name"])
            )
            await self._follower.look()

    async def answers(self, mode: Literal["ask", "itself"]) -> None:
        """Whether packets registered from here wait for a person, or are answered after a few seconds."""
        self._follower.answers = mode
        self._follower.tell(steps.note(self._now(), "nid", f"answers.{mode}"))
        await self._follower.look()

    # the operator of the bridge

    async def operate(self, event_id: str, what: Literal["retry", "reject"], reason: str | None) -> None:
        """What the bridge's own list offers for a record that waits for a person."""
        async with self._acting:
            row = await self._row(event_id)
            if row["bridge"] is None or f"operator-{what}" not in row["can"]:
                raise ActRefused(409, "nothing-to-operate", who=row["name"])
            self._follower.tell(
                steps.note(
                    self._now(),
                    "bridge",
                    f"operator.{what}",
                    record=event_id,
                    who=row["name"],
                    reason=reason or "",
                )
            )
            try:
                await self._reader.decide(
                    row["bridge"]["id"], what, {"reason": reason} if what == "reject" else {}
                )
            except Unreachable as gone:
                raise ActRefused(502, "unreachable", system=gone.system, why=gone.why) from gone
            await self._follower.look()

    # the room

    async def line(self, mock: HttpClient, *, cut: bool) -> None:
        """Cut or mend the line between a mock and the bridge."""
        async with self._acting:
            before = await self._ask(mock, "/admin/faults")
            wanted = faults_of_a_cut(mock, before["seams"])
            if cut:
                for fault in wanted:
                    await self._do(mock, "POST", "/admin/faults", fault)
            else:
                ours = {(fault["seam"], fault["kind"]) for fault in wanted}
                for fault in before["faults"]:
                    if fault["count"] is None and (fault["seam"], fault["kind"]) in ours:
                        await self._do(mock, "DELETE", f"/admin/faults/{fault['number']}")
            self._follower.tell(
                steps.note(self._now(), mock, f"line.{mock}.{'cut' if cut else 'whole'}", good=not cut)
            )
            await self._follower.look()

    async def advance(self, seconds: float) -> None:
        """Everybody's clock goes ahead, and what is due happens."""
        async with self._acting:
            if self._systems.advance is None:
                raise ActRefused(409, "clock-not-ours")
            self._follower.tell(steps.moved(self._now(), seconds))
            await self._systems.advance(seconds)
            await self._follower.look()

    async def restart_bridge(self) -> None:
        """The bridge crashes and is started again."""
        async with self._acting:
            if self._systems.restart_bridge is None:
                raise ActRefused(409, "bridge-not-ours")
            self._follower.tell(steps.note(self._now(), "bridge", "bridge.down", good=False))
            await self._systems.restart_bridge()
            self._follower.tell(steps.note(self._now(), "bridge", "bridge.up"))
            await self._follower.look()

    # small things

    def _now(self) -> str:
        return self._world.timestamp()

    async def _row(self, event_id: str) -> dict[str, Any]:
        """The record as the page shows it, looked at now."""
        picture = await self._follower.look()
        for row in picture["records"]:
            if row["id"] == event_id:
                return dict(row)
        raise ActRefused(404, "no-record")

    async def _ask(self, mock: str, path: str) -> Any:
        try:
            return await self._reader.get(mock, path)
        except Unreachable as gone:
            raise ActRefused(502, "unreachable", system=gone.system, why=gone.why) from gone

    async def _do(self, mock: str, method: str, path: str, body: Any = None) -> Any:
        try:
            return await self._reader.send(mock, method, path, body)
        except Unreachable as gone:
            raise ActRefused(502, "unreachable", system=gone.system, why=gone.why) from gone


def _declaration(document: EventDocument) -> Family:
    """What was declared, back from the record: also of records that were not made here."""
    values: dict[str, Any] = {}
    annotation: dict[str, Any] = {}
    for action in document["actions"]:
        values |= action.get("declaration") or {}
        annotation |= action.get("annotation") or {}
    return Family(document["type"], values, annotation)
