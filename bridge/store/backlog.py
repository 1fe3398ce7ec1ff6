"""What waits, in numbers: per state and age, the stuck ones per reason, and whose token runs out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, bindparam, case, func, select

from bridge.advice import Stuck
from bridge.registration import PENDING, State, Task
from bridge.store.sessions import Session
from bridge.store.tables import REGISTRATIONS

_R = REGISTRATIONS.c

AGES = (60, 600, 3600, 6 * 3600, 86400, 3 * 86400, 7 * 86400, 14 * 86400)
"""Bounds of the age classes, in seconds since a registration was received."""


@dataclass(frozen=True)
class Waiting:
    """The unsettled registrations of one state; ages in seconds. `at_most[i]`: how many are no older than
    AGES[i].
    """

    count: int = 0
    oldest: float = 0.0
    ages_sum: float = 0.0
    at_most: tuple[int, ...] = (0,) * len(AGES)


@dataclass(frozen=True)
class Backlog:
    """All that is not settled. `expiring`: how many have a token that runs out before the asked instant."""

    waiting: Mapping[State, Waiting] = field(default_factory=dict)
    stuck: Mapping[Stuck, int] = field(default_factory=dict)
    expiring: int = 0
    due: Mapping[Task, int] = field(default_factory=dict)
    """How many pieces of work could begin now."""

    @property
    def counts(self) -> dict[str, int]:
        """How many wait in each state that has any."""
        return {state.value: waiting.count for state, waiting in self.waiting.items()}

    @property
    def oldest(self) -> float:
        """Age of the oldest, in seconds."""
        return max((waiting.oldest for waiting in self.waiting.values()), default=0.0)

    def of(self, state: State) -> Waiting:
        return self.waiting.get(state, Waiting())


_AGE: ColumnElement[int] = bindparam("now") - _R.received_at
# the index (state, received_at) of unsettled rows holds all that is asked here
_WAITING = (
    select(
        _R.state,
        func.count().label("count"),
        func.max(_AGE).label("oldest"),
        func.sum(_AGE).label("ages_sum"),
        *(func.sum(case((age * 1000 >= _AGE, 1), else_=0)).label(f"at_most_{age}") for age in AGES),
    )
    .where(_R.settled_at.is_(None))
    .group_by(_R.state)
)
_STUCK = (
    select(_R.reason, func.count().label("count"))
    .where(_R.state == State.STUCK.value, _R.settled_at.is_(None))
    .group_by(_R.reason)
)
HELD = (
    select(_R.held, func.count().label("count"))
    .where(_R.held.is_not(None), _R.settled_at.is_(None))
    .group_by(_R.held)
)
_EXPIRING = select(func.count().label("count")).where(
    _R.settled_at.is_(None), _R.token_expires_at <= bindparam("before")
)


_DUE = (
    select(_R.task, func.count().label("count"))
    .where(_R.task.is_not(None), _R.due_at <= bindparam("now"))
    .group_by(_R.task)
)


def count(session: Session, now: int, expiring_before: int) -> Backlog:
    """Count it; instants in milliseconds since 1970."""
    waiting = {
        State(row["state"]): Waiting(
            row["count"],
            max(0, row["oldest"]) / 1000,
            float(row["ages_sum"]) / 1000,
            tuple(int(row[f"at_most_{age}"]) for age in AGES),
        )
        for row in session.all(_WAITING, {"now": now})
    }
    stuck = {Stuck(row["reason"]): row["count"] for row in session.all(_STUCK)}
    expiring = session.first(_EXPIRING, {"before": expiring_before})
    assert expiring is not None and set(waiting) <= PENDING
    due = {Task(row["task"]): row["count"] for row in session.all(_DUE, {"now": now})}
    return Backlog(waiting, stuck, expiring["count"], due)
