"""policy.json: what is done about each action before it is answered. One schema."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bridge.country.people import VerificationNeed
from wire.opencrvs.documents import TRIGGERING_ACTIONS

FILE = "policy.json"
_OF_IDENTITY = ("REGISTER", "APPROVE_CORRECTION")
_CUSTOM = "CUSTOM."
Who = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]*$")]


class Strict(BaseModel):
    """Of every file that a country gives."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


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

    @model_validator(mode="after")
    def _possible(self) -> Rules:
        for kind, actions in self.events.items():
            for action, rule in actions.items():
                if action not in TRIGGERING_ACTIONS and not action.startswith(_CUSTOM):
                    raise ValueError(f"{kind}: OpenCRVS asks about no action {action!r}")
                if rule.identity and action not in _OF_IDENTITY:
                    raise ValueError(
                        f"{kind}: {action}: an identity is made by {' or '.join(_OF_IDENTITY)} alone"
                    )
                if rule.application and not (rule.identity and (kind, action) == ("birth", "REGISTER")):
                    raise ValueError(f"{kind}: {action}: an application goes with the identity of a birth")
                if rule.identity and action == "APPROVE_CORRECTION" and kind != "birth":
                    raise ValueError(f"{kind}: {action}: only a correction of a birth changes an identity")
        return self

    def rule(self, event_type: str, action: str, custom: str | None = None) -> Rule | None:
        """The rule of an action; None when nothing is done about it."""
        actions = self.events.get(event_type, {})
        return actions.get(f"{_CUSTOM}{custom}") or actions.get(action)

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

    def identities(self) -> Iterator[tuple[str, str]]:
        """Event types and actions that make or change an identity."""
        for kind, actions in self.events.items():
            yield from ((kind, action) for action, rule in actions.items() if rule.identity)


@cache
def rules_of(folder: Path) -> Rules:
    """The country's policy; the folder was checked at the start."""
    return Rules.model_validate_json((folder / FILE).read_bytes())
