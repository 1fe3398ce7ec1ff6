"""Accept and reject by the country, after a 202 (contract opencrvs §4.4, to the letter; §11 for 2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_opencrvs.auth.caller import Caller, covers
from mock_opencrvs.events.actions import ActionSpec, accept_input, reject_input
from mock_opencrvs.events.checks import read_input
from mock_opencrvs.events.core import Core, not_found
from mock_opencrvs.events.flow import keeps
from wire.opencrvs.documents import Action, EventDocument, confirmation_of, find_action
from wire.opencrvs.profiles import Profile
from wire.opencrvs.scopes import (
    ACCEPT_ACTION,
    CONFIRM_REGISTRATION,
    REJECT_ACTION,
    REJECT_REGISTRATION,
    allows,
)
from wire.opencrvs.state import assigned_to
from wire.opencrvs.trpc import TRPCError


async def accept_action(spec: ActionSpec, core: Core, caller: Caller, raw: Any) -> EventDocument:
    """`*.accept`: an Accepted action and UNASSIGN; an action that was accepted before is left as it is."""
    _client_only(core, caller, ACCEPT_ACTION)
    wanted = read_input(core, accept_input(spec, core.profile), raw)
    event = _authorised(core, caller, ACCEPT_ACTION, wanted)
    action, confirmed = _asked(core, spec, event, wanted, "NOT_FOUND")
    if confirmed is not None:
        if confirmed["status"] == "Rejected":
            raise TRPCError("BAD_REQUEST", "Action has already been rejected.")
        return event
    _nobody_assigned(core, event)
    copied = ("annotation", "registrationNumber", "content", "requestId", "customActionType")
    accepted = core.new_action(
        caller,
        spec.type,
        "Accepted",
        wanted["transactionId"],
        originalActionId=action["id"],
        declaration=wanted["declaration"],
        **{name: wanted.get(name) for name in copied},
    )
    core.append(event["id"], accepted)
    if not keeps(wanted, accepted=True):
        core.unassign(caller, event["id"], wanted["transactionId"])
    return core.reindex(event["id"])


async def reject_action(spec: ActionSpec, core: Core, caller: Caller, raw: Any) -> EventDocument:
    """`*.reject`: a Rejected action without a reason, and UNASSIGN."""
    _client_only(core, caller, REJECT_ACTION)
    wanted = read_input(core, reject_input(core.profile), raw)
    event = _authorised(core, caller, REJECT_ACTION, wanted)
    action, confirmed = _asked(core, spec, event, wanted, "INTERNAL_SERVER_ERROR")
    if confirmed is not None:
        if confirmed["status"] == "Accepted":
            raise TRPCError("INTERNAL_SERVER_ERROR", "Action has already been accepted.")
        return event
    _nobody_assigned(core, event)
    # before 2.1 nothing of the request is copied: the database then refuses REJECT and corrections
    copied: Mapping[str, Any] = action if core.profile is Profile.V2_1 else {}
    rejected = core.new_action(
        caller,
        spec.type,
        "Rejected",
        wanted["transactionId"],
        originalActionId=action["id"],
        **{name: copied.get(name) for name in ("content", "requestId", "customActionType")},
    )
    rejected.pop("createdBySignature", None)
    core.append(event["id"], rejected)
    if not wanted.get("keepAssignment"):
        core.append(event["id"], core.new_action(caller, "UNASSIGN", "Accepted", wanted["transactionId"]))
    # core indexes the record here whatever its status, even CREATED
    changed = core.event(event["id"])
    core.index_event(changed, even_created=True)
    return changed


def _asked(
    core: Core, spec: ActionSpec, event: EventDocument, wanted: Mapping[str, Any], unknown: str
) -> tuple[Action, Action | None]:
    """The action, and what confirmed it already; the code `unknown` when the record has none of that id."""
    action = find_action(event, wanted["actionId"])
    if action is None:
        raise TRPCError(unknown, "Action not found.")
    confirmed = confirmation_of(event, action["id"])
    _own_kind(core, spec, action, confirmed)
    return action, confirmed


def _client_only(core: Core, caller: Caller, scope: str) -> None:
    """2.1 refuses users, and clients without the scope, before it reads the input (§0.4, row 27)."""
    if core.profile.client_confirms:
        if not caller.is_system:
            raise TRPCError("FORBIDDEN")
        caller.needs_scope([scope])


def _authorised(core: Core, caller: Caller, scope: str, wanted: Mapping[str, Any]) -> EventDocument:
    """The record, if the token may confirm: by its claims, in 2.1 by the client's scope."""
    if core.profile.client_confirms:
        granted = caller.needs_scope([scope])
        event = core.event(wanted["eventId"])
        row = core.row(event)
        if not any(covers(held, row, caller, core.people) for held in granted):
            raise not_found(event["id"])
        return event
    if not (allows(caller.scopes, CONFIRM_REGISTRATION) and allows(caller.scopes, REJECT_REGISTRATION)):
        raise TRPCError("FORBIDDEN", "Missing required scopes for action confirmation")
    claimed = caller.claims.get("eventId"), caller.claims.get("actionId")
    if not all(claimed):
        raise TRPCError("FORBIDDEN", "Missing required claims for action confirmation")
    if claimed != (wanted["eventId"], wanted["actionId"]):
        raise TRPCError("FORBIDDEN")
    return core.event(wanted["eventId"])


def _own_kind(core: Core, spec: ActionSpec, action: Action, confirmed: Action | None) -> None:
    """2.1 only: the action must wait, and then the procedure must fit it (§0.4, row 28)."""
    if core.profile is not Profile.V2_1:
        return
    fits = action["type"] == spec.type
    if action["status"] != "Requested" or (confirmed is not None and not fits):
        raise TRPCError("BAD_REQUEST", f"Action {action['id']} is not awaiting confirmation.")
    if not fits:
        text = f"Action {action['id']} is of type {action['type']}, cannot be confirmed as {spec.type}."
        raise TRPCError("BAD_REQUEST", text)


def _nobody_assigned(core: Core, event: EventDocument) -> None:
    if core.profile is Profile.V2_1 and assigned_to(event) is not None:
        raise TRPCError("CONFLICT", "User is assigned to this event")
