"""What eSignet remembers between the steps: requests, codes, assertions. Pure (contract mosip §9.2, §9.3)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mock_nid.esignet.errors import OAuthRefused
from testbed.latest import Latest
from wire.foreign_json import read_json
from wire.mosip.encoding import to_base64url

CODE_LIFE = timedelta(seconds=300)
REQUEST_LIFE = timedelta(seconds=600)
PUSHED_LIFE = timedelta(seconds=60)


class RequestWrong(ValueError):
    """An authorize request that eSignet's page shows as an error; the text is the error code."""


@dataclass(frozen=True)
class AuthorizeRequest:
    """A good authorize request. `userinfo` maps wanted claims to whether they are essential."""

    client_id: str
    redirect_uri: str
    scope: str
    state: str | None
    nonce: str | None
    acr_values: tuple[str, ...]
    userinfo: Mapping[str, bool]
    locales: tuple[str, ...]
    challenge: str | None
    at: datetime


@dataclass(frozen=True)
class Granted:
    """A person who signed in and consented."""

    request: AuthorizeRequest
    uin: str
    individual_id: str
    claims: tuple[str, ...]
    at: datetime


@dataclass
class Sessions:
    """Open pages, pushed requests, codes and assertion ids."""

    pages: dict[str, AuthorizeRequest] = field(default_factory=Latest)
    pushed: dict[str, tuple[Mapping[str, str], datetime]] = field(default_factory=Latest)
    codes: dict[str, Granted] = field(default_factory=Latest)
    access: dict[str, Granted] = field(default_factory=Latest)
    """What an access token stands for, under its jti."""
    assertions: dict[tuple[str, str], datetime] = field(default_factory=Latest)

    def clear(self) -> None:
        for kept in (self.pages, self.pushed, self.codes, self.access, self.assertions):
            kept.clear()

    def page(self, id: str, now: datetime) -> AuthorizeRequest | None:
        request = self.pages.get(id)
        return request if request is not None and now - request.at <= REQUEST_LIFE else None

    def pulled(self, uri: str, client_id: str, now: datetime) -> Mapping[str, str]:
        """The parameters of a pushed request, once; RequestWrong otherwise."""
        found = self.pushed.get(uri)
        if found is None or now - found[1] > PUSHED_LIFE or found[0].get("client_id") != client_id:
            raise RequestWrong("invalid_request_uri")
        del self.pushed[uri]
        return found[0]

    def redeem(self, form: Mapping[str, str], now: datetime) -> Granted:
        """The grant of a code, once; OAuthRefused names what differs from the authorize call."""
        granted = self.codes.get(form["code"])
        if granted is None or now - granted.at > CODE_LIFE:
            raise OAuthRefused("transaction")
        if form["client_id"] != granted.request.client_id:
            raise OAuthRefused("client")
        if form["redirect_uri"] != granted.request.redirect_uri:
            raise OAuthRefused("redirect")
        _pkce(granted.request.challenge, form.get("code_verifier"))
        del self.codes[form["code"]]
        return granted

    def seen(self, client_id: str, jti: str, now: datetime) -> bool:
        """Whether this assertion id was used in the last hours; remembers it."""
        before = self.assertions.get((client_id, jti))
        self.assertions[client_id, jti] = now
        return before is not None


def _pkce(challenge: str | None, verifier: str | None) -> None:
    if challenge is None:
        return
    if not verifier:
        raise OAuthRefused("pkce-missing")
    digest = hashlib.sha256(verifier.encode()).digest()
    made = to_base64url(digest)
    if not hmac.compare_digest(made.encode(), challenge.encode()):
        raise OAuthRefused("pkce-failed")


def read_request(query: Mapping[str, str], now: datetime, *, comma_claims: bool) -> AuthorizeRequest:
    """An authorize request; RequestWrong with eSignet's code. `comma_claims` takes a comma list too."""
    if query.get("response_type") != "code":
        raise RequestWrong("invalid_response_type")
    scope = query.get("scope", "")
    if not scope.strip():
        raise RequestWrong("invalid_scope")
    challenge = query.get("code_challenge") or None
    if challenge is not None and query.get("code_challenge_method") != "S256":
        raise RequestWrong("unsupported_pkce_challenge_method")
    return AuthorizeRequest(
        client_id=query.get("client_id", ""),
        redirect_uri=query.get("redirect_uri", ""),
        scope=scope,
        state=query.get("state"),
        nonce=query.get("nonce"),
        acr_values=tuple(query.get("acr_values", "").split()),
        userinfo=_userinfo(query.get("claims"), scope, comma=comma_claims),
        locales=tuple(query.get("claims_locales", "en").split()) or ("en",),
        challenge=challenge,
        at=now,
    )


_SCOPES: Mapping[str, tuple[str, ...]] = {
    "profile": ("name", "given_name", "middle_name", "family_name", "gender", "birthdate"),
    "email": ("email",),
    "phone": ("phone_number", "phone_number_verified"),
    "address": ("address",),
}


def _userinfo(text: str | None, scope: str, *, comma: bool) -> dict[str, bool]:
    """Wanted claims; without a claims parameter those of the scopes."""
    if not text:
        return {claim: False for name in scope.split() for claim in _SCOPES.get(name, ())}
    try:
        wanted = read_json(text)
    except ValueError:
        if comma:
            return {name.strip(): False for name in text.split(",") if name.strip()}
        raise RequestWrong("parsing_error_msg") from None
    if not isinstance(wanted, dict):
        raise RequestWrong("parsing_error_msg")
    userinfo = wanted.get("userinfo") or {}
    if not isinstance(userinfo, dict):
        raise RequestWrong("invalid_claim")
    return {
        str(name): bool(isinstance(rule, dict) and rule.get("essential")) for name, rule in userinfo.items()
    }
