"""authlib, an OpenID Connect client library, signs a person in at eSignet (contract mosip §9).

Discovery, PKCE, pushed authorization, private_key_jwt; id_token and userinfo are verified against the JWKS.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urljoin, urlsplit

import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from joserfc import jwe, jwt
from joserfc.jwk import KeySet, RSAKey

from mock_nid.app import start
from mock_nid.settings import Settings
from tests.contract.harness import on_a_thread
from wire.keyfolder import KeyFolder
from wire.world import World

CLIENT, REDIRECT = "crvs-rp", "http://127.0.0.1:9999/mosip-callback?journey=7"
CLAIMS = {
    "userinfo": {
        "name": {"essential": True},
        "birthdate": {"essential": True},
        "individual_id": None,
        "email": None,
    }
}


class _Form(HTMLParser):
    """The page's form as a browser would send it: fields with their values, boxes that are ticked."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.action, self.fields, self.error = "", list[tuple[str, str]](), ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            self.action = told["action"] or ""
        if "data-error" in told:
            self.error = told["data-error"] or ""
        box = told.get("type") == "checkbox"
        if tag == "input" and "disabled" not in told and (not box or "checked" in told):
            self.fields.append((told["name"] or "", told.get("value") or ""))


class Party:
    """A relying party: authlib's session, and the browser that it sends to eSignet."""

    def __init__(self, issuer: str, key: str, **options: Any) -> None:
        self.issuer, self.key = issuer, key
        url = get_well_known_url(issuer, external=True)
        self.provider = OpenIDProviderMetadata(requests.get(url, timeout=60).json())
        self.provider.validate()
        self.keys = KeySet.import_key_set(requests.get(self.provider["jwks_uri"], timeout=60).json())
        self.session = OAuth2Session(
            CLIENT,
            key,
            scope="openid profile",
            redirect_uri=REDIRECT,
            token_endpoint_auth_method=PrivateKeyJWT(self.provider["token_endpoint"], **options),
            code_challenge_method="S256",
        )
        self.verifier, self.nonce = generate_token(48), generate_token(20)

    def authorization_url(self, **more: str) -> tuple[str, str]:
        url, state = self.session.create_authorization_url(
            self.provider["authorization_endpoint"],
            code_verifier=self.verifier,
            nonce=self.nonce,
            claims=json.dumps(CLAIMS),
            acr_values="mosip:idp:acr:generated-code",
            **more,
        )
        return str(url), str(state)

    def sign_in(self, url: str, number: str = "4238670978", otp: str = "111111", **more: str) -> str:
        """What the person does on the page; where the browser is sent."""
        page = requests.get(url, timeout=60)
        form = _Form(page.text)
        filled = [(n, v) for n, v in form.fields if n not in ("individual_id", "otp", *more)]
        filled += [("individual_id", number), ("otp", otp), ("decision", "allow"), *more.items()]
        answer = requests.post(urljoin(page.url, form.action), data=filled, timeout=60, allow_redirects=False)
        return str(answer.headers["Location"]) if answer.status_code == 302 else _Form(answer.text).error

    def tokens(self, location: str, state: str, **more: Any) -> dict[str, Any]:
        given: dict[str, Any] = self.session.fetch_token(
            self.provider["token_endpoint"],
            authorization_response=location,
            state=state,
            code_verifier=self.verifier,
            client_id=CLIENT,
            **more,
        )
        return given

    def read(self, token: str) -> dict[str, Any]:
        """The claims of a token that one of the published keys signed."""
        return dict(jwt.decode(token, self.keys, algorithms=["RS256", "PS256"]).claims)


@pytest.fixture(scope="module")
def oidp_key(rehearsal_keys: Path) -> str:
    return KeyFolder(rehearsal_keys)["oidp-client"].key_path.read_text()


@pytest.fixture(params=["1.7"])
def esignet(request: pytest.FixtureRequest, rehearsal_keys: Path) -> Iterator[str]:
    settings = Settings(
        port=0,
        esignet_port=0,
        keys=rehearsal_keys,
        seed=5,
        **({"esignet_generation": request.param} if isinstance(request.param, str) else request.param),
    )
    with on_a_thread(lambda: start(settings, World.system(seed=5))) as running:
        yield running.esignet_url


@pytest.mark.parametrize("esignet", ["1.5", "1.6", "1.7"], indirect=True)
def test_a_person_signs_in(esignet: str, oidp_key: str) -> None:
    party = Party(esignet, oidp_key)
    assert party.provider["issuer"] == esignet
    url, state = party.authorization_url()

    location = party.sign_in(url)

    answer = parse_qs(urlsplit(location).query)
    assert location.startswith(REDIRECT)
    assert (answer["state"], answer["iss"]) == ([state], [esignet])
    given = party.tokens(location, state)
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 3600)

    id_token = CodeIDToken(
        party.read(given["id_token"]),
        {},
        {"iss": {"value": esignet}, "aud": {"value": CLIENT}, "nonce": {"value": party.nonce}},
        {"nonce": party.nonce, "client_id": CLIENT, "access_token": given["access_token"]},
    )
    id_token.header = jwt.decode(given["id_token"], party.keys).header
    id_token.validate()
    assert id_token["acr"] == "mosip:idp:acr:generated-code"

    answered = party.session.get(party.provider["userinfo_endpoint"], timeout=60)
    assert answered.headers["Content-Type"].startswith("application/jwt")
    told = party.read(answered.text)
    assert told["sub"] == id_token["sub"] != "4238670978"
    assert {name: told[name] for name in ("name", "birthdate", "individual_id", "email")} == {
        "name": "Amara Okonjo",
        "birthdate": "1991/02/28",
        "individual_id": "4238670978",
        "email": "amara.okonjo@example.org",
    }


