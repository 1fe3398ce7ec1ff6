"""The OpenCRVS port: how to tell it what became of an action.

Contract opencrvs §3 (tRPC), §4.4 (accept, reject), §11 (2.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from bridge.calls.failure import Failed, Failure, FailureKind, by_status
from bridge.calls.peer import object_in
from bridge.opencrvs.confirmation import (
    CREDENTIAL,
    PROVES_NOTHING,
    SETTLED,
    Confirmation,
    ConfirmationResult,
    judge,
    looked_at,
)
from bridge.opencrvs.credentials import Credentials
from bridge.opencrvs.events import EventsService
from bridge.opencrvs.forms import Forms
from bridge.registration import Registration
from bridge.settings import Settings
from wire.http.client import Answer
from wire.opencrvs import tokens, trpc
from wire.opencrvs.documents import EventDocument, find_action
from wire.opencrvs.procedures import (
    EVENT_GET,
    Step,
    accept_input,
    action_procedure,
    event_get_input,
    reject_input,
)
from wire.opencrvs.profiles import Profile
from wire.world import World

_OWN_INPUT = ("requestId", "content", "customActionType")
"""What an acceptance repeats of the action that was asked for (contract opencrvs §4.4)."""


class OpenCRVS:
    """Accepts and rejects actions, by the confirmation strategy that the settings name."""

    def __init__(self, settings: Settings, world: World) -> None:
        self._profile, self._gateway = Profile(settings.profile), settings.gateway_url
        self.credentials = Credentials(settings, world)
        self.peer = self.credentials.peer
        self._events = EventsService(settings, self.peer)
        self.forms = Forms(settings, world.clock, self._events, self.credentials)

    async def accept(
        self,
        registration: Registration,
        token: str | None,
        transaction: str,
        declaration: Mapping[str, Any],
        annotation: Mapping[str, Any] | None = None,
        *,
        own: Mapping[str, Any],
        look: bool,
    ) -> Confirmation:
        """Accept the pending action with the number and the amended declaration; `own`: as `own_input` says.

        After an answer that proves nothing the record is looked at; with `look`, after a success too: it may
        be the repetition of one that broke the record (contract opencrvs §0.4 row 20).
        """
        content = accept_input(
            event_id=registration.event_id,
            action_id=registration.action_id,
            transaction_id=transaction,
            declaration=declaration,
            registration_number=registration.number if registration.action_type == "REGISTER" else None,
            annotation=annotation,
        )
        judgement = await self._confirm(registration, token, "accept", content | dict(own))
        if judgement.result in PROVES_NOTHING or (look and judgement.result is ConfirmationResult.ACCEPTED):
            judgement = looked_at(judgement, await self.look(registration, token))
        if judgement.result is ConfirmationResult.UNREADABLE:
            self.forms.ask_anew()
        return judgement

    async def reject(
        self, registration: Registration, token: str | None, transaction: str, *, keep_assignment: bool
    ) -> Confirmation:
        """Reject the pending action; an unclear failure is cleared up by reading the record."""
        content = reject_input(
            event_id=registration.event_id, action_id=registration.action_id, transaction_id=transaction
        )
        if keep_assignment:
            content["keepAssignment"] = True
        judgement = await self._confirm(registration, token, "reject", content)
        if judgement.result in PROVES_NOTHING:
            # `Action has already been accepted.` is a masked 500 in production
            return looked_at(judgement, await self.look(registration, token))
        return judgement

    async def look(self, registration: Registration, token: str | None) -> Confirmation:
        """How the action stands in the record."""
        return (await self._record(registration, token))[1]

    async def own_input(self, registration: Registration, token: str | None) -> dict[str, Any]:
        """What the acceptance of an action repeats of it, as the record tells; nothing when it does not."""
        record, judgement = await self._record(registration, token)
        if judgement.result not in (*SETTLED, ConfirmationResult.UNCHANGED):
            return {}
        return own_input(record, registration.action_id)

    async def reject_declaration(
        self, registration: Registration, token: str | None, transaction: str, reason: str
    ) -> Confirmation:
        """Reject the declaration in the registrar's name, so that it lands in the updates queue with words.

        Only the record token can (it is the registrar's); FORBIDDEN when there is none. ACCEPTED: it is
        rejected.
        """
        content = {"transactionId": transaction, "content": {"reason": reason}}
        answer = await self._as_registrar(registration, token, "event.actions.reject.request", content)
        if answer is None:
            return Confirmation(ConfirmationResult.FORBIDDEN, "no usable record token")
        if isinstance(answer, trpc.TRPCError):
            return judge(answer, registration.action_id)
        return Confirmation(ConfirmationResult.ACCEPTED)

    async def assign(self, registration: Registration, token: str | None, transaction: str) -> bool:
        """Take the record for the registrar whose token this is; False when somebody else has it (§4.7)."""
        content = {
            "type": "ASSIGN",  # core has no default for this one (contract opencrvs §0.3 row 1)
            "transactionId": transaction,
            "assignedTo": str(tokens.peek(token).get("sub")) if token is not None else None,
        }
        answer = await self._as_registrar(registration, token, "event.actions.assignment.assign", content)
        return not isinstance(answer, trpc.TRPCError | None)

    async def unassign(self, registration: Registration, token: str | None, transaction: str) -> None:
        """Give the record back when it could not be rejected in the registrar's name; best effort."""
        content = {"transactionId": transaction}
        await self._as_registrar(registration, token, "event.actions.assignment.unassign", content)

    async def file(self, registration: Registration, token: str | None, path: str) -> bytes | None:
        """A file of the record, by the path that a declaration holds: the documents service signs an address,
        and the store behind it gives the content. None: it has none. Failed.
        """
        url = f"{self._gateway}/presigned-url/{quote(path.lstrip('/'))}"

        async def ask(bearer: str) -> Answer:
            return await self.peer.call("GET", url, bearer=bearer)

        asked = await self.credentials.in_turn(registration, token, ask, _file_judged)
        answer, judgement = asked
        if answer is None or judgement.result in CREDENTIAL:
            words = f"the credential opens no file: {judgement.words}"
            raise Failed(Failure(FailureKind.CHANNEL, words, "opencrvs-credential", judgement.wait))
        signed = _signed(answer)
        if signed is None:
            raise Failed(by_status("OpenCRVS documents", answer.status, answer.wait))
        found = await self.peer.call("GET", signed)
        if found.status == 404:
            return None
        if found.status != 200:
            raise Failed(by_status("OpenCRVS file store", found.status, found.wait))
        return found.body

    def ask_anew(self) -> None:
        """Somebody says that something is mended: the form, or the log-in."""
        self.forms.ask_anew()
        self.credentials.ask_anew()

    async def _as_registrar(
        self, registration: Registration, token: str | None, procedure: str, content: dict[str, Any]
    ) -> Any:
        """What a change in the name of whom the record's token is was answered; None without a usable one."""
        if (bearer := self.credentials.usable(registration, token)) is None:
            return None
        return await self._events.change(procedure, {"eventId": registration.event_id, **content}, bearer)

    async def _record(self, registration: Registration, token: str | None) -> tuple[Any, Confirmation]:
        """The record as it is answered, and how the action stands in it."""
        wanted = event_get_input(registration.event_id, self._profile)
        ask = partial(self._events.ask, EVENT_GET, wanted)
        judged = partial(judge, action_id=registration.action_id)
        return await self.credentials.in_turn(registration, token, ask, judged)

    async def _confirm(
        self, registration: Registration, token: str | None, verb: Step, content: Mapping[str, Any]
    ) -> Confirmation:
        procedure = action_procedure(registration.action_type, verb)
        ask = partial(self._events.change, procedure, content)
        judged = partial(judge, action_id=registration.action_id)
        return (await self.credentials.in_turn(registration, token, ask, judged))[1]


def own_input(event: EventDocument, action_id: str) -> dict[str, Any]:
    """What the acceptance of an action repeats of it."""
    action: Mapping[str, Any] = find_action(event, action_id) or {}
    return {name: action[name] for name in _OWN_INPUT if action.get(name) is not None}


def _file_judged(answer: Answer) -> Confirmation:
    refused = answer.status in (401, 403)
    return Confirmation(ConfirmationResult.EXPIRED if refused else ConfirmationResult.ACCEPTED)


def _signed(answer: Answer) -> str | None:
    """The address in an answer of the documents service."""
    address = (object_in(answer) or {}).get("presignedURL") if answer.status == 200 else None
    return address if isinstance(address, str) and address.startswith(("http://", "https://")) else None
