"""Pre-registration: applications with documents and an appointment (contract mosip §7.5).

Read in MOSIP's `pre-registration-application-service`, not run. What makes its code trip over a null is
answered with 200 and neither a response nor errors, as there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from pathlib import PurePath
from typing import Any

from aiohttp import web

from mock_nid.answers import json_answer
from mock_nid.auth.guards import Guards
from mock_nid.auth.iam import Caller
from mock_nid.errors import Forbidden
from mock_nid.ida.matching import LANGUAGES
from mock_nid.preregistration import answers, requests
from mock_nid.preregistration.answers import VERSION, PreRegistrationError, Swallowed, thrown, unreadable
from mock_nid.preregistration.applications import SETTLED, Application, ApplicationStatus, Document
from mock_nid.settings import Settings
from testbed.facts import Said
from testbed.names import language_of
from testbed.serving import NOTE, SAID, belongs_to
from wire.foreign_json import read_json
from wire.http.listening import Handler
from wire.mosip.envelope import EnvelopeFault
from wire.mosip.identifiers import make_prid
from wire.world import World

APPLICANT = "INDIVIDUAL"
OFFICERS = frozenset({"REGISTRATION_OFFICER", "REGISTRATION_SUPERVISOR", "REGISTRATION_ADMIN"})
WRITERS = OFFICERS | {APPLICANT}
ADMINS = WRITERS | {"PRE_REGISTRATION_ADMIN"}
ALONE = frozenset({APPLICANT})
LARGEST = 2 * 1024 * 1024
EXTENSIONS = frozenset({"PDF", "JPEG", "PNG", "JPG"})
_SLOT = ("registration_center_id", "appointment_date", "time_slot_from", "time_slot_to")

_DOCUMENT = ("docCatCode", "docTypCode", "langCode", "refNumber")


class PreRegistrationHandlers:
    """`/preregistration/v1/…`."""

    def __init__(
        self,
        settings: Settings,
        world: World,
        guards: Guards,
        applications: dict[str, Application],
        changed: Callable[[], None],
    ) -> None:
        self._languages = LANGUAGES | {language_of(settings.locale)}
        self._world, self._guards, self._changed = world, guards, changed
        self._applications = applications

    async def create(self, request: web.Request, caller: Caller) -> Any:
        asked = await requests.checked(request, answers.CREATE, self._today)
        self._check_language(asked.get("langCode"))
        details, required = asked.get("demographicDetails") or {}, asked.get("requiredFields")
        if not isinstance(details, dict):
            raise unreadable()
        identity = details.get("identity")
        if not isinstance(identity, dict) or not isinstance(required, list):
            request[NOTE] = (
                "demographicDetails.identity or requiredFields is missing, and MOSIP does not say so"
            )
            raise Swallowed
        faults = answers.identity_faults(identity, required)
        if faults:
            raise PreRegistrationError(*faults)
        application = self._keep(
            Application(
                id=make_prid(self._world.chance),
                language=asked["langCode"],
                details=details,
                created_by=caller.user_id,
                created_at=self._world.timestamp(),
            )
        )
        number = identity.get("birthCertificateNumber")
        belongs_to(request, application.id, number)
        if isinstance(number, str):
            request.setdefault(SAID, []).append(Said(number, "processed"))
        return {
            "preRegistrationId": application.id,
            "createdDateTime": application.created_at,
            "statusCode": application.status.value,
            "langCode": application.language,
            "demographicDetails": details,
        }

    async def read(self, request: web.Request, caller: Caller) -> Any:
        one = self._own(request, caller)
        return {
            "preRegistrationId": one.id,
            "createdBy": one.created_by,
            "createdDateTime": one.created_at,
            "updatedBy": one.created_by,
            "updatedDateTime": one.created_at,
            "statusCode": one.status.value,
            "langCode": one.language,
            "demographicDetails": one.details,
        }

    async def status(self, request: web.Request, caller: Caller) -> Any:
        one = self._own(request, caller)
        # a getter named getPreRegistartionId is what Jackson sees
        return {"preRegistartionId": one.id, "statusCode": one.status.value}

    async def settle(self, request: web.Request, caller: Caller) -> Any:
        status = request.query.get("statusCode")
        if status is None:
            missing = (
                "Required request parameter 'statusCode' for method parameter type String is not present"
            )
            raise thrown(missing)
        one = self._applications.get(request.match_info["id"])
        not_done = "STATUS_NOT_UPDATED_SUCESSFULLY"
        if one is None:
            raise PreRegistrationError(answers.UNKNOWN, response=not_done)
        belongs_to(request, one.id)
        if status not in {known.value for known in ApplicationStatus}:
            raise PreRegistrationError(answers.NO_STATUS, response=not_done)
        self._check_owner(caller, one)
        self._keep(replace(one, status=ApplicationStatus(status)))
        return "STATUS_UPDATED_SUCESSFULLY"

    async def book(self, request: web.Request, caller: Caller) -> Any:
        bookings = (await requests.inner(request) or {}).get("bookingRequest")
        if not isinstance(bookings, list) or not all(isinstance(one, dict) for one in bookings):
            raise thrown("bookingRequest is null")
        found = [self._to_book(request, caller, one.get("preRegistrationId")) for one in bookings]
        if not all(isinstance(one.get(name), str) for one in bookings for name in _SLOT):
            raise PreRegistrationError(answers.NOT_BOOKED)
        for application, booking in zip(found, bookings, strict=True):
            slot = {name: booking[name] for name in _SLOT}
            self._keep(replace(application, status=ApplicationStatus.BOOKED, appointment=slot))
        said = [{"bookingMessage": "Appointment booked successfully"} for _ in found]
        return {"bookingStatusResponse": said}

    async def upload(self, request: web.Request, caller: Caller) -> Any:
        given = await requests.upload_parts(request)
        try:
            asked = read_json(given.request)
            id, time = str(asked["id"]), asked["requesttime"]
            category, kind, language, reference = (
                requests.text(asked["request"].get(name)) for name in _DOCUMENT
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise PreRegistrationError(answers.NOT_JSON) from None
        if id != answers.UPLOAD:
            raise PreRegistrationError(answers.BAD_ID, id=id)
        if asked.get("version") != VERSION:
            raise PreRegistrationError(answers.BAD_UPLOAD_VERSION)
        try:
            faults = requests.day_faults(time, answers.BAD_UPLOAD_TIME, self._today)
        except (ValueError, TypeError, OverflowError):
            faults = [answers.BAD_UPLOAD_TIME]
        if faults:
            raise PreRegistrationError(*faults)
        if given.size >= LARGEST:
            raise PreRegistrationError(answers.TOO_LARGE)
        if PurePath(given.name).suffix[1:].upper() not in EXTENSIONS:
            raise PreRegistrationError(answers.BAD_FORMAT)
        self._check_language(language)
        if not category or not kind:
            raise PreRegistrationError(answers.NO_CATEGORY)
        one = self._own(request, caller)
        earlier = one.document_of(category)
        if earlier is not None and one.status in SETTLED:
            raise PreRegistrationError(answers.SETTLED_ALREADY)
        document = Document(
            id=earlier.id if earlier is not None else self._world.chance.uuid(),
            name=given.name,
            category=category,
            type=kind,
            reference=reference or None,
            language=language,
            size=given.size,
        )
        self._keep(one.with_document(document))
        return {
            "preRegistrationId": one.id,
            "docId": document.id,
            "docName": document.name,
            "refNumber": None,
            "docCatCode": category,
            "docTypCode": kind,
            "docFileFormat": PurePath(given.name).suffix[1:],
        }

    def serving(
        self, id: str, roles: frozenset[str], handle: Callable[[web.Request, Caller], Awaitable[Any]]
    ) -> Handler:
        """A handler that puts what `handle` gives, or refuses, into the envelope of the service `id`."""

        async def handler(request: web.Request) -> web.StreamResponse:
            try:
                caller = self._guards.spring(request, roles, "pre-registration")
            except Forbidden:
                # the service renders a missing role itself, as if the token were bad
                refused = EnvelopeFault("KER-401", "Authentication Failed")
                raise PreRegistrationError(refused, id=None, status=401) from None
            try:
                response = await handle(request, caller)
            except PreRegistrationError as wrong:
                wrong.id = id if wrong.id == answers.OWN else wrong.id
                raise
            return json_answer(answers.envelope(id, response, self._world.timestamp(), ()))

        return handler

    @property
    def _today(self) -> date:
        return self._world.clock.now().date()

    def _own(self, request: web.Request, caller: Caller) -> Application:
        one = self._applications.get(request.match_info["id"])
        if one is None:
            raise PreRegistrationError(answers.UNKNOWN)
        belongs_to(request, one.id)
        self._check_owner(caller, one)
        return one

    def _check_language(self, code: Any) -> None:
        if not isinstance(code, str) or code not in self._languages:
            raise PreRegistrationError(answers.BAD_LANGUAGE)

    def _check_owner(self, caller: Caller, one: Application) -> None:
        if APPLICANT in caller.roles and caller.user_id != one.created_by:
            raise PreRegistrationError(answers.ANOTHERS)

    def _to_book(self, request: web.Request, caller: Caller, key: Any) -> Application:
        if not isinstance(key, str) or not key.strip():
            raise PreRegistrationError(answers.EMPTY_APPLICATION)
        one = self._applications.get(key)
        if one is None:
            raise PreRegistrationError(answers.NO_APPLICATION)
        belongs_to(request, one.id)
        if caller.user_id != one.created_by and not caller.everything:
            raise PreRegistrationError(answers.ANOTHERS_BOOKING)
        return one

    def _keep(self, application: Application) -> Application:
        self._applications[application.id] = application
        self._changed()
        return application
