"""Which actions a record allows, in the order of upstream's 409 text (contract opencrvs §6.3).

Upstream: packages/commons/src/events/state/availableActions.ts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from wire.opencrvs.documents import EventDocument, Status
from wire.opencrvs.flags import (
    CORRECTION_REQUESTED,
    EDIT_IN_PROGRESS,
    POTENTIAL_DUPLICATE,
    REJECTED,
    flags,
)
from wire.opencrvs.profiles import Profile
from wire.opencrvs.standing import status
from wire.words import names

_BY_STATUS_1_9: Final = {
    Status.CREATED: names("READ DECLARE NOTIFY DELETE"),
    Status.NOTIFIED: names("READ DECLARE MARK_AS_DUPLICATE ARCHIVE REJECT"),
    Status.DECLARED: names("READ VALIDATE MARK_AS_DUPLICATE ARCHIVE REJECT"),
    Status.VALIDATED: names("READ REGISTER MARK_AS_DUPLICATE ARCHIVE REJECT"),
    Status.REGISTERED: names(
        "READ PRINT_CERTIFICATE REQUEST_CORRECTION APPROVE_CORRECTION REJECT_CORRECTION "
        "REVIEW_CORRECTION_REQUEST"
    ),
    Status.ARCHIVED: names("READ ASSIGN UNASSIGN"),
}
_BY_STATUS_2: Final = {
    Status.CREATED: names("READ DECLARE NOTIFY DELETE CUSTOM"),
    Status.NOTIFIED: names("READ EDIT MARK_AS_DUPLICATE ARCHIVE REJECT CUSTOM"),
    Status.DECLARED: names("READ REGISTER MARK_AS_DUPLICATE ARCHIVE REJECT CUSTOM EDIT"),
    Status.VALIDATED: names("READ REGISTER MARK_AS_DUPLICATE ARCHIVE REJECT CUSTOM EDIT"),
    Status.REGISTERED: names(
        "READ PRINT_CERTIFICATE REQUEST_CORRECTION APPROVE_CORRECTION REJECT_CORRECTION CUSTOM "
        "REVIEW_CORRECTION_REQUEST"
    ),
    Status.ARCHIVED: names("READ CUSTOM"),
}
_BY_STATUS_2_1: Final = {
    **_BY_STATUS_2,
    Status.REGISTERED: (*_BY_STATUS_2[Status.REGISTERED], "REVOKE_REGISTRATION"),
    Status.ARCHIVED: (*_BY_STATUS_2[Status.ARCHIVED], "UNARCHIVE"),
    Status.REVOKED: names("READ REINSTATE_REGISTRATION"),
}
_REJECTED_2: Final = names("READ NOTIFY CUSTOM EDIT ARCHIVE")
_EDITING_2: Final = names("NOTIFY DECLARE REGISTER")
_REJECTED_1_9: Final = {
    Status.NOTIFIED: names("READ DECLARE NOTIFY ARCHIVE"),
    Status.DECLARED: names("READ DECLARE NOTIFY ARCHIVE"),
    Status.VALIDATED: names("READ VALIDATE MARK_AS_DUPLICATE ARCHIVE REJECT"),
}

_WAITING: Final = frozenset(
    names(
        "VALIDATE REGISTER EDIT REJECT ARCHIVE CUSTOM MARK_AS_DUPLICATE PRINT_CERTIFICATE REQUEST_CORRECTION "
        "APPROVE_CORRECTION REJECT_CORRECTION REVIEW_CORRECTION_REQUEST REVOKE_REGISTRATION"
    )
)
"""What a pending action shuts."""
_NEEDS: Final = {
    "MARK_AS_DUPLICATE": POTENTIAL_DUPLICATE,
    "APPROVE_CORRECTION": CORRECTION_REQUESTED,
    "REJECT_CORRECTION": CORRECTION_REQUESTED,
    "REVIEW_CORRECTION_REQUEST": CORRECTION_REQUESTED,
}
_SHUT_BY: Final = {
    "REGISTER": POTENTIAL_DUPLICATE,
    "VALIDATE": POTENTIAL_DUPLICATE,
    "EDIT": POTENTIAL_DUPLICATE,
    "REQUEST_CORRECTION": CORRECTION_REQUESTED,
    "PRINT_CERTIFICATE": CORRECTION_REQUESTED,
    "REVOKE_REGISTRATION": CORRECTION_REQUESTED,
    "REJECT": REJECTED,
}


def available_actions(
    event: EventDocument, profile: Profile = Profile.V2_0, *, known_flags: Sequence[str] | None = None
) -> list[str]:
    """The actions that may be asked for now. `known_flags` saves working them out again."""
    held = flags(event, profile) if known_flags is None else known_flags
    pending = any(flag.endswith(":requested") for flag in held)
    return [action for action in _listed(status(event), held, profile) if _open(action, held, pending)]


def _listed(at: Status, held: Sequence[str], profile: Profile) -> tuple[str, ...]:
    if profile is Profile.V1_9:
        return (_REJECTED_1_9 if REJECTED in held else {}).get(at, _BY_STATUS_1_9[at])
    if EDIT_IN_PROGRESS in held:
        return _EDITING_2
    if REJECTED in held and at not in (Status.ARCHIVED, Status.REVOKED):
        return _REJECTED_2
    return (_BY_STATUS_2_1 if profile is Profile.V2_1 else _BY_STATUS_2)[at]


def _open(action: str, held: Sequence[str], pending: bool) -> bool:
    if pending and action in _WAITING:
        return False
    if action in _NEEDS and _NEEDS[action] not in held:
        return False
    return _SHUT_BY.get(action) not in held
