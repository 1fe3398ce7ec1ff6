"""policy.json: which rule an action has, and what no country can mean."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bridge.country.rules import Rules
from wire.opencrvs.profiles import Profile

RULES = Rules.model_validate(
    {
        "events": {
            "birth": {
                "REGISTER": {"identity": True, "verify": {"mother": "if-known"}},
                "CUSTOM": {},
                "CUSTOM.APPROVE_LATE": {"verify": {"informant": "must"}},
            },
            "death": {"DECLARE": {}},
        }
    }
)


@pytest.mark.parametrize(
    ("event", "action", "custom", "who"),
    [
        ("birth", "REGISTER", None, ["mother"]),
        ("birth", "CUSTOM", "APPROVE_LATE", ["informant"]),
        ("birth", "CUSTOM", "ANOTHER", []),
        ("birth", "DECLARE", None, None),
        ("marriage", "REGISTER", None, None),
    ],
)
def test_the_rule_of_an_action(event: str, action: str, custom: str | None, who: list[str] | None) -> None:
    rule = RULES.rule(event, action, custom)
    assert (None if rule is None else list(rule.verify)) == who


@pytest.mark.parametrize(
    ("event", "action", "decides"),
    [
        ("birth", "CUSTOM", True),
        ("death", "CUSTOM", False),
        ("death", "DECLARE", True),
        ("birth", "CUS", False),
    ],
)
def test_whether_there_may_be_something_to_do(event: str, action: str, decides: bool) -> None:
    assert RULES.decides(event, action) is decides


def test_who_verifies_and_what_makes_an_identity() -> None:
    assert RULES.verifies and not Rules(events={"death": {"REGISTER": {"identity": True}}}).verifies
    assert list(RULES.identities()) == [("birth", "REGISTER")]


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ({"birth": {"REGISTER": {"verify": {"mother.nid": "must"}}}}, "mother.nid"),
        ({"birth": {"REGISTER": {"verify": {"mother": "perhaps"}}}}, "'must', 'if-known' or 'may'"),
        ({"birth": {"REGISTER": {"identiy": True}}}, "identiy"),
        ({"birth": {"CUSTOM": {"unanswered": "later"}}}, "'wait', 'accept' or 'reject'"),
    ],
)
def test_what_cannot_be_meant_is_named(events: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why.replace("(", r"\(")):
        Rules.model_validate({"events": events})


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ({"birth": {"READ": {}}}, "OpenCRVS asks about no action 'READ'"),
        ({"birth": {"DECLARE": {"identity": True}}}, "an identity is made by REGISTER or APPROVE_CORRECTION"),
        ({"death": {"APPROVE_CORRECTION": {"identity": True}}}, "only a correction of a birth"),
        ({"birth": {"CUSTOM.A": {"identity": True}}}, "an identity is made by REGISTER"),
        ({"birth": {"CUSTOMS": {}}}, "OpenCRVS asks about no action 'CUSTOMS'"),
    ],
)
def test_what_cannot_be_done_is_named(events: dict[str, Any], why: str) -> None:
    [(at, told)] = Rules.model_validate({"events": events}).faults(None)
    assert at[:2] == ("events", next(iter(events))) and why in told


@pytest.mark.parametrize(
    ("actions", "profile", "idle"),
    [
        (["VALIDATE"], Profile.V2_0, ["VALIDATE"]),
        (["VALIDATE", "CUSTOM.VALIDATE_DECLARATION"], Profile.V2_0, []),
        (["VALIDATE", "REGISTER"], Profile.V1_9, []),
        (["EDIT", "CUSTOM.A", "REGISTER"], Profile.V1_9, ["EDIT", "CUSTOM.A"]),
        (["EDIT", "CUSTOM"], Profile.V2_1, []),
    ],
)
def test_rules_that_no_opencrvs_of_this_version_asks_about(
    actions: list[str], profile: Profile, idle: list[str]
) -> None:
    rules = Rules.model_validate({"events": {"birth": {name: {} for name in actions}}})
    assert [at[-1] for at, _ in rules.never_asked(profile)] == idle
