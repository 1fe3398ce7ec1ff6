"""Names and inputs of the procedures that a client and the mock both need (contract opencrvs §4).

Upstream: packages/events/src/router, packages/commons/src/events/ActionInput.ts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from wire.opencrvs.profiles import Profile

EVENT_GET: Final = "event.get"
EVENT_CREATE: Final = "event.create"
EVENT_SEARCH: Final = "event.search"

Step = Literal["request", "accept", "reject"]

ROUTERS: Final[Mapping[str, str]] = {
    "NOTIFY": "notify",
    "DECLARE": "declare",
    "EDIT": "edit",
    "VALIDATE": "validate",
    "REGISTER": "register",
    "REJECT": "reject",
    "ARCHIVE": "archive",
    "UNARCHIVE": "unarchive",
    "PRINT_CERTIFICATE": "printCertificate",
    "CUSTOM": "custom",
    "REQUEST_CORRECTION": "correction.request",
    "APPROVE_CORRECTION": "correction.approve",
    "REJECT_CORRECTION": "correction.reject",
}
"""Action type to the router that serves its request, accept and reject."""

TRIGGERING_ACTIONS: Final = frozenset(ROUTERS)
"""Actions about which the country's server is asked (§1.1)."""


def action_procedure(action: str, step: Step) -> str:
    """`REGISTER`, `accept` -> `event.actions.register.accept`."""
    return f"event.actions.{ROUTERS[action]}.{step}"


def trigger_path(event_type: str, action: str) -> str:
    """Where core asks the country's server about an action (§1.1); the type stays upper case."""
    return f"/trigger/events/{event_type}/actions/{action}"


def event_get_input(event_id: str, profile: Profile) -> Any:
    """The input of `event.get`: the bare id in 1.9, an object since."""
    return event_id if profile.bare_event_id else {"eventId": event_id}


def accept_input(
    *,
    event_id: str,
    action_id: str,
    transaction_id: str,
    declaration: Mapping[str, Any],
    registration_number: str | None = None,
    annotation: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The input of `…accept`, keys in the reference mediator's order; REGISTER needs the number (§4.4)."""
    found: dict[str, Any] = {"transactionId": transaction_id, "eventId": event_id, "actionId": action_id}
    if registration_number is not None:
        found["registrationNumber"] = registration_number
    found["declaration"] = dict(declaration)
    if annotation is not None:
        found["annotation"] = dict(annotation)
    return found


def reject_input(*, event_id: str, action_id: str, transaction_id: str) -> dict[str, Any]:
    """The input of `…reject`: there is no place for a reason (§4.4)."""
    return {"transactionId": transaction_id, "eventId": event_id, "actionId": action_id}
