"""The OpenCRVS port: how to tell it what became of an action.

Contract opencrvs §2 (tokens), §3 (tRPC), §4.4 (accept, reject), §11 (2.1).
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import structlog

from bridge.country.faults import lacking_fields
from bridge.errors import BridgeError
from bridge.failure import Failed, Failure, FailureKind, by_status
from bridge.opencrvs.confirmation import (
    CREDENTIAL,
    PROVES_NOTHING,
    SETTLED,
    Confirmation,
    ConfirmationResult,
    Way,
    judge,
    looked_at,
    not_its_word,
    usable,
    ways,
)
from bridge.opencrvs.forms import FormFields, fields_of
from bridge.opencrvs.token_checker import TokenChecker
from bridge.registration import Registration
from bridge.resting import Resting
from bridge.settings import Settings
from bridge.starting import CannotStart
from wire.http.client import Answer, HttpClient, NoAnswer
from wire.opencrvs import grants, tokens, trpc
from wire.opencrvs.documents import EventDocument, find_action
from wire.opencrvs.procedures import Step, action_procedure
from wire.redaction import hide, redact_text
from wire.world import World, instant

_MARGIN = timedelta(seconds=30)

_NO_SUCH_PROCEDURE = (400, 404, 405)
_OWN_INPUT = ("requestId", "content", "customActionType")
"""What an acceptance repeats of the action that was asked for (contract opencrvs §4.4)."""


class OpenCRVS:
    """Accepts and rejects actions, by the confirmation strategy that the settings name."""

    def __init__(self, settings: Settings, world: World) -> None:
        self._settings, self._clock = settings, world.clock
        self.ways = ways(settings.confirmation, settings.profile, client=_has_client(settings))
        self.peer = HttpClient("OpenCRVS", world, settings.call_seconds, ca_file=settings.ca_file)
        self.tokens = TokenChecker(settings, world, self.peer)
        # core builds `new URL('events', gateway)`: a path in the gateway's URL is dropped; we keep it
        self._base = settings.gateway_url + "/events"
        self._system: tuple[str, datetime] | None = None
        self._log_in, self._resting = asyncio.Lock(), Resting(world)
        self._forms = FormFields()
        self.forms_lack: list[str] = []
        """What the forms, as they were seen last, have no field for: rules of the country's policy."""

    @property
    def can_outlive(self) -> bool:
        """Whether a confirmation is possible after the record token has run out."""
        return Way.SYSTEM in self.ways

    async def lacking(
        self, registration: Registration, token: str | None, fields: Collection[str]
    ) -> list[str] | None:
        """Those of the declaration fields that the country's form has not; None: OpenCRVS does not tell."""
        kind = registration.event_type
        if not self._forms.fresh(kind, fields, self._clock.now()):
            answers: list[Any] = []

            async def ask(bearer: str) -> Confirmation:
                target = trpc.query_url("event.config.get")
                answers.append(await self._call("GET", target, None, bearer, absent=_NO_SUCH_PROCEDURE))
                return judge(answers[-1], registration.action_id)

            judgement = await self._by_ways(registration, token, ask)
            answer = answers[-1] if answers else None
            if answer is None or judgement.result in CREDENTIAL:
                return None  # this caller may not; another may
            if isinstance(answer, trpc.TRPCError) and answer.http_status not in _NO_SUCH_PROCEDURE:
                words = f"OpenCRVS: event.config.get: {judgement.words}"
                raise Failed(Failure(FailureKind.TRANSIENT, words, f"HTTP {answer.http_status}"))
            self._learn(answer)
        return self._forms.lacking(kind, fields)

    async def look_at_forms(self) -> None:
        """Learn the forms before a record needs them, where a system client may ask and a policy writes."""
        if Way.SYSTEM not in self.ways or not any(self._settings.policy.rules.fields()):
            return
        try:
            bearer = await self._system_token()
            answer = await self._call("GET", trpc.query_url("event.config.get"), None, bearer)
        except (_NoCredential, Failed):
            return  # told where it stands in a record's way
        if not isinstance(answer, trpc.TRPCError):
            self._learn(answer)

    def _learn(self, answer: Any) -> None:
        fields = fields_of(answer)
        self._forms.learn(fields, self._clock.now())
        found = [] if fields is None else list(lacking_fields(self._settings.country, fields))
        if found and found != self.forms_lack:
            structlog.get_logger("bridge").warning("forms lack what the policy needs", rules=found)
        self.forms_lack = found

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
        content: dict[str, Any] = {
            "transactionId": transaction,
            "eventId": registration.event_id,
            "actionId": registration.action_id,
            "declaration": declaration,
        }
        if registration.action_type == "REGISTER":
            content["registrationNumber"] = registration.number
        if annotation is not None:
            content["annotation"] = annotation
        judgement = await self._confirm(registration, token, "accept", content | dict(own))
        if judgement.result in PROVES_NOTHING or (look and judgement.result is ConfirmationResult.ACCEPTED):
            judgement = looked_at(judgement, await self.look(registration, token))
        if judgement.result is ConfirmationResult.UNREADABLE:
            self._forms.forget()
        return judgement

    async def reject(
        self, registration: Registration, token: str | None, transaction: str, *, keep_assignment: bool
    ) -> Confirmation:
        """Reject the pending action; an unclear failure is cleared up by reading the record."""
        content: dict[str, Any] = {
            "transactionId": transaction,
            "eventId": registration.event_id,
            "actionId": registration.action_id,
        }
        if keep_assignment:
            content["keepAssignment"] = True
        judgement = await self._confirm(registration, token, "reject", content)
        if judgement.result in PROVES_NOTHING:
            # `Action has already been accepted.` is a masked 500 in production
            return looked_at(judgement, await self.look(registration, token))
        return judgement

    async def look(self, registration: Registration, token: str | None) -> Confirmation:
        """How the action stands in the record."""

        async def ask(bearer: str) -> Confirmation:
            return judge(await self._event(registration, bearer), registration.action_id)

        return await self._by_ways(registration, token, ask)

    async def own_input(self, registration: Registration, token: str | None) -> dict[str, Any]:
        """What the acceptance of an action repeats of it, as the record tells; nothing when it does not."""
        found: list[Any] = []

        async def ask(bearer: str) -> Confirmation:
            found.append(await self._event(registration, bearer))
            return judge(found[-1], registration.action_id)

        judgement = await self._by_ways(registration, token, ask)
        if judgement.result not in (*SETTLED, ConfirmationResult.UNCHANGED):
            return {}
        return own_input(found[-1], registration.action_id)

    async def _event(self, registration: Registration, bearer: str) -> Any:
        bare = self._settings.profile == "1.9"
        wanted: Any = registration.event_id if bare else {"eventId": registration.event_id}
        return await self._call("GET", trpc.query_url("event.get", wanted), None, bearer)

    async def reject_declaration(
        self, registration: Registration, token: str | None, transaction: str, reason: str
    ) -> Confirmation:
        """Reject the declaration in the registrar's name, so that it lands in the updates queue with words.

        Only the record token can (it is the registrar's); FORBIDDEN when there is none. ACCEPTED: it is
        rejected.
        """
        if token is None or not usable(registration.token_expires_at, self._clock.now()):
            return Confirmation(ConfirmationResult.FORBIDDEN, "no usable record token")
        target, body = trpc.mutation(
            "event.actions.reject.request",
            {"eventId": registration.event_id, "transactionId": transaction, "content": {"reason": reason}},
        )
        answer = await self._call("POST", target, body, token)
        if isinstance(answer, trpc.TRPCError):
            return judge(answer, registration.action_id)
        return Confirmation(ConfirmationResult.ACCEPTED)

    async def assign(self, registration: Registration, token: str | None, transaction: str) -> bool:
        """Take the record for the registrar whose token this is; False when somebody else has it (§4.7)."""
        if token is None or not usable(registration.token_expires_at, self._clock.now()):
            return False
        target, body = trpc.mutation(
            "event.actions.assignment.assign",
            {
                "type": "ASSIGN",  # core has no default for this one (contract opencrvs §0.3 row 1)
                "eventId": registration.event_id,
                "transactionId": transaction,
                "assignedTo": str(tokens.peek(token).get("sub")),
            },
        )
        return not isinstance(await self._call("POST", target, body, token), trpc.TRPCError)

    async def unassign(self, registration: Registration, token: str | None, transaction: str) -> None:
        """Give the record back when it could not be rejected in the registrar's name; best effort."""
        if token is not None and usable(registration.token_expires_at, self._clock.now()):
            target, body = trpc.mutation(
                "event.actions.assignment.unassign",
                {"eventId": registration.event_id, "transactionId": transaction},
            )
            await self._call("POST", target, body, token)

    async def file(self, registration: Registration, token: str | None, path: str) -> bytes | None:
        """A file of the record: the documents service signs an address, and the store behind it gives the
        content. None: it has none. Failed.
        """
        url = f"{self._settings.gateway_url}/presigned-url/{quote(path.lstrip('/'))}"
        answers: list[Answer] = []

        async def ask(bearer: str) -> Confirmation:
            answers.append(await self._ask("GET", url, {"Authorization": f"Bearer {bearer}"}, None))
            refused = answers[-1].status in (401, 403)
            return Confirmation(ConfirmationResult.EXPIRED if refused else ConfirmationResult.ACCEPTED)

        judgement = await self._by_ways(registration, token, ask)
        if judgement.result in CREDENTIAL:
            words = f"the credential opens no file: {judgement.words}"
            raise Failed(Failure(FailureKind.CHANNEL, words, "opencrvs-credential", judgement.wait))
        signed = _signed(answers[-1])
        if signed is None:
            raise Failed(by_status("OpenCRVS documents", answers[-1].status, answers[-1].wait))
        found = await self._ask("GET", signed, {}, None)
        if found.status == 404:
            return None
        if found.status != 200:
            raise Failed(by_status("OpenCRVS file store", found.status, found.wait))
        return found.body

    def ask_anew(self) -> None:
        """Somebody says that something is mended: the form, or the log-in."""
        self._forms.forget()
        self._resting.worked()

    async def close(self) -> None:
        await self.peer.close()

    # -- credentials --------------------------------------------------------------------------------

    async def _confirm(
        self, registration: Registration, token: str | None, verb: Step, content: dict[str, Any]
    ) -> Confirmation:
        target, body = trpc.mutation(action_procedure(registration.action_type, verb), content)

        async def ask(bearer: str) -> Confirmation:
            return judge(await self._call("POST", target, body, bearer), registration.action_id)

        return await self._by_ways(registration, token, ask)

    async def _by_ways(self, registration: Registration, token: str | None, ask: Any) -> Confirmation:
        """Try each credential in turn; the last judgement counts when all are refused."""
        judgement = Confirmation(ConfirmationResult.EXPIRED, "there is no credential to confirm with")
        for way in self.ways:
            try:
                bearer = await self._bearer(way, registration, token)
            except _NoCredential as none:
                judgement = Confirmation(none.result, str(none), none.wait)
                continue
            judgement = await ask(bearer)
            if judgement.result is ConfirmationResult.EXPIRED and way is Way.SYSTEM:
                self._system = None
            if judgement.result not in (ConfirmationResult.EXPIRED, ConfirmationResult.FORBIDDEN):
                break
        return judgement

    async def _bearer(self, way: Way, registration: Registration, token: str | None) -> str:
        if way is Way.STORED:
            if token is None:
                raise _NoCredential(ConfirmationResult.FORBIDDEN, "the trigger carried no record token")
            if not usable(registration.token_expires_at, self._clock.now()):
                raise _NoCredential(ConfirmationResult.EXPIRED, "the record token has run out")
            return token
        system = await self._system_token()
        if self._settings.profile == "2.1":
            return system
        return await self._token(grants.exchange(system, registration.event_id, registration.action_id))

    async def _system_token(self) -> str:
        async with self._log_in:
            if self._system is None or self._clock.now() + _MARGIN >= self._system[1]:
                self._system = await self._logged_in()
            return self._system[0]

    async def _logged_in(self) -> tuple[str, datetime]:
        """A token of the system client, and its end."""
        settings = self._settings
        if not settings.client_id or settings.client_secret is None:
            raise _NoCredential(
                ConfirmationResult.FORBIDDEN, "no system client is configured (OPENCRVS_CLIENT_ID)"
            )
        if (resting := self._resting.failure) is not None:
            raise _refused(resting)
        try:
            secret = settings.client_secret.get_secret_value()
            token = await self._token(grants.credentials(settings.client_id, secret))
        except _NoCredential as none:
            self._resting.failed(Failure(FailureKind.CHANNEL, str(none)))
            raise
        except Failed as failed:
            if failed.failure.wait is not None:
                self._resting.failed(failed.failure)
            raise
        self._resting.worked()
        return token, expiry(token) or self._clock.now() + timedelta(minutes=5)

    async def _token(self, form: dict[str, str]) -> str:
        url, headers, body = grants.posted(self._settings.auth_url, form, self._settings.profile)
        answer = await self._ask("POST", url, headers, body)
        try:
            content = answer.json()
        except ValueError:
            content = None
        if answer.status == 200 and (token := grants.given(content)) is not None:
            hide(token)
            return token
        if answer.status in (400, 401, 403):
            error = content.get("error") if isinstance(content, dict) else None
            raise _NoCredential(
                ConfirmationResult.FORBIDDEN, f"the auth service refused the system client: {error}"
            )
        raise Failed(by_status("OpenCRVS auth", answer.status, answer.wait))

    async def _call(
        self, method: str, target: str, body: bytes | None, bearer: str, *, absent: Collection[int] = ()
    ) -> Any:
        """The value or TRPCError; Failed for what a gateway says, unless its status tells an absence that is
        an answer, too.
        """
        headers = {**trpc.HEADERS, "Authorization": f"Bearer {bearer}"}
        answer = await self._ask(method, self._base + target, headers, body)
        found = trpc.read(answer.status, answer.content_type, answer.body)[0]
        if isinstance(found, trpc.TRPCError) and not_its_word(found) and found.http_status not in absent:
            raise Failed(by_status("OpenCRVS", found.http_status, answer.wait, redact_text(found.message)))
        return found

    async def _ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        try:
            return await self.peer.call(method, url, headers=headers, body=body)
        except NoAnswer as none:
            raise Failed(str(none)) from none


