"""What several steps make of an answer: stored first, begun afterwards, secrets for those who need them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from bridge.advice import Stuck
from bridge.country.policy import Policy
from bridge.flow.outbox import Outbox
from bridge.flow.transitions import Transitions, first
from bridge.nid import Answer, Done, No, Yes
from bridge.registration import NEEDS, NotAllowed, Registration, Secrets, State, Task
from bridge.store.store import Store
from bridge.store.vault import Vault
from wire.world import World

UIN = "4238670978"


class Room:
    """Places for work that begins at once."""

    def __init__(self, places: int) -> None:
        self.places, self.begun = places, list[tuple[Registration, Secrets]]()

    def reserve(self, task: Task) -> float | None:
        self.places -= 1
        return 60.0 if self.places >= 0 else None

    def release(self, task: Task) -> None:
        self.places += 1

    def begin(self, registration: Registration, secrets: Secrets) -> None:
        self.begun.append((registration, secrets))


class Way:
    """A store with one registration, and room for the next step."""

    def __init__(self, world: World, store: Store) -> None:
        self.world, self.store, self.room, self.untold = world, store, Room(1), 0
        self.steps = Transitions(
            Policy(), world.clock, store, cast(Outbox, self.room), count_untold=self._count
        )

    def _count(self) -> None:
        self.untold += 1

    async def has(self, state: State = State.SUBMITTED, **changes: Any) -> Registration:
        now = self.world.clock.now()
        one = Registration(
            "r", "e", "a", "birth", "REGISTER", "K7QX2M", "N", "P", "CRVS_NEW", state, now, now
        )
        await self.store.add(replace(one, **changes), Secrets(token="a token"), "a test")
        return await self.now()

    async def now(self) -> Registration:
        found = await self.store.lookups.by_id("r")
        assert found is not None
        return found


@pytest.fixture
async def way(tmp_path: Path) -> AsyncIterator[Way]:
    world = World.virtual(seed=3)
    vault = Vault(["a key of sixteen characters"], world.chance)
    store = await Store.open(f"sqlite:///{tmp_path}/bridge.db", world, vault)
    yield Way(world, store)
    await store.close()


@pytest.mark.parametrize(("ahead", "task"), [((), Task.SUBMIT), ((Task.VERIFY,), Task.VERIFY)])
def test_the_packet_comes_after_what_has_to_be_done_before(ahead: Sequence[Task], task: Task) -> None:
    assert first(ahead) is task


@pytest.mark.parametrize(
    ("answer", "process", "state", "national_id"),
    [
        (Yes(UIN), "CRVS_NEW", State.ISSUED, UIN),
        # whatever comes with it, who makes no identity gets no number
        (Yes(UIN), "CRVS_DEATH", State.ISSUED, None),
        (Done(), "CRVS_DEATH", State.ISSUED, None),
        (No("RPR-DDP-FAILED-002"), "CRVS_NEW", State.REFUSED, None),
    ],
)
async def test_an_answer_is_confirmed_next(
    way: Way, answer: Answer, process: str, state: State, national_id: str | None
) -> None:
    await way.steps.answered(await way.has(process=process), answer)
    [(begun, secrets)] = way.room.begun
    assert begun == await way.now()
    assert (begun.state, begun.task) == (state, Task.CONFIRM)
    assert (secrets.token, secrets.national_id) == ("a token", national_id)


async def test_a_no_is_told_in_the_countrys_words(way: Way) -> None:
    await way.steps.answered(await way.has(), No("RPR-DDP-FAILED-002"))
    one = await way.now()
    assert one.reason == "RPR-DDP-FAILED-002"
    assert one.words == Policy().in_words("RPR-DDP-FAILED-002") != one.reason


async def test_where_there_is_no_room_the_next_step_waits_in_the_store(way: Way) -> None:
    way.room.places = 0
    await way.steps.answered(await way.has(), Yes(UIN))
    assert way.room.begun == []
    [due], _ = await way.store.due_work.claim([Task.CONFIRM], 9, 60.0)
    assert due.id == "r"


async def test_a_transition_that_is_not_allowed_gives_its_room_back(way: Way) -> None:
    seen = await way.has(State.CONFIRMED)
    with pytest.raises(NotAllowed):
        await way.steps.answered(seen, Yes(UIN))
    assert (way.room.places, way.room.begun, (await way.now()).state) == (1, [], State.CONFIRMED)


async def test_who_has_moved_on_is_not_given_up(way: Way) -> None:
    seen = await way.has(State.SUBMITTED)
    await way.steps.answered(seen, Yes(UIN))
    with pytest.raises(NotAllowed):
        await way.steps.give_up(seen, Stuck.NID_SILENT, "nothing came")
    assert (await way.now()).state is State.ISSUED


async def test_a_person_reads_why_and_no_secret(way: Way) -> None:
    await way.steps.give_up(
        await way.has(), Stuck.NID_REFUSED_PACKET, "a token eyJhbGciOi.eyJzdWIiOi.c2ln " + "x" * 400
    )
    one = await way.now()
    assert (one.state, one.reason, one.task) == (State.STUCK, "nid-refused-packet", None)
    assert one.last_error is not None and len(one.last_error) <= 300 and "eyJ" not in one.last_error


@pytest.mark.parametrize(
    ("ahead", "process", "state", "task"),
    [
        ("amend verify", "CRVS_NEW", State.QUEUED, Task.VERIFY),
        ("verify", "CRVS_NEW", State.QUEUED, Task.SUBMIT),
        # about which the ID system only verifies people: they are, and so it is answered
        ("verify", "", State.ISSUED, Task.CONFIRM),
    ],
)
async def test_what_was_prepared_goes_on(
    way: Way, ahead: str, process: str, state: State, task: Task
) -> None:
    seen = await way.has(State.QUEUED, ahead=ahead, task=Task(ahead.split()[0]), process=process, attempts=3)
    await way.steps.prepared(seen, "a step was done")
    one = await way.now()
    assert (one.state, one.task) == (state, task)
    if state is State.QUEUED:
        assert (one.attempts, one.preparation) == (0, seen.preparation[1:])


async def test_a_reason_that_nobody_can_read_is_counted(way: Way) -> None:
    way.steps.untold(await way.has(State.REJECTED))
    assert way.untold == 1


def test_the_confirmation_works_with_the_number_that_was_stored() -> None:
    assert {"token", "national_id"} <= NEEDS[Task.CONFIRM]
