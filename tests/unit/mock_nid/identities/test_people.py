"""The people whom the ID system knows: found by every number, never given twice, kept over a restart."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from mock_nid.identities.numbers import Numbers
from mock_nid.identities.people import (
    Identities,
    Person,
    Vid,
    handles_of,
    load_people,
)
from testbed.files import FileWrong
from wire.mosip.identifiers import uin_fault, vid_fault
from wire.world import World, timestamp

AMARA = Person(
    "4238670978",
    {"fullName": [{"language": "eng", "value": "Amara Okonjo"}]},
    registration_ids=("P",),
    handles=("CM82@nin",),
)
VID = Vid("4703420631835716", AMARA.uin)


def known() -> Identities:
    people = Identities()
    people.add(AMARA, [VID])
    return people


def test_a_person_is_found_by_every_number() -> None:
    people = known()
    found = [people.of_vid(VID.vid), people.of_registration("P"), people.of_handle("cm82@NIN")]
    assert (
        found
        == [AMARA] * 3
        == [people.anyone(AMARA.uin), people.anyone(VID.vid), people.of_handle("CM82@nin")]
    )
    people.add(Person("9", {}), [Vid("8", "9")])
    assert people.vids_of(AMARA.uin) == [VID]
    assert [people.of_vid("1"), people.of_registration("1"), people.of_handle("1"), people.anyone("1")] == [
        None
    ] * 4


@pytest.mark.parametrize(
    ("name", "alike"),
    [("AMARA  okonjo", True), ("Amara Okonjo Banda", False), (None, False)],
)
def test_whoever_has_the_same_marks_is_a_duplicate(name: str | None, alike: bool) -> None:
    assert (known().like({"fullName": name}) == AMARA) is alike


def test_a_vid_that_ran_out_has_expired_and_a_revoked_one_stays_revoked() -> None:
    now = World.virtual().clock.now()
    vid = Vid("1", "2", expires_at=timestamp(now))
    assert [vid.status_at(now - timedelta(milliseconds=1)), vid.status_at(now)] == ["ACTIVE", "EXPIRED"]
    assert Vid("1", "2", status="REVOKED", expires_at=timestamp(now)).status_at(now) == "REVOKED"


def test_handles_are_a_field_and_its_postfix() -> None:
    identity = {"nin": "CM82", "phone": "0911", "email": None}
    assert handles_of(identity, ["nin@nin", "email@mail", "passport@p"]) == ("CM82@nin",)


def test_a_text_is_told_in_its_language_or_the_first() -> None:
    person = Person(
        "1", {"city": [{"language": "eng", "value": "A"}, {"language": "fra", "value": "B"}], "phone": 5}
    )
    told = [person.text("city"), person.text("city", "fra"), person.text("city", "swa"), person.text("phone")]
    assert told == ["A", "B", None, "5"]
    assert (person.languages("city"), person.languages("phone")) == (("eng", "fra"), ())


@pytest.mark.parametrize(
    "text", ["people: x", "people: [{uin: '1'}]", "a: [", "people: [{uin: '1', identity: {}, more: 1}]"]
)
def test_a_file_of_people_that_cannot_be_used_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(text)
    with pytest.raises(FileWrong, match=r"people\.yaml"):
        load_people(path)


@pytest.mark.parametrize("digits", [16, 10])
def test_no_number_is_given_twice(digits: int) -> None:
    """Not even one that was drawn before and never used."""
    world, people = World.virtual(seed=1), Identities()
    numbers = Numbers(people, world, vid_digits=digits)
    uin, vid = numbers.uin(), numbers.vid("1")
    assert uin_fault(uin) is None and len(vid.vid) == digits and (digits == 10 or vid_fault(vid.vid) is None)
    repeating = Numbers(people, World.virtual(seed=1), vid_digits=digits)
    assert repeating.uin() != uin and repeating.vid("1").vid != vid.vid
