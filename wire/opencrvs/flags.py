"""Flags of a record (contract opencrvs §6.2): action statuses first, then inherent flags, then the config's.

Upstream: packages/commons/src/events/state/flags.ts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wire.opencrvs.documents import META_ACTIONS, Action, EventDocument, Status
from wire.opencrvs.profiles import Profile
from wire.opencrvs.standing import status

PENDING_CERTIFICATION = "pending-certification"
CORRECTION_REQUESTED = "correction-requested"
INCOMPLETE = "incomplete"
REJECTED = "rejected"
POTENTIAL_DUPLICATE = "potential-duplicate"
EDIT_IN_PROGRESS = "edit-in-progress"


@dataclass(frozen=True, slots=True)
class FlagRule:
    """A country's own flag (2.0): an Accepted action of this type adds it, or removes it.

    `custom_action` narrows CUSTOM to one `customActionType`; `roles` to actions by people of these roles.
    """

    flag: str
    action: str
    adds: bool = True
    custom_action: str | None = None
    roles: frozenset[str] | None = None

    def applies(self, action: Action) -> bool:
        """Whether the rule speaks about this action."""
        return (
            action["type"] == self.action
            and self.custom_action in (None, action.get("customActionType"))
            and (self.roles is None or action.get("createdByRole") in self.roles)
        )


def flags(
    event: EventDocument, profile: Profile = Profile.V2_0, *, rules: Sequence[FlagRule] = ()
) -> list[str]:
    """All flags in upstream's order; `rules` are the country's own, from 2.0 on."""
    actions = [action for action in event["actions"] if action["type"] not in META_ACTIONS]
    found = _action_status_flags(actions)
    inherent = _inherent_1_9 if profile is Profile.V1_9 else _inherent_2
    own = [] if profile is Profile.V1_9 else _own_flags(actions, rules)
    return found + inherent(event, actions) + own


def _own_flags(actions: list[Action], rules: Sequence[FlagRule]) -> list[str]:
    held: list[str] = []
    for action in actions if rules else ():
        if action["status"] == "Accepted":
            meant = [rule for rule in rules if rule.applies(action)]
            removed = {rule.flag for rule in meant if not rule.adds}
            added = [rule.flag for rule in meant if rule.adds]
            held = [flag for flag in dict.fromkeys(held + added) if flag not in removed]
    return held


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
