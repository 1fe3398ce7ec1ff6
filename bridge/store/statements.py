"""The statements of the hot path, built once: SQLAlchemy finds their compiled form again by identity.

Building one anew at every call costs more than SQLite needs to run it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sqlalchemy import (
    LargeBinary,
    Table,
    Update,
    bindparam,
    delete,
    false,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.dialects.sqlite.dml import OnConflictDoNothing
from sqlalchemy.ext.compiler import compiles

from bridge.registration import Act, State, allowed_from
from bridge.store.rows import SECRET, SELECT
from bridge.store.tables import COUNTERS, DELIVERIES, HISTORY, NUMBERS, REGISTRATIONS, SUBSCRIPTIONS

_R = REGISTRATIONS.c


def _adding(table: Table, but: str = "") -> Insert:
    """A new row; the values are parameters `new_<column>`."""
    names = [column.name for column in table.columns if column.name != but]
    return insert(table).values({name: bindparam(f"new_{name}") for name in names})


@compiles(OnConflictDoNothing)
def _or_none(*_: object, **__: object) -> str:
    """In the same words on PostgreSQL, whose own clause is dear to import."""
    return "ON CONFLICT DO NOTHING"


ADD = _adding(REGISTRATIONS).on_conflict_do_nothing()
NOTE = _adding(HISTORY, but="number")
RECEIVE = _adding(DELIVERIES)

BY_ID = SELECT.where(_R.id == bindparam("wanted"))
LOCKED = BY_ID.with_for_update()
BY_ACTION = SELECT.where(_R.event_id == bindparam("event"), _R.action_id == bindparam("action"))
BY_EVENT = SELECT.where(_R.event_id == bindparam("event")).order_by(_R.received_at)
BY_ACTION_ID = SELECT.where(_R.action_id == bindparam("action")).limit(1)
BY_PACKET = SELECT.where(_R.packet_id == bindparam("packet"))
DELIVERED_TO = BY_PACKET.add_columns(DELIVERIES.c.outcome).select_from(
    REGISTRATIONS.outerjoin(DELIVERIES, DELIVERIES.c.id == bindparam("delivery"))
)
"""Of a packet; with the outcome of a delivery, when that was taken before."""
SUBSCRIBE = _adding(SUBSCRIPTIONS)
SUBSCRIBED = select(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.topic == bindparam("wanted"))
FORGET = delete(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.topic == bindparam("wanted"))
NUMBER_OF = select(NUMBERS.c.number).where(
    NUMBERS.c.event_id == bindparam("event"), NUMBERS.c.action_id == bindparam("action")
)
NUMBER_GIVEN = select(NUMBERS.c.number).where(NUMBERS.c.number == bindparam("wanted"))
GIVE_NUMBER = _adding(NUMBERS)
UNTOLD = (
    SELECT.where(_R.settled_at.is_not(None), _R.state == bindparam("state"), _R.step == bindparam("step"))
    .order_by(_R.settled_at.desc(), _R.id)
    .limit(bindparam("most"))
    .offset(bindparam("offset"))
)
COUNTER = select(COUNTERS.c.value).where(COUNTERS.c.key == bindparam("wanted")).with_for_update()
COUNT = update(COUNTERS).where(COUNTERS.c.key == bindparam("wanted")).values(value=bindparam("new_value"))
BEGIN_COUNT = _adding(COUNTERS)
SEEN = select(DELIVERIES.c.outcome).where(DELIVERIES.c.id == bindparam("delivery"))

FORGET_KEPT = delete(DELIVERIES).where(
    DELIVERIES.c.registration_id == bindparam("wanted"), DELIVERIES.c.outcome == "kept"
)

# one kind at a time: the index (task, due_at) then gives the oldest first, without sorting a backlog
_DUE = (
    SELECT.where(_R.task == bindparam("task"), _R.due_at <= bindparam("now"))
    .where((_R.lease_until.is_(None)) | (_R.lease_until <= bindparam("now")))
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
DUE = _DUE.order_by(_R.due_at)
NEWEST_DUE = _DUE.order_by(_R.due_at.desc())
UNDER_WAY = (
    select(func.count().label("count"))
    .select_from(REGISTRATIONS)
    .where(_R.task == bindparam("task"), _R.lease_until > bindparam("now"))
)
LEASE = (
    update(REGISTRATIONS)
    .where(_R.id == bindparam("wanted"))
    .values(lease_owner=bindparam("new_owner"), lease_until=bindparam("new_until"))
)
GIVE_BACK = (
    update(REGISTRATIONS)
    .where(_R.id == bindparam("wanted"), _R.lease_owner == bindparam("old_owner"))
    .values(lease_owner=None, lease_until=None)
)
NEXT_DUE = (
    select(_R.due_at)
    .where(_R.task == bindparam("task"), _R.lease_until.is_(None))
    .order_by(_R.due_at)
    .limit(1)
)
NEXT_LEASE_END = select(func.min(_R.lease_until).label("end")).where(
    _R.lease_until.is_not(None), _R.task == bindparam("task")
)
RELEASE = (
    update(REGISTRATIONS)
    .where(_R.task == bindparam("of_task"), _R.process == bindparam("of_process"))
    .where(_R.held.is_not(None), _R.due_at > bindparam("now"), _R.lease_until.is_(None))
    .values(due_at=bindparam("now"), attempts=0)
)
FROM_THE_FUTURE = (
    update(REGISTRATIONS)
    .where(_R.task.is_not(None), _R.updated_at > bindparam("now"))
    .values(due_at=_R.due_at - _R.updated_at + bindparam("now"), updated_at=bindparam("now"))
)
"""Rows that were written before the clock was put back: each waits as long from now as it was to wait."""
UNSETTLED = (
    SELECT.where(_R.state == bindparam("state"), _R.settled_at.is_(None))
    .order_by(_R.received_at)
    .limit(bindparam("most"))
)
OLD_SEALS = (
    select(_R.id, *(REGISTRATIONS.c[name] for name in SECRET))
    # where a stored value names its key: vault.py
    .where(
        or_(*(func.substr(REGISTRATIONS.c[n], 2, 4, type_=LargeBinary) != bindparam("key") for n in SECRET))
    )
    .where(_R.id > bindparam("after"))
    .order_by(_R.id)
    .limit(bindparam("most"))
)
SECRETS = select(*(REGISTRATIONS.c[name] for name in SECRET)).where(_R.id == bindparam("wanted"))


@cache
def changing(columns: tuple[str, ...]) -> Update:
    """Set these columns of the registration `wanted`; the values are parameters `new_<column>`."""
    return (
        update(REGISTRATIONS)
        .where(_R.id == bindparam("wanted"))
        .values({name: bindparam(f"new_{name}") for name in columns})
    )


@cache
def moving(columns: tuple[str, ...], act: Act, expected: State | None, needs: tuple[str, ...]) -> Update:
    """The same, only from the states in which `act` may happen, or of these from `expected`; it returns the
    row as it is then, and these of its secrets.
    """
    before = [_R.state == state.value for state in sorted(allowed_from(act)) if expected in (None, state)]
    row = (*SELECT.selected_columns, *(REGISTRATIONS.c[name] for name in needs))
    return changing(columns).where(or_(false(), *before)).returning(*row)


@cache
def resealing(columns: tuple[str, ...]) -> Update:
    """Set these secrets of the registration `wanted`, while they are still `was_<column>`."""
    same = [REGISTRATIONS.c[name] == bindparam(f"was_{name}") for name in columns]
    return changing(columns).where(*same)


@cache
def changing_as_seen(columns: tuple[str, ...], *, idle: bool) -> Update:
    """The same, only while its state is `was_state` and its task is `was_task` (`idle`: none)."""
    same = _R.task.is_(None) if idle else _R.task == bindparam("was_task")
    return changing(columns).where(_R.state == bindparam("was_state"), same)


def new(values: Mapping[str, object]) -> dict[str, object]:
    """Values as the parameters of the statements that write."""
    return {f"new_{name}": value for name, value in values.items()}
