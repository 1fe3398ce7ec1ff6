"""The one store of the bridge. Every method is one transaction; when it returns, the change is durable.

SQLite by default, PostgreSQL by URL (several replicas share its work). No method decides anything: what may
follow what is the domain's table (registration.py), when work is due is the caller's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, update

from bridge.pace import Pace
from bridge.registration import (
    FINAL,
    Act,
    Amendment,
    NotAllowed,
    PacketContent,
    PacketIdTaken,
    Registration,
    Secrets,
    State,
    Task,
    after,
)
from bridge.store import statements
from bridge.store.database import Lanes, open_lanes
from bridge.store.lanes import Conflict, StoreTrouble
from bridge.store.rows import PLAIN, SECRET, registration_of, stored, to_ms
from bridge.store.sessions import Row, Session
from bridge.store.tables import REGISTRATIONS
from bridge.store.upkeep import Upkeep, counter
from bridge.store.vault import Vault, as_text
from wire.world import World

_R = REGISTRATIONS.c
_NEWEST_EVERY = 4


class Store(Upkeep):
    """Made by `Store.open`. `owner` names this process in leases."""

    def __init__(
        self,
        lanes: Lanes,
        world: World,
        vault: Vault,
        due: Callable[[Task, datetime], None],
        reached: Callable[[State], None],
    ) -> None:
        super().__init__(lanes, world, vault)
        self.shared = lanes.shared
        self._due, self._reached = due, reached
        self._places = 1
        """Of paced destinations, counted: whose turn it is."""
        self._abandoned: set[str] = set()
        """Leased by this process, and nobody here works on them."""

    @classmethod
    async def open(
        cls,
        url: str,
        world: World,
        vault: Vault,
        *,
        due: Callable[[Task, datetime], None] = lambda _task, _at: None,
        reached: Callable[[State], None] = lambda _state: None,
    ) -> Store:
        """Migrate and open (database.py). CannotStart when the database cannot be used.

        `due` is told of every task that was written, so that its pump looks when it falls due; `reached` of
        every state.
        """
        store = cls(await open_lanes(url, world), world, vault, due, reached)
        if not store.shared:  # the leases of an earlier run of this process
            await store._writer.run(_release_all)
        return store

    # -- registrations ------------------------------------------------------------------------------

    async def add(
        self, new: Registration, secrets: Secrets, note: str, *, lease: float | None = None
    ) -> tuple[Registration, bool]:
        """Insert, or return the one that has this (event, action) already: (registration, whether it is new).

        `lease`: seconds for which this process alone may work on it from the start. PacketIdTaken when
        another registration has its packet id.
        """
        values = {name: stored(name, getattr(new, name)) for name in PLAIN}
        values |= self._sealed(new.id, secrets)
        values |= self._lease(lease)

        def unit(session: Session) -> tuple[Registration, bool]:
            same = {"event": new.event_id, "action": new.action_id}
            found = session.first(statements.BY_ACTION, same)
            if found is not None:
                return registration_of(found), False
            session.run(statements.ADD, statements.new(values))
            _note(session, new.id, values["received_at"], new.state, note)
            return new, True

        try:
            registration, is_new = await self._writer.run(unit)
        except Conflict as error:
            # the action's own uniqueness was looked at in the same transaction
            raise PacketIdTaken from error
        except StoreTrouble:
            if lease is not None:
                self.abandon([new])
            raise
        if is_new:
            self._reached(registration.state)
            if lease is None:
                self._tell(registration.task, registration.due_at)
        return registration, is_new

    def _lease(self, seconds: float | None) -> dict[str, Any]:
        if seconds is None:
            return {"lease_owner": None, "lease_until": None}
        return {"lease_owner": self.owner, "lease_until": to_ms(self._clock.now()) + int(seconds * 1000)}

    def _tell(self, task: Task | None, due_at: datetime | None) -> None:
        if task is not None and due_at is not None:
            self._due(task, due_at)

    async def move(
        self,
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
    ) -> Registration:
        """Make the transition `act`; NotAllowed (and nothing written) when the table forbids it now.

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
        values |= self._lease(lease)
        values |= {name: stored(name, value) for name, value in changes.items()}
        if secrets is not None:
            values |= {k: v for k, v in self._sealed(id, secrets).items() if v is not None}
        values |= dict.fromkeys(drop)

        def unit(session: Session) -> Registration:
            found = session.first(statements.LOCKED, {"wanted": id})
            if found is None:
                raise KeyError(id)
            if expected is not None and found["state"] != expected.value:
                raise NotAllowed(State(found["state"]), act)
            state = after(State(found["state"]), act)
            row = values | {"state": state.value}
            if state in FINAL:
                row["settled_at"] = now
            _change(session, id, row)
            _note(session, id, now, state, note)
            if delivery is not None:
                _receive(session, delivery[0], delivery[1], id, now, act.value)
            return registration_of({**found, **row, "kept": found["kept"] and "delivery" not in drop})

        moved = await self._writer.run(unit)
        self._reached(moved.state)
        if lease is None:
            self._tell(moved.task, moved.due_at)
        return moved

    async def touch(
        self,
        seen: Registration,
        note: str | None = None,
        *,
        release: bool = True,
        forget_kept: bool = False,
        **changes: Any,
    ) -> bool:
        """Change columns without a transition: a postponed attempt, a step that was done.

        False, and nothing written, when the registration has moved on since it was `seen`. `forget_kept`: the
        ids of its kept deliveries are forgotten with it, so that they may come again.
        """
        values = {name: stored(name, value) for name, value in changes.items()}
        now = values["updated_at"] = to_ms(self._clock.now())
        if release:
            values |= self._lease(None)
        sealed = {name: values.pop(name) for name in SECRET if name in values}
        values |= {name: self._seal(seen.id, name, value) for name, value in sealed.items()}
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
            return True

        done = await self._writer.run(unit)
        if done and release:
            self._tell(changes.get("task", seen.task), changes.get("due_at", seen.due_at))
        return done

    # -- due work -----------------------------------------------------------------------------------

    async def claim(
        self, tasks: Collection[Task], limit: int, lease: float, paced: tuple[str, Pace] | None = None
    ) -> tuple[list[Registration], float]:
        """Take up to `limit` due pieces of work, oldest first, for `lease` seconds; nobody else gets them.

        `paced`: a destination and its pace, which all replicas keep together; of its places every fourth is
        for the newest, so that a backlog does not make all wait. Beside the work: the seconds until there may
        be more room, 0 when the pace left none waiting.
        """
        now = to_ms(self._clock.now())
        names = [task.value for task in tasks]
        until = now + int(lease * 1000)
        abandoned, taken = tuple(self._abandoned), set[str]()

        def lease_all(session: Session, statement: Select[Any], most: int) -> list[Row]:
            due: list[Row] = []
            for name in names:
                due += session.all(statement, {"task": name, "now": now, "most": most})
            rows = sorted(due, key=lambda row: int(row["due_at"]))[:most]
            for row in rows:
                mine = {"wanted": row["id"], "new_owner": self.owner, "new_until": until}
                session.run(statements.LEASE, mine)
                taken.add(row["id"])
            return rows

        def unit(session: Session) -> tuple[list[Row], float]:
            for id in abandoned:
                session.run(statements.GIVE_BACK, {"wanted": id, "old_owner": self.owner})
            if paced is None:
                return lease_all(session, statements.DUE, limit), 0.0
            key, pace = f"pace of {paced[0]}", paced[1]
            free_at, instant = counter(session, key), now * 1000  # its row is this transaction's
            under_way = 0
            for name in names:
                counted = session.first(statements.UNDER_WAY, {"task": name, "now": now})
                under_way += int(counted["count"]) if counted is not None else 0
            most = pace.begin(instant, free_at, under_way, limit)
            newest = sum((self._places + place) % _NEWEST_EVERY == 0 for place in range(most))
            rows = lease_all(session, statements.DUE, most - newest)
            rows += lease_all(session, statements.NEWEST_DUE, newest)
            free_at = pace.after(instant, free_at, len(rows))
            session.run(statements.COUNT, {"wanted": key, "new_value": free_at})
            return rows, 0.0 if len(rows) < most else pace.wait(instant, free_at)

        try:
            rows, wait = await self._writer.run(unit)
        except StoreTrouble:  # nobody can say whether it was written
            self._abandoned |= taken
            raise
        self._places += len(rows)
        self._abandoned -= {*abandoned}
        self._abandoned |= taken - {row["id"] for row in rows}
        return [registration_of(row) for row in rows], wait

    def abandon(self, registrations: Iterable[Registration]) -> None:
        """Nobody works on these any more and their leases stand: the next `claim` gives them back."""
        self._abandoned.update(registration.id for registration in registrations)

    async def clock_went_back(self) -> None:
        """Let no row wait longer than it was to wait, though it was written later than now."""
        given = {"now": to_ms(self._clock.now())}
        await self._writer.run(lambda session: session.run(statements.FROM_THE_FUTURE, given))

    async def release(self, task: Task, process: str) -> None:
        """Make due now what was held by a fault of the channel that is mended."""
        now = self._clock.now()
        given = {"of_task": task.value, "of_process": process, "now": to_ms(now)}
        if await self._writer.run(lambda session: session.run(statements.RELEASE, given)):
            self._due(task, now)

    # -- deliveries ---------------------------------------------------------------------------------

    async def receive(
        self,
        delivery_id: str,
        topic: str,
        registration_id: str,
        outcome: str,
        *,
        expected: State | None = None,
        **changes: Any,
    ) -> bool:
        """Note a delivery that makes no transition (with columns to change); False when it is
        known already. NotAllowed (and nothing written) when the registration is in another state than
        `expected` by now, or keeps another delivery.
        """
        now = to_ms(self._clock.now())
        values = {name: stored(name, value) for name, value in changes.items()}
        if "delivery" in values:
            values["delivery"] = self._vault.seal(values["delivery"], f"{registration_id}/delivery")

        def unit(session: Session) -> bool:
            if session.first(statements.SEEN, {"delivery": delivery_id}) is not None:
                return False
            if expected is not None:
                found = session.first(statements.LOCKED, {"wanted": registration_id})
                if (
                    found is None
                    or found["state"] != expected.value
                    or ("delivery" in values and found["kept"])
                ):
                    raise NotAllowed(State(found["state"]) if found is not None else expected, Act.ISSUE)
            _receive(session, delivery_id, topic, registration_id, now, outcome)
            if values:
                _change(session, registration_id, values | {"updated_at": now})
            return True

        new = await self._writer.run(unit)
        if new:
            self._tell(changes.get("task"), changes.get("due_at"))
        return new

    def _sealed(self, id: str, secrets: Secrets) -> dict[str, bytes | None]:
        plain = {
            "token": secrets.token,
            "packet": secrets.packet,
            "national_id": secrets.national_id,
            "delivery": secrets.delivery,
            "document": secrets.document,
            "amendment": secrets.amendment if secrets.amendment != Amendment() else None,
            "verdicts": secrets.verdicts or None,
        }
        return {name: self._seal(id, name, value) for name, value in plain.items()}

    def _seal(self, id: str, name: str, value: Any) -> bytes | None:
        text = as_text(value) if isinstance(value, PacketContent | Amendment | Mapping) else value
        return self._vault.seal(text, f"{id}/{name}")


def _release_all(session: Session) -> None:
    session.run(
        update(REGISTRATIONS).where(_R.lease_until.is_not(None)).values(lease_owner=None, lease_until=None)
    )


def _change(session: Session, id: str, values: dict[str, Any]) -> None:
    change = statements.changing(tuple(values))
    session.run(change, statements.new(values) | {"wanted": id})


def _note(session: Session, id: str, at: int, state: State, note: str) -> None:
    line = {"registration_id": id, "at": at, "state": state.value, "note": note}
    session.run(statements.NOTE, statements.new(line))


def _receive(session: Session, id: str, topic: str, registration: str, at: int, outcome: str) -> None:
    row = {
        "id": id,
        "topic": topic,
        "registration_id": registration,
        "received_at": at,
        "outcome": outcome,
    }
    session.run(statements.RECEIVE, statements.new(row))
