"""A person's details from eSignet: code → token → userinfo, each verified (contract mosip §9.3,
§9.4, §9.6).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from bridge.calls.channels import Channels
from bridge.calls.failure import Failed, FailureKind, by_status, kind_of_status
from bridge.calls.peer import Peer, object_in
from bridge.errors import BridgeError
from bridge.settings import Settings
from wire.jwts import UNREADABLE, signed_claims
from wire.mosip.hub import FORM
from wire.mosip.languages import tags
from wire.world import World

_CHANNEL = "eSignet"
_SHORTEST_KEY = 1024
"""Bits; a shorter RSA key is a damaged one."""
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_OF_THE_ANSWER = frozenset({"code", "state", "iss", "error", "error_description", "session_state"})
_CALLERS_FAULT = frozenset(
    {"invalid_grant", "invalid_transaction", "invalid_redirect_uri", "invalid_request", "invalid_input"}
)


class CodeRefused(BridgeError):
    """eSignet does not take the code or the redirect URI: used, too old, or not its own."""


class ESignetDown(Failed):
    """eSignet gave no usable answer; nothing is known about the person."""


class ESignetClient:
    """The relying party's side. The userinfo is believed only under a key of eSignet's own key set."""

    def __init__(self, settings: Settings, world: World, channels: Channels, key: RSAPrivateKey) -> None:
        self._settings, self._world, self._channels = settings, world, channels
        self._key = key
        self.peer = Peer("eSignet", settings, world, ESignetDown)
        self._keys: dict[str, Any] = {}

    async def person(
        self, code: str, client_id: str, redirect_uri: str, nonce: str | None = None
    ) -> dict[str, Any]:
        """The details in the form's shape (§9.6); CodeRefused or ESignetDown.

        `nonce` is what the form sent to /authorize: when given, the ID token must carry it.
        """
        if not self._settings.esignet_token_url:
            raise ESignetDown(
                "no eSignet is set up for this bridge (ESIGNET_TOKEN_URL, ESIGNET_USERINFO_URL)"
            )
        token, id_token = await self._token(code, client_id, registered_uri(redirect_uri))
        if nonce is not None and (await self._verified(id_token, client_id)).get("nonce") != nonce:
            raise CodeRefused("the code belongs to another log-in (its nonce differs)")
        answer = await self.peer.call("GET", self._settings.esignet_userinfo_url, bearer=token)
        if answer.status == 401:
            raise CodeRefused("eSignet does not take its own token any more")
        if answer.status != 200:
            raise ESignetDown(by_status("eSignet userinfo", answer.status, answer.wait))
        return form_values(await self._verified(answer.text().strip(), client_id), self._settings.language)

    async def _token(self, code: str, client_id: str, redirect_uri: str) -> tuple[str, str]:
        """(access token, ID token or an empty text)."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "client_assertion_type": _ASSERTION,
            "client_assertion": await self._world.offload(self._assertion, client_id),
        }
        url, body = self._settings.esignet_token_url, urlencode(form).encode()
        answer = await self.peer.call("POST", url, headers={"Content-Type": FORM}, body=body)
        content = object_in(answer)
        if content is None:
            raise ESignetDown(by_status("eSignet token", answer.status, answer.wait))
        token = content.get("access_token")
        if answer.status == 200 and isinstance(token, str):
            self._channels.worked(_CHANNEL)
            return token, str(content.get("id_token") or "")
        error = str(content.get("error"))[:80]
        if error in _CALLERS_FAULT and kind_of_status(answer.status) is FailureKind.CHANNEL:
            raise CodeRefused(f"eSignet: {error}")
        code = error if "error" in content else ""
        failure = by_status("eSignet token", answer.status, answer.wait, error, code)
        self._channels.failed(_CHANNEL, failure)
        raise ESignetDown(failure)

    def _assertion(self, client_id: str) -> str:
        now = int(self._world.clock.now().timestamp())
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": self._settings.esignet_token_url,
            "iat": now,
            "exp": now + 60,
            "jti": self._world.chance.uuid(),  # required since 1.6, unique since 1.7
        }
        return jwt.encode(claims, self._key, algorithm="RS256")

    async def _verified(self, token: str, client_id: str) -> dict[str, Any]:
        try:
            key = await self._signer(jwt.get_unverified_header(token))
            claims = signed_claims(token, key, ("RS256", "PS256"))
        except UNREADABLE as error:
            raise ESignetDown(f"userinfo cannot be believed: {type(error).__name__}") from error
        audience = claims.get("aud", client_id)
        if client_id not in (audience if isinstance(audience, list) else [audience]):
            raise ESignetDown("userinfo is for another relying party")
        expires = claims.get("exp")
        if isinstance(expires, int | float) and expires <= self._world.clock.now().timestamp():
            raise ESignetDown("userinfo has run out")
        return claims

    async def _signer(self, header: Mapping[str, Any]) -> Any:
        """The key of eSignet that a token's header names."""
        if "kid" not in header and self._settings.allow_esignet_mock:
            return self._key.public_key()  # contract mosip §9.5: that mock has no key of its own
        kid = str(header.get("kid"))
        if kid not in self._keys:
            self._keys = await self._key_set()
        if kid not in self._keys:
            raise ESignetDown("userinfo is not signed with a key of eSignet")
        return self._keys[kid]

    async def _key_set(self) -> dict[str, Any]:
        """The keys of eSignet, by `kid`."""
        answer = await self.peer.call("GET", self._settings.esignet_jwks_url)
        try:
            listed = answer.json()["keys"]
        except (ValueError, KeyError, TypeError) as error:
            raise ESignetDown(by_status("eSignet key set", answer.status, answer.wait)) from error
        return signing_keys(listed)


