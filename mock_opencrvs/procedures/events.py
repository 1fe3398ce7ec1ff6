"""`event.create`, `event.get`, `event.delete`, `event.config.get`, drafts (contract §4.5, §4.6, §4.8)."""

from __future__ import annotations

from typing import Any

from mock_opencrvs.auth.caller import Caller
from mock_opencrvs.events.checks import checked_location, event_id_of, reachable, read_input
from mock_opencrvs.events.core import Core, not_found
from mock_opencrvs.events.drafts import Draft
from mock_opencrvs.zod import (
    Anything,
    Boolean,
    Fields,
    FieldValue,
    OneOf,
    Optional,
    RecordOf,
    Shape,
    Text,
    Uuid,
    parse,
)
from wire.opencrvs.documents import ActionStatus, EventDocument
from wire.opencrvs.profiles import Profile
from wire.opencrvs.trpc import TRPCError

_CREATE = Fields(
    {
        "transactionId": Text(),
        "dateOfEvent": Optional(Anything()),
        "createdAtLocation": Optional(Uuid(), nullable=True),
        "type": Text(),
    }
)
_GET = Fields({"eventId": Uuid(), "waitFor": Optional(Boolean()), "customActionType": Optional(Text())})
_DELETE = Fields({"eventId": Uuid()})
_TYPES = [
    *("CREATE", "NOTIFY", "DECLARE", "EDIT", "REGISTER", "DUPLICATE_DETECTED", "REJECT", "MARK_AS_DUPLICATE"),
    *("MARK_AS_NOT_DUPLICATE", "ARCHIVE", "PRINT_CERTIFICATE", "REQUEST_CORRECTION", "REJECT_CORRECTION"),
    *("APPROVE_CORRECTION", "READ", "ASSIGN", "UNASSIGN", "CUSTOM"),
]
"""Of a draft's action, in core's order."""
_TYPES_1_9 = ["VALIDATE" if one == "EDIT" else one for one in _TYPES if one != "CUSTOM"]
"""The same of 1.9: 2.0 made VALIDATE a custom action."""
_DRAFT: dict[str, Shape] = {
    "eventId": Uuid(),
    "transactionId": Text(),
    "status": OneOf(tuple(ActionStatus)),
    "declaration": Optional(RecordOf(FieldValue())),
    "annotation": Optional(RecordOf(FieldValue())),
    "createdAtLocation": Optional(Uuid(), nullable=True),
}


async def config_get(core: Core, caller: Caller, raw: Any) -> list[dict[str, Any]]:
    """All event configurations."""
    return [form.config for form in core.forms.values()]


async def create(core: Core, caller: Caller, raw: Any) -> EventDocument:
    """A new record: CREATE, and for a person ASSIGN to them. Idempotent on (transactionId, type)."""
    caller.needs_scope(["record.create"])
    wanted, issues = parse(_CREATE, raw, core.zod)
    if issues and core.profile is not Profile.V1_9:
        raise TRPCError("BAD_REQUEST")  # the scope middleware parses it and tells nothing (§0.3 row 4)
    read_input(core, _CREATE, raw)
    if core.profile is Profile.V1_9:
        caller.needs_scope(["record.create"], wanted["type"])
        core.form(wanted["type"])
    else:
        core.form(wanted["type"])
        caller.needs_scope(["record.create"], wanted["type"])
    location = checked_location(core, caller, "CREATE", wanted)
    return create_event(core, caller, wanted["type"], wanted["transactionId"], location)


def create_event(
    core: Core, caller: Caller, event_type: str, transaction_id: str, location: str | None
) -> EventDocument:
    """The record of this call, made now or by an earlier call."""
    earlier = core.records.created_by_call(transaction_id, event_type)
    if earlier is not None:
        return earlier
    now = core.world.timestamp()
    event_id = core.world.chance.uuid()
    first = core.new_action(caller, "CREATE", "Accepted", transaction_id, createdAtLocation=location)
    document: EventDocument = {
        "id": event_id,
        "type": event_type,
        "trackingId": core.records.new_tracking_id(core.world.chance),
        "createdAt": now,
        "updatedAt": now,
        "actions": [first],
    }
    core.records.create(document, transaction_id)
    if not caller.is_system:
        assign = core.new_action(caller, "ASSIGN", "Accepted", transaction_id, assignedTo=caller.id)
        core.append(event_id, assign)
    return core.event(event_id)


async def get(core: Core, caller: Caller, raw: Any) -> EventDocument:
    """The record; reading appends READ and indexes it, so each call changes it."""
    if core.profile is Profile.V1_9:
        event_id = str(read_input(core, Uuid(), raw))
        caller.bound_to(event_id)
        event = core.event(event_id)
        if event["actions"][0]["createdBy"] != caller.id and not caller.granted(
            ["record.read"], event["type"]
        ):
            raise not_found(event_id)
    else:
        event_id = str(read_input(core, _GET, raw)["eventId"])
        granted = caller.needs_scope(["record.read"])
        caller.bound_to(event_id)
        event = core.event(event_id)
        reachable(core, caller, granted, event)
    read = core.new_action(caller, "READ", "Accepted", core.world.chance.uuid())
    core.append(event_id, read)
    return core.reindex(event_id)


async def delete(core: Core, caller: Caller, raw: Any) -> dict[str, str]:
    """Take away a record that is only CREATED, with its drafts."""
    scopes = ["record.declare", "record.notify", "record.register"]
    granted = caller.needs_scope(scopes)
    event_id = event_id_of(core, raw)
    caller.bound_to(event_id)
    event = core.event(event_id)
    reachable(core, caller, granted, event)
    read_input(core, _DELETE, raw)
    core.needs_assignment(event, caller)
    core.needs_available(event, "DELETE", caller)
    core.drafts.drop(event_id)
    core.index.remove(event_id)
    core.records.delete(event_id)
    return {"id": event_id}


async def draft_list(core: Core, caller: Caller, raw: Any) -> list[Draft]:
    """The caller's own drafts."""
    return core.drafts.of_user(caller.id)


async def draft_create(core: Core, caller: Caller, raw: Any) -> Draft:
    """Keep what the user has typed so far: one draft for each record and user, its id stays."""
    types = _TYPES_1_9 if core.profile is Profile.V1_9 else _TYPES
    wanted = read_input(core, Fields({**_DRAFT, "type": OneOf(tuple(types))}), raw)
    caller.bound_to(wanted["eventId"])
    event = core.event(wanted["eventId"])
    core.needs_assignment(event, caller)
    core.needs_available(event, wanted["type"], caller)
    earlier = core.drafts.of(event["id"], caller.id)
    if earlier and earlier["transactionId"] == wanted["transactionId"]:
        return earlier
    now = core.world.timestamp()
    transaction_id = earlier["transactionId"] if earlier else wanted["transactionId"]
    action = {
        "transactionId": transaction_id,
        "createdByUserType": "user",
        "createdAt": now,
        "createdBy": caller.id,
        "createdByRole": caller.claims.get("role"),
        "declaration": wanted.get("declaration", {}),
        "annotation": wanted.get("annotation"),
        "status": "Accepted",
        "type": wanted["type"],
    }
    draft = {
        "id": earlier["id"] if earlier else core.world.chance.uuid(),
        "eventId": event["id"],
        "transactionId": transaction_id,
        "createdAt": now,
        "action": action,
    }
    # the row keeps its first type, whatever is answered
    kept = {**action, "type": earlier["action"]["type"]} if earlier else action
    core.drafts.put(caller.id, {**draft, "action": kept})
    return draft