def test_only_what_the_person_consents_to_is_told(esignet: str, oidp_key: str) -> None:
    party = Party(esignet, oidp_key)
    url, state = party.authorization_url()
    party.tokens(party.sign_in(url, number="4703420631835716", claim="email"), state)
    told = party.read(party.session.get(party.provider["userinfo_endpoint"], timeout=60).text)
    # the essential ones cannot be refused; the box of individual_id was not ticked
    assert {"name", "birthdate", "email"} <= set(told)
    assert "individual_id" not in told


def test_a_request_may_be_pushed(esignet: str, oidp_key: str) -> None:
    party = Party(esignet, oidp_key)
    state = generate_token(12)
    pushed = party.session.post(
        party.provider["pushed_authorization_request_endpoint"],
        data={
            "client_id": CLIENT,
            "response_type": "code",
            "scope": "openid profile",
            "redirect_uri": REDIRECT,
            "state": state,
            "nonce": party.nonce,
            "code_challenge": create_s256_code_challenge(party.verifier),
            "code_challenge_method": "S256",
            "claims": json.dumps(CLAIMS),
        },
        withhold_token=True,
        auth=party.session.client_auth(PrivateKeyJWT(party.provider["issuer"])),
        timeout=60,
    )
    assert pushed.status_code == 201
    uri = pushed.json()["request_uri"]
    begin = requests.Request(
        "GET", party.provider["authorization_endpoint"], params={"client_id": CLIENT, "request_uri": uri}
    ).prepare()
    location = party.sign_in(str(begin.url))
    assert party.tokens(location, state)["id_token"]


def test_a_person_may_refuse(esignet: str, oidp_key: str) -> None:
    party = Party(esignet, oidp_key)
    url, state = party.authorization_url()
    page = requests.get(url, timeout=60)
    form = _Form(page.text)
    answer = requests.post(
        urljoin(page.url, form.action),
        data=dict(form.fields) | {"decision": "deny"},
        timeout=60,
        allow_redirects=False,
    )
    location = answer.headers["Location"]
    told = dict(parse_qsl(urlsplit(location).query))
    assert (told["error"], told["state"]) == ("consent_rejected", state)
    assert "code" not in told


def test_a_wrong_code_stays_on_the_page(esignet: str, oidp_key: str) -> None:
    party = Party(esignet, oidp_key)
    url, _ = party.authorization_url()
    assert party.sign_in(url, otp="000000") == "auth_failed"


@pytest.mark.parametrize(
    ("esignet", "error"), [("1.6", "invalid_transaction"), ("1.7", "invalid_grant")], indirect=["esignet"]
)
@pytest.mark.requirement("MOSIP-ESG-02")
def test_a_code_is_good_once(esignet: str, oidp_key: str, error: str) -> None:
    party = Party(esignet, oidp_key)
    url, state = party.authorization_url()
    location = party.sign_in(url)
    party.tokens(location, state)
    with pytest.raises(OAuthError, match=error):
        party.tokens(location, state)


@pytest.mark.parametrize(
    ("esignet", "error"), [("1.6", "invalid_assertion"), ("1.7", "invalid_client")], indirect=["esignet"]
)
def test_another_key_proves_nothing(esignet: str, rehearsal_keys: Path, error: str) -> None:
    party = Party(esignet, KeyFolder(rehearsal_keys)["ida-client"].key_path.read_text())
    url, state = party.authorization_url()
    with pytest.raises(OAuthError, match=error):
        party.tokens(party.sign_in(url), state)


def test_an_assertion_is_good_once(esignet: str, oidp_key: str) -> None:
    """Unique `jti` since 1.7: authlib makes one once per method object when the claims are given."""
    party = Party(esignet, oidp_key, claims={"jti": "always-the-same"})
    url, state = party.authorization_url()
    party.tokens(party.sign_in(url), state)
    url, state = party.authorization_url()
    with pytest.raises(OAuthError, match="invalid_client"):
        party.tokens(party.sign_in(url), state)


def test_the_verifier_must_fit(esignet: str, oidp_key: str) -> None:
    party = Party(esignet, oidp_key)
    url, state = party.authorization_url()
    location = party.sign_in(url)
    party.verifier = generate_token(48)
    with pytest.raises(OAuthError, match="invalid_grant"):
        party.tokens(location, state)


@pytest.mark.parametrize("esignet", [{"esignet_userinfo": "jwe"}], indirect=True)
def test_userinfo_may_be_sealed_for_the_client(esignet: str, oidp_key: str) -> None:
    party = Party(esignet, oidp_key)
    url, state = party.authorization_url()
    party.tokens(party.sign_in(url), state)
    sealed = party.session.get(party.provider["userinfo_endpoint"], timeout=60).text
    opened = jwe.decrypt_compact(
        sealed, RSAKey.import_key(oidp_key), algorithms=["RSA-OAEP-256", "A256GCM"]
    ).plaintext
    assert opened is not None
    assert party.read(opened.decode())["name"] == "Amara Okonjo"
