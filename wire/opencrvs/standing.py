"""Where a record stands: status, assignment, what is pending (contract opencrvs §6.1, §6.5, §1.4)."""

from __future__ import annotations

from typing import Final

from wire.opencrvs.documents import Action, EventDocument, Status

_REACHES: Final = {
    "CREATE": Status.CREATED,
    "NOTIFY": Status.NOTIFIED,
    "DECLARE": Status.DECLARED,
    "VALIDATE": Status.VALIDATED,
    "REGISTER": Status.REGISTERED,
    "ARCHIVE": Status.ARCHIVED,
    "REVOKE_REGISTRATION": Status.REVOKED,
    "REINSTATE_REGISTRATION": Status.REGISTERED,
}


class NotOnePending(Exception):
    """A record has no pending action, or several: upstream answers 500 with this text."""

    def __init__(self, pending: list[Action]) -> None:
        found = ", ".join(action["id"] for action in pending)
        super().__init__(f"Expected exactly one pending action, but found {found}")
        self.pending = pending


def status(event: EventDocument) -> Status:
    """The status: the last Accepted action that has one. UNARCHIVE (2.1) takes one ARCHIVE back."""
    taken_back = 0
    for action in event["actions"][::-1]:
        if action["status"] != "Accepted":
            continue
        if action["type"] == "UNARCHIVE":
            taken_back += 1
        elif action["type"] == "ARCHIVE" and taken_back:
            taken_back -= 1
        elif action["type"] in _REACHES:
            return _REACHES[action["type"]]
    return Status.CREATED


def assigned_to(event: EventDocument) -> str | None:
    """The user who has the record, by the last ASSIGN or UNASSIGN."""
    for action in event["actions"][::-1]:
        if action["type"] == "UNASSIGN":
            return None
        if action["type"] == "ASSIGN":
            return action.get("assignedTo")
    return None


def pending_actions(event: EventDocument) -> list[Action]:
    """Requested actions that no Accepted or Rejected action answers, oldest first."""
    answered = {action.get("originalActionId") for action in event["actions"]}
    return [a for a in event["actions"] if a["status"] == "Requested" and a["id"] not in answered]


def pending_action(event: EventDocument) -> Action:
    """The one pending action; NotOnePending when there is none or there are several."""
    pending = pending_actions(event)
    if len(pending) != 1:
        raise NotOnePending(pending)
    return pending[0]


def registration_number(event: EventDocument) -> str | None:
    """The number of the last Accepted REGISTER."""
    for action in event["actions"][::-1]:
        if action["type"] == "REGISTER" and action["status"] == "Accepted":
            return action.get("registrationNumber")
    return None
