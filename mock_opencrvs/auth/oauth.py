"""What the auth service does: log-in, codes, tokens (contract opencrvs §2.4). No HTTP in here.

Upstream: packages/auth/src/features. Inputs are parsed JSON; errors are hapi's or OAuth's.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mock_opencrvs.auth.tokens import Tokens
from mock_opencrvs.directory.people import User, UserDirectory
from mock_opencrvs.errors import (
    HapiError,
    invalid_client,
    invalid_request,
    invalid_subject_token,
    unsupported_grant_type,
)
from mock_opencrvs.settings import Settings
from wire.opencrvs.grants import ACCESS_TOKEN, CLIENT_CREDENTIALS, EXCHANGE, RECORD_TOKEN
from wire.opencrvs.profiles import Profile
from wire.opencrvs.tokens import AUTH, TokenRefused
from wire.world import World

CODE_SECONDS = 600
RECOVERY: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "verifyUser": (("mobile", "email", "retrieveFlow"), ("retrieveFlow",)),
    "verifyNumber": (("nonce", "code"), ("nonce", "code")),
    "verifySecurityAnswer": (("nonce", "answer"), ("nonce", "answer")),
    "changePassword": (("nonce", "newPassword"), ()),
    "sendUserName": (("nonce",), ("nonce",)),
    "authenticate-super-user": (("password",), ()),
}
"""Routes for those who cannot log in: members of the payload, and which must be there."""
_WRONG_INPUT = "Invalid request payload input"
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+").fullmatch


@dataclass
class _Login:
    user_id: str
    code: str
    until: float


@dataclass
class Auth:
    """The auth service's state: open log-ins by nonce."""

    settings: Settings
    world: World
    people: UserDirectory
    tokens: Tokens
    load_roles: Callable[[], Awaitable[None]]
    _logins: dict[str, _Login] = field(default_factory=dict)

    async def authenticate(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """User name and password: a nonce, and a code on its way."""
        given = _only(payload, "username", "password")
        user = self.people.by_username(given.get("username", ""))
        if user is None or user.password != given.get("password"):
            raise HapiError(401)
        if user.status == "deactivated":
            raise HapiError(403)
        nonce = self._open(user)
        answer = {"nonce": nonce, "mobile": user.mobile, "email": user.email, "status": user.status}
        if user.status == "pending":
            answer["token"] = await self._token(user)
        return answer

    async def verify_code(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """The code of a log-in: the user's token. A nonce is good for one."""
        given = _only(payload, "nonce", "code")
        login = self._logins.get(given.get("nonce", ""))
        if login is None or login.code != given.get("code") or login.until <= self._now():
            raise HapiError(401)
        user = self.people.users.get(login.user_id)
        del self._logins[given["nonce"]]
        if user is None:
            raise HapiError(401)
        return {"token": await self._token(user)}

    async def resend_code(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        given = _only(payload, "nonce", "notificationEvent", "retrievalFlow", required=("notificationEvent",))
        login = self._logins.get(given.get("nonce", ""))
        if login is None or given.get("retrievalFlow"):
            raise HapiError(401)
        login.until = self._now() + CODE_SECONDS
        return {"nonce": given["nonce"]}

    async def refresh_token(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """A fresh token for any valid one, invalidated or a system client's, too; without the role."""
        given = _only(payload, "nonce", "token")
        try:
            claims = self.tokens.payload(given.get("token"), AUTH)
        except TokenRefused:
            raise HapiError(401) from None
        return {"token": await self.tokens.refreshed(claims)}

    async def verify_token(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Looks at the list of invalidated tokens and at nothing else."""
        return {"valid": _token_of(payload) not in self.tokens.invalidated}

    async def invalidate_token(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        self.tokens.invalidated[_token_of(payload)] = None
        return {}

    async def recover(self, step: str, payload: Mapping[str, Any]) -> dict[str, Any] | None:
        """A step to a forgotten user name or password. Nobody here has security questions: no further.

        2.1 does not tell so at the first step.
        """
        members, required = RECOVERY[step]
        given = _only(payload, *members, required=required)
        if step == "verifyUser":
            email = given.get("email")
            if given["retrieveFlow"] not in ("username", "password") or not (email is None or _MAIL(email)):
                raise HapiError(400, _WRONG_INPUT)
            if self.settings.profile is Profile.V2_1:
                return None
        raise HapiError(401)

    async def anonymous_token(self) -> dict[str, Any]:
        return {"token": await self.tokens.anonymous()}

    async def token(self, query: Mapping[str, str], body: Mapping[str, Any]) -> dict[str, str]:
        """`POST /token`: 1.9 reads the query string, 2.0 also the body, 2.1 the body alone."""
        profile = self.settings.profile
        if profile is Profile.V2_1 and query and not self.settings.production:
            raise invalid_request()
        given = dict(query) if profile is Profile.V1_9 else {**query, **body}
        wanted = {name: value for name, value in given.items() if isinstance(value, str) and value}
        grants = [CLIENT_CREDENTIALS, *([EXCHANGE] if profile.record_token else [])]
        match wanted.get("grant_type"):
            case grant if grant == CLIENT_CREDENTIALS:
                return await self._client_credentials(wanted)
            case grant if grant == EXCHANGE and EXCHANGE in grants:
                return await self._exchange(wanted)
            case _:
                raise unsupported_grant_type(grants)

    async def _client_credentials(self, wanted: Mapping[str, str]) -> dict[str, str]:
        if "client_id" not in wanted or "client_secret" not in wanted:
            raise invalid_request()
        client = self.people.clients.get(wanted["client_id"])
        if client is None or not client.active or client.secret != wanted["client_secret"]:
            raise invalid_client()
        return _bearer(await self.tokens.for_client(client))

    async def _exchange(self, wanted: Mapping[str, str]) -> dict[str, str]:
        has_ids = "event_id" in wanted and "action_id" in wanted
        has_record = "record_id" in wanted and self.settings.profile is Profile.V1_9
        complete = (
            "subject_token" in wanted
            and wanted.get("subject_token_type") == ACCESS_TOKEN
            and wanted.get("requested_token_type") == RECORD_TOKEN
            and has_ids != has_record
        )
        if not complete:
            raise invalid_request()
        try:
            subject = self.tokens.payload(wanted["subject_token"], AUTH)
        except TokenRefused:
            raise invalid_subject_token() from None
        if self.settings.profile is not Profile.V1_9 and "userType" not in subject:
            raise invalid_subject_token()
        # nobody asks whether the subject may do this to that record (§2.4)
        return _bearer(
            await self.tokens.for_action(
                subject, wanted.get("event_id", wanted.get("record_id", "")), wanted.get("action_id", "")
            )
        )

    def codes(self) -> list[dict[str, str]]:
        """Open log-ins, for the admin route: what the mobile phone would show."""
        return [
            {"nonce": nonce, "code": login.code, "username": user.username}
            for nonce, login in self._logins.items()
            if (user := self.people.users.get(login.user_id)) is not None
        ]

    def clear(self) -> None:
        self._logins.clear()

    def _open(self, user: User) -> str:
        now = self._now()
        self._logins = {nonce: login for nonce, login in self._logins.items() if login.until > now}
        nonce = b64encode(self.world.chance.bytes(16)).decode()
        code = self.world.chance.digits(6) if self.settings.two_factor else "000000"
        self._logins[nonce] = _Login(user.id, code, self._now() + CODE_SECONDS)
        return nonce

    async def _token(self, user: User) -> str:
        await self.load_roles()
        return await self.tokens.for_user(user, self.people.scopes_of(user))

    def _now(self) -> float:
        return self.world.clock.now().timestamp()


def _bearer(token: str) -> dict[str, str]:
    return {"access_token": token, "token_type": "Bearer"}


def _token_of(payload: Any) -> str:
    # without one, JavaScript writes this
    return str(_only(payload, "token").get("token", "undefined"))


def _only(payload: Any, *members: str, required: tuple[str, ...] = ()) -> Mapping[str, Any]:
    """The payload, if it holds these members and no others, as non-empty texts: hapi's 400 otherwise."""
    fits = isinstance(payload, dict) and set(required) <= set(payload) <= set(members)
    if not fits or not all(_fits(name, value) for name, value in payload.items()):
        raise HapiError(400, _WRONG_INPUT)
    found: Mapping[str, Any] = payload
    return found


def _fits(name: str, value: Any) -> bool:
    if name == "retrievalFlow":
        return isinstance(value, bool) or value in ("true", "false")
    return isinstance(value, str) and value != ""