def signing_keys(listed: Any) -> dict[str, RSAPublicKey]:
    """The keys of a JWKS that can be used, by `kid`; others beside them are no reason to believe none
    (RFC 7517 §5), nor is one that is too short to be a key.
    """
    found: dict[str, RSAPublicKey] = {}
    for key in listed if isinstance(listed, list) else []:
        with suppress(TypeError, AttributeError, *UNREADABLE):
            public = jwt.PyJWK(key, algorithm="RS256").key
            signs = isinstance(public, RSAPublicKey) and public.key_size >= _SHORTEST_KEY
            if signs and key.get("use") in (None, "sig") and isinstance(key.get("kid"), str):
                found.setdefault(key["kid"], public)
    return found


def registered_uri(location: str) -> str:
    """The redirect URI of a form that names itself as it stands in the browser after the log-in.

    eSignet compares it with the one of /authorize, which had nothing of the answer yet (RFC 6749 §4.1.2, RFC
    9207); contract mosip §15 row 15.
    """
    bare, _, query = location.partition("#")[0].partition("?")
    kept = [part for part in query.split("&") if part and part.partition("=")[0] not in _OF_THE_ANSWER]
    return f"{bare}?{'&'.join(kept)}" if kept else bare


def form_values(claims: Mapping[str, Any], language: str = "eng") -> dict[str, Any]:
    """Userinfo claims as the country's form takes them; a `name` alone is split at its blanks.

    Of several languages (`name#en`, `name#fr`) that of `language` (ISO 639-3) counts. A gender that the form
    does not know is left to the person who fills it in.
    """
    first, middle, family = (
        _text(claims, name, language) for name in ("given_name", "middle_name", "family_name")
    )
    if not first and not family:
        parts = _text(claims, "name", language).split()
        first, middle, family = " ".join(parts[:1]), " ".join(parts[1:-1]), " ".join(parts[1:][-1:])
    return {
        "name": {"firstname": first, "middlename": middle, "surname": family},
        "gender": GENDERS.get(_text(claims, "gender", language).lower())
        or GENDERS.get(_text(claims, "gender", "eng").lower()),
        "dobUnknown": None,
        "birthDate": _birth_date(_text(claims, "birthdate", language)),
        "verificationStatus": "authenticated",
        "idType": "NATIONAL_ID" if claims.get("individual_id") else None,
        "nid": claims.get("individual_id"),
    }


GENDERS = {
    "male": "male",
    "m": "male",
    "mle": "male",
    "female": "female",
    "f": "female",
    "fle": "female",
    "unknown": "unknown",
    "other": "unknown",
    "others": "unknown",
    "oth": "unknown",
}
"""What eSignet and MOSIP's master data call what the form knows as male, female, unknown (opencrvs §8.2)."""


def _text(claims: Mapping[str, Any], name: str, language: str) -> str:
    """A claim as text: in the language when there are several, else as it stands, else the first."""
    told = {key: value for key, value in claims.items() if isinstance(value, str) and value}
    wanted = [f"{name}#{tag}" for tag in tags(language)]
    regional = [key for key in told if key.partition("-")[0] in wanted]
    others = [key for key in told if key.partition("#")[0] == name]
    return next((told[key] for key in (*wanted, *regional, name, *others) if key in told), "")


def _birth_date(text: str) -> str | None:
    try:
        return datetime.strptime(text.replace("/", "-"), "%Y-%m-%d").date().isoformat()
    except ValueError:
        return None
