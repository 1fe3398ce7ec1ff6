"""What the country's policy has the bridge do about an action, if anything. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from bridge.country.corrections import correction_of, declared
from bridge.country.mappings import APPLIED_FOR
from bridge.country.people import VerificationNeed, open_needs
from bridge.country.policy import Policy
from bridge.country.rules import Unanswered
from bridge.registration import Task
from wire.opencrvs.documents import EventDocument, find_action
from wire.opencrvs.profiles import Profile

TRACKING_ID = "$trackingId"


@dataclass(frozen=True)
class Business:
    """What the bridge decides. `kind`: of the packet (birth, death, update), None: there is none;
    `declaration`: as it stands with the action; `verify`: who has to be verified before.
    """

    kind: str | None
    action_type: str
    action_id: str
    declaration: Mapping[str, Any]
    request_id: str | None = None
    verify: Mapping[str, VerificationNeed] = field(default_factory=dict)
    payment: str | None = None
    """Reference of the payment, empty where the record has none; None: none is due."""
    unanswered: Unanswered = "wait"

    @property
    def ahead(self) -> tuple[Task, ...]:
        """What is to be done before the packet, or the answer."""
        wanted = {Task.VERIFY: bool(self.verify), Task.PAY: self.payment is not None}
        return tuple(task for task, is_wanted in wanted.items() if is_wanted)

    @property
    def numbered(self) -> bool:
        """Whether it has a registration number."""
        return self.kind is not None or self.action_type == "REGISTER"


def business_of(
    event: EventDocument, action_type: str, action_id: str, *, policy: Policy, profile: Profile, today: date
) -> Business | str:
    """What is to be done; else why nothing is."""
    action = find_action(event, action_id)
    custom = action.get("customActionType") if action is not None else None
    rule = policy.rules.rule(event["type"], action_type, custom)
    if rule is None:
        return "the country's policy does nothing about it"
    whole = Business(None, action_type, action_id, declared(event, action, profile))
    found: Business | str = "it makes no identity"
    if rule.identity and action_type == "REGISTER":
        why_not = policy.why_not_forwarded(event["type"], whole.declaration, today)
        found = why_not or replace(whole, kind=event["type"])
        if policy.applied_for(event["type"], whole.declaration, today):
            found = replace(whole, kind=APPLIED_FOR)
    elif rule.identity:
        found = _correction(event, whole, policy, profile, today)
    verify = open_needs(rule.verify, whole.declaration)
    payment = None if rule.payment is None else _reference(event, whole.declaration, rule.payment)
    if not verify and payment is None:
        return found
    return replace(
        whole if isinstance(found, str) else found, verify=verify, payment=payment, unanswered=rule.unanswered
    )


def _reference(event: EventDocument, declaration: Mapping[str, Any], place: str) -> str:
    return event["trackingId"] if place == TRACKING_ID else str(declaration.get(place) or "")


def _correction(
    event: EventDocument, whole: Business, policy: Policy, profile: Profile, today: date
) -> Business | str:
    if not policy.corrections:
        return "corrections are not forwarded"
    place = policy.national_id_fields.get(event["type"])
    found = correction_of(event, whole.action_id, place, profile)
    if found is None:
        return "the correction concerns no identity"
    if found.kind == "birth":
        why_not = policy.why_not_forwarded(event["type"], found.declaration, today)
        if why_not is not None:
            return why_not
    return replace(whole, kind=found.kind, declaration=found.declaration, request_id=found.request_id)
