"""What the hub delivers: credentials and ends of workflows. Verified and stored before the hub is answered.

Contract mosip §3.6, §4.5, §5. A delivery that is not believed changes nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog
from structlog.contextvars import bind_contextvars

from bridge.flow.work import Flow
from bridge.mosip.credential import NotBelieved
from bridge.mosip.shares import share_allowed
from bridge.nid import NidDown, NidRefused
from bridge.registration import Act, NotAllowed, Registration, Secrets, State, Stuck, Task, allowed_from
from wire.foreign_json import UnfitJSON, read_json
from wire.mosip import hub
from wire.mosip.events import CredentialIssued, read_credential_issued, read_workflow_completed
from wire.mosip.fields import FieldBroken
from wire.mosip.hub import SignatureRefused
from wire.redaction import hide_private

_PAGE = re.compile(r"[<{\s]")
"""What no sealed credential holds: base64 in one line."""


class DeliveryRefused(Exception):
    """The delivery was not taken and changed nothing. `status` is what the sender gets."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(f"{title}: {detail}")
        self.status, self.title, self.detail = status, title, detail


@dataclass(frozen=True)
class Taken:
    """A delivery on a topic that the hub need not send again.

    `outcome`: issued, refused, noted, repeated, ignored.
    """

    outcome: str
    topic: str = ""


