"""What the country server's answer to the trigger means, in each profile (contract opencrvs §1.2)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mock_opencrvs.country.answer import (
    INVALID,
    UNEXPECTED,
    Accepted,
    NoUsableAnswer,
    Pending,
    Rejection,
    country_answer,
)
from wire.opencrvs.profiles import Profile

V1_9, V2_0 = Profile.V1_9, Profile.V2_0
BROKEN = NoUsableAnswer(INVALID)
NUMBER = {"registrationNumber": "2026B1"}


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize(
    ("status", "means"),
    [
        (202, Pending()),
        (400, Rejection()),
        (201, NoUsableAnswer(UNEXPECTED)),
        (204, NoUsableAnswer(UNEXPECTED)),
        (404, NoUsableAnswer(UNEXPECTED)),
        (500, NoUsableAnswer(UNEXPECTED)),
        (None, NoUsableAnswer(UNEXPECTED)),
    ],
)
def test_a_status_means_the_same_whatever_the_body(profile: Profile, status: int | None, means: Any) -> None:
    for body in (b"", b'{"registrationNumber":"2026B1"}'):
        assert country_answer(profile, "REGISTER", status, body) == means


@pytest.mark.parametrize(
    ("action", "body", "in_1_9", "in_2_0"),
    [
        ("REGISTER", NUMBER, Accepted({}, None, "2026B1"), Accepted({}, None, "2026B1")),
        ("REGISTER", {}, BROKEN, BROKEN),
        ("REGISTER", {"registrationNumber": 5}, BROKEN, BROKEN),
        ("REGISTER", {"registrationNumber": None}, BROKEN, BROKEN),
        # two zod copies in core (§0.3, row 6): 1.9 refuses what it does not know
        ("REGISTER", {**NUMBER, "more": 1}, BROKEN, Accepted({}, None, "2026B1")),
        ("DECLARE", NUMBER, BROKEN, Accepted({})),
        ("DECLARE", {}, Accepted({}), Accepted({})),
        (
            "DECLARE",
            {"declaration": {"child.nid": "1"}},
            Accepted({"child.nid": "1"}),
            Accepted({"child.nid": "1"}),
        ),
        ("DECLARE", {"declaration": None}, BROKEN, BROKEN),
        ("DECLARE", {"declaration": []}, BROKEN, BROKEN),
        (
            "DECLARE",
            {"annotation": {"a": 1}},
            Accepted({}, {"a": 1}),
            Accepted({}, {"a": 1}),
        ),
        ("DECLARE", {"annotation": None}, Accepted({}), Accepted({})),
        ("DECLARE", {"annotation": "x"}, BROKEN, BROKEN),
        ("DECLARE", [], BROKEN, BROKEN),
    ],
)
def test_a_200_has_to_fit(action: str, body: Any, in_1_9: Any, in_2_0: Any) -> None:
    told = json.dumps(body).encode()
    assert country_answer(V1_9, action, 200, told) == in_1_9
    assert country_answer(V2_0, action, 200, told) == in_2_0


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 9999, b"\xff"])
def test_a_body_that_is_no_json_is_an_empty_one(body: bytes) -> None:
    assert country_answer(V2_0, "DECLARE", 200, body) == Accepted({})
    assert country_answer(V2_0, "REGISTER", 200, body) == BROKEN
