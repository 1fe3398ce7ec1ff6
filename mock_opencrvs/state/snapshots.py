"""The whole state as one JSON value, and back: for snapshots, resets and the state file."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import asdict
from typing import Any

from mock_opencrvs.directory.people import SystemClient, User
from mock_opencrvs.directory.places import Location, Version
from mock_opencrvs.events.core import Core

Snapshot = dict[str, Any]


class SnapshotWrong(ValueError):
    """The value is not a snapshot of this profile; the text says what to do."""


def beside_records(core: Core) -> Snapshot:
    """What is kept beside the records: profile, drafts, files, and the directory with what auth remembers."""
    return {
        "profile": str(core.profile),
        "drafts": [{"user": user, "draft": draft} for user, draft in core.drafts.dump()],
        "files": {path: b64encode(content).decode() for path, content in sorted(core.files.items())},
        "directory": {
            "users": [asdict(user) for user in core.people.users.values()],
            "clients": [asdict(client) for client in core.people.clients.values()],
            "places": [asdict(place) for place in core.people.places.values()],
            "invalidated": list(core.tokens.invalidated),
        },
    }


def whole(beside: Snapshot, records: list[Any], indexed: list[Any]) -> Snapshot:
    """A snapshot of its parts; the directory's own stand in it one by one."""
    told = {name: value for name, value in beside.items() if name != "directory"}
    return {**told, "records": records, "indexed": indexed, **beside["directory"]}


def take(core: Core) -> Snapshot:
    """Everything that a restart should find again. It holds client secrets and people's data."""
    indexed = [core.index[event_id] for event_id in sorted(core.index.all_ids())]
    return whole(beside_records(core), list(core.records), indexed)


def _place(row: Snapshot) -> Location:
    return Location(**{**row, "changes": tuple(Version(**version) for version in row["changes"])})


def restore(core: Core, snapshot: Snapshot) -> None:
    """Put a state in place of the present one; SnapshotWrong leaves the present one as it is."""
    if not isinstance(snapshot, dict) or snapshot.get("profile") != str(core.profile):
        found = snapshot.get("profile") if isinstance(snapshot, dict) else None
        raise SnapshotWrong(
            f"this is a snapshot of profile {found}, the server plays {core.profile}; start it so"
        )
    try:
        users = [User(**row) for row in snapshot["users"]]
        clients = [SystemClient(**{**row, "scopes": tuple(row["scopes"])}) for row in snapshot["clients"]]
        places = [_place(row) for row in snapshot["places"]]
        records, rows = list(snapshot["records"]), list(snapshot["indexed"])
        for document in records:
            core.form(document["type"])
            core.row(document)
        drafts = [(one["user"], one["draft"]) for one in snapshot["drafts"]]
        if not all(draft["eventId"] and draft["transactionId"] for _, draft in drafts):
            raise KeyError("draft")
        checked = [
            {**row, "flags": list(row["flags"]), "declaration": dict(row["declaration"])} for row in rows
        ]
        files = {path: b64decode(told) for path, told in dict(snapshot.get("files", {})).items()}
        ids = {document["id"] for document in records}
        if not all(row["id"] in ids and row["type"] for row in checked):
            raise KeyError("indexed")
    except SnapshotWrong:
        raise
    except Exception as error:
        raise SnapshotWrong(f"this is no snapshot: {type(error).__name__}: {error}") from error
    core.clear()
    core.people.users = {user.id: user for user in users}
    core.people.clients = {client.id: client for client in clients}
    core.people.places = {place.id: place for place in places}
    for token in snapshot.get("invalidated", ()):
        core.tokens.invalidated[token] = None
    core.files.update(files)
    for document in records:
        core.records.load(document)
    for row in checked:
        core.index.put(row)
    for user_id, draft in drafts:
        core.drafts.put(user_id, draft)
