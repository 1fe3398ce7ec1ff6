"""`event.getDuplicates`, `event.actions.duplicate.*`: a person decides about look-alikes (§9.2)."""

from __future__ import annotations

from typing import Any

from mock_opencrvs.auth.caller import Caller
from mock_opencrvs.events.checks import event_id_of, reachable, read_input
from mock_opencrvs.events.core import Core
from mock_opencrvs.zod import Boolean, Fields, FieldValue, Optional, RecordOf, Shape, Text, Uuid
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.profiles import Profile
from wire.opencrvs.state import potential_duplicates
from wire.opencrvs.trpc import TRPCError

_GET = Fields({"eventId": Uuid()})


def _scopes(core: Core) -> list[str]:
    old = core.profile is Profile.V1_9
    return ["record.declared.review-duplicates" if old else "record.review-duplicates"]


def _mark_input(core: Core) -> Shape:
    fields: dict[str, Shape] = {
        "eventId": Uuid(),
        "transactionId": Text(),
        "type": Optional(Text()),
        "declaration": Optional(RecordOf(FieldValue())),
        "annotation": Optional(RecordOf(FieldValue())),
        "keepAssignment": Optional(Boolean()),
        "content": Optional(Fields({"duplicateOf": Optional(Uuid())})),
    }
    if core.profile is not Profile.V1_9:
        fields["waitFor"] = Optional(Boolean())
    return Fields(fields, strict=core.profile is not Profile.V1_9)


def _admitted(core: Core, caller: Caller, raw: Any) -> EventDocument:
    granted = caller.needs_scope(_scopes(core))
    event_id = event_id_of(core, raw)
    caller.bound_to(event_id)
    event = core.event(event_id)
    reachable(core, caller, granted, event)
    return event


async def get_duplicates(core: Core, caller: Caller, raw: Any) -> list[EventDocument]:
    """The records that this one was found to look like."""
    event = _admitted(core, caller, raw)
    read_input(core, _GET, raw)
    core.needs_assignment(event, caller)
    found = (core.records.snapshot(one["id"]) for one in potential_duplicates(event))
    return [document for document in found if document is not None]


async def mark_as_duplicate(core: Core, caller: Caller, raw: Any) -> EventDocument:
    """It is the same event; the screen archives it next."""
    return _mark(core, caller, raw, "MARK_AS_DUPLICATE")


async def mark_not_duplicate(core: Core, caller: Caller, raw: Any) -> EventDocument:
    """It is another event: this pair is not asked about again."""
    return _mark(core, caller, raw, "MARK_AS_NOT_DUPLICATE")


def _mark(core: Core, caller: Caller, raw: Any, kind: str) -> EventDocument:
    old = core.profile is Profile.V1_9  # it reads the input first, and minds no assignment and no state
    if old:
        read_input(core, _mark_input(core), raw)
    event = _admitted(core, caller, raw)
    wanted = read_input(core, _mark_input(core), raw)
    if not old:
        core.needs_assignment(event, caller)
    if any(a["transactionId"] == wanted["transactionId"] and a["type"] == kind for a in event["actions"]):
        return event
    if not old:
        core.needs_available(event, "MARK_AS_DUPLICATE", caller, named=kind)
    other = (wanted.get("content") or {}).get("duplicateOf")
    if other is not None and core.records.snapshot(other) is None:
        raise TRPCError("NOT_FOUND", f"Event not found with ID: {other}")
    action = core.new_action(caller, kind, "Accepted", wanted["transactionId"], content=wanted.get("content"))
    core.append(event["id"], action)
    if not wanted.get("keepAssignment"):
        core.unassign(caller, event["id"], wanted["transactionId"])
    return core.reindex(event["id"])
