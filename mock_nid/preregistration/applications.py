"""Pre-registration applications: who will come to a registration centre, with which documents. A store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any


class ApplicationStatus(StrEnum):
    """The status codes of the pre-registration service."""

    INCOMPLETE = "Application_Incomplete"
    PENDING_APPOINTMENT = "Pending_Appointment"
    BOOKED = "Booked"
    EXPIRED = "Expired"
    CONSUMED = "Consumed"
    PREFETCHED = "Prefetched"
    CANCELLED = "Cancelled"
    DOCUMENT_UPLOADED = "Document_Uploaded"


SETTLED = frozenset(
    {
        ApplicationStatus.BOOKED,
        ApplicationStatus.EXPIRED,
        ApplicationStatus.CANCELLED,
        ApplicationStatus.PREFETCHED,
    }
)
"""Statuses in which a document that is there is not replaced any more."""


@dataclass(frozen=True)
class Document:
    """What is kept of an upload: all but its bytes."""

    id: str
    name: str
    category: str
    type: str
    reference: str | None
    language: str
    size: int


@dataclass(frozen=True)
class Application:
    """One application; `details` are its demographicDetails as given, `documents` by category."""

    id: str
    language: str
    details: Mapping[str, Any]
    created_by: str
    created_at: str
    status: ApplicationStatus = ApplicationStatus.INCOMPLETE
    appointment: Mapping[str, Any] | None = None
    documents: tuple[Document, ...] = ()

    def with_document(self, document: Document) -> Application:
        """A later document of a category takes the place of the earlier one."""
        others = tuple(one for one in self.documents if one.category != document.category)
        return replace(self, documents=(*others, document))

    def document_of(self, category: str) -> Document | None:
        return next((one for one in self.documents if one.category == category), None)

    def shown(self) -> dict[str, Any]:
        """For the admin API: everything but the person's data."""
        return {
            "preRegistrationId": self.id,
            "status": self.status.value,
            "createdBy": self.created_by,
            "createdAt": self.created_at,
            "appointment": self.appointment,
            "documents": [asdict(one) for one in self.documents],
        }
