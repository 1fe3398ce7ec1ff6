"""Pre-registration: applications with documents and an appointment (contract mosip §7.5).

Read in MOSIP's `pre-registration-application-service`, not run. What makes its code trip over a null is
answered with 200 and neither a response nor errors, as there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from aiohttp import BodyPartReader, web

from mock_nid.answers import json_answer
from mock_nid.auth.guards import Guards
from mock_nid.auth.iam import Caller
from mock_nid.errors import Forbidden
from mock_nid.ida.matching import LANGUAGES
from mock_nid.preregistration.answers import (
    ANOTHERS,
    ANOTHERS_BOOKING,
    BAD_FORMAT,
    BAD_ID,
    BAD_LANGUAGE,
    BAD_REQUEST,
    BAD_TIME,
    BAD_UPLOAD_TIME,
    BAD_UPLOAD_VERSION,
    BAD_VERSION,
    BOOK,
    CREATE,
    EMPTY_APPLICATION,
    NO_APPLICATION,
    NO_CATEGORY,
    NO_STATUS,
    NOT_BOOKED,
    NOT_JSON,
    OTHER_DAY,
    READ,
    SET_STATUS,
    SETTLED_ALREADY,
    STATUS,
    TOO_LARGE,
    UNKNOWN,
    UNREADABLE,
    UPLOAD,
    VERSION,
    PreRegistrationError,
    Swallowed,
    envelope,
    identity_faults,
)
from mock_nid.preregistration.applications import SETTLED, Application, ApplicationStatus, Document
from mock_nid.settings import Settings
from testbed.facts import Said
from testbed.names import language_of
from testbed.serving import NOTE, OPERATION, SAID, belongs_to
from wire.foreign_json import read_json
from wire.mosip.envelope import EnvelopeFault
from wire.mosip.identifiers import make_prid
from wire.world import World, parse_timestamp

APPLICANT = "INDIVIDUAL"
OFFICERS = frozenset({"REGISTRATION_OFFICER", "REGISTRATION_SUPERVISOR", "REGISTRATION_ADMIN"})
WRITERS = OFFICERS | {APPLICANT}
ADMINS = WRITERS | {"PRE_REGISTRATION_ADMIN"}
ALONE = frozenset({APPLICANT})
LARGEST = 2 * 1024 * 1024
EXTENSIONS = frozenset({"PDF", "JPEG", "PNG", "JPG"})
_SLOT = ("registration_center_id", "appointment_date", "time_slot_from", "time_slot_to")

_DOCUMENT = ("docCatCode", "docTypCode", "langCode", "refNumber")


@dataclass(frozen=True)
class _Upload:
    request: str
    name: str
    size: int


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

    async def create(self, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = "application.create"
        caller = self._admit(request, WRITERS)
        asked = await self._checked(request, CREATE)
        self._check_language(asked.get("langCode"), CREATE)
        details, required = asked.get("demographicDetails") or {}, asked.get("requiredFields")
        if not isinstance(details, dict):
            raise PreRegistrationError(None, UNREADABLE)
        identity = details.get("identity")
        if not isinstance(identity, dict) or not isinstance(required, list):
            request[NOTE] = (
                "demographicDetails.identity or requiredFields is missing, and MOSIP does not say so"
            )
            raise Swallowed(CREATE)
        faults = identity_faults(identity, required)
        if faults:
            raise PreRegistrationError(CREATE, *faults)
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
        belongs_to(request, application.id, number if isinstance(number, str) else None)
        if isinstance(number, str):
            request.setdefault(SAID, []).append(Said(number, "processed"))
        response = {
            "preRegistrationId": application.id,
            "createdDateTime": application.created_at,
            "statusCode": application.status.value,
            "langCode": application.language,
            "demographicDetails": details,
        }
        return self._answered(CREATE, response)

    async def read(self, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = "application.read"
        caller = self._admit(request, ADMINS)
        one = self._own(request, caller, READ)
        response = {
            "preRegistrationId": one.id,
            "createdBy": one.created_by,
            "createdDateTime": one.created_at,
            "updatedBy": one.created_by,
            "updatedDateTime": one.created_at,
            "statusCode": one.status.value,
            "langCode": one.language,
            "demographicDetails": one.details,
        }
        return self._answered(READ, response)

    async def status(self, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = "application.status"
        caller = self._admit(request, ADMINS)
        one = self._own(request, caller, STATUS)
        # a getter named getPreRegistartionId is what Jackson sees
        return self._answered(STATUS, {"preRegistartionId": one.id, "statusCode": one.status.value})

    async def set_status(self, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = "application.set_status"
        caller = self._admit(request, ADMINS)
        status = request.query.get("statusCode")
        if status is None:
            missing = (
                "Required request parameter 'statusCode' for method parameter type String is not present"
            )
            raise self._thrown(missing)
        one = self._applications.get(request.match_info["id"])
        not_done = "STATUS_NOT_UPDATED_SUCESSFULLY"
        if one is None:
            raise PreRegistrationError(SET_STATUS, UNKNOWN, response=not_done)
        belongs_to(request, one.id)
        if status not in {known.value for known in ApplicationStatus}:
            raise PreRegistrationError(SET_STATUS, NO_STATUS, response=not_done)
        self._check_owner(caller, one, SET_STATUS)
        self._keep(replace(one, status=ApplicationStatus(status)))
        return self._answered(SET_STATUS, "STATUS_UPDATED_SUCESSFULLY")

    async def book(self, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = "application.book"
        caller = self._admit(request, ALONE)
        bookings = (await self._read(request) or {}).get("bookingRequest")
        if not isinstance(bookings, list) or not all(isinstance(one, dict) for one in bookings):
            raise self._thrown("bookingRequest is null")
        found = [self._to_book(request, caller, one.get("preRegistrationId")) for one in bookings]
        if not all(isinstance(one.get(name), str) for one in bookings for name in _SLOT):
            raise PreRegistrationError(BOOK, NOT_BOOKED)
        for application, booking in zip(found, bookings, strict=True):
            slot = {name: booking[name] for name in _SLOT}
            self._keep(replace(application, status=ApplicationStatus.BOOKED, appointment=slot))
        said = [{"bookingMessage": "Appointment booked successfully"} for _ in found]
        return self._answered(BOOK, {"bookingStatusResponse": said})

    async def upload(self, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = "application.document"
        caller = self._admit(request, ALONE)
        given = await self._parts(request)
        try:
            asked = read_json(given.request)
            id, time = str(asked["id"]), asked["requesttime"]
            category, kind, language, reference = (_bound(asked["request"].get(name)) for name in _DOCUMENT)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise PreRegistrationError(UPLOAD, NOT_JSON) from None
        if id != UPLOAD:
            raise PreRegistrationError(id, BAD_ID)
        if asked.get("version") != VERSION:
            raise PreRegistrationError(id, BAD_UPLOAD_VERSION)
        try:
            faults = self._day_faults(time, BAD_UPLOAD_TIME)
        except (ValueError, TypeError, OverflowError):
            faults = [BAD_UPLOAD_TIME]
        if faults:
            raise PreRegistrationError(id, *faults)
        if given.size >= LARGEST:
            raise PreRegistrationError(id, TOO_LARGE)
        if PurePath(given.name).suffix[1:].upper() not in EXTENSIONS:
            raise PreRegistrationError(id, BAD_FORMAT)
        self._check_language(language, id)
        if not category or not kind:
            raise PreRegistrationError(id, NO_CATEGORY)
        one = self._own(request, caller, id)
        earlier = one.document_of(category)
        if earlier is not None and one.status in SETTLED:
            raise PreRegistrationError(id, SETTLED_ALREADY)
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
        response = {
            "preRegistrationId": one.id,
            "docId": document.id,
            "docName": document.name,
            "refNumber": None,
            "docCatCode": category,
            "docTypCode": kind,
            "docFileFormat": PurePath(given.name).suffix[1:],
        }
        return self._answered(id, response)

    def _admit(self, request: web.Request, roles: frozenset[str]) -> Caller:
        try:
            return self._guards.spring(request, roles, "pre-registration")
        except Forbidden:
            # the service renders a missing role itself, as if the token were bad
            refused = EnvelopeFault("KER-401", "Authentication Failed")
            raise PreRegistrationError(None, refused, status=401) from None

    async def _read(self, request: web.Request) -> Mapping[str, Any] | None:
        """The `request` object of an envelope that nobody checks."""
        body = await self._bound(request)
        inner: Mapping[str, Any] | None = body.get("request")
        return inner

    async def _bound(self, request: web.Request) -> Mapping[str, Any]:
        """An envelope as Jackson binds it."""
        if request.content_type != "application/json":
            raise self._thrown(f"Content-Type '{request.content_type}' is not supported")
        try:
            body = read_json(await request.read())
        except ValueError:
            raise PreRegistrationError(None, UNREADABLE) from None
        if not isinstance(body, dict) or not isinstance(body.get("request"), dict | None):
            raise PreRegistrationError(None, UNREADABLE)
        return body

    async def _checked(self, request: web.Request, id: str) -> Mapping[str, Any]:
        """The `request` object; all that is wrong with the envelope is told at once."""
        body = await self._bound(request)
        try:
            faults = self._day_faults(body.get("requesttime"), BAD_TIME)
        except (ValueError, TypeError, OverflowError):
            raise PreRegistrationError(None, UNREADABLE) from None
        inner: Mapping[str, Any] | None = body.get("request")
        if body.get("version") != VERSION:
            faults.append(BAD_VERSION)
        if inner is None:
            faults.append(BAD_REQUEST)
        if body.get("id") != id:
            faults.append(BAD_ID)
        if faults or inner is None:
            raise PreRegistrationError(id, *faults)
        return inner

    def _day_faults(self, time: Any, missing: EnvelopeFault) -> list[EnvelopeFault]:
        if not time:
            return [missing]
        return [] if parse_timestamp(time).date() == self._world.clock.now().date() else [OTHER_DAY]

    async def _parts(self, request: web.Request) -> _Upload:
        if request.content_type != "multipart/form-data":
            raise self._thrown(f"Content-Type '{request.content_type}' is not supported")
        told: str | None = None
        file: tuple[str, int] | None = None
        try:
            async for part in await request.multipart():
                if not isinstance(part, BodyPartReader):
                    continue
                if part.name == "Document request":
                    told = await part.text()
                elif part.name == "file":
                    file = (part.filename or "", len(await part.read()))
        except (ValueError, RuntimeError, LookupError):
            raise PreRegistrationError(UPLOAD, BAD_FORMAT) from None
        if told is None or file is None:
            missing = "Document request" if told is None else "file"
            raise self._thrown(f"Required part '{missing}' is not present.")
        return _Upload(told, *file)

    def _own(self, request: web.Request, caller: Caller, id: str) -> Application:
        one = self._applications.get(request.match_info["id"])
        if one is None:
            raise PreRegistrationError(id, UNKNOWN)
        belongs_to(request, one.id)
        self._check_owner(caller, one, id)
        return one

    def _check_language(self, code: Any, id: str) -> None:
        if not isinstance(code, str) or code not in self._languages:
            raise PreRegistrationError(id, BAD_LANGUAGE)

    def _check_owner(self, caller: Caller, one: Application, id: str) -> None:
        if APPLICANT in caller.roles and caller.user_id != one.created_by:
            raise PreRegistrationError(id, ANOTHERS)

    def _to_book(self, request: web.Request, caller: Caller, key: Any) -> Application:
        if not isinstance(key, str) or not key.strip():
            raise PreRegistrationError(BOOK, EMPTY_APPLICATION)
        one = self._applications.get(key)
        if one is None:
            raise PreRegistrationError(BOOK, NO_APPLICATION)
        belongs_to(request, one.id)
        if caller.user_id != one.created_by and not caller.everything:
            raise PreRegistrationError(BOOK, ANOTHERS_BOOKING)
        return one

    def _keep(self, application: Application) -> Application:
        self._applications[application.id] = application
        self._changed()
        return application

    def _thrown(self, why: str) -> PreRegistrationError:
        """What Spring throws before the handler is asked: the service renders it as 500."""
        return PreRegistrationError(None, EnvelopeFault("PRG_CORE_REQ_016", why), status=500)

    def _answered(self, id: str, response: Any) -> web.Response:
        return json_answer(envelope(id, response, self._world.timestamp(), ()))


def _bound(value: Any) -> str:
    """A value as Jackson binds it to a text, null as an empty one; TypeError for a list or an object."""
    if isinstance(value, list | dict):
        raise TypeError("a text is due")
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)
