"""From documents, journals and facts to what the judge reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scenarios.judging.evidence import Identity, JudgedRecord, RecordedAction
from scenarios.judging.gathering import messages_in, questions_in, record_of, secrets_of
from testbed.facts import Fact, Said
from testbed.journal import Exchange
from tests.unit.wire_opencrvs.records import act, record
from wire.opencrvs.profiles import Profile

AT = datetime(2026, 3, 2, 8, 4, tzinfo=UTC)
NAME = {"firstname": "Chanda", "surname": "Mulenga"}
OTHER = {"firstname": "Chanda", "surname": "Banda"}


def test_a_record_is_read_with_the_names_it_had() -> None:
    document = record(
        act("DECLARE", 1, declaration={"child.name": NAME, "child.dob": "2026-02-20"}),
        act("REGISTER?", 2),
        act(
            "REGISTER",
            3,
            originalActionId="action-2",
            registrationNumber="B1",
            declaration={"child.nid": "42"},
        ),
        act("REQUEST_CORRECTION", 4, declaration={"child.name": OTHER}),
        act("APPROVE_CORRECTION", 5, requestId="action-4"),
    )
    found = record_of(document, Profile.V2_0, lambda instant: instant - timedelta(hours=1))
    assert (found.name, found.date, found.national_id) == ("Chanda Banda", "2026-02-20", "42")
    assert found.called == {"chanda mulenga", "banda chanda"}
    assert found.confirmed_numbers == ("B1",)
    assert found.actions[3].at == datetime(2026, 3, 2, 7, 3, tzinfo=UTC)


def test_a_death_is_read_by_its_deceased_and_prints_no_number() -> None:
    document = record(act("DECLARE", 1, declaration={"deceased.name": NAME, "child.nid": "42"}))
    document["type"] = "death"
    found = record_of(document, Profile.V2_0)
    assert (found.name, found.national_id) == ("Chanda Mulenga", None)


def test_a_marriage_may_be_about_anybody_in_it() -> None:
    couple = {"bride.name": NAME, "bride.nid": "4238670978", "groom.name": OTHER}
    document = record(act("DECLARE", 1, declaration=couple))
    document["type"] = "marriage"
    found = record_of(document, Profile.V2_0)
    assert (found.name, found.national_id) == ("Chanda Mulenga", None)
    assert found.called == {"chanda mulenga", "banda chanda"}


def test_questions_are_the_trigger_calls_that_opencrvs_made() -> None:
    told = [
        ("trigger.REGISTER", "out", ("e", "a", "T")),
        ("trigger.ready", "in", ()),
        ("event.get", "out", ("e",)),
        ("trigger.DECLARE", "out", ("e",)),
    ]
    exchanges = [
        Exchange(
            number, "2026-03-02T08:04:00.000Z", "events", direction, operation, "POST", "/x", 202, records
        )
        for number, (operation, direction, records) in enumerate(told)
    ]
    found = [
        (one.event_id, one.action_id, one.action_type, one.status, one.at) for one in questions_in(exchanges)
    ]
    assert found == [("e", "a", "REGISTER", 202, AT), ("e", "", "DECLARE", 202, AT)]


def test_what_is_spoilt_on_purpose_counts_as_forged() -> None:
    said = Said("P", "issued")
    facts = [Fact(AT, said, 200), Fact(AT, replace(said, spoilt=("hub-signature",)), 401)]
    genuine, forged = messages_in(facts)
    assert [(one.registration_id, one.means, one.status) for one in genuine] == [("P", "issued", 200)]
    assert [(one.what, one.answer) for one in forged] == [("credential issued, spoilt: hub-signature", 401)]


@pytest.mark.parametrize(
    ("field", "value", "secret"),
    [
        ("mother.nid", "4238670978", True),
        ("informant.passport", "12345", True),
        ("mother.nid", "AB12", False),
        ("mother.nid", 42, False),
        ("child.weightAtBirth", "3", False),
    ],
)
def test_which_values_may_not_be_logged(field: str, value: object, secret: bool) -> None:
    action = RecordedAction("a", "DECLARE", "Accepted", AT, declaration={field: value})
    found = list(secrets_of([JudgedRecord("e", "T", "birth", "", (action,))], []))
    assert [one.value for one in found] == ([value] if secret else [])


def test_every_number_that_was_issued_is_a_secret_of_its_packet() -> None:
    found = secrets_of([], [Identity("P", "B1", "x", numbers=frozenset({"42", "43"}))])
    assert {(one.value, one.owner) for one in found} == {("42", "packet P"), ("43", "packet P")}
