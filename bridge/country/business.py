"""Whether an action is the ID system's business, and which. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bridge.country.corrections import correction_of
from bridge.country.policy import Policy
from wire.opencrvs import state
from wire.opencrvs.documents import EventDocument, find_action
from wire.opencrvs.profiles import Profile


@dataclass(frozen=True)
class Business:
    """What the bridge decides. `kind`: of the packet (birth, death, update); `declaration`: as it stands with
    the action.
    """

    kind: str
    action_type: str
    action_id: str
    declaration: Mapping[str, Any]
    request_id: str | None = None


def business_of(
    event: EventDocument, action_type: str, action_id: str, *, policy: Policy, profile: Profile, today: date
) -> Business | str:
    """The ID system's business; else why it is none of it."""
    if action_type == "REGISTER":
        action = find_action(event, action_id)
        changes = (action.get("declaration") if action is not None else None) or {}
        declaration = state.merged(state.declaration(event, profile=profile), changes)
        why_not = policy.why_not_forwarded(event["type"], declaration, today)
        return why_not or Business(event["type"], action_type, action_id, declaration)
    if not policy.corrections:
        return "corrections are not forwarded"
    place = policy.national_id_fields.get(event["type"])
    found = correction_of(event, action_id, place, profile)
    if found is None:
        return "the correction concerns no identity"
    if found.kind == "birth":
        why_not = policy.why_not_forwarded(event["type"], found.declaration, today)
        if why_not is not None:
            return why_not
    return Business(found.kind, action_type, action_id, found.declaration, found.request_id)
