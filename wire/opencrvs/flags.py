"""Flags of a record (contract opencrvs §6.2): action statuses first, then inherent flags.

Upstream: packages/commons/src/events/state/flags.ts.
"""

from __future__ import annotations

from wire.opencrvs.documents import META_ACTIONS, Action, EventDocument, Status
from wire.opencrvs.profiles import Profile
from wire.opencrvs.standing import status

PENDING_CERTIFICATION = "pending-certification"
CORRECTION_REQUESTED = "correction-requested"
INCOMPLETE = "incomplete"
REJECTED = "rejected"
POTENTIAL_DUPLICATE = "potential-duplicate"
EDIT_IN_PROGRESS = "edit-in-progress"


def flags(event: EventDocument, profile: Profile = Profile.V2_0) -> list[str]:
    """All flags in upstream's order, without those that a country's configuration adds."""
    actions = [action for action in event["actions"] if action["type"] not in META_ACTIONS]
    inherent = _inherent_1_9 if profile is Profile.V1_9 else _inherent_2
    return _action_status_flags(actions) + inherent(event, actions)


def _action_status_flags(actions: list[Action]) -> list[str]:
    """`register:requested` and its like: the last action of a type that is not Accepted."""
    last: dict[str, str] = {}
    for action in actions:
        last[action["type"]] = action["status"]
    return [f"{kind}:{state}".lower() for kind, state in last.items() if state != "Accepted"]


def _inherent_1_9(event: EventDocument, actions: list[Action]) -> list[str]:
    at = status(event)
    found = []
    if at is Status.REGISTERED and not _open(actions, "PRINT_CERTIFICATE", ("APPROVE_CORRECTION",)):
        found.append(PENDING_CERTIFICATION)
    if _correction_requested([a for a in actions if a["status"] == "Accepted"]):
        found.append(CORRECTION_REQUESTED)
    if at is Status.NOTIFIED:
        found.append(INCOMPLETE)
    if actions and actions[-1]["type"] == "REJECT":
        found.append(REJECTED)
    if _potential_duplicate(actions):
        found.append(POTENTIAL_DUPLICATE)
    return found


def _inherent_2(event: EventDocument, actions: list[Action]) -> list[str]:
    accepted = [a for a in actions if a["status"] == "Accepted"]
    found = []
    if _correction_requested(accepted):
        found.append(CORRECTION_REQUESTED)
    if status(event) is Status.NOTIFIED:
        found.append(INCOMPLETE)
    if _open(accepted, "REJECT", ("NOTIFY", "DECLARE", "EDIT", "REGISTER")):
        found.append(REJECTED)
    if _potential_duplicate(accepted):
        found.append(POTENTIAL_DUPLICATE)
    if _open(accepted, "EDIT", ("NOTIFY", "DECLARE", "REGISTER")):
        found.append(EDIT_IN_PROGRESS)
    return found


def _open(actions: list[Action], opens: str, closes: tuple[str, ...]) -> bool:
    """Whether the last of these actions is the opening one."""
    for action in reversed(actions):
        if action["type"] == opens:
            return True
        if action["type"] in closes:
            return False
    return False


def _correction_requested(actions: list[Action]) -> bool:
    return _open(actions, "REQUEST_CORRECTION", ("APPROVE_CORRECTION", "REJECT_CORRECTION"))


def _potential_duplicate(actions: list[Action]) -> bool:
    return _open(actions, "DUPLICATE_DETECTED", ("MARK_AS_DUPLICATE", "MARK_AS_NOT_DUPLICATE"))
