"""The row of a record in search and in workqueues (EventIndex; contract opencrvs §6.5).

Upstream: packages/commons/src/events/state/{index,utils}.ts.
"""

from __future__ import annotations

import re
from typing import Any, Final

from wire.opencrvs.declarations import declaration
from wire.opencrvs.documents import META_ACTIONS, Action, Duplicate, EventDocument
from wire.opencrvs.flags import flags
from wire.opencrvs.profiles import Profile
from wire.opencrvs.standing import assigned_to, status

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LEGAL: Final = {"DECLARE": "DECLARED", "REGISTER": "REGISTERED"}
_DUPLICATES: Final = frozenset({"DUPLICATE_DETECTED", "MARK_AS_DUPLICATE", "MARK_AS_NOT_DUPLICATE"})
_QUIET: Final = META_ACTIONS | _DUPLICATES
"""Actions that do not move `updatedAt` and `updatedBy`."""


def index_row(
    event: EventDocument,
    profile: Profile = Profile.V2_0,
    *,
    date_of_event_field: str | None = None,
) -> dict[str, Any]:
    """The index row, keys without a value left out.

    `date_of_event_field` is the configured field (`child.dob`); without it the date of creation counts.
    """
    created = event["actions"][0]
    folded = declaration(event, profile=profile)
    row: dict[str, Any] = {
        "id": event["id"],
        "type": event["type"],
        "status": str(status(event)),
        "legalStatuses": legal_statuses(event),
        "createdAt": created["createdAt"],
        "createdBy": created["createdBy"],
        "createdByUserType": created["createdByUserType"],
        "createdAtLocation": created.get("createdAtLocation"),
        "updatedAt": _updated_at(event),
        "assignedTo": assigned_to(event),
        **_updated_by(event, profile),
        "declaration": folded,
        "trackingId": event["trackingId"],
        "dateOfEvent": _date_of_event(event, folded, date_of_event_field),
        "potentialDuplicates": potential_duplicates(event),
        "flags": flags(event, profile),
    }
    return {key: value for key, value in row.items() if value is not None}


def _updated_at(event: EventDocument) -> str:
    for action in event["actions"][::-1]:
        if action["status"] == "Accepted" and action["type"] not in _QUIET:
            return action["createdAt"]
    return event["createdAt"]


def _updated_by(event: EventDocument, profile: Profile) -> dict[str, Any]:
    """Who asked for the last update: pending ones count from 2.0 on (§6.5)."""
    counted = ("Accepted",) if profile is Profile.V1_9 else ("Accepted", "Requested")
    for action in event["actions"][::-1]:
        if action["status"] in counted and action["type"] not in _QUIET:
            asker = _asked(event, action)
            return {
                "updatedBy": asker["createdBy"],
                "updatedByUserRole": asker.get("createdByRole"),
                "updatedAtLocation": asker.get("createdAtLocation"),
            }
    return {}


def _asked(event: EventDocument, action: Action) -> Action:
    """The Requested action behind an Accepted one; the action itself when there is none."""
    original = action.get("originalActionId")
    if original is None:
        return action
    return next((a for a in event["actions"] if a["id"] == original), action)


def legal_statuses(event: EventDocument) -> dict[str, dict[str, Any]]:
    """`DECLARED` and `REGISTERED`, once accepted: who asked and when, when it was accepted, the number.

    As upstream, the last Accepted and the last Requested action of the type make the entry, even when a
    newer request is still pending.
    """
    accepted: dict[str, Action] = {}
    requested: dict[str, Action] = {}
    for action in event["actions"]:
        if action["type"] in _LEGAL and action["status"] != "Rejected":
            (accepted if action["status"] == "Accepted" else requested)[action["type"]] = action
    found = {}
    for kind, name in _LEGAL.items():
        if kind in accepted:
            found[name] = _legal_entry(accepted[kind], requested.get(kind, accepted[kind]))
    return found


def _legal_entry(accepted: Action, asked: Action) -> dict[str, Any]:
    entry = {
        "createdAt": asked["createdAt"],
        "createdBy": asked["createdBy"],
        "createdByUserType": asked["createdByUserType"],
        "createdAtLocation": asked.get("createdAtLocation"),
        "acceptedAt": accepted["createdAt"],
        "createdByRole": asked.get("createdByRole"),
        "registrationNumber": accepted.get("registrationNumber"),
    }
    return {key: value for key, value in entry.items() if value is not None}


def potential_duplicates(event: EventDocument) -> list[Duplicate]:
    """The records named by the last DUPLICATE_DETECTED, unless somebody has looked at them since."""
    for action in event["actions"][::-1]:
        if action["type"] in ("MARK_AS_DUPLICATE", "MARK_AS_NOT_DUPLICATE"):
            return []
        if action["type"] == "DUPLICATE_DETECTED":
            return list(action.get("content", {}).get("duplicates", []))
    return []


def _date_of_event(event: EventDocument, folded: dict[str, Any], field: str | None) -> str | None:
    if field is None:
        return event["createdAt"].partition("T")[0]
    value = folded.get(field)
    return value if isinstance(value, str) and _DATE.fullmatch(value) else None
