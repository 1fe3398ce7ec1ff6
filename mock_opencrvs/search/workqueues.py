"""Workqueue configurations as `workqueue.config.list` serves them (contract opencrvs §7). Pure.

`$userField` stays in them: the browser fills in its user's value before it asks.
"""

from __future__ import annotations

from typing import Any

from mock_opencrvs.directory.seeding import data
from wire.opencrvs.profiles import Profile

Json = dict[str, Any]


def workqueue_configs(profile: Profile, *, custom_flags: bool) -> list[Json]:
    """The country's queues. Without custom flags every declared record is pending registration."""
    family = "1.9" if profile is Profile.V1_9 else "2.0"
    return [
        _config(row, profile, custom_flags)
        for row in data("workqueues")[family]
        if custom_flags or not row.get("custom")
    ]


def slugs(profile: Profile) -> list[str]:
    """All slugs that roles may be given."""
    family = "1.9" if profile is Profile.V1_9 else "2.0"
    return [row["slug"] for row in data("workqueues")[family]]


def _config(row: Json, profile: Profile, custom_flags: bool) -> Json:
    slug = row["slug"]
    old = profile is Profile.V1_9
    config: Json = {
        "slug": slug,
        "icon": "FileText",
        "name": _message(f"workqueues.{_camel(slug)}.title", row["name"], f"Title of {slug} workqueue"),
        "query": {"type": "and", "clauses": [_clause(row, old, custom_flags)]},
    }
    if old:
        config["actions"] = [{"type": "DEFAULT", "conditionals": []}]
    else:
        config["action"] = {"type": "READ"}
    config["columns"] = [
        _column("workqueues.dateOfEvent", "Date of Event", "dateOfEvent"),
        _column("workqueue.default.column.modifiedAt", "Last updated", "updatedAt"),
    ]
    return config


def _clause(row: Json, old: bool, custom_flags: bool) -> Json:
    clause: Json = {}
    if "status" in row:
        terms = row["status"]
        clause["status"] = (
            {"type": "exact", "term": terms[0]} if len(terms) == 1 else {"type": "anyOf", "terms": terms}
        )
    flags: Json = {}
    wanted = [flag for flag in row.get("flags", ()) if custom_flags or flag != "validated"]
    if wanted:
        flags["anyOf"] = wanted
    if "exclude" in row:
        flags["noneOf"] = row["exclude"]
    if flags:
        clause["flags"] = flags
    if row.get("recent"):
        clause["updatedAt"] = {"type": "timePeriod", "term": "last7Days"}
    if "mine" in row:
        clause[row["mine"]] = {"type": "exact", "term": {"$userField": "id"}}
    if row.get("office"):
        office = {"$userField": "primaryOfficeId"}
        clause["updatedAtLocation"] = (
            {"type": "exact", "term": office} if old else {"type": "within", "location": office}
        )
    return clause


def _column(identity: str, text: str, value: str) -> Json:
    return {"label": _message(identity, text, f"Column of {value}"), "value": {"$event": value}}


def _message(identity: str, text: str, description: str) -> Json:
    return {"id": identity, "defaultMessage": text, "description": description}


def _camel(slug: str) -> str:
    first, *rest = slug.split("-")
    return first + "".join(word.capitalize() for word in rest)
