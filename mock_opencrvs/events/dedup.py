"""Duplicate detection: which records look like this one, and how that is said (contract §8.5, §9.2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from mock_opencrvs.auth.caller import Caller
from mock_opencrvs.events.core import Core
from mock_opencrvs.search.likeness import same_id, similar_name
from wire.opencrvs.declarations import merged, without_nulls
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.state import declaration
from wire.world import calendar_day

Declared = Mapping[str, Any]


def mark_duplicates(
    core: Core,
    caller: Caller,
    kind: str,
    event: EventDocument,
    wanted: Mapping[str, Any],
    *,
    after: bool = False,
) -> bool:
    """Append DUPLICATE_DETECTED when the country matches at this action and there are look-alikes.

    DECLARE is matched after it took effect, other actions before they are asked for.
    """
    form = core.form(event["type"])
    if kind not in form.deduplicates or (kind == "DECLARE") is not after:
        return False
    told = without_nulls(merged(declaration(event, profile=core.profile), wanted["declaration"]))
    found = look_alikes(core, event, told)
    if not found:
        return False
    content = {"duplicates": found}
    return core.append(
        event["id"],
        core.new_action(caller, "DUPLICATE_DETECTED", "Accepted", wanted["transactionId"], content=content),
    )


def look_alikes(core: Core, event: EventDocument, told: Declared) -> list[dict[str, str]]:
    """Ids and tracking ids of indexed births that the country's rules take for the same birth or mother."""
    cleared = _cleared(event)
    found = []
    for row in core.index.rows(core.index.candidates(told)):
        if row["type"] != event["type"] or row["id"] == event["id"] or row["id"] in cleared:
            continue
        if alike(told, row["declaration"]):
            found.append({"id": row["id"], "trackingId": row["trackingId"]})
    return sorted(found, key=lambda one: one["id"])


def _cleared(event: EventDocument) -> set[str]:
    """Records that somebody has looked at and found different."""
    named: set[str] = set()
    cleared: set[str] = set()
    for action in event["actions"]:
        if action["type"] == "DUPLICATE_DETECTED":
            named = {one["id"] for one in action.get("content", {}).get("duplicates", ())}
        elif action["type"] == "MARK_AS_NOT_DUPLICATE":
            cleared |= named
    return cleared


def alike(one: Declared, two: Declared) -> bool:
    """Farajaland's three rules for births."""
    if not _same_mother(one, two):
        return False
    if _days_apart(one, two, "child.dob") <= 270:
        return True
    close = _days_apart(one, two, "child.dob") <= 5
    if close and similar_name(one.get("child.name"), two.get("child.name")):
        return True
    equal = one.get("child.name") is not None and one.get("child.name") == two.get("child.name")
    return equal and _days_apart(one, two, "child.dob") <= 1095


def _same_mother(one: Declared, two: Declared) -> bool:
    return (
        same_id(one.get("mother.nid"), two.get("mother.nid"))
        and similar_name(one.get("mother.name"), two.get("mother.name"))
        and _mother_age_close(one, two)
    )


def _mother_age_close(one: Declared, two: Declared) -> bool:
    if "mother.dob" in one and "mother.dob" in two:
        return _days_apart(one, two, "mother.dob") <= 365
    ages = [d["mother.age"].get("age") for d in (one, two) if isinstance(d.get("mother.age"), dict)]
    return len(ages) < 2 or abs(ages[0] - ages[1]) <= 1


def _days_apart(one: Declared, two: Declared, field: str) -> float:
    first, second = calendar_day(one.get(field)), calendar_day(two.get(field))
    if first is None or second is None:
        return float("inf")
    return abs(first - second) / timedelta(days=1)
