"""From the id in a request to the person, or to IDA's reason why not. Pure (contract mosip §6.6)."""

from __future__ import annotations

from datetime import datetime

from mock_nid.ida.faults import DEACTIVATED, IdaRefused, refused
from mock_nid.identities.people import Identities, Person
from wire.mosip.envelope import EnvelopeFault
from wire.mosip.identifiers import uin_fault, vid_fault

ID_TYPES = ("UIN", "VID", "HANDLE")


def id_type_of(individual_id: str, given: str | None, people: Identities) -> str:
    """The stated type, or the guessed one."""
    if given is not None:
        if given not in ID_TYPES:
            raise refused("IDA-MLC-009", "individualIdType")
        return given
    if "@" in individual_id:
        return "HANDLE"
    if individual_id in people.vids or not vid_fault(individual_id):
        return "VID"
    return "UIN"


def find(
    individual_id: str, id_type: str, people: Identities, now: datetime, *, unknown: str, ended: str
) -> Person:
    """The person; `unknown` is the code for a number that nobody has, `ended` for a deactivated UIN."""
    if id_type == "VID":
        return _by_vid(individual_id, people, now)
    if id_type == "HANDLE":
        person = people.of_handle(individual_id)
        if person is None or person.status == "BLOCKED":
            raise refused("IDA-MLC-018", "HANDLE")
    else:
        person = people.persons.get(individual_id)
        if person is None and uin_fault(individual_id):
            raise refused("IDA-MLC-002")
        if person is None or person.status == "BLOCKED":
            raise refused("IDA-MLC-002") if unknown == "IDA-MLC-002" else refused("IDA-MLC-018", "UIN")
    if person.status == "DEACTIVATED":
        raise IdaRefused(EnvelopeFault(ended, DEACTIVATED))
    return person


def _by_vid(number: str, people: Identities, now: datetime) -> Person:
    vid = people.vids.get(number)
    if vid is None:
        raise refused("IDA-MLC-004") if vid_fault(number) else refused("IDA-MLC-018", "VID")
    person = people.persons[vid.uin]
    if person.status == "BLOCKED":
        raise refused("IDA-MLC-018", "VID")
    status = vid.status_at(now)
    if status == "EXPIRED":
        raise refused("IDA-MLC-005")
    if status != "ACTIVE" or person.status == "DEACTIVATED":
        raise refused("IDA-MLC-023")
    return person
