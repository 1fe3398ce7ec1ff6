"""What the bridge has to do about an action by the country's policy, and why it does nothing."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bridge.country.business import Business, business_of
from bridge.country.folder import FARAJALAND
from bridge.country.people import VerificationNeed
from bridge.country.policy import Policy
from bridge.registration import Task
from tests.unit.wire_opencrvs.records import act, record
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.profiles import Profile

TODAY = date(2026, 3, 2)
CHILD = {"child.name": {"firstname": "Chanda", "surname": "Mulenga"}, "child.dob": "2026-02-20"}


def policy(folder: Path, events: dict[str, Any], **more: Any) -> Policy:
    country = Path(shutil.copytree(FARAJALAND, folder / "own"))
    (country / "policy.json").write_text(json.dumps({"events": events}))
    return Policy(country=country, **more)


def birth(**changes: Any) -> EventDocument:
    return record(act("DECLARE", 1, declaration={**CHILD, **changes}), act("REGISTER?", 2))


def business(
    event: EventDocument, by: Policy, action: str = "REGISTER", id: str = "action-2"
) -> Business | str:
    return business_of(event, action, id, policy=by, profile=Profile.V2_0, today=TODAY)


@pytest.mark.parametrize(
    ("rules", "declared", "kind", "verify"),
    [
        ({"identity": True}, {}, "birth", {}),
        ({"identity": True}, {"child.dob": "2000-01-01"}, "the child is 10 years or older", None),
        ({}, {}, "it makes no identity", None),
        # who verifies people verifies those of records, too, that make no identity
        ({"verify": {"mother": "must"}}, {}, None, {"mother": VerificationNeed.MUST}),
        ({"verify": {"mother": "if-known"}}, {}, "it makes no identity", None),
        (
            {"verify": {"mother": "if-known"}},
            {"mother.nid": "4238670978"},
            None,
            {"mother": VerificationNeed.IF_KNOWN},
        ),
        ({"identity": True, "verify": {"mother": "must"}}, {}, "birth", {"mother": VerificationNeed.MUST}),
        (
            {"identity": True, "verify": {"mother": "must"}},
            {"child.dob": "2000-01-01"},
            None,
            {"mother": VerificationNeed.MUST},
        ),
        (
            {"verify": {"mother": "must"}},
            {"mother.verified": "authenticated", "mother.nid": "4238670978"},
            "it makes no identity",
            None,
        ),
    ],
)
def test_a_registration(
    tmp_path: Path,
    rules: dict[str, Any],
    declared: dict[str, Any],
    kind: str | None,
    verify: dict[str, VerificationNeed] | None,
) -> None:
    found = business(birth(**declared), policy(tmp_path, {"birth": {"REGISTER": rules}}))
    if verify is None:
        assert found == kind
        return
    assert isinstance(found, Business)
    assert (found.kind, found.verify, found.numbered) == (kind, verify, True)
    assert found.ahead == ((Task.VERIFY,) if verify else ())
    assert found.declaration == {**CHILD, **declared}


def test_an_action_without_a_rule_is_none_of_its_business(tmp_path: Path) -> None:
    told = "the country's policy does nothing about it"
    assert business(birth(), policy(tmp_path, {"death": {"REGISTER": {"identity": True}}})) == told


@pytest.mark.parametrize(
    ("corrections", "born", "found"),
    [
        (True, "2026-02-20", "birth"),
        (False, "2026-02-20", "corrections are not forwarded"),
        (True, "2000-01-01", "the child is 10 years or older"),
    ],
)
def test_a_correction_that_gives_a_first_identity(
    tmp_path: Path, corrections: bool, born: str, found: str
) -> None:
    event = record(
        act("DECLARE", 1, declaration=CHILD),
        act("REGISTER", 2),
        act("REQUEST_CORRECTION", 3, declaration={"child.dob": born}),
        act("APPROVE_CORRECTION?", 4, requestId="action-3"),
    )
    by = policy(tmp_path, {"birth": {"APPROVE_CORRECTION": {"identity": True}}}, corrections=corrections)
    made = business(event, by, "APPROVE_CORRECTION", "action-4")
    if isinstance(made, Business):
        assert (made.kind, made.request_id, made.numbered) == (found, "action-3", True)
    else:
        assert made == found
