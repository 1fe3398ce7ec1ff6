"""How often a person may log in (contract opencrvs §2.5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mock_opencrvs.auth.limits import RateLimit
from mock_opencrvs.errors import HapiError

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def at(limit: RateLimit, seconds: float, key: str = "one") -> bool:
    try:
        limit.check("authenticate", ("username",), {"username": key}, NOW + timedelta(seconds=seconds))
    except HapiError:
        return False
    return True


def test_a_minute_holds_so_many_of_one_person() -> None:
    limit = RateLimit(2)
    assert [at(limit, second) for second in (0, 30, 59)] == [True, True, False]
    assert at(limit, 59, "another")
    assert at(limit, 60), "the first is a minute ago"
    assert not at(limit, 89) and at(limit, 90)


def test_what_was_refused_does_not_count() -> None:
    limit = RateLimit(1)
    assert at(limit, 0) and not at(limit, 50) and at(limit, 60)


def test_none_allowed_lets_everything_pass() -> None:
    assert all(at(RateLimit(0), 0) for _ in range(99))


def test_the_refusal_is_the_gateways() -> None:
    limit = RateLimit(1)
    assert at(limit, 0)
    with pytest.raises(HapiError) as refused:
        limit.check("authenticate", ("username",), {"username": "one"}, NOW)
    assert refused.value.status == 402


@pytest.mark.parametrize("payload", [None, [], 5, {}, {"username": ""}, {"username": None}, {"user": "one"}])
def test_whom_nobody_can_count_the_gateway_fails(payload: Any) -> None:
    with pytest.raises(HapiError) as refused:
        RateLimit(0).check("authenticate", ("username",), payload, NOW)
    assert refused.value.status == 500


def test_names_that_are_never_asked_again_are_forgotten() -> None:
    limit = RateLimit(1)
    for number in range(10_050):
        assert at(limit, number, str(number))
    assert len(limit._seen) < 200
