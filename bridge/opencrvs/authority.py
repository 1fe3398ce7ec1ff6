"""Who may ask about which action, and at which office it was requested. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from bridge.errors import Refusal
from wire.opencrvs import state
from wire.opencrvs.documents import EventDocument, find_action
from wire.opencrvs.profiles import Profile
from wire.opencrvs.scopes import CONFIRM_REGISTRATION, REJECT_REGISTRATION, allows
from wire.opencrvs.tokens import COUNTRY_CONFIG


class NotAcceptable(Refusal):
    """The request cannot become a registration; nothing was recorded."""


class OtherEvent(NotAcceptable):
    """A confirmation token acts on its own event alone."""

    def __init__(self) -> None:
        super().__init__(
            403, "The token is for another event", "eventId in the token differs from the body's id"
        )


class Named(NamedTuple):
    """The one action that a confirmation token is for."""

    event_id: str
    action_id: str


def confirmation(claims: Mapping[str, Any]) -> Named:
    """What a confirmation token (opencrvs §2.3) may confirm; NotAcceptable 403 for any other token.

    A log-in token proves a person or a client, and not that core asks: whoever has one could name any record.
    """
    event_id, action_id = claims.get("eventId"), claims.get("actionId")
    scopes = claims.get("scope") or ()
    if (
        isinstance(event_id, str)
        and isinstance(action_id, str)
        and event_id
        and action_id
        and all(allows(scopes, name) for name in (CONFIRM_REGISTRATION, REJECT_REGISTRATION))
    ):
        return Named(event_id, action_id)
    raise NotAcceptable(
        403,
        "The token cannot confirm the action",
        "a confirmation token of OpenCRVS is due, with eventId, actionId and both confirm scopes",
    )


def asks_for(claims: Mapping[str, Any], profile: Profile) -> Named | None:
    """Whom a trigger's token lets ask: about one action, or in 2.1, where it is core's own, any (None).

    NotAcceptable 403 for the token of a person or a client (contract opencrvs §0.4, row 29).
    """
    if profile.record_token:
        return confirmation(claims)
    core = claims.get("aud") == [COUNTRY_CONFIG] and claims.get("scope") == []
    ids = [claims.get(name) for name in ("eventId", "actionId", "role")]
    if core and claims.get("userType") == "system" and ids == [None] * 3:
        return None
    raise NotAcceptable(
        403, "The token is not core's", "OpenCRVS 2.1 asks with a service token, for the country config alone"
    )


def action_asked(event: EventDocument, named: Named | None, action_type: str = "REGISTER") -> str:
    """Which action is asked about: the token's, which must have been requested; in 2.1 the record's."""
    try:
        pending = [a["id"] for a in state.pending_actions(event) if a["type"] == action_type]
    except (KeyError, TypeError) as error:
        raise NotAcceptable(400, "Not an event document", f"an action lacks {error}") from error
    if named is not None:
        if named.event_id != event["id"]:
            raise OtherEvent
        # it may be answered by now: a repetition is recognised by the store, not here
        asked = find_action(event, named.action_id)
        if asked is None or asked["type"] != action_type or asked["status"] != "Requested":
            raise NotAcceptable(
                400,
                "No such action",
                f"actionId in the token names no requested {action_type} action of the body",
            )
        return named.action_id
    if len(pending) != 1:
        raise NotAcceptable(
            400,
            "Not exactly one pending action",
            f"the body has {len(pending)} pending {action_type} actions",
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
