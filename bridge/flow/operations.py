"""What an operator can do: try again, decide a rejection, replace a token, erase."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bridge.advice import Stuck
from bridge.calls.kept_token import expiry
from bridge.errors import BridgeError
from bridge.flow.outbox import Outbox
from bridge.flow.transitions import Transitions, first
from bridge.opencrvs.client import OpenCRVS
from bridge.registration import Act, NotAllowed, Registration, State, Task
from bridge.settings import Settings
from bridge.store.rows import Line
from bridge.store.store import Store
from wire.opencrvs.profiles import Profile
from wire.world import Clock, timestamp


class NotPossible(BridgeError):
    """The registration is in a state in which this cannot be done."""


class Operations:
    """Acts by the flow's transitions, so that an operator's no takes the same way as the ID system's."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        store: Store,
        opencrvs: OpenCRVS,
        outbox: Outbox,
        transitions: Transitions,
    ) -> None:
        self._clock, self._store, self._opencrvs = clock, store, opencrvs
        self._profile = Profile(settings.profile)
        self._outbox, self._transitions = outbox, transitions

    async def show(self, id: str) -> tuple[Registration, list[Line]] | None:
        """By registration id, packet id, action id or event id (the newest of an event)."""
        found = await self._store.lookups.find(id)
        return None if found is None else (found, await self._store.listings.history(found.id))

    async def retry(self, registration: Registration) -> Registration:
        """Go on where it got stuck, or try at once what is held; NotPossible when it is neither."""
        now = self._clock.now()
        if registration.held is not None:
            await self._store.touch(registration, "operator: retry", release=False, due_at=now)
            self._opencrvs.ask_anew()
            self._outbox.try_now(registration)
            return replace(registration, due_at=now)
        if registration.state is not State.STUCK:
            raise NotPossible(
                f"it is {registration.state.value}, not STUCK; only stuck and held registrations are retried"
            )
        secrets = await self._store.lookups.secrets(registration.id)
        if secrets.unreadable is not None:
            raise NotPossible(f"its stored secrets cannot be opened: {secrets.unreadable}")
        more: dict[str, Any] = {"step": registration.step}
        act, task = Act.RETRY_SUBMIT, first(registration.preparation)
        confirming = secrets.national_id is not None or registration.reason in _CONFIRMATION
        if confirming and (answered := await self._answer(registration)) is not None:
            act, task = answered, Task.CONFIRM
        elif registration.mode == "sync" and registration.submitted_at is None and not registration.ahead:
            act, task, more = Act.RETRY_ASK, Task.ASK, {"step": "asked"}
        elif registration.submitted_at is not None:
            act, task = Act.RETRY_WAIT, Task.OPEN if registration.kept else Task.POLL
            more = {"step": None, "submitted_at": now}
        reason = registration.reason if act is Act.REFUSE else None
        try:
            return await self._store.move(
                registration.id, act, "operator: retry", task=task, due_at=now, reason=reason, **more
            )
        except NotAllowed as late:
            raise NotPossible(f"it is {late.state.value} by now") from late

    async def replace_token(self, claims: Mapping[str, Any], token: str) -> str:
        """Store a record token, which was verified, for the registration that it names, and let that go on
        where it waits for one. What came of it: replaced, unknown, settled.
        """
        event_id, action_id = str(claims.get("eventId")), str(claims.get("actionId"))
        registration = await self._store.lookups.by_action(event_id, action_id)
        if registration is None or registration.final:
            return "unknown" if registration is None else "settled"
        changes: dict[str, Any] = {"token": token, "token_expires_at": expiry(token)}
        if not await self._store.touch(registration, "operator: token replaced", release=False, **changes):
            return await self.replace_token(claims, token)  # it went on meanwhile
        if registration.reason in _WANTS_TOKEN or registration.held == "opencrvs-credential":
            await self.retry(replace(registration, token_expires_at=changes["token_expires_at"]))
        return "replaced"

    async def _answer(self, registration: Registration) -> Act | None:
        """Whether it was on the way to an acceptance or to a rejection, or to neither: its history knows."""
        for line in reversed(await self._store.listings.history(registration.id)):
            if line.state in (State.ISSUED, State.REFUSED):
                return Act.ISSUE if line.state is State.ISSUED else Act.REFUSE
        return None

    async def reject(self, registration: Registration, words: str) -> Registration:
        """An operator's no: rejected in OpenCRVS with these words. NotPossible where it takes none."""
        if not self._profile.rejects_late(registration.action_type):
            raise NotPossible(
                f"OpenCRVS {self._profile} takes no rejection of {registration.action_type} after a 202, and "
                "the record would stay locked: mend the cause, then retry; or its people clear the action"
            )
        try:
            await self._transitions.refuse(registration, "operator", "operator: reject", words=words)
        except NotAllowed as late:
            raise NotPossible(f"it is {late.state.value}; only what waits or is stuck is rejected") from late
        return await self._store.lookups.by_id(registration.id) or registration

    async def erase(self, event_id: str) -> dict[str, Any] | None:
        """Erase all that is kept about an event, and prove it; None when there is nothing. NotPossible while
        one of its registrations is not settled.
        """
        erased, left = await self._store.erasure.erase(event_id)
        if erased.unsettled:
            raise NotPossible(
                f"{', '.join(erased.unsettled)} is not settled yet: wait for its end, or reject it first"
            )
        if not erased.rows:
            return None
        return {
            "erased_at": timestamp(self._clock.now()),
            "event": f"sha256:{hashlib.sha256(event_id.encode()).hexdigest()}",
            "rows": erased.rows,
            "fields": list(erased.fields),
            "content": f"sha256:{erased.sha256}",
            "left": left,
        }


_WANTS_TOKEN = frozenset({Stuck.TOKEN_EXPIRED.value, Stuck.TOKEN_REFUSED.value})
_CONFIRMATION: frozenset[Any] = frozenset(
    {
        Stuck.TOKEN_EXPIRED,
        Stuck.TOKEN_REFUSED,
        Stuck.OPENCRVS_REFUSED,
        Stuck.OPENCRVS_UNREACHABLE,
        Stuck.RECORD_UNKNOWN,
        Stuck.RECORD_UNREADABLE,
        Stuck.FORM_LACKS_FIELD,
        Stuck.NUMBER_TAKEN,
        Stuck.CORRECTION_REJECTED,
        Stuck.SETTLED_BEFORE,
        Stuck.SECRETS_UNREADABLE,
    }
)
