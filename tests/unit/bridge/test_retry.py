"""Back-off, giving up and the circuit, as laws."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bridge.calls.retry import Backoff, Circuit

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
chances = st.floats(0, 1, exclude_max=True)


@given(st.integers(1, 10_000), chances)
def test_wait_stays_between_its_bounds(attempt: int, chance: float) -> None:
    backoff = Backoff(first=2, longest=900, jitter=0.3)
    assert 2 * 0.7 <= backoff.wait(attempt, chance) <= 900


@given(st.integers(1, 50))
def test_waits_do_not_shrink(attempt: int) -> None:
    backoff = Backoff(jitter=0)
    assert backoff.wait(attempt + 1, 0.5) >= backoff.wait(attempt, 0.5)


def test_giving_up_counts_from_the_first_failure() -> None:
    backoff = Backoff(give_up_after=60)
    assert not backoff.given_up(None, NOW)
    assert not backoff.given_up(NOW - timedelta(seconds=59), NOW)
    assert backoff.given_up(NOW - timedelta(seconds=60), NOW)


def test_circuit_opens_probes_and_closes() -> None:
    circuit = Circuit(threshold=3)
    for _ in range(2):
        circuit = circuit.failed(NOW, 0)
    assert circuit.allows(NOW) and not circuit.probing()
    circuit = circuit.failed(NOW, 0)
    assert not circuit.allows(NOW) and circuit.probing()
    assert circuit.open_until is not None
    later = circuit.open_until
    assert circuit.allows(later)
    longer = circuit.failed(later, 0)
    assert longer.open_until is not None and longer.open_until - later > later - NOW
    assert circuit.succeeded(later) == Circuit(threshold=3)


@given(st.lists(st.booleans(), max_size=60), chances)
def test_rest_is_never_longer_than_its_limit(calls: list[bool], chance: float) -> None:
    circuit, now = Circuit(), NOW
    for good in calls:
        circuit = circuit.succeeded(now) if good else circuit.failed(now, chance)
        if circuit.open_until is not None:
            assert circuit.open_until - now <= timedelta(seconds=120)
            now = max(now, circuit.open_until)


def test_rest_that_was_asked_for_begins_at_once_and_outlasts_a_call_under_way() -> None:
    circuit = Circuit().failed(NOW, 0, asked=30.0)
    assert circuit.left(NOW) == 30
    assert circuit.succeeded(NOW + timedelta(seconds=1)).left(NOW + timedelta(seconds=1)) == 29
    assert circuit.failed(NOW, 0, asked=60.0).left(NOW) == 60
    assert not circuit.succeeded(NOW + timedelta(seconds=30)).probing()


@given(st.integers(1, 10**7), st.none() | st.floats(0, 900))
def test_rest_is_over_when_the_clock_was_put_back_behind_it(back: int, asked: float | None) -> None:
    circuit = Circuit(threshold=1).failed(NOW, 0, asked)
    assert circuit.allows(NOW - timedelta(seconds=back))


@given(st.floats(0, 5), st.integers(2, 1000))
def test_who_goes_on_asking_for_less_gets_less(asked: float, times: int) -> None:
    circuit, now = Circuit(), NOW
    for _ in range(times):
        circuit = circuit.failed(now, 0, asked)
        now += timedelta(seconds=circuit.left(now))
    assert 1 <= circuit.failed(now, 0.5, asked).left(now) <= 60
