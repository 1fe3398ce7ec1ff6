"""What the hub delivers: credentials and ends of workflows (contract mosip §3.6, §4.5, §5)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial

import structlog

from bridge.calls.failure import FailureKind, by_status
from bridge.errors import Refusal
from bridge.mosip.answers import hub_failure
from bridge.mosip.credential import NotSealed, Opener
from bridge.mosip.login import Login
from bridge.mosip.shares import share_allowed
from bridge.nid import (
    Answer,
    Delivery,
    DeliveryRefused,
    Done,
    Inbox,
    NidDown,
    No,
    NotBelieved,
    NotYet,
    Taken,
    Yes,
)
from bridge.registration import Registration
from bridge.serving import json_object
from bridge.settings import Settings
from wire.mosip import events, hub
from wire.mosip.events import (
    CredentialIssued,
    WorkflowCompleted,
    read_credential_issued,
    read_workflow_completed,
)
from wire.mosip.fields import FieldBroken
from wire.mosip.hub import HubSignatureRefused
from wire.world import World


class Deliveries:
    """Reads deliveries of both topics, when they come and when one was kept."""

    def __init__(self, settings: Settings, world: World, hub_login: Login, opener: Opener) -> None:
        self._settings, self._policy, self._world = settings, settings.policy, world
        self._login, self._opener = hub_login, opener
        self._log = structlog.get_logger("bridge.callback")

    async def take(self, body: bytes, signature: str | None, answers: Inbox) -> tuple[Taken, str]:
        """What it came to, and its topic. DeliveryRefused when the hub's signature over the raw bytes is bad,
        or the message is not believed.
        """
        if not self._settings.allow_unsigned:
            try:
                hub.verify_signature(signature, self._settings.hub_secret.get_secret_value(), body)
            except HubSignatureRefused as refused:
                raise DeliveryRefused(401, "Invalid X-Hub-Signature", refused.reason) from refused
        message = json_object(body)
        try:
            if "event" in message:
                return await self._credential(read_credential_issued(message), body, answers)
            return await self._workflow(read_workflow_completed(message), answers)
        except FieldBroken as broken:
            raise DeliveryRefused(400, "Not a message that is understood here", str(broken)) from broken

    async def _credential(self, event: CredentialIssued, body: bytes, answers: Inbox) -> tuple[Taken, str]:
        id, packet = _digest(f"{event.topic}|{event.event_id}|{event.registration_id}"), event.registration_id
        taken = await answers.take(Delivery(id, event.topic, packet, body), partial(self._read, event))
        return taken, self._settings.topic

    async def _read(self, event: CredentialIssued, registration: Registration) -> Answer | NotYet:
        self._check_topic(event.topic)
        if event.credential is None:
            self._check_share(event)
            raise NidDown("shared by link")
        return await self._opened(event, event.credential, registration)

    async def open(self, registration: Registration, body: bytes) -> Answer | NotYet:
        """A credential that was kept: shared by link, or the issuer's key could not be had."""
        try:
            event = read_credential_issued(json_object(body))
        except (Refusal, FieldBroken) as broken:
            raise NotBelieved(str(broken)) from broken
        if event.credential is not None:
            return await self._opened(event, event.credential, registration)
        self._check_share(event)
        shared = await self._shared(str(event.data_share_uri))
        sealed = shared.decode("ascii", errors="replace").strip().strip('"')
        try:
            return await self._opened(event, sealed, registration)
        except NotSealed as junk:  # a proxy answered with 200, once (contract mosip §15 row 9)
            raise NidDown(f"data share: HTTP 200 without a credential ({junk})") from junk

    async def _opened(
        self, event: CredentialIssued, sealed: str, registration: Registration
    ) -> Answer | NotYet:
        national_id = await self._opener.open(event, sealed, registration)
        receipt = event.transaction_id if self._settings.acknowledge_topic else None
        if self._policy.awaits_national_id(registration):
            if national_id is None:
                key = self._settings.national_id_key
                raise NotBelieved(f"it holds no {key}, and a birth needs one")
            return Yes(national_id, "credential verified", receipt)
        if registration.process == "CRVS_DEATH" and not self._settings.allow_death_credential:
            # stock MOSIP sends no credential for a death: its status tells whether it is done
            return NotYet("credential on a death")
        return Done("credential verified", receipt)

    async def _shared(self, url: str) -> bytes:
        """A credential that is shared by link."""
        answer = await self._login.call("GET", url)
        if answer.status != 200:
            failure = by_status("data share", answer.status, answer.wait)
            gone = answer.status in (404, 410)  # of this link, which may only be late
            raise NidDown(replace(failure, kind=FailureKind.TRANSIENT) if gone else failure)
        return answer.body

    async def acknowledge(self, request_id: str) -> None:
        """Tell the issuer that its credential is stored (§5.7)."""
        settings = self._settings
        if not settings.acknowledge_topic:
            return
        body = events.credential_status_update(
            publisher=settings.partner_id,
            event_id=self._world.chance.uuid(),
            request_id=request_id,
            now=self._world.clock.now(),
            status="STORED",
            topic=settings.acknowledge_topic,
        )
        url = f"{settings.hub_url}?{hub.publish_query(settings.acknowledge_topic)}"
        answer = await self._login.call("POST", url, content=body)
        if (failure := hub_failure(answer, "acknowledgement")) is not None:
            raise NidDown(failure)

    def _check_topic(self, topic: str) -> None:
        plain = self._settings.topic.rpartition("/")[2]
        if topic == self._settings.topic or (self._settings.allow_plain_topic and topic == plain):
            return
        raise DeliveryRefused(400, "Another topic", "the message's topic is not the one that was subscribed")

    def _check_share(self, event: CredentialIssued) -> None:
        if not share_allowed(event.data_share_uri, self._settings):
            raise NotBelieved("the data share's host is not allowed (MOSIP_DATA_SHARE_HOSTS)")

    async def _workflow(self, event: WorkflowCompleted, answers: Inbox) -> tuple[Taken, str]:
        """PROCESSED, REJECTED or FAILED; the topic tells of every packet of the country."""
        topic, packet = self._settings.workflow_topic, event.registration_id
        delivery = Delivery(_digest(f"workflow|{packet}|{event.result}"), topic, packet, broadcast=True)
        return await answers.take(delivery, partial(_ended, event)), topic


async def _ended(event: WorkflowCompleted, registration: Registration) -> Answer:
    """What the end of a workflow says."""
    if event.workflow_type != registration.process:
        raise DeliveryRefused(400, "Another process", "workflowType is not the one of this packet")
    said = f"ID system: {event.result}"
    if event.result == "PROCESSED":
        return Done(said)
    return No(event.error_code or f"PACKET_{event.result}", said)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
