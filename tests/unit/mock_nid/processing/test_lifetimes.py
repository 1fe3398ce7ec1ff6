"""What is done to a person: birth, update, death, and who hears of it (contract mosip §7, §8)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from mock_nid.identities.numbers import Numbers
from mock_nid.identities.people import Identities, Person, Vid
from mock_nid.packets.plans import Plan
from mock_nid.packets.registrations import PacketRegistration, StoredPacket
from mock_nid.processing.lifetimes import Lifetimes
from mock_nid.processing.publisher import Publisher
from mock_nid.settings import Settings
from testbed.faults import FaultKind
from wire.world import World

AT = "2026-03-02T08:00:00.000Z"
UIN = "4238670978"
AMARA = Person(UIN, {"UIN": UIN, "fullName": "Amara", "dateOfBirth": "2026/02/20"}, registration_ids=("P0",))


class Heard:
    """What partners of identity events hear."""

    def __init__(self) -> None:
        self.told = list[tuple[str, str]]()

    def identity_event(self, topic: str, number: str, transaction: str) -> int:
        self.told.append((topic, number))
        return 1


class House:
    """Lifetimes of people among whom Amara is known."""

    def __init__(self, person: Person = AMARA, **settings: Any) -> None:
        world = World.virtual(seed=1)
        self.people, self.heard = Identities(), Heard()
        self.people.add(person, [Vid("V1", UIN), Vid("V0", UIN, status="REVOKED")])
        numbers = Numbers(self.people, world, vid_digits=16)
        publisher = cast(Publisher, self.heard)
        self.lifetimes = Lifetimes(self.people, numbers, Settings(**settings), publisher, world)


def packet(plan: Plan | None = None, **fields: str) -> PacketRegistration:
    stored = StoredPacket("P1", "OPENCRVS", "CRVS_NEW", "0.1", fields, {}, AT)
    return PacketRegistration(stored, plan=plan)


def test_a_birth_makes_one_person_however_often_its_stage_runs() -> None:
    house = House()
    born = house.lifetimes.born(packet(), {"fullName": "Chanda"})
    assert born.uin and born.vid and born.pin and house.lifetimes.born(born, {"fullName": "Chanda"}) is born
    person = house.people.of_registration("P1")
    assert person is not None and (person.uin, person.text("fullName")) == (born.uin, "Chanda")
    assert len(house.people.persons) == 2 and house.people.of_vid(born.vid) is person


def test_a_plan_may_give_a_vid_that_is_not_active() -> None:
    house = House()
    born = house.lifetimes.born(packet(Plan(forge=FaultKind.INACTIVE_VID)), {})
    assert house.people.vids[born.vid or ""].status == "DEACTIVATED"


@pytest.mark.parametrize("status", ["ACTIVATED", "DEACTIVATED"])
def test_an_update_writes_what_is_in_the_packet_and_makes_the_uin_active(status: str) -> None:
    house = House(replace(AMARA, status=status))
    done = house.lifetimes.updated(
        packet(fullName="Amara O", gender="", phone="1"), house.people.persons[UIN]
    )
    person = house.people.persons[UIN]
    assert (person.text("fullName"), person.text("phone"), person.text("dateOfBirth")) == (
        "Amara O",
        None,
        "2026/02/20",
    )
    assert (person.status, person.registration_ids) == ("ACTIVATED", ("P0", "P1"))
    assert (done.uin, done.vid) == (UIN, "V1")


def test_who_has_no_active_vid_gets_one_with_the_update() -> None:
    house = House()
    del house.people.vids["V1"]
    done = house.lifetimes.updated(packet(), house.people.persons[UIN])
    assert done.vid != "V0" and house.people.of_vid(done.vid or "") == house.people.persons[UIN]


@pytest.mark.parametrize(
    ("events", "status", "told"),
    [
        (True, "DEACTIVATED", [("DEACTIVATE_ID", UIN), ("DEACTIVATE_ID", "V1")]),
        (True, "BLOCKED", [("REMOVE_ID", UIN), ("REMOVE_ID", "V1")]),
        (True, "ACTIVATED", []),
        (False, "DEACTIVATED", []),
    ],
)
def test_who_is_told_of_a_status_and_of_which_numbers(
    events: bool, status: str, told: list[tuple[str, str]]
) -> None:
    house = House(identity_events=events)
    house.lifetimes.set_status(UIN, status, "t")
    assert (house.people.persons[UIN].status, house.heard.told) == (status, told)
    house.lifetimes.set_status(UIN, status, "t")
    assert house.heard.told == told, "what it is already is no news"


def test_the_mark_of_death_is_taken_away() -> None:
    house = House(replace(AMARA, identity={**AMARA.identity, "deceasedStatus": "true"}, status="DEACTIVATED"))
    house.lifetimes.lives(UIN)
    person = house.people.persons[UIN]
    assert (person.status, person.text("deceasedStatus"), person.text("fullName")) == (
        "ACTIVATED",
        None,
        "Amara",
    )


@pytest.mark.parametrize(
    ("born", "ids", "infant"),
    [
        ("2026/02/20", ("P0",), True),
        ("2026/02/20", (), False),
        ("1991/02/28", ("P0",), False),
        ("soon", ("P0",), False),
    ],
)
def test_an_infant_is_young_and_was_registered_by_a_birth(
    born: str, ids: tuple[str, ...], infant: bool
) -> None:
    house = House()
    assert house.lifetimes.is_infant(Person("1", {"dateOfBirth": born}, registration_ids=ids)) is infant
