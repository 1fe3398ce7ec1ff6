"""The ID repository: identities created, updated, read; and new UINs (contract mosip §7.1)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web

from mock_nid.answers import json_answer, spring_json
from mock_nid.api.envelopes import (
    checked_request,
    exists_already,
    inner_request,
    invalid,
    missing,
    no_record,
)
from mock_nid.auth.guards import Guards
from mock_nid.auth.iam import Caller
from mock_nid.errors import EnvelopeError, Forbidden
from mock_nid.identities.numbers import Numbers
from mock_nid.identities.people import STATUSES, Identities, Person, handles_of
from mock_nid.processing.lifetimes import Lifetimes
from mock_nid.settings import Settings
from testbed.facts import Said
from testbed.serving import OPERATION, SAID, belongs_to
from wire.mosip.envelope import response_envelope
from wire.mosip.identifiers import uin_fault, vid_fault
from wire.world import World

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
    """`/idrepository/v1/identity/…` and `/v1/idgenerator/uin`."""

    def __init__(
        self,
        settings: Settings,
        world: World,
        guards: Guards,
        people: Identities,
        numbers: Numbers,
        lifetimes: Lifetimes,
        changed: Callable[[], None],
    ) -> None:
        self._settings, self._world, self._guards = settings, world, guards
        self._people, self._numbers, self._lifetimes = people, numbers, lifetimes
        self._changed = changed

    async def generate_uin(self, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = "uin.generate"
        self._guards.spring(request, WRITERS)
        uin = self._numbers.uin()
        self._changed()
        return json_answer(response_envelope({"uin": uin}, now=self._world.clock.now()))

    async def create(self, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = "identity.create"
        id = "mosip.id.create"
        self._guard(request, WRITERS, id)
        asked = await self._asked(request, id)
        registration_id, identity = self._registration(asked, id), self._identity(asked, id)
        uin = self._uin(identity, id)
        belongs_to(request, registration_id, _text(identity.get("birthCertificateNumber")))
        if self._people.of_registration(registration_id) or uin in self._people.persons:
            raise exists_already(id)
        if self._people.taken(uin) and uin not in self._people.reserved:
            raise exists_already(id)
        known = {**identity, "UIN": uin}
        handles = handles_of(known, self._settings.handles)
        self._people.reserved.add(uin)
        self._people.add(Person(uin, known, registration_ids=(registration_id,), handles=handles))
        request.setdefault(SAID, []).append(Said(registration_id, "issued"))
        self._changed()
        return self._done(id, "ACTIVATED")

    async def update(self, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = "identity.update"
        id = "mosip.id.update"
        self._guard(request, WRITERS, id)
        asked = await self._asked(request, id)
        registration_id, identity = self._registration(asked, id), self._identity(asked, id)
        uin = self._uin(identity, id)
        belongs_to(request, registration_id)
        person = self._people.persons.get(uin)
        if person is None:
            raise no_record(id)
        if self._people.of_registration(registration_id) is not None:
            raise exists_already(id)
        status = asked.get("status") or person.status
        if status not in STATUSES:
            raise invalid("status", id)
        self._people.add(
            replace(
                person,
                identity={**person.identity, **identity},
                registration_ids=(*person.registration_ids, registration_id),
            )
        )
        self._lifetimes.set_status(uin, status, registration_id)
        request.setdefault(SAID, []).append(Said(registration_id, "processed"))
        self._changed()
        return self._done(id, status)

    async def read(self, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = "identity.read"
        id = "mosip.id.read"
        self._guard(request, READERS, id)
        kind = request.query.get("type", "demo")
        return self._read(request, request.match_info["id"], kind, request.query.get("idType"), id)

    async def read_by_post(self, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = "identity.read"
        id = "mosip.id.read"
        self._guard(request, READERS, id)
        asked = inner_request(await spring_json(request), id)
        number = _text(asked.get("id"))
        if not number:
            raise missing("id", id)
        return self._read(request, number, asked.get("type") or "demo", asked.get("idType"), id)

    async def registration_of(self, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = "identity.rid"
        id = "mosip.idrepo.rid.get"
        self._guard(request, READERS, id)
        person = self._find(request.match_info["id"], None)
        if person is None or not person.registration_ids:
            raise no_record(id)
        response = {"rid": person.registration_ids[-1]}
        return json_answer(
            response_envelope(response, now=self._world.clock.now(), id=id, version="v1", errors=[])
        )

    # reading

    def _read(
        self, request: web.Request, number: str, kind: Any, id_type: Any, id: str
    ) -> web.StreamResponse:
        if kind not in KINDS:
            raise invalid("type", id)
        if id_type not in (None, "", "UIN", "VID", "ID", "HANDLE"):
            raise invalid("idType", id)
        if id_type == "UIN" and uin_fault(number) and number not in self._people.persons:
            raise invalid("UIN", id)
        if id_type == "VID" and vid_fault(number) and number not in self._people.vids:
            raise invalid("VID", id)
        person = self._find(number, id_type or None)
        if person is None:
            raise no_record(id)
        belongs_to(request, *person.registration_ids)
        request.setdefault(SAID, []).extend(Said(packet, "issued") for packet in person.registration_ids)
        identity = dict(person.identity)
        if person.uin and "UIN" not in identity:
            identity["UIN"] = person.uin
        response = {
            "status": person.status,
            "identity": identity,
            "documents": [],
            "verifiedAttributes": [],
        }
        return json_answer(
            response_envelope(response, now=self._world.clock.now(), id=id, version="v1", errors=[])
        )

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

    # checking

    def _guard(self, request: web.Request, roles: frozenset[str], id: str) -> Caller:
        """Only a missing or bad token is a real 401; a missing role is HTTP 200 with IDR-IDC-011."""
        try:
            return self._guards.spring(request, roles)
        except Forbidden:
            raise EnvelopeError("IDR-IDC-011", "Authorization Failed", id=id, version="v1") from None

    async def _asked(self, request: web.Request, id: str) -> Mapping[str, Any]:
        body = await spring_json(request)
        return checked_request(body, id, self._world.clock.now())

    def _registration(self, asked: Mapping[str, Any], id: str) -> str:
        value = asked.get("registrationId")
        if not value:
            raise missing("registrationId", id)
        if not isinstance(value, str):
            raise invalid("registrationId", id)
        return value

    def _identity(self, asked: Mapping[str, Any], id: str) -> dict[str, Any]:
        value = asked.get("identity")
        if value is None:
            raise missing("identity", id)
        if not isinstance(value, dict):
            raise invalid("identity", id)
        return value

    def _uin(self, identity: Mapping[str, Any], id: str) -> str:
        uin = identity.get("UIN")
        if not uin:
            raise missing("identity/UIN", id)
        text = uin if isinstance(uin, str) else json.dumps(uin)
        if text not in self._people.persons and uin_fault(text):
            raise invalid("UIN", id)
        return text

    def _done(self, id: str, status: str) -> web.Response:
        response = {"status": status, "identity": None, "documents": None, "verifiedAttributes": None}
        return json_answer(
            response_envelope(response, now=self._world.clock.now(), id=id, version="v1", errors=[])
        )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
