"""What the pre-registration service answers: ids, refusals, its envelope (contract mosip §7.5). Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mock_nid.errors import NidError, dumped
from wire.mosip import schema
from wire.mosip.envelope import EnvelopeFault, error_item
from wire.world import timestamp

VERSION = "1.0"
OWN = "the id of whoever refuses"

CREATE = "mosip.pre-registration.demographic.create"
READ = "mosip.pre-registration.demographic.retrieve.details"
STATUS = "mosip.pre-registration.demographic.retrieve.status"
SET_STATUS = "mosip.pre-registration.demographic.status.update"
BOOK = "mosip.pre-registration.booking.book"
UPLOAD = "mosip.pre-registration.document.upload"

UNKNOWN = EnvelopeFault("PRG_PAM_APP_005", "No data found for the requested pre-registration id")
ANOTHERS = EnvelopeFault("PRG_PAM_APP_017", "Requested preregistration id does not belong to the user")
NO_STATUS = EnvelopeFault("PRG_PAM_APP_005", "status code is invalid")
BAD_ID = EnvelopeFault("PRG_PAM_CORE_001", "Request id is invalid")
BAD_VERSION = EnvelopeFault("PRG_CORE_REQ_002", "Request version is invalid")
BAD_TIME = EnvelopeFault("PRG_CORE_REQ_003", "Invalid request time")
BAD_UPLOAD_VERSION = EnvelopeFault("PRG_PAM_CORE_002", BAD_VERSION.message)
BAD_UPLOAD_TIME = EnvelopeFault("PRG_PAM_CORE_003", BAD_TIME.message)
BAD_REQUEST = EnvelopeFault("PRG_PAM_CORE_004", "Request body is invalid")
BAD_LANGUAGE = EnvelopeFault("PRG_CORE_REQ_014", "Lang code is invalid")
OTHER_DAY = EnvelopeFault("PRG_CORE_REQ_013", "Request date should be current date")
UNREADABLE = EnvelopeFault("PRG_CORE_REQ_015", "JSON parse error")
NOT_JSON = EnvelopeFault("PRG_PAM_DOC_015", "Json exception")
TOO_LARGE = EnvelopeFault("PRG_PAM_DOC_007", "Document exceeding permitted size")
BAD_FORMAT = EnvelopeFault("PRG_PAM_DOC_004", "Invalid document format supported")
SETTLED_ALREADY = EnvelopeFault("PRG_PAM_DOC_024", "Document table not able to update by this status")
NO_CATEGORY = EnvelopeFault("PRG_CORE_REQ_018", "Document Category code is invalid")
NO_APPLICATION = EnvelopeFault("PRG_APP_013", "No Records Found")
EMPTY_APPLICATION = EnvelopeFault("PRG_APP_013", "preRegistrationId cannot be empty.")
ANOTHERS_BOOKING = EnvelopeFault("PRG_APP_BCK_08", "Requested application id does not belong to the user")
NOT_BOOKED = EnvelopeFault("PRG_APP_BCK_06", "Appointment Booking failed")


class PreRegistrationError(NidError):
    """A refusal in the service's own envelope, which has no `metadata`.

    `id`: OWN is that of the service that renders it; None where the request was not even read.
    """

    def __init__(
        self, *faults: EnvelopeFault, id: str | None = OWN, status: int = 200, response: Any = None
    ) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.id, self.faults, self.status, self.response = id, faults, status, response

    def body(self, now: datetime) -> bytes:
        return dumped(envelope(self.id, self.response, timestamp(now), self.faults))


class Swallowed(PreRegistrationError):
    """A null that the service's code tripped over: neither a response nor errors, not even a time."""

    def body(self, now: datetime) -> bytes:
        return dumped(envelope(self.id, None, None, ()))


def thrown(why: str) -> PreRegistrationError:
    """What Spring throws before the handler is asked: the service renders it as 500."""
    return PreRegistrationError(EnvelopeFault("PRG_CORE_REQ_016", why), id=None, status=500)


def unreadable() -> PreRegistrationError:
    return PreRegistrationError(UNREADABLE, id=None)


def envelope(
    id: str | None, response: Any, time: str | None, faults: tuple[EnvelopeFault, ...]
) -> dict[str, Any]:
    return {
        "id": id,
        "version": VERSION if id else None,
        "responsetime": time,
        "response": response,
        "errors": [error_item(fault) for fault in faults] or None,
    }


def identity_faults(identity: Mapping[str, Any], required: list[Any]) -> list[EnvelopeFault]:
    """What the ID schema has against it; a field that the schema does not know is left out unasked."""
    known = schema.parse(schema.text()) or {}
    faults = [
        EnvelopeFault("KER-IOV-005", f"Missing input parameter - identity/{name}")
        for name in required
        if isinstance(name, str) and name in known and name not in identity
    ]
    for name, value in identity.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if name in known and schema.value_fault(name, text) is not None:
            faults.append(EnvelopeFault("KER-IOV-004", f"Invalid input parameter - identity/{name}"))
    # the exception carries one code for all
    return [EnvelopeFault(faults[0].code, fault.message) for fault in faults]