class Deliveries:
    """Takes deliveries of both topics."""

    def __init__(self, flow: Flow) -> None:
        self._flow, self._store, self._settings = flow, flow.store, flow.settings
        self._opener = flow.parts.opener
        self._log = structlog.get_logger("bridge.callback")
        flow.open_stored = self.open_stored

    async def take(self, body: bytes, signature: str | None) -> Taken:
        """Verify the hub's signature over the raw bytes, then take the message; DeliveryRefused when it is
        bad.
        """
        if not self._settings.allow_unsigned:
            try:
                hub.verify_signature(signature, self._settings.hub_secret.get_secret_value(), body)
            except SignatureRefused as refused:
                raise DeliveryRefused(401, "Invalid X-Hub-Signature", refused.reason) from refused
        message = _parsed(body)
        try:
            if "event" in message:
                event = read_credential_issued(message)
                return replace(await self._credential(event, body), topic=self._settings.topic)
            return replace(await self._workflow(message, body), topic=self._settings.workflow_topic)
        except FieldBroken as broken:
            raise DeliveryRefused(400, "Not a message that is understood here", str(broken)) from broken
        except NotAllowed as late:  # another delivery, or an answer of its own, was faster
            self._log.info("overtaken", why=str(late))
            return Taken("ignored")

    # -- credentials --------------------------------------------------------------------------------

    async def _credential(self, event: CredentialIssued, body: bytes) -> Taken:
        registration = await self._addressed(event.registration_id)
        self._check_topic(event.topic)
        if registration is None:
            # MOSIP sends every later credential of a person again, under other registrations
            self._log.info("a credential for a registration that is not ours", packet=event.registration_id)
            return Taken("ignored")
        delivery = (_digest(f"{event.topic}|{event.event_id}|{event.registration_id}"), event.topic)
        if (before := await self._store.seen(delivery[0])) is not None:
            self._log.info("delivery repeated", registration=registration.id, first=before)
            return Taken("repeated")
        if registration.state not in allowed_from(Act.ISSUE):
            self._log.info("delivery too late", registration=registration.id, state=registration.state)
            return Taken("ignored")
        if event.credential is None:
            return await self._keep(registration, delivery, body, self._allowed_share(event))
        try:
            national_id = await self._opener.open(event, event.credential, registration)
        except NotBelieved as refused:
            self._log.warning("credential refused", registration=registration.id, why=refused.reason)
            raise DeliveryRefused(422, "The credential is not believed", refused.reason) from refused
        except NidDown as down:
            # the issuer's key cannot be had now: keep the delivery, so that the hub need not know
            return await self._keep(registration, delivery, body, str(down))
        return await self._issue(registration, event, national_id, delivery)

    async def _addressed(self, packet_id: str) -> Registration | None:
        """The registration that a message is about; further log lines name it."""
        registration = await self._store.by_packet(packet_id)
        if registration is not None:
            bind_contextvars(**registration.names)
        return registration

    def _check_topic(self, topic: str) -> None:
        plain = self._settings.topic.rpartition("/")[2]
        if topic == self._settings.topic or (self._settings.allow_plain_topic and topic == plain):
            return
        raise DeliveryRefused(400, "Another topic", "the message's topic is not the one that was subscribed")

    def _allowed_share(self, event: CredentialIssued) -> str:
        if not share_allowed(event.data_share_uri, self._settings):
            raise DeliveryRefused(
                422,
                "The credential is not believed",
                "the data share's host is not allowed (MOSIP_DATA_SHARE_HOSTS)",
            )
        return "shared by link"

    async def _keep(
        self, registration: Registration, delivery: tuple[str, str], body: bytes, why: str
    ) -> Taken:
        """Store a delivery that has to be opened later."""
        kept = await self._store.get(registration.id)
        if kept is not None and kept.kept:
            # the first is being opened; this one's id is not noted, so that the hub may send it again
            self._log.info("another delivery is kept already", registration=registration.id)
            return Taken("noted")
        now = self._flow.world.clock.now()
        changes: dict[str, Any] = {"delivery": body}
        if registration.state is not State.QUEUED:  # one that is being submitted is opened after that
            changes |= {"task": Task.OPEN, "due_at": now, "attempts": 0, "first_failed_at": None}
        await self._store.receive(*delivery, registration.id, "kept", **changes)
        self._log.info("delivery kept", registration=registration.id, why=why)
        return Taken("noted")

    async def _issue(
        self,
        registration: Registration,
        event: CredentialIssued,
        national_id: str | None,
        delivery: tuple[str, str] | None,
    ) -> Taken:
        needed = self._flow.needs_national_id(registration)
        if needed and national_id is None:
            key = self._settings.national_id_key
            self._log.warning("credential refused", registration=registration.id, why=f"no {key}")
            raise DeliveryRefused(
                422, "The credential is not believed", f"it holds no {key}, and a birth needs one"
            )
        if not needed and registration.event_type == "death" and not self._opener.leniency.death_credential:
            return await self._hint(registration, delivery)
        try:
            await self._flow.issue(
                registration,
                "credential verified",
                national_id if needed else None,
                delivery=delivery,
                acknowledge_id=event.transaction_id,
            )
        except NotAllowed:
            return Taken("ignored")  # another delivery of the same credential was faster
        return Taken("issued")

    async def _hint(self, registration: Registration, delivery: tuple[str, str] | None) -> Taken:
        """Stock MOSIP sends no credential for a death: ask the ID system itself whether it is done."""
        due = self._flow.world.clock.now()
        changes: dict[str, Any] = {}
        if registration.state is State.SUBMITTED:
            changes = {"task": Task.POLL, "due_at": due}
        if delivery is not None:
            await self._store.receive(*delivery, registration.id, "noted", **changes)
        else:
            await self._store.touch(registration, "credential on a death: status asked", **changes)
        return Taken("noted")

    async def open_stored(self, registration: Registration, secrets: Secrets) -> None:
        """Open a delivery that was kept (the outbox's OPEN task)."""
        if secrets.delivery is None:
            return await self._back_to_waiting(registration, "no delivery is stored")
        event = read_credential_issued(_parsed(secrets.delivery))
        sealed = event.credential
        try:
            if sealed is None:
                if not share_allowed(event.data_share_uri, self._settings):
                    raise NotBelieved("the data share's host is not allowed")
                shared = await self._flow.parts.nid.fetch_share(str(event.data_share_uri))
                sealed = shared.decode("ascii", errors="replace").strip().strip('"')
                if _PAGE.search(sealed):  # a proxy's page with 200, once (contract mosip §15 row 9)
                    raise NidDown("data share: the answer is a page, not a credential")
            national_id = await self._opener.open(event, sealed, registration)
            await self._issue(registration, event, national_id, None)
        except (NotBelieved, DeliveryRefused, NidRefused) as refused:
            await self._back_to_waiting(registration, f"credential refused: {refused}")
        return None

    async def _back_to_waiting(self, registration: Registration, why: str) -> None:
        self._log.warning("delivery not usable", registration=registration.id, why=why)
        changes: dict[str, Any] = {"task": None, "due_at": None}
        if registration.state is not State.STUCK:
            now = self._flow.world.clock.now()
            changes = {"task": Task.POLL, "due_at": now, "step": None, "attempts": 0}
        # it was not taken, so its id must not be known either: the hub's next one counts
        await self._store.touch(registration, why, forget_kept=True, delivery=None, held=None, **changes)

    # -- workflow events ----------------------------------------------------------------------------

    async def _workflow(self, message: Mapping[str, Any], body: bytes) -> Taken:
        """PROCESSED, REJECTED or FAILED, for ids that are ours; the topic tells of every packet of the
        country.
        """
        event = read_workflow_completed(message)
        registration = await self._addressed(event.registration_id)
        if registration is None:
            return Taken("ignored")
        if event.workflow_type != registration.process:
            raise DeliveryRefused(400, "Another process", "workflowType is not the one of this packet")
        delivery = (
            _digest(f"workflow|{event.registration_id}|{event.result}"),
            self._settings.workflow_topic,
        )
        if await self._store.seen(delivery[0]) is not None:
            return Taken("repeated")
        if registration.state not in allowed_from(Act.ISSUE):
            return Taken("ignored")
        try:
            if event.result != "PROCESSED":
                code = event.error_code or f"PACKET_{event.result}"
                await self._flow.refuse(registration, code, f"ID system: {event.result}", delivery=delivery)
                return Taken("refused")
            if not self._flow.needs_national_id(registration):
                await self._flow.issue(registration, "ID system: PROCESSED", None, delivery=delivery)
                return Taken("issued")
        except NotAllowed:
            return Taken("ignored")
        await self._store.receive(*delivery, registration.id, "noted")
        # a birth waits for its credential; when the registration is stuck for want of an answer, this is one
        if registration.state is State.SUBMITTED and registration.task is Task.POLL:
            await self._flow.credential_awaited(registration)
        elif registration.reason == Stuck.NID_SILENT:
            self._log.info("answer after giving up", registration=registration.id)
        return Taken("noted")


def _parsed(body: bytes) -> dict[str, Any]:
    """A JSON object that is not nested beyond what any message needs; DeliveryRefused otherwise."""
    try:
        message = read_json(body)
    except UnfitJSON as unfit:
        raise DeliveryRefused(400, unfit.title, str(unfit)) from unfit
    except ValueError as error:
        raise DeliveryRefused(400, "Not JSON", "the body is no JSON object") from error
    if not isinstance(message, dict):
        raise DeliveryRefused(400, "Not JSON", "the body is no JSON object")
    hide_private(message)
    return message


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
