"""The audit log: who did what through the events service (upstream commons/src/events/AuditLog.ts)."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from mock_opencrvs.auth.caller import Caller
from wire.opencrvs.javascript import UNDEFINED
from wire.world import World

_KEPT = 20_000
_KINDS = {
    "assign": "ASSIGN",
    "unassign": "UNASSIGN",
    "markAsDuplicate": "MARK_AS_DUPLICATE",
    "markNotDuplicate": "MARK_AS_NOT_DUPLICATE",
    "createAndNotify": "NOTIFY",
}
_NAMES = {
    "markAsDuplicate": "mark_as_duplicate",
    "markNotDuplicate": "mark_as_not_duplicate",
    "printCertificate": "print_certificate",
    "createAndNotify": "notify",
}


class AuditLog:
    """The latest entries of this run. It is not kept in a state file."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._entries: deque[dict[str, Any]] = deque(maxlen=_KEPT)

    def write(
        self,
        caller: Caller,
        operation: str,
        request: Mapping[str, Any],
        summary: Mapping[str, Any] | None = None,
    ) -> None:
        entry = {
            "id": self._world.chance.uuid(),
            "clientId": caller.id,
            "clientType": "system" if caller.is_system else "user",
            "createdAt": self._world.timestamp(),
            "operation": operation,
            "requestData": dict(request),
        }
        self._entries.append(entry | ({} if summary is None else {"responseSummary": dict(summary)}))

    def observe(self, caller: Caller, path: str, asked: Any, answer: Any, began: str) -> None:
        """Write what a call of `event.*` that succeeded was, if core writes it. `began`: when, as in JSON."""
        match path:
            case "event.create":
                request = {name: asked.get(name) for name in ("transactionId", "type", "createdAtLocation")}
                summary = {"eventId": answer["id"], "trackingId": answer["trackingId"]}
                self.write(caller, path, request, summary)
            case "event.get":
                summary = {"eventType": answer["type"], "trackingId": answer["trackingId"]}
                self.write(caller, path, {"eventId": answer["id"]}, summary)
            case "event.search" if caller.is_system:
                request = {name: asked.get(name) for name in ("query", "limit", "offset")}
                ids = [row["id"] for row in answer["results"]]
                self.write(caller, path, request, {"total": answer["total"], "eventIds": ids})
            case _ if path.startswith("event.actions.") and not path.endswith((".accept", ".reject")):
                self._action(caller, path, asked, answer, began)

    def _action(self, caller: Caller, path: str, asked: Any, event: Any, began: str) -> None:
        """The same call again writes no action, and is not written here."""
        name = path.removesuffix(".request").removeprefix("event.actions.")
        name = name.removeprefix("assignment.").removeprefix("duplicate.")
        written = (
            action
            for action in event["actions"]
            if action["transactionId"] == asked["transactionId"]
            and action["createdAt"] >= began
            and action["type"] == _KINDS.get(name, action["type"])
        )
        action = next(written, None)
        if action is None:
            return
        request = {
            "eventId": event["id"],
            "actionType": action["type"],
            "eventType": event["type"],
            "trackingId": event["trackingId"],
            "transactionId": asked["transactionId"],
        }
        if action["type"] == "CUSTOM":
            request["customAction"] = action["customActionType"]
        self.write(caller, f"event.actions.{_NAMES.get(name, name)}.request", request)

    def of(self, client_id: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """`{results, total}`, the newest first."""
        start, end = wanted.get("timeStart", UNDEFINED), wanted.get("timeEnd", UNDEFINED)
        found = [
            entry
            for entry in reversed(self._entries)
            if entry["clientId"] == client_id
            and (start is UNDEFINED or entry["createdAt"] >= start)
            and (end is UNDEFINED or entry["createdAt"] <= end)
            and entry["operation"] not in wanted.get("excludeOperations", ())
        ]
        skip = int(wanted["skip"])
        return {"results": found[skip : skip + int(wanted["count"])], "total": len(found)}

    def clear(self) -> None:
        self._entries.clear()
