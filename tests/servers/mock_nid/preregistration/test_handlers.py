"""Pre-registration: Uganda's way for an older child, and what the service refuses (contract mosip §7.5)."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData

from tests.servers.mock_nid.actors import Stage
from tests.servers.mock_nid.refusals import first_error
from wire.mosip.identifiers import checksum_holds

Open = Callable[..., Awaitable[Stage]]

BASE = "/preregistration/v1"
PREREG = "mosip-prereg-client"
CREATE = "mosip.pre-registration.demographic.create"
UPLOAD = "mosip.pre-registration.document.upload"
CHILD = {
    "IDSchemaVersion": 8.4,
    "userService": "NEW",
    "fullName": [{"language": "eng", "value": "Chanda Mulenga"}],
    "dateOfBirth": "2024/02/20",
    "gender": [{"language": "eng", "value": "Female"}],
    "birthCertificateNumber": "2026BK3M9Q2",
}
SLOT = {
    "registration_center_id": "10045",
    "appointment_date": "2028-10-01",
    "time_slot_from": "09:30:00",
    "time_slot_to": "09:45:00",
}


class Applicant:
    """A client of the pre-registration service."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    async def call(self, method: str, path: str, client: str = PREREG, **options: Any) -> tuple[int, Any]:
        headers = await self.stage.client.cookie(client)
        status, body, _ = await self.stage.client.call(method, BASE + path, headers=headers, **options)
        return status, body

    def envelope(self, id: str, request: Any, changes: dict[str, Any] | None = None) -> dict[str, Any]:
        body = {"id": id, "version": "1.0", "requesttime": self.stage.world.timestamp(), "request": request}
        return {**body, **(changes or {})}

    async def create(self, changed: Any = None, /, **changes: Any) -> Any:
        inner = {
            "langCode": "eng",
            "demographicDetails": {"identity": CHILD},
            "requiredFields": ["givenName", "dateOfBirth", "gender"],
        }
        body = self.envelope(CREATE, {**inner, **(changed or {})}, changes)
        return (await self.call("POST", "/applications/prereg", json=body))[1]

    async def created(self) -> str:
        return str((await self.create())["response"]["preRegistrationId"])

    async def book(self, *ids: str, client: str = PREREG, **slot: Any) -> Any:
        bookings = [{**SLOT, **slot, "preRegistrationId": id} for id in ids]
        body = self.envelope("mosip.pre-registration.booking.book", {"bookingRequest": bookings})
        return (await self.call("POST", "/applications/appointment", client, json=body))[1]

    async def upload(
        self, key: str, name: str = "notice.pdf", content: bytes = b"%PDF-1.4", **changes: Any
    ) -> Any:
        document = {"docCatCode": "POB", "docTypCode": "DOC009", "langCode": "eng", "refNumber": ""}
        told = self.envelope(UPLOAD, {**document, **changes.pop("document", {})}, changes)
        form = FormData()
        form.add_field("Document request", json.dumps(told))
        form.add_field("file", BytesIO(content), filename=name, content_type="application/pdf")
        return (await self.call("POST", f"/documents/{key}", data=form))[1]


@pytest.fixture
async def applicant(stage: Open) -> Applicant:
    return Applicant(await stage())


async def test_an_older_child_is_applied_for_with_documents_and_an_appointment(applicant: Applicant) -> None:
    made = await applicant.create()
    id = made["response"]["preRegistrationId"]
    assert len(id) == 14 and checksum_holds(id)
    assert made["id"] == CREATE and made["errors"] is None and "metadata" not in made
    assert made["response"] == {
        "preRegistrationId": id,
        "createdDateTime": made["responsetime"],
        "statusCode": "Application_Incomplete",
        "langCode": "eng",
        "demographicDetails": {"identity": CHILD},
    }
    path = f"/applications/prereg/status/{id}"
    _, set_ = await applicant.call("PUT", path, params={"statusCode": "Pending_Appointment"})
    assert set_["response"] == "STATUS_UPDATED_SUCESSFULLY"
    booked = await applicant.book(id)
    said = [{"bookingMessage": "Appointment booked successfully"}]
    assert booked["response"] == {"bookingStatusResponse": said}
    assert (await applicant.call("GET", path))[1]["response"] == {
        "preRegistartionId": id,
        "statusCode": "Booked",
    }
    uploaded = (await applicant.upload(id))["response"]
    assert (uploaded["docName"], uploaded["docCatCode"], uploaded["docFileFormat"]) == (
        "notice.pdf",
        "POB",
        "pdf",
    )
    # a second of the category comes too late: the appointment is booked
    assert first_error(await applicant.upload(id))[0] == "PRG_PAM_DOC_024"
    _, read = await applicant.call("GET", f"/applications/prereg/{id}")
    assert read["response"]["demographicDetails"] == {"identity": CHILD}
    _, listed, _ = await applicant.stage.client.call("GET", "/admin/applications")
    (shown,) = listed["applications"]
    assert shown["appointment"] == SLOT and [one["category"] for one in shown["documents"]] == ["POB"]
    assert "Chanda" not in json.dumps(listed)


async def test_a_document_takes_the_place_of_its_category_until_booked(applicant: Applicant) -> None:
    id = await applicant.created()
    first, second = await applicant.upload(id), await applicant.upload(id, "other.png")
    assert first["response"]["docId"] == second["response"]["docId"]
    assert second["response"]["docName"] == "other.png"


