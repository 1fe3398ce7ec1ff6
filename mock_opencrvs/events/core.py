"""The events service's inner side: writing actions, deriving rows, keeping the index (contract §6, §9).

What the procedures share. It knows nothing of HTTP.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from mock_opencrvs.auth.caller import Caller
from mock_opencrvs.auth.tokens import Tokens
from mock_opencrvs.country.config import CountryConfig
from mock_opencrvs.country.trigger import Trigger
from mock_opencrvs.directory.people import UserDirectory
from mock_opencrvs.events.audit import AuditLog
from mock_opencrvs.events.drafts import Drafts
from mock_opencrvs.events.records import ConstraintViolated, Records
from mock_opencrvs.forms.config import EventForm, Forms
from mock_opencrvs.forms.evaluation import FormContext
from mock_opencrvs.search.index import Index, Row
from mock_opencrvs.settings import Settings
from wire.opencrvs.documents import Action, EventDocument
from wire.opencrvs.profiles import Profile
from wire.opencrvs.state import assigned_to, available_actions, index_row
from wire.opencrvs.trpc import TRPCError
from wire.world import World

_KEEP_DRAFTS = frozenset({"READ", "ASSIGN"})


async def _nothing() -> None:
    """State lives in memory only."""


@dataclass
class Core:
    """All state and all neighbours of the events service."""

    settings: Settings
    world: World
    people: UserDirectory
    forms: Forms
    tokens: Tokens
    trigger: Trigger
    country: CountryConfig
    index: Index
    records: Records = field(default_factory=Records)
    drafts: Drafts = field(default_factory=Drafts)
    reindexed: list[dict[str, str]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    """Uploaded files by path; those named in records of seeds need not be among them."""

    audit: AuditLog = field(init=False)

    persist: Callable[[], Awaitable[None]] = field(default=_nothing)
    """Write what changed to the state file, if there is one."""

    def __post_init__(self) -> None:
        self.audit = AuditLog(self.world)

    @property
    def profile(self) -> Profile:
        return self.settings.profile

    @property
    def zod(self) -> int:
        """Which zod's words the inputs are refused in."""
        return 3 if self.profile is Profile.V1_9 else 4

    def event(self, event_id: str) -> EventDocument:
        """The record; 404 when there is none."""
        event = self.records.snapshot(event_id)
        if event is None:
            raise not_found(event_id)
        return event

    def form(self, event_type: str) -> EventForm:
        """The event's configuration; 400 when the country has none of that type."""
        form = self.forms.get(event_type)
        if form is None:
            raise TRPCError("BAD_REQUEST", f"No configuration found for event type: {event_type}")
        return form

    def new_action(
        self, caller: Caller, kind: str, status: str, transaction_id: str, **fields: Any
    ) -> Action:
        """An action by this caller, now. Fields that are None are left out."""
        action: dict[str, Any] = {
            "id": self.world.chance.uuid(),
            "type": kind,
            "status": status,
            "transactionId": transaction_id,
            "declaration": {},
            **{name: value for name, value in fields.items() if value is not None},
            "createdAt": self.world.timestamp(),
            **{k: v for k, v in caller.author().items() if fields.get(k) is None},
        }
        return action  # type: ignore[return-value]

    def append(self, event_id: str, action: Action) -> bool:
        """Write an action; a constraint of the database is a 500 with its text."""
        if event_id not in self.records:
            raise not_found(event_id)  # deleted or reset while the country server was thinking
        try:
            written = self.records.append(event_id, action)
        except ConstraintViolated as violated:
            raise TRPCError("INTERNAL_SERVER_ERROR", str(violated)) from None
        if action["type"] not in _KEEP_DRAFTS:
            self.drafts.drop(event_id)
        return written

    def unassign(self, caller: Caller, event_id: str, transaction_id: str) -> None:
        """Write UNASSIGN, as confirmations do even when nobody is assigned; not for system clients."""
        if not caller.is_system:
            self.append(event_id, self.new_action(caller, "UNASSIGN", "Accepted", transaction_id))

    def row(self, event: EventDocument) -> Row:
        """The index row of a document, with the country's own flags and place of event."""
        form = self.form(event["type"])
        row = index_row(event, self.profile, date_of_event_field=form.date_of_event)
        row["flags"] = row["flags"] + form.custom_flags(event, row, self.profile, self.surroundings(event))
        if self.profile is not Profile.V1_9:
            place = form.place_of_event(row["declaration"]) or row.get("createdAtLocation")
            if place:
                row["placeOfEvent"] = place
        return row

    def surroundings(self, event: EventDocument, caller: Caller | None = None) -> FormContext:
        """What the conditions of the country's configuration see beside a form."""
        return FormContext(
            self.world.clock.now().date().isoformat(),
            caller.claims if caller else None,
            event,
            self.people.leaf_areas(),
        )

    def index_event(self, event: EventDocument, *, even_created: bool = False) -> None:
        """Have search show this document, unless it is only CREATED. 500 for a field that no form has."""
        form = self.form(event["type"])
        row = self.row(event)
        for field_id in row["declaration"]:
            if field_id not in form.field_ids:
                raise unknown_field(field_id)
        if even_created or row["status"] != "CREATED":
            self.index.put(row)

    def reindex(self, event_id: str) -> EventDocument:
        """Index the record as it is now."""
        event = self.event(event_id)
        self.index_event(event)
        return event

    def available(self, event: EventDocument) -> tuple[list[str], Row]:
        row = self.row(event)
        return available_actions(event, self.profile, known_flags=row["flags"]), row

    def clear(self) -> None:
        """Forget records, drafts, files, the audit log and what was said about tokens."""
        self.records.clear()
        self.drafts.clear()
        self.index.clear()
        self.files.clear()
        self.reindexed.clear()
        self.audit.clear()
        self.tokens.invalidated.clear()

    def reindex_all(self) -> None:
        """Index every record as it is now."""
        self.index.clear()
        for event in self.records:
            self.index_event(event)

    def needs_available(
        self,
        event: EventDocument,
        kind: str,
        caller: Caller,
        *,
        named: str | None = None,
        custom_type: str | None = None,
    ) -> None:
        """409 when the state does not allow the action, or the country's conditions are not met (step 13)."""
        allowed, row = self.available(event)
        if kind not in allowed:
            text = (
                f"Action '{named or kind}' cannot be performed on an event in '{row['status']}' state with "
                f"[{', '.join(row['flags'])}] flags. Available actions: {', '.join(allowed)}."
            )
            raise TRPCError("CONFLICT", text)
        around = self.surroundings(event, caller)
        if not self.form(event["type"]).conditions_met(kind, custom_type, row, around):
            raise TRPCError(
                "CONFLICT", f"Conditions for action: {kind} were not met, action cannot be performed"
            )

    def needs_assignment(self, event: EventDocument, caller: Caller) -> None:
        """409 unless the record is the caller's; for a system client: unless it is nobody's (step 7)."""
        holder = assigned_to(event)
        if caller.is_system:
            if holder is not None:
                raise TRPCError("CONFLICT", "System user can not perform action on assigned event")
        elif holder != caller.id:
            raise TRPCError("CONFLICT", "You are not assigned to this event")


def not_found(event_id: str) -> TRPCError:
    return TRPCError("NOT_FOUND", f"Event not found with ID: {event_id}")


def unknown_field(field_id: str) -> TRPCError:
    return TRPCError("INTERNAL_SERVER_ERROR", f"Field with id {field_id} not found in event config")
