"""policy.json: what is done about each action before it is answered. One schema."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bridge.country.people import VerificationNeed, stands_in_the_way
from bridge.errors import BridgeError
from wire.opencrvs.procedures import TRIGGERING_ACTIONS
from wire.opencrvs.profiles import Profile

FILE = "policy.json"
_OF_IDENTITY = ("REGISTER", "APPROVE_CORRECTION")
_CUSTOM = re.compile(r"CUSTOM\.[A-Za-z0-9][A-Za-z0-9_-]*")
Who = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]*$")]


_LOCKED = (
    "{opencrvs} takes no rejection of {action} after a 202, and the record would stay locked: "
    'say "unanswered": "reject" (or "accept"), so that it is answered at once'
)


class Misplaced(BridgeError, ValueError):
    """What is wrong, and where below the value that was looked at."""

    def __init__(self, what: str, *at: str | int) -> None:
        super().__init__(what)
        self.at = at


class Strict(BaseModel):
    """Of every file that a country gives."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


Unanswered = Literal["wait", "accept", "reject"]
"""What OpenCRVS is answered when nobody says, while it waits, whether people are verified or a fee is paid:
202; or at once, without that word.
"""


class Rule(Strict):
    """What is done about one action: people are verified, a fee is asked for, an identity is made or changed;
    else nothing.
    """

    verify: dict[Who, VerificationNeed] = {}
    payment: Annotated[str, Field(min_length=1)] | None = None
    """Field of the declaration with the reference of the payment, or `$trackingId`."""
    identity: bool = False
    application: bool | Annotated[str, Field(min_length=1)] = False
    """Whether an older child is applied for at pre-registration; a text: the field of the declaration that
    gets the application's number.
    """
    unanswered: Unanswered = "wait"

    @property
    def may_refuse(self) -> bool:
        """Whether somebody else's word may stand in the action's way, before any packet."""
        return self.payment is not None or stands_in_the_way(self.verify)


Then = Literal["person", "accept", "reject"]


class Patience(Strict):
    """How long an action waits for somebody else's word, and what then: a person decides, or it is accepted
    without it, or rejected.
    """

    after_hours: Annotated[float, Field(gt=0, le=24 * 365)] = 72
    then: Then = "person"


class Rules(Strict):
    """The whole file. `events`: event type → action → rule; a custom action is `CUSTOM.` and its type."""

    about: str = ""
    events: dict[str, dict[str, Rule]]
    without_verdict: Patience = Patience()
    without_payment: Patience = Patience()

    def rule(self, event_type: str, action: str, custom: str | None = None) -> Rule | None:
        """The rule of an action; None when nothing is done about it."""
        actions = self.events.get(event_type, {})
        return actions.get(f"CUSTOM.{custom}") or actions.get(action)

    def decides(self, event_type: str, action: str) -> bool:
        """Whether there may be something to do about an action of this type."""
        actions = self.events.get(event_type, {})
        return any(name == action or name.startswith(f"{action}.") for name in actions)

    @property
    def verifies(self) -> bool:
        """Whether people are verified anywhere."""
        return any(rule.verify for actions in self.events.values() for rule in actions.values())

    @property
    def charges(self) -> bool:
        """Whether a payment is asked for anywhere."""
        return any(rule.payment for actions in self.events.values() for rule in actions.values())

    @property
    def application(self) -> bool | str:
        """Whether older children are applied for, and where the number goes."""
        rule = self.rule("birth", "REGISTER")
        return rule is not None and rule.application

    def faults(self, profile: Profile | None) -> Iterator[tuple[tuple[str, ...], str]]:
        """What cannot be done, each with the place of its field; with a profile, by that OpenCRVS."""
        for kind, actions in self.events.items():
            for name, rule in actions.items():
                at = ("events", kind, name)
                action = name.partition(".")[0]
                if name not in TRIGGERING_ACTIONS and not _CUSTOM.fullmatch(name):
                    yield at, f"OpenCRVS asks about no action {name!r}"
                if rule.identity and name not in _OF_IDENTITY:
                    yield (*at, "identity"), f"an identity is made by {' or '.join(_OF_IDENTITY)} alone"
                if rule.application and not (rule.identity and (kind, name) == ("birth", "REGISTER")):
                    yield (*at, "application"), "an application goes with the identity of a birth"
                if rule.identity and name == "APPROVE_CORRECTION" and kind != "birth":
                    yield (*at, "identity"), "only a correction of a birth changes an identity"
                waits = rule.may_refuse and rule.unanswered == "wait"
                if waits and profile is not None and not profile.rejects_late(action):
                    yield at, _LOCKED.format(opencrvs=f"OpenCRVS {profile}", action=action)

    def never_asked(self, profile: Profile) -> Iterator[tuple[tuple[str, ...], str]]:
        """Rules that do nothing at this OpenCRVS, and have no counterpart: VALIDATE is a custom action since
        2.0.
        """
        for kind, actions in self.events.items():
            known = {name.partition(".")[0] for name in actions}
            if known >= {"VALIDATE", "CUSTOM"}:
                continue
            for name in actions:
                if not profile.asks_about(name.partition(".")[0]):
                    yield ("events", kind, name), f"OpenCRVS {profile} has no such action"

    def fields(self) -> Iterator[tuple[tuple[str, ...], str, str]]:
        """What rules write into records, or read a payment from: place of the rule, event type, field."""
        for kind, actions in self.events.items():
            for name, rule in actions.items():
                at = ("events", kind, name)
                yield from (((*at, "verify", who), kind, f"{who}.verified") for who in rule.verify)
                for what in ("application", "payment"):
                    field = getattr(rule, what)
                    if isinstance(field, str) and not field.startswith("$"):
                        yield (*at, what), kind, field

    def identities(self) -> Iterator[tuple[str, str]]:
        """Event types and actions that make or change an identity."""
        for kind, actions in self.events.items():
            yield from ((kind, action) for action, rule in actions.items() if rule.identity)


@cache
def rules_of(folder: Path) -> Rules:
    """The country's policy; the folder was checked at the start."""
    return Rules.model_validate_json((folder / FILE).read_bytes())
