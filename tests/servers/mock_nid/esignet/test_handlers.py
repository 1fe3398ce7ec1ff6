"""eSignet: a whole sign-in with an OpenID Connect library, and the error tables of three generations."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from authlib.oidc.core import CodeIDToken
from joserfc import jwe
from joserfc.jwk import KeySet, RSAKey
from joserfc.jwt import decode as read_jwt

from tests.servers.mock_nid.actors import Stage
from tests.servers.mock_nid.client_app import Relying
from wire.keyfolder import KeyFolder

Open = Callable[..., Awaitable[Stage]]
REDIRECT = "http://127.0.0.1:9999/callback"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
VERIFIER = "a" * 60


async def test_behind_a_proxy_esignet_bears_the_proxys_name(stage: Open, keys: Path) -> None:
    party = Relying(await stage(esignet_public_url="https://esignet.country.example"), keys)
    _, _, answer = await party.get("/.well-known/openid-configuration")
    assert (await answer.json())["issuer"] == "https://esignet.country.example"


@pytest.mark.requirement("MOSIP-ESG-01")
async def test_sign_in_with_discovery_pkce_and_private_key_jwt(stage: Open, keys: Path) -> None:
    party = Relying(await stage(), keys)
    _, _, answer = await party.get("/.well-known/openid-configuration")
    metadata = await answer.json()
    code = await party.code()
    status, tokens, answer = await party.token(code)
    assert status == 200 and answer.headers["Cache-Control"] == "no-store"
    _, _, answer = await party.get(metadata["jwks_uri"])
    keyset = KeySet.import_key_set(await answer.json())
    token = read_jwt(tokens["id_token"], keyset)
    claims = CodeIDToken(
        token.claims,
        token.header,
        {"iss": {"value": metadata["issuer"]}, "aud": {"value": "crvs-rp"}},
        {"nonce": "n1", "access_token": tokens["access_token"], "client_id": "crvs-rp"},
    )
    claims.validate(now=int(party.stage.world.clock.now().timestamp()))
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    status, body, answer = await party.get(metadata["userinfo_endpoint"], headers=bearer)
    assert answer.content_type == "application/jwt"
    shown = read_jwt(body, keyset).claims
    assert shown["sub"] == claims["sub"] and shown["name"] == "Amara Okonjo"
    assert shown["birthdate"] == "1991/02/28" and "individual_id" not in shown  # consented to two


@pytest.mark.requirement("MOSIP-ESG-06")
async def test_userinfo_in_two_languages_and_as_jwe(stage: Open, keys: Path) -> None:
    party = Relying(await stage(esignet_userinfo="jwe"), keys)
    code = await party.code(
        "6752385048", claims_locales="en fr", claims='{"userinfo":{"gender":{"essential":true}}}'
    )
    _, tokens, _ = await party.token(code)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    _, body, _ = await party.get("/oidc/userinfo", headers=bearer)
    ours = RSAKey.import_key(KeyFolder(keys)["oidp-client"].key_path.read_text())
    opened = jwe.decrypt_compact(body, ours, algorithms=["RSA-OAEP-256", "A256GCM"])
    assert opened.plaintext is not None
    shown = jwt.decode(opened.plaintext, options={"verify_signature": False})
    assert (shown["gender#en"], shown["gender#fr"]) == ("Female", "Féminin")


@pytest.mark.requirement("MOSIP-ESG-05")
async def test_userinfo_refusals_have_no_body(stage: Open, keys: Path) -> None:
    party = Relying(await stage(), keys)
    for headers, error in (({}, "missing_header"), ({"Authorization": "Bearer x"}, "invalid_token")):
        status, body, answer = await party.get("/v1/esignet/oidc/userinfo", headers=headers)
        assert (status, body, answer.headers["WWW-Authenticate"]) == (401, "", f'error="{error}"')
    _, tokens, _ = await party.token(await party.code())
    await party.stage.advance(3601)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await party.get("/v1/esignet/oidc/userinfo", headers=bearer))[0] == 401


async def test_the_page_refuses_without_sending_the_browser_back(stage: Open, keys: Path) -> None:
    party = Relying(await stage(), keys)
    for change, error in (
        ({"client_id": "x"}, "invalid_client_id"),
        ({"client_id": "strict-rp", "redirect_uri": "http://evil.example/"}, "invalid_redirect_uri"),
        ({"redirect_uri": "javascript:alert(1)"}, "invalid_redirect_uri"),
        ({"claims": "name,family_name"}, "parsing_error_msg"),
        ({"response_type": "token"}, "invalid_response_type"),
        ({"scope": None}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "unsupported_pkce_challenge_method"),
        ({"request_uri": "urn:x"}, "invalid_request_uri"),
    ):
        status, page, _ = await party.get(f"/authorize?{urlencode(party.query(**change))}")
        assert status == 400 and f'data-error="{error}"' in page


async def test_the_person_can_err_or_refuse(stage: Open, keys: Path) -> None:
    party = Relying(await stage(), keys)
    _, page, _ = await party.get(f"/authorize?{urlencode(party.query())}")
    transaction = re.search(r'name="transaction" value="([^"]+)"', page)
    assert transaction is not None
    form = {"transaction": transaction[1], "individual_id": "4238670978", "otp": "1", "decision": "allow"}
    status, page, _ = await party.post("/authorize", form)
    assert status == 200 and 'data-error="auth_failed"' in page
    status, page, _ = await party.post("/authorize", form | {"individual_id": "8507457640"})
    assert 'data-error="IDA-MLC-022"' in page
    status, _, answer = await party.post("/authorize", form | {"decision": "deny"})
    assert status == 302 and "error=consent_rejected" in answer.headers["Location"]
    assert (await party.post("/authorize", form))[0] == 400


OLD = {
    "used": (400, "invalid_transaction"),
    "client": (400, "invalid_client_id"),
    "redirect": (400, "invalid_redirect_uri"),
    "assertion": (400, "invalid_assertion"),
    "missing": (400, "invalid_input"),
    "no-verifier": (500, "invalid_pkce_code_verifier"),
    "verifier": (500, "pkce_failed"),
    "kyc": (500, "IDA-MLC-022"),
}
NEW = {
    "used": (400, "invalid_grant"),
    "client": (400, "invalid_request"),
    "redirect": (400, "invalid_request"),
    "assertion": (400, "invalid_client"),
    "missing": (400, "invalid_request"),
    "no-verifier": (400, "invalid_grant"),
    "verifier": (400, "invalid_grant"),
    "kyc": (400, "invalid_request"),
}


@pytest.mark.parametrize(("generation", "table"), [("1.5", OLD), ("1.6", OLD), ("1.7", NEW)])
@pytest.mark.requirement("MOSIP-ESG-04")
async def test_token_errors_by_generation(
    stage: Open, keys: Path, generation: str, table: dict[str, tuple[int, str]]
) -> None:
    party = Relying(await stage(esignet_generation=generation), keys)

    async def outcome(**change: str) -> tuple[int, str]:
        status, body, _ = await party.token(await party.code(), **change)
        return status, body["error"]

    assert await outcome(code="x") == table["used"]
    assert await outcome(client_id="strict-rp") == table["client"]
    assert await outcome(redirect_uri="http://127.0.0.1:1/") == table["redirect"]
    assert await outcome(client_assertion="x.y.z") == table["assertion"]
    assert await outcome(client_assertion=party.assertion(aud="https://other.example")) == table["assertion"]
    assert await outcome(client_assertion=party.assertion(exp=1)) == table["assertion"]
    assert await outcome(grant_type="") == table["missing"]
    assert await outcome(code_verifier="") == table["no-verifier"]
    assert await outcome(code_verifier="b" * 50) == table["verifier"]
    code = await party.code()
    assert (await party.token(code))[0] == 200
    status, body, _ = await party.token(code)
    assert (status, body["error"]) == table["used"]
    code = await party.code()
    await party.stage.advance(301)
    assert (await party.token(code))[1]["error"] == table["used"][1]
    code = await party.code()
    party.stage.running.lifetimes.set_status("4238670978", "DEACTIVATED", "1")
    status, body, _ = await party.token(code)
    assert (status, body["error"]) == table["kyc"]


@pytest.mark.requirement("MOSIP-ESG-07")
async def test_pushed_requests(stage: Open, keys: Path) -> None:
    party = Relying(await stage(), keys)
    form = {
        **party.query(),
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": party.assertion(aud=f"{party.base}/v1/esignet/oauth/par"),
    }
    async with party.stage.client.session.post(f"{party.base}/v1/esignet/oauth/par", data=form) as answer:
        assert answer.status == 201
        uri = (await answer.json())["request_uri"]
    query = urlencode({"client_id": "crvs-rp", "request_uri": uri})
    assert (await party.get(f"/authorize?{query}"))[0] == 200
    assert (await party.get(f"/authorize?{query}"))[0] == 400


async def test_a_person_signs_in_with_a_browser(stage: Open, keys: Path, chromium: Path) -> None:
    from playwright.async_api import async_playwright

    party = Relying(await stage(), keys)
    callback = party.stage.subscriber.url
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = await browser.new_page()
        await page.goto(f"{party.base}/authorize?{urlencode(party.query(redirect_uri=callback))}")
        await page.get_by_label("UIN or VID").fill("4238670978")
        await page.get_by_label("One-time code").fill("222222")
        await page.get_by_role("button", name="Sign in").click()
        assert "auth_failed" in await page.get_by_role("alert").inner_text()
        await page.get_by_label("One-time code").fill("111111")
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url(f"{callback}?**")
        back = parse_qs(urlsplit(page.url).query)
        await browser.close()
    status, tokens, _ = await party.token(back["code"][0], redirect_uri=callback)
    assert status == 200 and tokens["token_type"] == "Bearer"
