"""The control API: each handler parses, has somebody of the stage act, and renders. Edge.

The contract is `wire/openapi/control.yaml`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, field
from datetime import timedelta
from typing import Any, Literal

from aiohttp import web
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mock_nid.packets.plans import PlanRefused
from mock_nid.packets.registrations import IllegalChange
from scenarios.reports.plain import as_json
from scenarios.stage.actors.civil_record import CivilRecord
from scenarios.stage.exchange_watcher import told
from scenarios.stage.stage import Stage
from scenarios.story import Unmet
from testbed.admin import ClockInput, Problem, read_json, whole_number
from testbed.faults import Fault
from wire.world import timestamp

_STRICT = ConfigDict(extra="forbid")
_SHOWN = 50


@dataclass(config=_STRICT)
class RecordToDeclare:
    """`values`: form fields that replace the drawn ones; `national_id`: whose death it is."""

    event: Literal["birth", "death"] = "birth"
    values: dict[str, Any] = field(default_factory=dict)
    national_id: str | None = None


@dataclass(config=_STRICT)
class Awaited:
    until: Literal["registered", "rejected", "waiting", "stuck", "national_id"]
    seconds: float = Field(10.0, gt=0, le=600)


@dataclass(config=_STRICT)
class Planned:
    plan: Any
    always: bool = False


@dataclass(config=_STRICT)
class Broken:
    system: Literal["opencrvs", "nid"]
    fault: Fault


class Control:
    """Over one stage, on which one test plays at a time."""

    def __init__(self, stage: Stage, addresses: Mapping[str, Any]) -> None:
        self._stage, self._addresses = stage, addresses
        self._records: dict[str, CivilRecord] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/control", self._where),
            web.post("/control/records", self._declare),
            web.get("/control/records", self._list),
            web.get("/control/records/{record}", self._show),
            web.post("/control/records/{record}/register", self._register),
            web.post("/control/records/{record}/wait", self._wait),
            web.post("/control/records/{record}/deliver-again", self._deliver_again),
            web.post("/control/plans", self._plan),
            web.post("/control/faults", self._break),
            web.delete("/control/faults", self._mend),
            web.get("/control/clock", self._read_clock),
            web.post("/control/clock", self._move_clock),
            web.get("/control/facts", self._facts),
            web.get("/control/exchanges", self._exchanges),
            web.get("/control/promises", self._promises),
        ]

    async def _where(self, request: web.Request) -> web.Response:
        return web.json_response(self._addresses)

    async def _declare(self, request: web.Request) -> web.Response:
        given = await read_json(request, RecordToDeclare)
        registrar = self._stage.registrar
        changes = {name.replace(".", "__"): value for name, value in given.values.items()}
        if given.event == "birth":
            family = registrar.families.birth().changed(**changes)
            record = await _done(lambda: registrar.declares(family))
        else:
            record = await _done(lambda: registrar.declares_death(given.national_id, **changes))
        self._records[record.event_id] = record
        return web.json_response(await _shown(record), status=201)

    async def _list(self, request: web.Request) -> web.Response:
        return web.json_response({"records": [await _shown(one) for one in self._records.values()]})

    async def _show(self, request: web.Request) -> web.Response:
        return web.json_response(await _shown(self._record(request)))

    async def _register(self, request: web.Request) -> web.Response:
        record = self._record(request)
        answer = await _done(lambda: self._stage.registrar.mends_and_registers(record))
        said = {"status": answer.status, "error": answer.error}
        return web.json_response({"answer": said, "record": await _shown(record)})

    async def _wait(self, request: web.Request) -> web.Response:
        record, given = self._record(request), await read_json(request, Awaited)
        conditions = {
            "registered": record.is_registered,
            "rejected": record.is_rejected,
            "waiting": record.is_waiting,
            "stuck": self._stage.operator.finds_stuck(record),
            "national_id": record.has_national_id,
        }
        within = timedelta(seconds=given.seconds)
        if not await self._stage.timeline.pace.until(conditions[given.until], within):
            ways = (f"{one['sender']} → {one['receiver']}: {one['what']}" for one in self._seen()[-8:])
            raise Problem(
                409,
                f"{record.what} is not {given.until} after {given.seconds:g} seconds",
                f"It shows {await record.seen()}. Last exchanges: {'; '.join(ways) or 'none'}",
            )
        return web.json_response(await _shown(record))

    async def _deliver_again(self, request: web.Request) -> web.Response:
        """Replay what the hub has sent about the record."""
        record = self._record(request)

        async def again() -> None:
            await self._stage.id_system.delivers_again(self._stage.packet_of(record))

        await _done(again)
        return web.json_response(await _shown(record), status=202)

    async def _plan(self, request: web.Request) -> web.Response:
        given = await read_json(request, Planned)
        plans = self._stage.servers.nid.plans
        try:
            if given.always:
                plans.set_default(given.plan)
            else:
                plans.enqueue(given.plan)
        except PlanRefused as why:
            raise Problem(400, "This plan cannot be understood", str(why)) from None
        waiting = [plan.described() for plan in plans.queue]
        return web.json_response({"default": plans.default.described(), "queue": waiting})

    async def _break(self, request: web.Request) -> web.Response:
        given = await read_json(request, Broken)
        try:
            number = self._faults()[given.system].add(given.fault)
        except ValueError as why:
            raise Problem(400, "This fault cannot be armed", str(why)) from None
        return web.json_response({"number": number, "fault": str(given.fault)}, status=201)

    async def _mend(self, request: web.Request) -> web.Response:
        for faults in self._faults().values():
            faults.clear()
        return web.json_response({"faults": []})

    def _faults(self) -> dict[str, Any]:
        servers = self._stage.servers
        return {"opencrvs": servers.opencrvs.faults, "nid": servers.nid.faults}

    async def _read_clock(self, request: web.Request) -> web.Response:
        return web.json_response({"now": self._stage.world.timestamp()})

    async def _move_clock(self, request: web.Request) -> web.Response:
        move = await read_json(request, ClockInput)
        await self._stage.world.clock.advance(move.advance_seconds)
        return web.json_response({"now": self._stage.world.timestamp()})

    async def _facts(self, request: web.Request) -> web.Response:
        facts = self._stage.servers.nid.journal.facts
        shown = [{"at": timestamp(one.at), "status": one.status, **asdict(one.said)} for one in facts]
        return web.json_response({"facts": shown})

    async def _exchanges(self, request: web.Request) -> web.Response:
        limit = whole_number(request, "limit", _SHOWN, at_least=1)
        return web.json_response({"exchanges": self._seen()[-limit:]})

    def _seen(self) -> list[dict[str, Any]]:
        servers = self._stage.servers
        seen = [told(one) for one in (*servers.opencrvs.journal, *servers.nid.journal)]
        return [as_json(one) for one in sorted(seen, key=lambda one: one.at)]

    async def _promises(self, request: web.Request) -> web.Response:
        verdicts = await _done(self._stage.verdicts)
        return web.json_response(
            {
                "kept": not any(one.ruling == "broken" for one in verdicts),
                "promises": [
                    {
                        "number": one.promise.number,
                        "text": one.promise.text,
                        "ruling": one.ruling.value,
                        "looked_at": one.looked_at,
                        "findings": [asdict(finding) for finding in one.findings],
                    }
                    for one in verdicts
                ],
            }
        )

    def _record(self, request: web.Request) -> CivilRecord:
        name = request.match_info["record"]
        found = self._records.get(name)
        if found is None:
            raise Problem(404, f"No record {name} was declared here", "GET /control/records lists them.")
        return found


async def _done(act: Callable[[], Awaitable[Any]]) -> Any:
    """What somebody did; a Problem 409 says why it could not be done."""
    try:
        return await act()
    except (Unmet, IllegalChange) as why:
        raise Problem(409, "This could not be done", str(why)) from None


async def _shown(record: CivilRecord) -> dict[str, Any]:
    return {
        "id": record.event_id,
        "tracking_id": record.tracking_id,
        "event": record.family.event_type,
        "name": record.name,
        "status": await record.status(),
        "flags": await record.flags(),
        "number": await record.number(),
        "national_id": await record.national_id(),
    }
