"""What a trigger asks: about which action, requested at which office. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wire.opencrvs import state
from wire.opencrvs.documents import EventDocument, find_action


class NotAcceptable(Exception):
    """The request cannot become a registration; nothing was recorded. `status` is the HTTP status
    to answer.
    """

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail = status, title, detail


def action_asked(event: EventDocument, claims: Mapping[str, Any]) -> str:
    """Which action is asked about: the token's claim, and it must be the pending one; in 2.1 only the record
    says.
    """
    try:
        pending = [a["id"] for a in state.pending_actions(event) if a["type"] == "REGISTER"]
    except (KeyError, TypeError) as error:
        raise NotAcceptable(400, "Not an event document", f"an action lacks {error}") from error
    claimed_event, claimed = claims.get("eventId"), claims.get("actionId")
    if claimed_event is not None and claimed_event != event["id"]:
        raise NotAcceptable(
            403, "The token is for another event", "eventId in the token differs from the body's id"
        )
    if claimed is not None:
        # it may be answered by now: a repetition is recognised by the store, not here
        asked = find_action(event, str(claimed))
        if asked is None or asked["type"] != "REGISTER" or asked["status"] != "Requested":
            raise NotAcceptable(
                400, "No such action", "actionId in the token names no requested REGISTER action of the body"
            )
        return str(claimed)
    if len(pending) != 1:
        raise NotAcceptable(
            400, "Not exactly one pending action", f"the body has {len(pending)} pending REGISTER actions"
        )
    return pending[0]


def office_asked(event: EventDocument, action_id: str) -> str:
    """Id of the office where the action was requested (contract opencrvs §1.1). A system client may name
    none (§4.3); then it is the last office that had the record.
    """
    found = None
    for action in event["actions"]:
        place = action.get("createdAtLocation")
        found = place if isinstance(place, str) and place else found
        if action["id"] == action_id:
            break
    if found is None:
        raise NotAcceptable(
            422,
            "The registration number needs an office",
            "no action up to the requested one has a createdAtLocation, and BRIDGE_REGISTRATION_NUMBER has "
            "{office}",
        )
    return found