@pytest.mark.parametrize(
    ("request_", "changes", "code"),
    [
        ({"langCode": "xyz"}, {}, "PRG_CORE_REQ_014"),
        ({"langCode": None}, {}, "PRG_CORE_REQ_014"),
        ({"demographicDetails": {"identity": {**CHILD, "dateOfBirth": "soon"}}}, {}, "KER-IOV-004"),
        ({"demographicDetails": {"identity": {"dateOfBirth": "2024/02/20"}}}, {}, "KER-IOV-005"),
        (None, {"id": "mosip.pre-registration.demographic.update"}, "PRG_PAM_CORE_001"),
        (None, {"version": "v1"}, "PRG_CORE_REQ_002"),
        (None, {"requesttime": None}, "PRG_CORE_REQ_003"),
        (None, {"requesttime": "2020-01-01T00:00:00.000Z"}, "PRG_CORE_REQ_013"),
        (None, {"requesttime": "yesterday"}, "PRG_CORE_REQ_015"),
        (None, {"request": None}, "PRG_PAM_CORE_004"),
        (None, {"request": []}, "PRG_CORE_REQ_015"),
        ({"demographicDetails": "x"}, {}, "PRG_CORE_REQ_015"),
    ],
)
async def test_what_an_application_is_refused_for(
    applicant: Applicant, request_: Any, changes: dict[str, Any], code: str
) -> None:
    body = await applicant.create(request_, **changes)
    assert first_error(body)[0] == code and body["response"] is None


@pytest.mark.parametrize(
    "request_", [{"demographicDetails": {}}, {"demographicDetails": None}, {"requiredFields": None}]
)
async def test_a_null_that_the_service_trips_over_is_not_told(applicant: Applicant, request_: Any) -> None:
    body = await applicant.create(request_)
    assert body == {"id": CREATE, "version": "1.0", "responsetime": None, "response": None, "errors": None}


@pytest.mark.parametrize(
    ("name", "size", "changes", "code"),
    [
        ("notice.tiff", 10, {}, "PRG_PAM_DOC_004"),
        ("notice", 10, {}, "PRG_PAM_DOC_004"),
        ("notice.pdf", 2 * 1024 * 1024, {}, "PRG_PAM_DOC_007"),
        ("notice.pdf", 10, {"document": {"langCode": "xyz"}}, "PRG_CORE_REQ_014"),
        ("notice.pdf", 10, {"document": {"docCatCode": ""}}, "PRG_CORE_REQ_018"),
        ("notice.pdf", 10, {"document": {"docTypCode": None}}, "PRG_CORE_REQ_018"),
        ("notice.pdf", 10, {"document": {"langCode": None}}, "PRG_CORE_REQ_014"),
        ("notice.pdf", 10, {"document": {"docCatCode": ["POB"]}}, "PRG_PAM_DOC_015"),
        ("notice.pdf", 10, {"document": {"refNumber": {}}}, "PRG_PAM_DOC_015"),
        ("notice.pdf", 10, {"request": ["POB"]}, "PRG_PAM_DOC_015"),
        ("notice.pdf", 10, {"id": "mosip.other"}, "PRG_PAM_CORE_001"),
        ("notice.pdf", 10, {"version": "2.0"}, "PRG_PAM_CORE_002"),
        ("notice.pdf", 10, {"requesttime": "soon"}, "PRG_PAM_CORE_003"),
        ("notice.pdf", 10, {"request": None}, "PRG_PAM_DOC_015"),
    ],
)
async def test_what_a_document_is_refused_for(
    applicant: Applicant, name: str, size: int, changes: dict[str, Any], code: str
) -> None:
    id = await applicant.created()
    assert first_error(await applicant.upload(id, name, b"x" * size, **changes))[0] == code


async def test_unknown_applications_and_odd_requests(applicant: Applicant) -> None:
    assert first_error(await applicant.upload("37104926385174"))[0] == "PRG_PAM_APP_005"
    assert first_error(await applicant.book("37104926385174"))[0] == "PRG_APP_013"
    assert first_error(await applicant.book(""))[1] == "preRegistrationId cannot be empty."
    id = await applicant.created()
    assert first_error(await applicant.book(id, time_slot_to=None))[0] == "PRG_APP_BCK_06"
    path = f"/applications/prereg/status/{id}"
    _, odd = await applicant.call("PUT", path, params={"statusCode": "booked"})
    assert odd["response"] == "STATUS_NOT_UPDATED_SUCESSFULLY"
    assert first_error(odd) == ("PRG_PAM_APP_005", "status code is invalid")
    status, missing = await applicant.call("POST", f"/documents/{id}", data=FormData({"file": "x"}))
    assert (status, first_error(missing)[0]) == (500, "PRG_CORE_REQ_016")


async def test_the_applicants_role_is_asked_and_an_application_is_its_makers(stage: Open) -> None:
    applicant = Applicant(await stage())
    id = await applicant.created()
    status, body = await applicant.call("GET", f"/applications/prereg/{id}", "mosip-regproc-client")
    assert status == 200 and body["response"]["preRegistrationId"] == id  # an officer sees everybody's
    status, body = await applicant.call("POST", f"/documents/{id}", "mosip-regproc-client")
    assert (status, body["errors"]) == (401, [{"errorCode": "KER-401", "message": "Authentication Failed"}])
    status, body = await applicant.call("GET", f"/applications/prereg/{id}", "crvs-partner")
    assert (status, first_error(body)[0]) == (401, "KER-ATH-401")


async def test_applications_outlive_a_restart(stage: Open, tmp_path: Path) -> None:
    settings = {"state_file": tmp_path / "state.json"}
    first = Applicant(await stage(**settings))
    id = await first.created()
    await first.upload(id)
    await first.book(id)
    await first.stage.running.close()
    second = Applicant(await stage(**settings))
    _, body = await second.call("GET", f"/applications/prereg/status/{id}")
    assert body["response"]["statusCode"] == "Booked"
