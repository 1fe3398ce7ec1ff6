"""What a correction means for the ID system: a first identity, a change of one, or nothing. Pure.

Contract mosip §11.7; field report §1.H: a record that has a national ID never gets a second one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wire.opencrvs import state
from wire.opencrvs.documents import Action, EventDocument, find_action
from wire.opencrvs.profiles import Profile

BIOGRAPHIC = ("child.name", "child.dob", "child.gender")


@dataclass(frozen=True)
class Correction:
    """An approved correction. `kind`: birth (make an identity) or update; `declaration` is the corrected
    one.
    """

    kind: str
    action_id: str
    request_id: str
    declaration: Mapping[str, Any]


def correction_of(
    event: EventDocument, claimed: str, national_id_field: str | None, profile: Profile
) -> Correction | None:
    """The pending APPROVE_CORRECTION as the ID system's business; None when it is none of it."""
    if event["type"] != "birth" or national_id_field is None:
        return None
    pending = [a for a in state.pending_actions(event) if a["type"] == "APPROVE_CORRECTION"]
    if len(pending) != 1 or claimed != pending[0]["id"]:
        return None
    request_id = pending[0].get("requestId")
    request = find_action(event, request_id) if request_id else None
    if request is None or request_id is None:
        return None
    before = state.declaration(event, profile=profile)
    changes = _changes(event, pending[0])
    after = state.merged(before, changes)
    if not before.get(national_id_field):
        return Correction("birth", pending[0]["id"], request_id, after)
    if any(name in changes and changes[name] != before.get(name) for name in BIOGRAPHIC):
        return Correction("update", pending[0]["id"], request_id, after)
    return None


def declared(event: EventDocument, action: Action | None, profile: Profile) -> dict[str, Any]:
    """The record as it will stand with an action: its own changes, and those that it approves."""
    before = state.declaration(event, profile=profile)
    return state.merged(before, _changes(event, action)) if action is not None else before


def _changes(event: EventDocument, action: Action) -> dict[str, Any]:
    """What an action changes; an approval, what was asked for: the request's own declaration over that of the
    action it answers.
    """
    own = dict(action.get("declaration") or {})
    request = find_action(event, action.get("requestId", ""))
    if action["type"] != "APPROVE_CORRECTION" or request is None:
        return own
    original = find_action(event, request.get("originalActionId", ""))
    asked = (original.get("declaration") or {}) if original is not None else {}
    return state.merged(asked, request.get("declaration") or {}) | own
