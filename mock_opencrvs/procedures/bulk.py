"""What migrations and hospitals do: bulk import, reindexing, create and notify in one (contract §4.1)."""

from __future__ import annotations

from typing import Any

from mock_opencrvs.auth.caller import Caller
from mock_opencrvs.events.actions import action_specs
from mock_opencrvs.events.checks import checked_location, read_input
from mock_opencrvs.events.core import Core
from mock_opencrvs.events.flow import request_action
from mock_opencrvs.procedures.events import create_event
from mock_opencrvs.zod import Fields, FieldValue, ListOf, Literal, OneOf, Optional, RecordOf, Text, Uuid
from wire.opencrvs.documents import ActionStatus, ActionType, EventDocument
from wire.opencrvs.javascript import UNDEFINED
from wire.opencrvs.trpc import TRPCError

_ACTION = Fields(
    {
        "id": Uuid(),
        "type": OneOf(tuple(ActionType)),
        "status": OneOf(tuple(ActionStatus)),
        "transactionId": Text(),
        "createdAt": Text(),
        "createdBy": Text(),
        "createdByUserType": OneOf(("user", "system")),
        "createdByRole": Optional(Text()),
        "createdBySignature": Optional(Text(), nullable=True),
        "createdAtLocation": Optional(Uuid(), nullable=True),
        "declaration": Optional(RecordOf(FieldValue()), dict),
        "annotation": Optional(RecordOf(FieldValue()), nullable=True),
        "originalActionId": Optional(Uuid()),
        "registrationNumber": Optional(Text()),
        "assignedTo": Optional(Text()),
        "requestId": Optional(Text()),
        "customActionType": Optional(Text()),
        "content": Optional(RecordOf(FieldValue()), nullable=True),
    }
)
_DOCUMENT = Fields(
    {
        "id": Uuid(),
        "type": Text(),
        "trackingId": Text(),
        "createdAt": Text(),
        "updatedAt": Text(),
        "actions": ListOf(_ACTION),
    }
)
_NOTIFY = Fields(
    {
        "eventType": Text(),
        "transactionId": Text(),
        "type": Optional(Literal("NOTIFY")),
        "declaration": Optional(RecordOf(FieldValue()), dict),
        "annotation": Optional(RecordOf(FieldValue())),
        "createdAtLocation": Optional(Uuid(), nullable=True),
    },
    strict=True,
)


async def bulk_import(core: Core, caller: Caller, raw: Any) -> list[dict[str, str]]:
    """Whole documents from another system; they are taken as they are, and indexed."""
    caller.needs_scope(["record.import"])
    documents = read_input(core, ListOf(_DOCUMENT), raw)
    return [{"id": document["id"]} for document in take_documents(core, documents)]


def take_documents(core: Core, documents: list[EventDocument]) -> list[EventDocument]:
    """Load and index all or none: a document without CREATE or of an unknown type is a 400."""
    for document in documents:
        core.form(document["type"])
        if not document["actions"] or document["actions"][0]["type"] != "CREATE":
            raise TRPCError("BAD_REQUEST", f"Event {document['id']} does not begin with CREATE")
    for document in documents:
        core.records.load(document)
        core.index_event(document)
    return documents


async def reindex_trigger(core: Core, caller: Caller, raw: Any) -> Any:
    """Index every record afresh: what search showed stale is right again."""
    caller.needs_scope(["record.reindex"])
    core.reindex_all()
    core.reindexed.append({"timestamp": core.world.timestamp(), "status": "completed"})
    return UNDEFINED


async def reindex_status(core: Core, caller: Caller, raw: Any) -> list[dict[str, str]]:
    caller.needs_scope(["record.reindex"])
    return list(core.reindexed)


async def create_and_notify(core: Core, caller: Caller, raw: Any) -> EventDocument:
    """2.0: a system client's notification in one call; created under `<transactionId>:create`."""
    if not caller.is_system:
        raise TRPCError("FORBIDDEN")
    caller.needs_scope(["record.create"])
    caller.needs_scope(["record.notify"])
    wanted = read_input(core, _NOTIFY, raw)
    core.form(wanted["eventType"])
    caller.needs_scope(["record.create"], wanted["eventType"])
    location = checked_location(core, caller, "NOTIFY", wanted)
    event = create_event(core, caller, wanted["eventType"], f"{wanted['transactionId']}:create", location)
    spec = next(spec for spec in action_specs(core.profile) if spec.type == "NOTIFY")
    asked = {
        "eventId": event["id"],
        "transactionId": wanted["transactionId"],
        "declaration": wanted["declaration"],
        "createdAtLocation": wanted["createdAtLocation"],
    }
    if "annotation" in wanted:
        asked["annotation"] = wanted["annotation"]
    return await request_action(spec, core, caller, asked)
