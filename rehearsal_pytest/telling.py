"""What a failed test tells beside its error: records, packets, last exchanges, the nearest miss."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any

from mock_opencrvs.families import spoken_name
from scenarios.judging.verdicts import Ruling, told
from scenarios.reports.words import words
from scenarios.stage.exchange_watcher import told as seen
from scenarios.stage.pace import moment, spoken
from scenarios.story import Unmet
from wire.opencrvs import state
from wire.opencrvs.profiles import Profile
from wire.world import parse_timestamp

if TYPE_CHECKING:
    from scenarios.stage.environment import Environment
    from scenarios.stage.stage import Stage
    from testbed.faults import Faults
    from testbed.journal import Exchange

_RECORDS, _EXCHANGES = 5, 12
_UNSEEN = frozenset(
    {"event.get", "user.get", "auth.authenticate", "auth.verifyCode", "workqueue.config.list"}
)
"""Readings and log-ins of a test's own registrar."""

Test = Callable[..., Awaitable[Any]]


def telling(test: Test, environment: Environment, stage: Stage | None) -> Test:
    """The same test; whatever it raises carries what its servers have seen."""

    @wraps(test)
    async def tells(*arguments: Any, **named: Any) -> Any:
        try:
            return await test(*arguments, **named)
        except Exception as error:
            error.add_note("\n".join([*_told(environment), *[line async for line in _promises(stage)]]))
            raise

    return tells


def _told(environment: Environment) -> Iterator[str]:
    clock = environment.world.clock
    opencrvs, nid = environment.running
    yield f"It is {moment(clock.now())} in the rehearsal."
    if opencrvs is not None:
        yield from _records(list(opencrvs.records), Profile(environment.profile))
    if nid is not None:
        for packet in list(nid.registrations)[-_RECORDS:]:
            plan = packet.plan.described() if packet.plan else "no plan"
            why = f", {packet.reason}" if packet.reason else ""
            yield f"  packet {packet.id} of {packet.packet.name}: {packet.status}{why}; plan {plan}"
    yield from _exchanges(one for server in (opencrvs, nid) if server is not None for one in server.journal)
    yield "Nearest miss:"
    misses = list(_misses(environment))
    yield from misses or ["  none: nothing is under way, planned or armed that has not happened"]


def _records(records: list[Any], profile: Profile) -> Iterator[str]:
    yield "Records at OpenCRVS now:" if records else "OpenCRVS has no record."
    for document in records[-_RECORDS:]:
        subject = "deceased" if document["type"] == "death" else "child"
        name = spoken_name(state.declaration(document, profile=profile).get(f"{subject}.name"))
        flags = ", ".join(state.flags(document, profile)) or "none"
        number = state.registration_number(document)
        last = document["actions"][-1]
        yield (
            f"  {document['type']} {document['trackingId']} of {name}: {state.status(document)}, "
            f"flags {flags}, {f'number {number}' if number else 'no number'}; "
            f"last row {last['type']} {last['status']}"
        )


def _exchanges(exchanges: Iterable[Exchange]) -> Iterator[str]:
    worth = [one for one in exchanges if one.operation not in _UNSEEN]
    last = sorted(worth, key=lambda one: parse_timestamp(one.at))[-_EXCHANGES:]
    yield f"Last exchanges ({len(last)} of {len(worth)}):" if worth else "Nobody has called anybody."
    for one in last:
        event = seen(one)
        injected = f" (on purpose: {', '.join(one.faults)})" if one.faults else ""
        note = f" ({one.note})" if one.note else ""
        way = f"{event.sender} → {event.receiver}"
        yield f"  {moment(event.at)} {way}: {words(event)} {event.answer}{injected}{note}"
        if one.response and (one.status is None or one.status >= 400):
            yield f"      {one.response[:200]}"


def _misses(environment: Environment) -> Iterator[str]:
    """What was prepared and did not come, and what would come next."""
    opencrvs, nid = environment.running
    if nid is not None:
        for plan in nid.plans.queue:
            yield f"  the plan {plan.described()} waits for a packet; none came to take it"
        yield from _unstruck(nid.faults)
    if opencrvs is not None:
        yield from _unstruck(opencrvs.faults)
    now = environment.world.clock.now()
    for packet in nid.registrations if nid is not None else ():
        if packet.stalled:
            yield f"  packet {packet.id} waits for somebody to decide: it has stalled at {packet.stage}"
        elif not packet.ended and packet.workflow_id is not None:
            ends = parse_timestamp(packet.transactions[0].at) + timedelta(seconds=packet.seconds)
            when = f"in {spoken(ends - now)}, at {moment(ends)}" if ends > now else "now"
            yield f"  the ID system's answer about packet {packet.id} is due {when}"


def _unstruck(faults: Faults) -> Iterator[str]:
    return (
        f"  the fault “{fault}” never struck: nobody came by"
        for _, fault, struck in faults.listed()
        if not struck
    )


async def _promises(stage: Stage | None) -> Any:
    """What is broken as things stand, without waiting any longer."""
    if stage is None:
        return
    try:
        verdicts = await stage.verdicts()
    except (Unmet, OSError) as why:
        yield f"The promises could not be judged: {why}"
        return
    broken = [one for one in verdicts if one.ruling is Ruling.BROKEN]
    yield "Promises as things stand now:" if broken else "No promise is broken as things stand now."
    for verdict in broken:
        for line in told(verdict):
            yield f"  {line}"
