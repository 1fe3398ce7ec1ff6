"""Records for tests: short notation for a history of actions."""

from __future__ import annotations

from typing import Any

from wire.opencrvs.documents import Action, EventDocument

AGENT = "6f1f0a52-3b0e-4a25-9df0-5a55a5a5a501"
REGISTRAR = "6f1f0a52-3b0e-4a25-9df0-5a55a5a5a502"
OFFICE = "b3d1c2aa-0000-4000-8000-00000000000f"
START = "2026-03-02T08:14:07.120Z"
_STATUS = {"?": "Requested", "+": "Accepted", "-": "Rejected"}


def act(note: str, number: int = 0, **fields: Any) -> Action:
    """`REGISTER?` is Requested, `REGISTER+` (or no sign) Accepted, `REGISTER-` Rejected."""
    sign = note[-1] if note[-1] in _STATUS else "+"
    action: dict[str, Any] = {
        "id": f"action-{number}",
        "type": note.rstrip("?+-"),
        "status": _STATUS[sign],
        "transactionId": f"transaction-{number}",
        "createdAt": f"2026-03-02T08:{number:02}:00.000Z",
        "createdBy": AGENT,
        "createdByUserType": "user",
        "createdByRole": "REGISTRATION_AGENT",
        "createdAtLocation": OFFICE,
        "declaration": {},
    }
    return action | fields  # type: ignore[return-value]


def record(*notes: str | Action) -> EventDocument:
    """A birth with these actions after CREATE; texts are notations, ids count from 1.

    An answer (`+` or `-`) to the last unanswered request of its type gets its `originalActionId`.
    """
    actions = [act("CREATE")]
    for number, note in enumerate(notes, 1):
        if not isinstance(note, str):
            actions.append(note)
            continue
        action = act(note, number)
        open_ids = {a["id"] for a in actions if a["status"] == "Requested" and a["type"] == action["type"]}
        open_ids -= {a.get("originalActionId", "") for a in actions}
        if action["status"] != "Requested" and open_ids:
            action["originalActionId"] = max(open_ids)
        actions.append(action)
    return {
        "id": "5a1c2c0e-7a0f-4d51-9b7b-0b7f0f6d9a11",
        "type": "birth",
        "trackingId": "K7QX2M",
        "createdAt": START,
        "updatedAt": START,
        "actions": actions,
    }


def history(text: str) -> EventDocument:
    """A record out of one line: `DECLARE? DECLARE+ REGISTER?`."""
    return record(*text.split())
