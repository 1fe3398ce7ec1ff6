"""With what OpenCRVS is asked: the record's own token, or a system client's (contract opencrvs §2.4, §11)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import structlog

from bridge.calls.failure import Failed, Failure, FailureKind, by_status
from bridge.calls.kept_token import KeptToken
from bridge.calls.peer import Peer, object_in
from bridge.opencrvs.confirmation import CREDENTIAL, Confirmation, ConfirmationResult, Way, usable, ways
from bridge.registration import Registration
from bridge.settings import Settings
from bridge.starting import CannotStart
from wire.opencrvs import grants
from wire.redaction import hide
from wire.world import World

_UNDATED = timedelta(minutes=5)
T = TypeVar("T")


class NoCredential(Failed):
    """There is none to ask with, until somebody gives one; or it has run out."""

    def __init__(self, why: Failure | str, result: ConfirmationResult = ConfirmationResult.FORBIDDEN) -> None:
        super().__init__(why if isinstance(why, Failure) else Failure(FailureKind.CHANNEL, why))
        self.result = result


class Credentials:
    """Those that BRIDGE_CONFIRMATION names, in its order."""

    def __init__(self, settings: Settings, world: World) -> None:
        self._settings, self._clock = settings, world.clock
        # first: what cannot be, leaves no session open
        self.ways = ways(settings.confirmation, settings.profile, client=_has_client(settings))
        self.peer = Peer("OpenCRVS", settings, world, Failed)
        self._system = KeptToken(world, self._logged_in, _UNDATED)

    @property
    def can_outlive(self) -> bool:
        """Whether a confirmation is possible after the record token has run out."""
        return Way.SYSTEM in self.ways

    def usable(self, registration: Registration, token: str | None) -> str | None:
        """The record's token, unless it runs out."""
        return token if usable(registration.token_expires_at, self._clock.now()) else None

    async def in_turn(
        self,
        registration: Registration,
        token: str | None,
        ask: Callable[[str], Awaitable[T]],
        judged: Callable[[T], Confirmation],
    ) -> tuple[T | None, Confirmation]:
        """What the first credential that is not refused was answered, and what it means; the last one's where
        all are refused, None where none could be had.
        """
        answer, judgement = (
            None,
            Confirmation(ConfirmationResult.EXPIRED, "there is no credential to confirm with"),
        )
        for way in self.ways:
            try:
                bearer = await self._bearer(way, registration, token)
            except NoCredential as none:
                judgement = Confirmation(none.result, str(none), none.failure.wait)
                continue
            answer = await ask(bearer)
            judgement = judged(answer)
            if judgement.result is ConfirmationResult.EXPIRED and way is Way.SYSTEM:
                self._system.refused()
            if judgement.result not in CREDENTIAL:
                break
        return answer, judgement

    async def system_token(self) -> str:
        """A token of the system client. NoCredential, Failed."""
        if self._settings.client_id is None:
            raise NoCredential("no system client is configured (OPENCRVS_CLIENT_ID)")
        return await self._system.current()

    def ask_anew(self) -> None:
        """Somebody says that the log-in is mended."""
        self._system.resting.worked()

    async def _bearer(self, way: Way, registration: Registration, token: str | None) -> str:
        if way is Way.STORED:
            if token is None:
                raise NoCredential("the trigger carried no record token")
            if self.usable(registration, token) is None:
                raise NoCredential("the record token has run out", ConfirmationResult.EXPIRED)
            return token
        system = await self.system_token()
        if self._settings.profile == "2.1":
            return system
        return await self._token(grants.exchange(system, registration.event_id, registration.action_id))

    async def _logged_in(self) -> str:
        settings = self._settings
        assert settings.client_id is not None and settings.client_secret is not None
        secret = settings.client_secret.get_secret_value()
        return await self._token(grants.credentials(settings.client_id, secret))

    async def _token(self, form: dict[str, str]) -> str:
        url, headers, body = grants.posted(self._settings.auth_url, form, self._settings.profile)
        answer = await self.peer.call("POST", url, headers=headers, body=body)
        content = object_in(answer) or {}
        if answer.status == 200 and (token := grants.given(content)) is not None:
            hide(token)
            return token
        if answer.status in (400, 401, 403):
            raise NoCredential(f"the auth service refused the system client: {content.get('error')}")
        raise Failed(by_status("OpenCRVS auth", answer.status, answer.wait))


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
