"""Event documents: the JSON that OpenCRVS keeps, shows and posts to the trigger (contract opencrvs §1.1).

They stay plain dictionaries from the wire to the store; the types here only name the keys. Upstream:
packages/commons/src/events/{EventDocument,ActionDocument,ActionType}.ts.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NotRequired, TypedDict


class ActionType(StrEnum):
    """What can happen to a record. The names are also the last segment of the trigger's path."""

    CREATE = "CREATE"
    NOTIFY = "NOTIFY"
    DECLARE = "DECLARE"
    EDIT = "EDIT"
    VALIDATE = "VALIDATE"
    REGISTER = "REGISTER"
    REJECT = "REJECT"
    ARCHIVE = "ARCHIVE"
    UNARCHIVE = "UNARCHIVE"
    REVOKE_REGISTRATION = "REVOKE_REGISTRATION"
    REINSTATE_REGISTRATION = "REINSTATE_REGISTRATION"
    PRINT_CERTIFICATE = "PRINT_CERTIFICATE"
    CUSTOM = "CUSTOM"
    REQUEST_CORRECTION = "REQUEST_CORRECTION"
    APPROVE_CORRECTION = "APPROVE_CORRECTION"
    REJECT_CORRECTION = "REJECT_CORRECTION"
    READ = "READ"
    ASSIGN = "ASSIGN"
    UNASSIGN = "UNASSIGN"
    DELETE = "DELETE"
    DUPLICATE_DETECTED = "DUPLICATE_DETECTED"
    MARK_AS_DUPLICATE = "MARK_AS_DUPLICATE"
    MARK_AS_NOT_DUPLICATE = "MARK_AS_NOT_DUPLICATE"


class ActionStatus(StrEnum):
    """Asked for, done, or refused by the country's server."""

    REQUESTED = "Requested"
    ACCEPTED = "Accepted"
    REJECTED = "Rejected"


class Status(StrEnum):
    """The state of a record; VALIDATED exists in profile 1.9 only, REVOKED in 2.1."""

    CREATED = "CREATED"
    NOTIFIED = "NOTIFIED"
    DECLARED = "DECLARED"
    VALIDATED = "VALIDATED"
    REGISTERED = "REGISTERED"
    ARCHIVED = "ARCHIVED"
    REVOKED = "REVOKED"


META_ACTIONS = frozenset({"ASSIGN", "UNASSIGN", "READ"})
"""Actions that say nothing about the record itself: they move neither flags nor `updatedAt`."""


class Duplicate(TypedDict):
    """A record that looks like this one."""

    id: str
    trackingId: str


class Content(TypedDict, total=False):
    """What an action says beside the declaration; which keys occur depends on its type."""

    reason: str
    comment: str
    templateId: str
    duplicates: list[Duplicate]
    duplicateOf: str


class Action(TypedDict):
    """One row of a record's history. `type` and `status` hold the enums' texts; times are ISO texts."""

    id: str
    type: str
    status: str
    transactionId: str
    createdAt: str
    createdBy: str
    createdByUserType: str
    createdByRole: NotRequired[str]
    createdBySignature: NotRequired[str]
    createdAtLocation: NotRequired[str | None]
    declaration: NotRequired[dict[str, Any]]
    annotation: NotRequired[dict[str, Any] | None]
    originalActionId: NotRequired[str]
    registrationNumber: NotRequired[str]
    assignedTo: NotRequired[str]
    requestId: NotRequired[str]
    customActionType: NotRequired[str]
    content: NotRequired[Content]


class EventDocument(TypedDict):
    """A record: CREATE is its first action, the others follow by `createdAt`."""

    id: str
    type: str
    trackingId: str
    createdAt: str
    updatedAt: str
    actions: list[Action]


def find_action(event: EventDocument, action_id: str) -> Action | None:
    """The action with this id, if the record has it."""
    for action in event["actions"]:
        if action["id"] == action_id:
            return action
    return None


def repeated_action(event: EventDocument, kind: str, transaction_id: str) -> Action | None:
    """The action that an earlier call with this transaction id left behind (§4.3, step 11)."""
    for action in event["actions"]:
        if action["transactionId"] == transaction_id and action["type"] == kind:
            return action
    return None


def confirmation_of(event: EventDocument, action_id: str) -> Action | None:
    """The Accepted or Rejected action that answers a Requested one; None while it waits (§4.4)."""
    for action in event["actions"]:
        if action.get("originalActionId") == action_id:
            return action
    return None
