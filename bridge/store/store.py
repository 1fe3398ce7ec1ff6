"""The one store of the bridge. Every method is one transaction; when it returns, the change is durable.

SQLite by default, PostgreSQL by URL (several replicas share its work). No method decides anything: what may
follow what is the domain's table (registration.py), when work is due is the caller's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from bridge.registration import (
    FINAL,
    Act,
    NotAllowed,
    PacketIdTaken,
    Registration,
    Secrets,
    State,
    Task,
    after,
)
from bridge.store import statements
from bridge.store.audit import Audit
from bridge.store.database import open_lanes
from bridge.store.deliveries import Deliveries, deliver
from bridge.store.due_work import DueWork
from bridge.store.erasure import Erasure
from bridge.store.lanes import Conflict, Lanes, StoreTrouble
from bridge.store.listings import Listings
from bridge.store.lookups import Lookups
from bridge.store.numbers import Numbers
from bridge.store.rotation import Rotation
from bridge.store.rows import PLAIN, SECRET, registration_of, stored, to_ms
from bridge.store.sealing import Sealing
from bridge.store.sessions import Row, Session
from bridge.store.subscriptions import Subscriptions
from bridge.store.tables import DELIVERIES
from bridge.store.vault import Vault
from wire.world import World


class Store:
    """Made by `Store.open`. Registrations are written here; what else there is to do is its parts' to do."""

    def __init__(
        self,
        lanes: Lanes,
        world: World,
        vault: Vault,
        due: Callable[[Task, datetime], None],
        reached: Callable[[Registration], None],
    ) -> None:
        self._lanes, self._writer, self.shared = lanes, lanes.writer, lanes.shared
        self._clock, self._sealing, self._reached = world.clock, Sealing(vault), reached
        self._owner = world.chance.uuid()
        self.due_work = DueWork(lanes.writer, lanes.lookups, world.clock, self._owner, due)
        self.lookups = Lookups(lanes.lookups, self._sealing)
        self.deliveries = Deliveries(lanes.writer, world.clock, self._sealing, self.due_work)
        self.listings = Listings(lanes.listings)
        self.numbers = Numbers(lanes.writer)
        self.subscriptions = Subscriptions(lanes.writer, lanes.lookups)
        self.rotation = Rotation(lanes.writer, lanes.listings, vault)
        self.audit = Audit(lanes.writer, lanes.listings, world.clock)
        self.erasure = Erasure(lanes.writer, lanes.listings)

    @classmethod
    async def open(
        cls,
        url: str,
        world: World,
        vault: Vault,
        *,
        due: Callable[[Task, datetime], None] = lambda _task, _at: None,
        reached: Callable[[Registration], None] = lambda _registration: None,
    ) -> Store:
        """Migrate and open (database.py). CannotStart when the database cannot be used.

        `due` is told of every task that was written, so that its pump looks when it falls due; `reached` of
        every state.
        """
        store = cls(await open_lanes(url, world), world, vault, due, reached)
        if not store.shared:  # the leases of an earlier run of this process
            await store.due_work.release_all()
        return store

    async def close(self) -> None:
        await self._lanes.close()

    async def kill(self) -> None:
        """Abandon at once, as a crash does."""
        await self._lanes.kill()

    async def ready(self) -> None:
        """Write a row and take it away again, durably; raises when the database takes no writes."""
        probe, now = f"probe of {self._owner}", to_ms(self._clock.now())

        def unit(session: Session) -> None:
            row = {"id": probe, "topic": "", "registration_id": "", "received_at": now, "outcome": ""}
            session.run(statements.RECEIVE, statements.new(row))
            session.run(delete(DELIVERIES).where(DELIVERIES.c.id == probe))

        await self._writer.run(unit)

    async def add(
        self, new: Registration, secrets: Secrets, note: str, *, lease: float | None = None
    ) -> tuple[Registration, bool]:
        """Insert, or return the one that has this (event, action) already: (registration, whether it is new).

        `lease`: seconds for which this process alone may work on it from the start. PacketIdTaken when
        another registration has its packet id.
        """
        values = {name: stored(name, getattr(new, name)) for name in PLAIN}
        values |= self._sealing.columns(new.id, secrets)
        values |= self.due_work.lease(lease)

        def unit(session: Session) -> tuple[Registration, bool]:
            if session.run(statements.ADD, statements.new(values)):
                _note(session, new.id, values["received_at"], new.state, note)
                return new, True
            same = {"event": new.event_id, "action": new.action_id}
            found = session.first(statements.BY_ACTION, same)
            if found is None:
                raise PacketIdTaken
            return registration_of(found), False

        try:
            registration, is_new = await self._writer.run(unit, about=new.id)
        except StoreTrouble:
            if lease is not None:
                self.due_work.abandon([new])
            raise
        if is_new:
            self._reached(registration)
            if lease is None:
                self.due_work.tell(registration.task, registration.due_at)
        return registration, is_new

    async def move(self, id: str, act: Act, note: str, **changes: Any) -> Registration:
        """As `move_for`, when no secret is needed afterwards."""
        return (await self.move_for((), id, act, note, **changes))[0]

    async def move_for(
        self,
        needs: Collection[str],
        id: str,
        act: Act,
        note: str,
        *,
        secrets: Secrets | None = None,
        drop: Collection[str] = (),
        delivery: tuple[str, str] | None = None,
        lease: float | None = None,
        expected: State | None = None,
        **changes: Any,
    ) -> tuple[Registration, Secrets]:
        """Make the transition `act`; NotAllowed (and nothing written) when the table forbids it now. What the
        registration is then, and the secrets that it `needs` next.

        `changes` are columns of Registration; attempts and errors are cleared and the lease given up unless
        told otherwise. `secrets` sets the ones that are not None, `drop` names secrets to forget. `delivery`
        (id, topic) is noted in the same transaction. With `expected`, a registration that is in another
        state by now counts as forbidden. Raises KeyError when there is no such registration.
        """
        now = to_ms(self._clock.now())
        values: dict[str, Any] = {
            "attempts": 0,
            "first_failed_at": None,
            "last_error": None,
            "held": None,
            "step": None,
            "task": None,
            "due_at": None,
            "updated_at": now,
        }
        values |= self.due_work.lease(lease)
        values |= {name: stored(name, value) for name, value in changes.items()}
        if secrets is not None:
            values |= {k: v for k, v in self._sealing.columns(id, secrets).items() if v is not None}
        values |= dict.fromkeys(drop)

        state = after(act)
        values["state"] = state.value
        if state in FINAL:
            values["settled_at"] = now
        change = statements.moving(tuple(values), act, expected, tuple(sorted(needs)))
        given = statements.new(values) | {"wanted": id}

        def unit(session: Session) -> Row:
            row = session.first(change, given)
            if row is None:
                found = session.first(statements.BY_ID, {"wanted": id})
                if found is None:
                    raise KeyError(id)
                raise NotAllowed(State(found["state"]), act)
            _note(session, id, now, state, note)
            if delivery is not None:
                deliver(session, delivery[0], delivery[1], id, now, act.value)
            return row

        row = await self._writer.run(unit, about=id)
        moved = registration_of(row)
        self._reached(moved)
        if lease is None:
            self.due_work.tell(moved.task, moved.due_at)
        return moved, self._sealing.opened(id, row, needs)

    async def touch(
        self,
        seen: Registration,
        note: str | None = None,
        *,
        release: bool = True,
        forget_kept: bool = False,
        told: tuple[str, str] | None = None,
        **changes: Any,
    ) -> bool:
        """Change columns without a transition: a postponed attempt, a step that was done.

        False, and nothing written, when the registration has moved on since it was `seen`. `forget_kept`: the
        ids of its kept deliveries are forgotten with it, so that they may come again. `told`: the delivery
        (id, topic) that says so, noted in the same transaction; False too when it was noted before.
        """
        values = {name: stored(name, value) for name, value in changes.items()}
        now = values["updated_at"] = to_ms(self._clock.now())
        if release:
            values |= self.due_work.lease(None)
        sealed = {name: values.pop(name) for name in SECRET if name in values}
        values |= {name: self._sealing.column(seen.id, name, value) for name, value in sealed.items()}
        change = statements.changing_as_seen(tuple(values), idle=seen.task is None)
        same = {"wanted": seen.id, "was_state": seen.state.value}
        if seen.task is not None:
            same["was_task"] = seen.task.value

        def unit(session: Session) -> bool:
            if session.run(change, statements.new(values) | same) == 0:
                return False
            if forget_kept:
                session.run(statements.FORGET_KEPT, {"wanted": seen.id})
            if note is not None:
                _note(session, seen.id, now, seen.state, note)
            if told is not None:
                deliver(session, *told, seen.id, now, "noted")
            return True

        try:
            done = await self._writer.run(unit, about=seen.id)
        except Conflict:
            return False
        if done and release:
            self.due_work.tell(changes.get("task", seen.task), changes.get("due_at", seen.due_at))
        return done


def _note(session: Session, id: str, at: int, state: State, note: str) -> None:
    line = {"registration_id": id, "at": at, "state": state.value, "note": note}
    session.later(statements.NOTE, statements.new(line))