class _NoCredential(BridgeError):
    def __init__(self, result: ConfirmationResult, words: str, wait: float | None = None) -> None:
        super().__init__(words)
        self.result, self.wait = result, wait


def _refused(failure: Failure) -> Exception:
    """What the auth service answered last, as if it had been asked again."""
    if failure.kind is FailureKind.CHANNEL:
        return _NoCredential(ConfirmationResult.FORBIDDEN, failure.words, failure.wait)
    return Failed(failure)


def _signed(answer: Answer) -> str | None:
    """The address in an answer of the documents service."""
    try:
        told = answer.json() if answer.status == 200 else None
    except ValueError:
        return None
    address = told.get("presignedURL") if isinstance(told, Mapping) else None
    return address if isinstance(address, str) and address.startswith(("http://", "https://")) else None


def own_input(event: EventDocument, action_id: str) -> dict[str, Any]:
    """What the acceptance of an action repeats of it."""
    action: Mapping[str, Any] = find_action(event, action_id) or {}
    return {name: action[name] for name in _OWN_INPUT if action.get(name) is not None}


def expiry(token: str) -> datetime | None:
    """When a token that was verified (or is our own) runs out; None when it does not say."""
    try:
        return instant(tokens.peek(token).get("exp"))
    except tokens.TokenRefused:
        return None


def _has_client(settings: Settings) -> bool:
    """Whether there is a system client; CannotStart when confirmations could never be made as is said."""
    given = {"OPENCRVS_CLIENT_ID": settings.client_id, "OPENCRVS_CLIENT_SECRET": settings.client_secret}
    lost = [name for name, value in given.items() if value is None]
    if len(lost) == 1:
        raise CannotStart(f"setting {lost[0]} is missing: a system client has an id and a secret")
    if lost and Way.SYSTEM in ways(settings.confirmation, settings.profile, client=False):
        if settings.confirmation != "auto":
            raise CannotStart(
                f"settings {', '.join(lost)} are missing: BRIDGE_CONFIRMATION={settings.confirmation} "
                "confirms with a system client"
            )
        structlog.get_logger("bridge").warning(
            "nothing can be confirmed later: OpenCRVS 2.1 takes a system client's word only", settings=lost
        )
    if settings.confirmation == "stored" and settings.profile == "2.1":
        raise CannotStart(
            "setting BRIDGE_CONFIRMATION: OpenCRVS 2.1 takes a system client's word only; choose system"
        )
    return not lost
