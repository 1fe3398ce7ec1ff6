"""The ID repository: identities created, updated, read; and new UINs (contract mosip §7.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web

from mock_nid.answers import json_answer, spring_json
from mock_nid.api.envelopes import IdRepository, inner_request, invalid, missing, no_record
from mock_nid.errors import EnvelopeError
from mock_nid.identities.numbers import Numbers
from mock_nid.identities.people import STATUSES, Person, handles_of
from mock_nid.processing.lifetimes import Lifetimes
from mock_nid.settings import Settings
from testbed.facts import Said
from testbed.serving import SAID, belongs_to
from wire.mosip.envelope import response_envelope
from wire.mosip.identifiers import uin_fault, vid_fault

WRITERS = frozenset({"REGISTRATION_PROCESSOR", "ID_REPOSITORY"})
READERS = WRITERS | {
    "RESIDENT",
    "ID_AUTHENTICATION",
    "REGISTRATION_ADMIN",
    "REGISTRATION_SUPERVISOR",
    "REGISTRATION_OFFICER",
}
KINDS = ("demo", "bio", "metadata", "all")


class IdentityHandlers:
    """`/idrepository/v1/identity/…`, each for `IdRepository.serving`; and `/v1/idgenerator/uin`."""

    def __init__(
        self, repository: IdRepository, settings: Settings, numbers: Numbers, lifetimes: Lifetimes
    ) -> None:
        self._repository, self._people, self._settings = repository, repository.people, settings
        self._numbers, self._lifetimes = numbers, lifetimes

    async def generate_uin(self, request: web.Request) -> web.StreamResponse:
        self._repository.guards.spring(request, WRITERS)
        uin = self._numbers.uin()
        self._repository.changed()
        return json_answer(response_envelope({"uin": uin}, now=self._repository.world.clock.now()))

    async def create(self, request: web.Request) -> dict[str, Any]:
        asked = await self._repository.asked(request)
        registration_id, identity = _registration(asked), _identity(asked)
        uin = self._repository.uin(identity.get("UIN"), "identity/UIN")
        belongs_to(request, registration_id, identity.get("birthCertificateNumber"))
        if self._people.of_registration(registration_id) or uin in self._people.persons:
            raise _exists_already()
        if self._people.taken(uin) and uin not in self._people.reserved:
            raise _exists_already()
        known = {**identity, "UIN": uin}
        handles = handles_of(known, self._settings.handles)
        self._people.reserved.add(uin)
        self._people.add(Person(uin, known, registration_ids=(registration_id,), handles=handles))
        request.setdefault(SAID, []).append(Said(registration_id, "issued"))
        return _done("ACTIVATED")

    async def update(self, request: web.Request) -> dict[str, Any]:
        asked = await self._repository.asked(request)
        registration_id, identity = _registration(asked), _identity(asked)
        uin = self._repository.uin(identity.get("UIN"), "identity/UIN")
        belongs_to(request, registration_id)
        person = self._people.persons.get(uin)
        if person is None:
            raise no_record()
        if self._people.of_registration(registration_id) is not None:
            raise _exists_already()
        status = asked.get("status") or person.status
        if status not in STATUSES:
            raise invalid("status")
        self._people.add(
            replace(
                person,
                identity={**person.identity, **identity},
                registration_ids=(*person.registration_ids, registration_id),
            )
        )
        self._lifetimes.set_status(uin, status, registration_id)
        request.setdefault(SAID, []).append(Said(registration_id, "processed"))
        return _done(status)

    async def read(self, request: web.Request) -> dict[str, Any]:
        kind = request.query.get("type", "demo")
        return self._read(request, request.match_info["id"], kind, request.query.get("idType"))

    async def read_by_post(self, request: web.Request) -> dict[str, Any]:
        asked = inner_request(await spring_json(request))
        number = asked.get("id")
        if not number or not isinstance(number, str):
            raise missing("id")
        return self._read(request, number, asked.get("type") or "demo", asked.get("idType"))

    async def registration_of(self, request: web.Request) -> dict[str, Any]:
        person = self._find(request.match_info["id"], None)
        if person is None or not person.registration_ids:
            raise no_record()
        return {"rid": person.registration_ids[-1]}

    def _read(self, request: web.Request, number: str, kind: Any, id_type: Any) -> dict[str, Any]:
        if kind not in KINDS:
            raise invalid("type")
        if id_type not in (None, "", "UIN", "VID", "ID", "HANDLE"):
            raise invalid("idType")
        if id_type == "UIN" and uin_fault(number) and number not in self._people.persons:
            raise invalid("UIN")
        if id_type == "VID" and vid_fault(number) and number not in self._people.vids:
            raise invalid("VID")
        person = self._find(number, id_type or None)
        if person is None:
            raise no_record()
        belongs_to(request, *person.registration_ids)
        request.setdefault(SAID, []).extend(Said(packet, "issued") for packet in person.registration_ids)
        identity = dict(person.identity)
        if person.uin and "UIN" not in identity:
            identity["UIN"] = person.uin
        return {"status": person.status, "identity": identity, "documents": [], "verifiedAttributes": []}

    def _find(self, number: str, id_type: str | None) -> Person | None:
        """By what the number looks like: UIN, else VID, else registration id; known numbers come first."""
        people = self._people
        if id_type == "UIN":
            return people.persons.get(number)
        if id_type == "VID":
            return people.of_vid(number)
        if id_type == "HANDLE":
            return people.of_handle(number)
        if id_type == "ID":
            return people.of_registration(number)
        return people.anyone(number) or people.of_registration(number) or people.of_handle(number)


def _exists_already() -> EnvelopeError:
    return EnvelopeError("IDR-IDC-012", "Record already exists in DB")


def _registration(asked: Mapping[str, Any]) -> str:
    value = asked.get("registrationId")
    if not value:
        raise missing("registrationId")
    if not isinstance(value, str):
        raise invalid("registrationId")
    return value


def _identity(asked: Mapping[str, Any]) -> dict[str, Any]:
    value = asked.get("identity")
    if value is None:
        raise missing("identity")
    if not isinstance(value, dict):
        raise invalid("identity")
    return value


def _done(status: str) -> dict[str, Any]:
    return {"status": status, "identity": None, "documents": None, "verifiedAttributes": None}
