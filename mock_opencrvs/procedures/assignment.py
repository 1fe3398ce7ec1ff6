"""`event.actions.assignment.{assign,unassign}`: who has a record in hand (contract opencrvs §4.7)."""

from __future__ import annotations

from typing import Any

from mock_opencrvs.auth.caller import Caller
from mock_opencrvs.events.checks import read_input
from mock_opencrvs.events.core import Core
from mock_opencrvs.zod import Fields, Literal, Optional, Text, Uuid
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.state import assigned_to
from wire.opencrvs.trpc import TRPCError


async def assign(core: Core, caller: Caller, raw: Any) -> EventDocument:
    """Take a record. What is stored is the caller, whatever was sent; the sent id is only compared."""
    shape = Fields(
        {
            "eventId": Uuid(),
            "transactionId": Text(),
            "type": Literal("ASSIGN"),  # required, unlike everywhere else (§0.3 row 1)
            "assignedTo": Text(),
        }
    )
    wanted = read_input(core, shape, raw)
    caller.bound_to(wanted["eventId"])
    event = core.event(wanted["eventId"])
    holder = assigned_to(event)
    if holder == wanted["assignedTo"]:
        return event
    if holder is not None:
        raise TRPCError("CONFLICT")
    action = core.new_action(caller, "ASSIGN", "Accepted", wanted["transactionId"], assignedTo=caller.id)
    core.append(event["id"], action)
    return core.reindex(event["id"])


async def unassign(core: Core, caller: Caller, raw: Any) -> EventDocument:
    """Give a record back; somebody else's only with `record.unassign-others`."""
    shape = Fields(
        {
            "eventId": Uuid(),
            "transactionId": Text(),
            "type": Optional(Literal("UNASSIGN")),
            "assignedTo": Optional(Literal(None)),
        }
    )
    wanted = read_input(core, shape, raw)
    caller.bound_to(wanted["eventId"])
    event = core.event(wanted["eventId"])
    holder = assigned_to(event)
    if holder is None:
        return event
    if holder != caller.id:
        caller.needs_scope(["record.unassign-others"], event["type"])
    core.unassign(caller, event["id"], wanted["transactionId"])
    return core.reindex(event["id"])
