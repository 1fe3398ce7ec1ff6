"""eSignet over HTTP: a page for people, endpoints for relying parties (contract mosip §9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from mock_nid.answers import json_answer
from mock_nid.auth.clients import RelyingParty
from mock_nid.esignet import assertions, page
from mock_nid.esignet.errors import OAuthRefused, UserinfoRefused
from mock_nid.esignet.sessions import AuthorizeRequest, Granted, RequestWrong, Sessions, read_request
from mock_nid.esignet.tokens import Signer, encrypted
from mock_nid.ida import lookup
from mock_nid.ida.faults import IdaRefused
from mock_nid.ida.tokens import subject
from mock_nid.identities.claims import SUPPORTED, claims_of
from mock_nid.identities.people import Identities
from mock_nid.settings import Settings
from wire.jwts import UNREADABLE, signed_claims
from wire.world import World

NEEDED = ("grant_type", "code", "client_id", "redirect_uri", "client_assertion_type", "client_assertion")
FORM = "application/x-www-form-urlencoded"


@dataclass
class ESignet:
    """The handlers; `issuer` is known when the port is."""

    settings: Settings
    world: World
    parties: Mapping[str, RelyingParty]
    people: Identities
    sessions: Sessions
    signer: Signer
    default_key: RSAPublicKey
    issuer: str = ""

    # discovery

    async def discovery(self, request: web.Request) -> web.StreamResponse:
        base = f"{self.issuer}/v1/esignet"
        return json_answer(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{base}/oauth/v2/token",
                "userinfo_endpoint": f"{base}/oidc/userinfo",
                "pushed_authorization_request_endpoint": f"{base}/oauth/par",
                "jwks_uri": f"{self.issuer}/.well-known/jwks.json",
                "scopes_supported": ["openid", "profile", "email", "phone", "address"],
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "grant_types_supported": ["authorization_code"],
                "acr_values_supported": [
                    f"mosip:idp:acr:{kind}"
                    for kind in (
                        "knowledge",
                        "password",
                        "static-code",
                        "generated-code",
                        "linked-wallet",
                        "biometrics",
                    )
                ],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
                "token_endpoint_auth_signing_alg_values_supported": assertions.ALGORITHMS,
                "userinfo_signing_alg_values_supported": ["RS256", "PS256"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "subject_types_supported": ["pairwise"],
                "claims_supported": [name for name in SUPPORTED if name != "verified_claims"],
                "claims_parameter_supported": True,
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def keys(self, request: web.Request) -> web.StreamResponse:
        return json_answer(self.signer.key_set(odd=self.settings.esignet_odd_keys))

    # the page

    async def authorize(self, request: web.Request) -> web.StreamResponse:
        query: Mapping[str, str] = dict(request.query)
        now = self.world.clock.now()
        try:
            if uri := query.get("request_uri"):
                query = self.sessions.pulled(uri, query.get("client_id", ""), now)
            party = self._party(query)
            asked = read_request(query, now, comma_claims=self._upstream)
        except RequestWrong as wrong:
            raise page.refused(str(wrong)) from None
        id = self.world.chance.uuid()
        self.sessions.pages[id] = asked
        return page.sign_in(id, asked, party)

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        form = parse_qsl((await request.read()).decode(errors="replace"), keep_blank_values=True)
        fields = dict(form)
        id = fields.get("transaction", "")
        asked = self.sessions.page(id, self.world.clock.now())
        if asked is None:
            raise page.refused("invalid_transaction")
        if fields.get("decision") == "deny":
            del self.sessions.pages[id]
            return self._back(asked, error="consent_rejected", error_description="consent_rejected")
        number = fields.get("individual_id", "").strip()
        try:
            code_sent = self._code_of(number)
        except IdaRefused as wrong:
            return page.sign_in(id, asked, self.parties[asked.client_id], wrong.faults[-1].code, number)
        if fields.get("otp", "").strip() != code_sent:
            return page.sign_in(id, asked, self.parties[asked.client_id], "auth_failed", number)
        chosen = {value for name, value in form if name == "claim"}
        claims = tuple(name for name, needed in asked.userinfo.items() if needed or name in chosen)
        del self.sessions.pages[id]
        code = self.world.chance.alphanumeric(43)
        uin = self._uin(number)
        self.sessions.codes[code] = Granted(asked, uin, number, claims, self.world.clock.now())
        return self._back(asked, code=code, iss=self.issuer)

    def _code_of(self, number: str) -> str:
        """The code that the person of a number would have been sent; IdaRefused when there is nobody."""
        return self.people.persons[self._uin(number)].otp

    def _uin(self, number: str) -> str:
        kind = lookup.id_type_of(number, None, self.people)
        now, unknown = self.world.clock.now(), self.settings.quirks.ida_unknown
        ended = self.settings.ida_deactivated
        return lookup.find(number, kind, self.people, now, unknown=unknown, ended=ended).uin

    @property
    def _upstream(self) -> bool:
        return self.settings.quirks.esignet_lenient

    def _party(self, query: Mapping[str, str]) -> RelyingParty:
        party = self.parties.get(query.get("client_id", ""))
        if party is None:
            raise RequestWrong("invalid_client_id")
        redirect = query.get("redirect_uri", "")
        if not redirect.startswith(("http://", "https://")) or not party.allows(redirect):
            raise RequestWrong("invalid_redirect_uri")
        return party

    def _back(self, asked: AuthorizeRequest, **parameters: str) -> web.Response:
        """Send the browser back to the relying party."""
        if asked.state is not None:
            parameters["state"] = asked.state
        mark = "&" if "?" in asked.redirect_uri else "?"
        location = f"{asked.redirect_uri}{mark}{urlencode(parameters)}"
        return web.Response(status=302, headers={"Location": location})

    # relying parties

    async def par(self, request: web.Request) -> web.StreamResponse:
        form = await self._form(request)
        try:
            self._assertion(form)
            read_request(form, self.world.clock.now(), comma_claims=self._upstream)
            self._party(form)
        except OAuthRefused as refused:
            raise refused.rendered(self.settings.esignet_generation) from None
        except RequestWrong as wrong:
            raise OAuthRefused("input", str(wrong)).rendered("1.7") from None
        uri = f"urn:ietf:params:oauth:request_uri:{self.world.chance.alphanumeric(25)}"
        self.sessions.pushed[uri] = form, self.world.clock.now()
        return json_answer({"request_uri": uri, "expires_in": 60}, status=201)

    async def token(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self._token(await self._form(request))
        except OAuthRefused as refused:
            raise refused.rendered(self.settings.esignet_generation) from None

    async def _token(self, form: Mapping[str, str]) -> web.StreamResponse:
        for name in NEEDED:
            if not form.get(name) and not (self._upstream and name.startswith("client_assertion")):
                raise OAuthRefused("input", f"invalid_{name}")
        if form["grant_type"] != "authorization_code":
            raise OAuthRefused("input", "unsupported_grant_type")
        granted = self.sessions.codes.get(form["code"])
        if granted is None:
            raise OAuthRefused("transaction")
        if form["client_id"] != granted.request.client_id:
            raise OAuthRefused("client")
        self._assertion(form)
        granted = self.sessions.redeem(form, self.world.clock.now())
        try:
            self._uin(granted.individual_id)
        except IdaRefused as wrong:
            raise OAuthRefused("kyc", wrong.faults[-1].code) from None
        token_id, now = self.world.chance.uuid(), int(self.world.clock.now().timestamp())
        self.sessions.access[token_id] = granted
        person = subject(granted.uin, granted.request.client_id)
        answer = self.signer.pair(granted, person, self.issuer, now, token_id)
        headers = {}
        if self.settings.esignet_generation == "1.7":
            headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
        return json_answer(answer, headers=headers)

    def _assertion(self, form: Mapping[str, str]) -> None:
        if self._upstream:
            return
        client_id = form.get("client_id", "")
        party = self.parties.get(client_id)
        if party is None:
            raise OAuthRefused("client")
        if form.get("client_assertion_type") != assertions.ASSERTION_TYPE:
            raise OAuthRefused("input", "invalid_client_assertion_type")
        base = f"{self.issuer}/v1/esignet/oauth"
        jti = assertions.verify(
            form.get("client_assertion", ""),
            self._key(party),
            client_id=client_id,
            audiences={self.issuer, f"{base}/v2/token", f"{base}/token", f"{base}/par"}
            | {f"{self.issuer}/oauth/token"},
            now=self.world.clock.now(),
            jti_required=self.settings.esignet_generation != "1.5",
        )
        unique = self.settings.esignet_generation == "1.7"
        if jti is not None and self.sessions.seen(client_id, jti, self.world.clock.now()) and unique:
            raise OAuthRefused("assertion")

    def _key(self, party: RelyingParty) -> RSAPublicKey:
        return party.public_key or self.default_key

    async def _form(self, request: web.Request) -> dict[str, str]:
        if request.content_type != FORM:
            raise OAuthRefused("input", "invalid_request").rendered(self.settings.esignet_generation)
        return dict(parse_qsl((await request.read()).decode(errors="replace"), keep_blank_values=True))

    # userinfo

    async def userinfo(self, request: web.Request) -> web.StreamResponse:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise UserinfoRefused("missing_header")
        try:
            claims = signed_claims(token.strip(), self.signer.public_key)
        except UNREADABLE:
            raise UserinfoRefused("invalid_token") from None
        granted = self.sessions.access.get(str(claims.get("jti")))
        if granted is None or claims["exp"] <= self.world.clock.now().timestamp():
            raise UserinfoRefused("invalid_token")
        person = self.people.persons[granted.uin]
        made = claims_of(
            person,
            granted.claims,
            subject=claims["sub"],
            individual_id=granted.individual_id,
            locales=granted.request.locales,
        )
        made |= {"iss": self.issuer, "aud": granted.request.client_id}
        signed = self.signer.sign(made)
        if self.settings.esignet_userinfo == "jwe":
            key = self._key(self.parties[granted.request.client_id])
            signed = encrypted(signed, key, self.world.chance)
        return web.Response(text=signed, content_type="application/jwt")
