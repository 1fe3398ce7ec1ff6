"""THE WAY of a request: a registrar's action, the country server's word, what is written (§1.2, §4.3).

It reads as the protocol reads. Order of checks and of side effects is upstream's
(packages/events/src/router/event/actions/index.ts), and is the point of this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_opencrvs.auth.caller import Caller
from mock_opencrvs.country.answer import Accepted, NoUsableAnswer, Pending, Rejection, country_answer
from mock_opencrvs.events.actions import ActionSpec, request_input
from mock_opencrvs.events.checks import (
    check_declaration,
    check_files,
    checked_location,
    correction_exists,
    permitted_record,
    read_input,
)
from mock_opencrvs.events.core import Core
from mock_opencrvs.events.dedup import mark_duplicates
from wire.opencrvs.documents import Action, EventDocument, repeated_action
from wire.opencrvs.profiles import Profile
from wire.opencrvs.state import NotOnePending, pending_action
from wire.opencrvs.trpc import TRPCError

Input = Mapping[str, Any]


async def request_action(spec: ActionSpec, core: Core, caller: Caller, raw: Any) -> EventDocument:
    """`event.actions.<x>.request`: check, write Requested, ask the country server, write what it says."""
    event, wanted = _admit(core, caller, spec, raw)
    core.needs_assignment(event, caller)
    check_declaration(core, caller, spec, event, wanted)
    correction_exists(spec, event, wanted)
    location = checked_location(core, caller, spec.type, wanted)
    earlier = repeated_action(event, spec.type, wanted["transactionId"])
    if earlier is not None and not _asks_again(spec, event, earlier):
        return event
    if mark_duplicates(core, caller, spec.type, event, wanted):
        if not keeps(wanted, accepted=True):
            core.unassign(caller, event["id"], wanted["transactionId"])
        return core.reindex(event["id"])
    if earlier is None:
        core.needs_available(event, spec.type, caller, custom_type=wanted.get("customActionType"))
    check_files(core, wanted)
    return await _ask_and_write(core, caller, spec, event["id"], wanted, location)


def _admit(core: Core, caller: Caller, spec: ActionSpec, raw: Any) -> tuple[EventDocument, dict[str, Any]]:
    """Scope, record and input, in the order of the profile."""
    if not spec.system and core.profile is not Profile.V1_9:
        caller.needs_user()
    caller.needs_scope(spec.scopes)
    shape = request_input(spec, core.profile)
    if core.profile is Profile.V1_9:
        wanted = read_input(core, shape, raw)
        return permitted_record(core, caller, spec, raw), wanted
    event = permitted_record(core, caller, spec, raw)
    return event, read_input(core, shape, raw)


def _asks_again(spec: ActionSpec, event: EventDocument, earlier: Action) -> bool:
    """DECLARE alone is put to the country server again while its first request waits (§1.4)."""
    if spec.type == "CUSTOM":
        return True  # the guard is passed over and the pending flag answers 409
    waiting = all(action.get("originalActionId") != earlier["id"] for action in event["actions"])
    return spec.type == "DECLARE" and earlier["status"] == "Requested" and waiting


async def _ask_and_write(
    core: Core, caller: Caller, spec: ActionSpec, event_id: str, wanted: Input, location: str | None
) -> EventDocument:
    requested = core.new_action(
        caller,
        spec.type,
        "Requested",
        wanted["transactionId"],
        declaration=wanted["declaration"],
        createdAtLocation=location,
        annotation=wanted.get("annotation"),
        **_content(wanted),
    )
    core.append(event_id, requested)
    if not spec.confirmable:
        return _write(core, caller, spec, requested, event_id, wanted, Accepted({}))
    event = core.event(event_id)
    try:
        requested = pending_action(event)
    except NotOnePending as error:
        raise TRPCError("INTERNAL_SERVER_ERROR", str(error)) from None
    token = await core.tokens.for_trigger(caller.claims, event_id, requested["id"])
    await core.persist()  # a kill while the country server thinks leaves the Requested row
    answer = await core.trigger.ask(event, requested, token)
    # no lock was held: the record may have moved on since (§9.7)
    match country_answer(core.profile, spec.type, answer.status, answer.body):
        case Accepted() as accepted:
            return _write(core, caller, spec, requested, event_id, wanted, accepted)
        case Rejection():
            return _write(core, caller, spec, requested, event_id, wanted, None)
        case Pending():
            return _leave_pending(core, caller, event, wanted)
        case NoUsableAnswer(text):
            raise TRPCError("INTERNAL_SERVER_ERROR", text)


def _write(
    core: Core,
    caller: Caller,
    spec: ActionSpec,
    requested: Action,
    event_id: str,
    wanted: Input,
    accepted: Accepted | None,
) -> EventDocument:
    """The country's word: accepted, with what it adds; or rejected."""
    added: dict[str, Any] = {}
    if accepted is not None:
        added = {
            "declaration": dict(accepted.declaration),
            "annotation": accepted.annotation,
            "registrationNumber": accepted.registration_number,
        }
    action = core.new_action(
        caller,
        spec.type,
        "Rejected" if accepted is None else "Accepted",
        wanted["transactionId"],
        originalActionId=requested["id"],
        **added,
        createdAtLocation=requested.get("createdAtLocation"),
        **_content(wanted),
    )
    core.append(event_id, action)
    if not keeps(wanted, accepted=accepted is not None):
        core.unassign(caller, event_id, wanted["transactionId"])
    event = core.reindex(event_id)
    declared = spec.type == "DECLARE" and accepted is not None
    if declared and mark_duplicates(core, caller, "DECLARE", event, wanted, after=True):
        event = core.reindex(event_id)
    return event


def _leave_pending(core: Core, caller: Caller, stale: EventDocument, wanted: Input) -> EventDocument:
    """202: index what was read before the call, even if somebody confirmed meanwhile (§9.7)."""
    if core.profile.unassigns_pending:
        core.unassign(caller, stale["id"], wanted["transactionId"])
        return core.reindex(stale["id"])
    core.index_event(stale)
    return stale


def _content(wanted: Input) -> dict[str, Any]:
    return {name: wanted.get(name) for name in ("content", "requestId", "customActionType")}


def keeps(wanted: Input, *, accepted: bool) -> bool:
    """Whether the assignment outlives the confirmation (resolveKeepAssignment)."""
    own = wanted.get("keepAssignmentIfAccepted" if accepted else "keepAssignmentIfRejected")
    return bool(wanted.get("keepAssignment", False) if own is None else own)
