"""The way of a packet: created, started, through the stages on the clock, to its one end. Flow.

Contract mosip §3.1, §3.2, §3.6, §5.1, §8. One background task a registration; it waits on the world's clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from mock_nid.identities.people import Identities, Person
from mock_nid.packets import stages
from mock_nid.packets.checks import Wrong, fields_wrong, identity_of, is_death, person_wrong, subject_number
from mock_nid.packets.plan_book import PlanBook
from mock_nid.packets.plans import Plan, PlannedOutcome
from mock_nid.packets.registrations import IllegalChange, PacketRegistration, StoredPacket
from mock_nid.packets.registry import Registry
from mock_nid.packets.stages import ProcessorStage
from mock_nid.processing.issuance import Issuer
from mock_nid.processing.lifetimes import Lifetimes
from mock_nid.processing.publisher import Publisher
from mock_nid.settings import Settings
from testbed.faults import FaultKind
from wire.mosip import workflow
from wire.world import World, parse_timestamp


class Processor:
    """Moves registrations; everything it needs is handed to it."""

    def __init__(
        self,
        settings: Settings,
        world: World,
        registry: Registry,
        people: Identities,
        plans: PlanBook,
        issuer: Issuer,
        publisher: Publisher,
        lifetimes: Lifetimes,
        changed: Callable[[], None],
    ) -> None:
        self._settings, self._world = settings, world
        self._registry, self._people = registry, people
        self._plans, self._issuer, self._publisher = plans, issuer, publisher
        self._lifetimes, self._changed = lifetimes, changed
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def resume(self) -> None:
        """After a restart: go on with what was under way."""
        for registration in self._registry:
            if registration.workflow_id and not registration.ended and not registration.stalled:
                self._go(registration.id)

    async def close(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()

    # what the services ask

    def create(self, packet: StoredPacket) -> None:
        """Keep a packet; it waits for its workflow instance."""
        self._registry.keep_packet(packet)
        self._changed()

    def start(self, registration_id: str, process: str, source: str) -> PacketRegistration:
        """Start a packet's workflow, created or not: nobody looks (§3.1). WorkflowRefused on repetition."""
        if registration_id in self._registry.registrations:
            raise workflow.WorkflowRefused(workflow.ALREADY_PRESENT)
        packet = self._registry.packets.get(registration_id)
        if packet is None or packet.process != process:
            now = self._world.timestamp()
            packet = StoredPacket(registration_id, source, process, "", {}, {}, now)
        waiting = PacketRegistration(packet)
        chance = self._world.chance
        found = self._plans.find(waiting.records, packet.name, chance)
        seconds = found.plan.after
        if seconds is None:
            seconds = self._plans.delay(self._settings.processing_seconds).draw(chance)
        registration = waiting.started(
            chance.uuid(), found.plan, found.source, seconds, self._world.timestamp(), chance.uuid()
        )
        self._keep(registration)
        self._go(registration.id)
        return registration

    # what an operator asks

    async def settle(self, registration_id: str, plan: Plan) -> PacketRegistration:
        """End a registration now, by the plan's outcome; IllegalChange when it has ended."""
        registration = self._must_find(registration_id)
        registration.must_run()
        task = self._tasks.pop(registration.id, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        registration = self._must_find(registration_id)
        changed = replace(registration, plan=replace(plan, after=0.0), plan_source="admin", stalled=False)
        self._keep(changed)
        await self._run(changed.id, at_once=True)
        return self._must_find(registration_id)

    def redeliver(self, registration_id: str, *, forge: FaultKind | None, fresh: bool) -> int:
        """Publish a credential again, the same event or a new one. Returns how many listen."""
        registration = self._must_find(registration_id)
        if registration.vid is None:
            raise IllegalChange(f"registration {registration.id} has no credential yet")
        if not fresh and forge is None:
            again = self._publisher.again(registration)
            if again is not None:
                return again
        message = self._issuer.message(registration, forge)
        return self._publisher.credential(registration, message, replace(Plan(), forge=forge))

    # the way through the stages

    def _go(self, registration_id: str) -> None:
        task = asyncio.create_task(self._run(registration_id))
        self._tasks[registration_id] = task

        def ended(done: asyncio.Task[None]) -> None:
            if self._tasks.get(registration_id) is done:
                del self._tasks[registration_id]
            if not done.cancelled() and (error := done.exception()) is not None:
                raise error  # the loop's exception handler tells it: a bug, not a packet's fault

        task.add_done_callback(ended)

    async def _run(self, registration_id: str, *, at_once: bool = False) -> None:
        registration = self._must_find(registration_id)
        plan = registration.plan or Plan()
        way = self._route(registration.packet)
        names = [stage.name for stage in way]
        done = names.index(registration.last_good_stage) + 1 if registration.last_good_stage in names else 0
        planned, fields = _planned_end(plan), fields_wrong(registration.packet, self._settings.stage_checks)
        end = self._ends_at(registration, plan, names, done, fields)
        for place in range(done, len(way)):
            stage = way[place]
            if registration.seconds and not at_once:
                await self._until(registration, min(1.0, (place + 1) / (end + 1)))
            registration = self._must_find(registration_id)
            for failing in (planned, self._wrong(registration, stage, fields)):
                if failing is not None and place == _place_of(failing.failure.stage, names, done):
                    self._end_badly(registration, failing)
                    return
            if plan.outcome in _WAITING and place == _place_of(_waits_at(plan), names, done):
                self._wait(registration, plan, stage.name)
                return
            registration = self._at_stage(registration, stage)
            self._keep(registration.passed(stage, self._world.timestamp(), self._world.chance.uuid()))
        self._finish(registration_id, credential=stages.CREDENTIAL in way)

    def _ends_at(
        self, registration: PacketRegistration, plan: Plan, names: list[str], done: int, fields: Wrong | None
    ) -> int:
        """The place on the route where the packet will end or wait: until then the plan's delay lasts."""
        failing = (_planned_end(plan), self._wrong(registration, stages.DEDUPE, fields))
        ends = [names[-1], *(found.failure.stage for found in failing if found is not None)]
        if plan.outcome in _WAITING:
            ends.append(_waits_at(plan))
        return min(_place_of(stage, names, done) for stage in ends)

    async def _until(self, registration: PacketRegistration, part: float) -> None:
        """Wait until this part of the registration's time is over, counted from its start."""
        since = self._world.clock.now() - parse_timestamp(registration.transactions[0].at)
        due = registration.seconds * part - since.total_seconds()
        if due > 0:
            await self._world.clock.sleep(min(due, registration.seconds))

    def _route(self, packet: StoredPacket) -> tuple[ProcessorStage, ...]:
        return stages.route(
            packet.process,
            officer=bool(packet.operations.get("officerId")),
            introducer=any(packet.fields.get(name) for name in ("introducerUIN", "introducerRID")),
            credential_on_death=self._settings.death_outcome == "credential",
        )

    def _wrong(
        self, registration: PacketRegistration, stage: ProcessorStage, fields: Wrong | None
    ) -> Wrong | None:
        """What the stage finds wrong; `fields`: with the fields, which stay as they are."""
        if registration.plan_source == "admin":
            return None
        return fields or person_wrong(
            registration.packet,
            self._people,
            self._world.clock.now().date(),
            level=self._settings.stage_checks,
            infant_years=self._settings.infant_years,
            demo_dedupe=self._settings.demo_dedupe and stage is stages.DEDUPE,
        )

    def _at_stage(self, registration: PacketRegistration, stage: ProcessorStage) -> PacketRegistration:
        """What a stage changes in the ID repository."""
        if stage is stages.UIN:
            return self._keep(self._lifetimes.born(registration, identity_of(registration.packet)))
        if stage is stages.UIN_UPDATE:
            person = self._subject(registration.packet)
            if person is None:
                return self._keep(self._lifetimes.unknown(registration))
            return self._keep(self._lifetimes.updated(registration, person))
        return registration

    def _subject(self, packet: StoredPacket) -> Person | None:
        number = subject_number(packet)
        return self._people.anyone(number) if number else None

    def _finish(self, registration_id: str, *, credential: bool) -> None:
        registration = self._must_find(registration_id)
        plan = registration.plan or Plan()
        self._keep(registration.processed())
        if credential:
            message = self._issuer.message(registration, plan.forge)
            self._publisher.credential(registration, message, plan)
        self._publisher.completed(registration, "PROCESSED")
        if is_death(registration.packet) and self._settings.deactivate_on_death and registration.uin:
            self._lifetimes.set_status(registration.uin, "DEACTIVATED", registration.id)

    def _end_badly(self, registration: PacketRegistration, wrong: Wrong) -> None:
        now, id = self._world.timestamp(), self._world.chance.uuid()
        ended = self._keep(registration.ended_badly(wrong.failure, wrong.comment, wrong.why, now, id))
        self._publisher.completed(ended, "REJECTED" if wrong.failure.rejected else "FAILED")

    def _wait(self, registration: PacketRegistration, plan: Plan, stage: str) -> None:
        if plan.outcome is PlannedOutcome.PAUSE:
            self._publisher.paused(self._keep(registration.paused(stage)))
        else:
            self._keep(registration.stalls(stage))

    # small things

    def _keep(self, registration: PacketRegistration) -> PacketRegistration:
        self._registry.keep(registration)
        self._changed()
        return registration

    def _must_find(self, key: str) -> PacketRegistration:
        registration = self._registry.find(key)
        if registration is None:
            raise LookupError(f"no registration is known as {key}")
        return registration


def _planned_end(plan: Plan) -> Wrong | None:
    """The failure that the plan orders."""
    if plan.outcome not in (PlannedOutcome.REJECT, PlannedOutcome.FAIL):
        return None
    rejected = plan.outcome is PlannedOutcome.REJECT
    failure = stages.failure_for(plan.code, plan.stage, rejected=rejected)
    return Wrong(replace(failure, rejected=rejected), plan.reason or failure.comment)


_WAITING = (PlannedOutcome.STALL, PlannedOutcome.PAUSE)


def _waits_at(plan: Plan) -> str:
    return plan.stage or "PacketClassifierStage"


def _place_of(stage: str, names: list[str], done: int) -> int:
    """Where a stage is on the route, or the next place when it is passed; the last when there is none."""
    return max(names.index(stage) if stage in names else len(names) - 1, done)
