"""The checks that stand before an action, each with upstream's words (contract opencrvs §4.3)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mock_opencrvs.auth.caller import Caller, covers
from mock_opencrvs.events.actions import ActionSpec
from mock_opencrvs.events.core import Core, not_found, unknown_field
from mock_opencrvs.forms.validation import UnknownField, Validation
from mock_opencrvs.zod import Fields, Shape, Text, Uuid, issues_text, parse
from mock_opencrvs.zod import Optional as Maybe
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.profiles import Profile
from wire.opencrvs.scopes import Scope
from wire.opencrvs.state import declaration
from wire.opencrvs.trpc import TRPCError

_HEAD = Fields({"eventId": Uuid(), "customActionType": Maybe(Text())})
_CUSTOM = Fields({"customActionType": Text()})
_NO_LOCATION = "createdAtLocation is required and must be a valid location id"
_BAD_LOCATION = "createdAtLocation must be a valid location id"
_NOT_FOR_USERS = "createdAtLocation is not allowed for non-system users"


class InvalidInput(TRPCError):
    """An input that its schema refuses; REST shows the issues beside the message."""

    def __init__(self, issues: list[dict[str, Any]]) -> None:
        super().__init__("BAD_REQUEST", issues_text(issues))
        self.issues = issues


def read_input(core: Core, shape: Shape, raw: Any) -> Any:
    """The input as parsed; 400 with zod's list when it does not fit."""
    parsed, issues = parse(shape, raw, core.zod)
    if issues:
        raise InvalidInput(issues)
    return parsed


def event_id_of(core: Core, raw: Any) -> str:
    """The `eventId` that 2.0's middleware reads ahead of the rest; none: 400, in 2.0 without detail."""
    head, issues = parse(_HEAD, raw, core.zod)
    if issues and core.profile is Profile.V1_9:
        raise InvalidInput(issues)
    if issues:
        raise TRPCError("BAD_REQUEST")
    return str(head["eventId"])


def permitted_record(core: Core, caller: Caller, spec: ActionSpec, raw: Any) -> EventDocument:
    """The record, if the caller's scopes reach it: in 2.0 out of reach looks like unknown (steps 2–5)."""
    if spec.type == "CUSTOM":
        read_input(core, _CUSTOM, raw)
    event_id = event_id_of(core, raw)
    caller.bound_to(event_id)
    event = core.event(event_id)
    granted = caller.granted(spec.scopes)
    if spec.type == "CUSTOM":
        granted = [scope for scope in granted if _allows_custom(scope, raw)]
    reachable(core, caller, granted, event)
    return event


def reachable(core: Core, caller: Caller, granted: list[Scope], event: EventDocument) -> None:
    """404 (1.9: 403) when no granted scope reaches the record.

    500 to everybody when it carries a field that no form has: 2.0 derives the row first (§0.4 row 20).
    """
    row, known = core.row(event), core.form(event["type"]).field_ids
    if core.profile is not Profile.V1_9 and not row["declaration"].keys() <= known:
        raise TRPCError("INTERNAL_SERVER_ERROR", "Cannot read properties of undefined (reading 'type')")
    if any(covers(scope, row, caller, core.people) for scope in granted):
        return
    raise TRPCError("FORBIDDEN") if core.profile is Profile.V1_9 else not_found(event["id"])


def _allows_custom(scope: Scope, raw: Any) -> bool:
    kinds = scope.values("customActionTypes")
    return kinds is None or (isinstance(raw, dict) and raw.get("customActionType") in kinds)


def check_declaration(
    core: Core, caller: Caller, spec: ActionSpec, event: EventDocument, wanted: Mapping[str, Any]
) -> None:
    """Declaration and annotation against the form: 400 with the list of what is wrong (step 8)."""
    form = core.form(event["type"])
    if spec.type == "CUSTOM" and wanted["customActionType"] not in form.custom_fields:
        kind = wanted["customActionType"]
        raise TRPCError("BAD_REQUEST", f"Custom action configuration not found with name: {kind}")
    told = declaration(event, profile=core.profile)
    annotation = wanted.get("annotation") or {}
    checking = Validation(form, told, core.surroundings(event, caller))
    try:
        errors = checking.errors(spec.type, wanted["declaration"], annotation, wanted.get("customActionType"))
    except UnknownField as unknown:
        raise unknown_field(unknown.field_id) from None
    if errors:
        raise TRPCError("BAD_REQUEST", json.dumps(errors, separators=(",", ":"), ensure_ascii=False))


def correction_exists(spec: ActionSpec, event: EventDocument, wanted: Mapping[str, Any]) -> None:
    """404 when an approval names a correction request that the record does not have (§0.3, row 7)."""
    if "requestId" not in spec.extra:
        return
    known = (a["id"] for a in event["actions"] if a["type"] == "REQUEST_CORRECTION")
    if wanted["requestId"] not in known:
        raise TRPCError("NOT_FOUND", f"Correction request not found with ID: {wanted['requestId']}")


def checked_location(core: Core, caller: Caller, kind: str, wanted: Mapping[str, Any]) -> str | None:
    """Where a system client says it acts; people act at their office and may not say (step 10)."""
    location = wanted.get("createdAtLocation")
    if not caller.is_system:
        if location is not None:
            raise TRPCError("BAD_REQUEST", _NOT_FOR_USERS)
        return None
    if location is None:
        if kind == "NOTIFY" or (kind == "CREATE" and core.profile is not Profile.V1_9):
            raise TRPCError("BAD_REQUEST", _NO_LOCATION)
        return None
    place = core.people.places.get(location)
    if place is None or place.kind == "ADMIN_STRUCTURE":
        raise TRPCError("BAD_REQUEST", _BAD_LOCATION)
    return str(location)


def check_files(core: Core, wanted: Mapping[str, Any]) -> None:
    """2.0: an uploaded file must be there (step 14). Paths of rehearsal families are taken as uploaded."""
    if core.profile is Profile.V1_9:
        return
    for value in (*wanted["declaration"].values(), *(wanted.get("annotation") or {}).values()):
        for held in value if isinstance(value, list) else [value]:
            path = held.get("path") if isinstance(held, dict) else None
            if isinstance(path, str) and not path.startswith("signatures/") and path not in core.files:
                raise TRPCError("BAD_REQUEST", f"File not found: {path}")
