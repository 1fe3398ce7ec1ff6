"""Folding of declarations: what a record says now (contract opencrvs §6.4).

Upstream: packages/commons/src/events/utils.ts (aggregateActionDeclarations, getCompleteActionDeclaration).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wire.opencrvs.documents import Action, EventDocument
from wire.opencrvs.profiles import Profile

_SILENT = frozenset({"REQUEST_CORRECTION", "REJECT_CORRECTION", "PRINT_CERTIFICATE"})
"""Accepted actions whose own declaration never reaches the record."""


def declaration(event: EventDocument, *, profile: Profile = Profile.V2_0) -> dict[str, Any]:
    """The current declaration: Accepted actions in order, each over its Requested one; null removes a field.

    Corrections count when approved.
    """
    by_id = {action["id"]: action for action in event["actions"]}
    folded: dict[str, Any] = {}
    for action in event["actions"]:
        if action["status"] != "Accepted" or action["type"] in _SILENT:
            continue
        if action["type"] == "APPROVE_CORRECTION":
            requested = by_id.get(action.get("requestId", ""))
            if requested is not None and requested["status"] == "Accepted":
                _merge(folded, _complete(requested, by_id))
            if profile is Profile.V1_9:
                continue
        _merge(folded, _complete(action, by_id))
    return without_nulls(folded)


def _complete(action: Action, by_id: Mapping[str, Action]) -> Mapping[str, Any]:
    """An Accepted action's declaration over that of the Requested action it answers."""
    own = action.get("declaration") or {}
    original = by_id.get(action.get("originalActionId", ""))
    asked = original.get("declaration") if original is not None else None
    if not asked:
        return own
    return merged(asked, own) if own else asked


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """A deep merge: objects merge, everything else (arrays, null) is replaced by `over`."""
    result = dict(under)
    _merge(result, over)
    return result


def _merge(target: dict[str, Any], over: Mapping[str, Any]) -> None:
    for key, value in over.items():
        held = target.get(key)
        if isinstance(value, dict) and isinstance(held, dict):
            target[key] = merged(held, value)
        else:
            target[key] = value


def without_nulls(value: Mapping[str, Any]) -> dict[str, Any]:
    """The object without keys whose value is null, at every depth."""
    return {key: _cleaned(held) for key, held in value.items() if held is not None}


def _cleaned(value: Any) -> Any:
    if isinstance(value, dict):
        return without_nulls(value)
    if isinstance(value, list):
        return [_cleaned(member) for member in value]
    return value
