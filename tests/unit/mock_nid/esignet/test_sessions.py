"""eSignet's requests, codes and pushed requests: good once, for whom, and for how long (§9.2, §9.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mock_nid.esignet.errors import OAuthRefused
from mock_nid.esignet.sessions import (
    CODE_LIFE,
    PUSHED_LIFE,
    REQUEST_LIFE,
    Granted,
    RequestWrong,
    Sessions,
    read_request,
)

NOW = datetime(2026, 3, 2, tzinfo=UTC)
MOMENT = timedelta(milliseconds=1)
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""Both from RFC 7636, appendix B."""
QUERY = {
    "response_type": "code",
    "client_id": "crvs",
    "redirect_uri": "https://form",
    "scope": "openid profile",
}
REQUEST = read_request(QUERY, NOW, comma_claims=False)
GRANTED = Granted(REQUEST, "4238670978", "VID", ("name",), NOW)
FORM = {"code": "c", "client_id": "crvs", "redirect_uri": "https://form"}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "invalid_response_type"),
        ({"scope": " "}, "invalid_scope"),
        ({"code_challenge": CHALLENGE}, "unsupported_pkce_challenge_method"),
        (
            {"code_challenge": CHALLENGE, "code_challenge_method": "plain"},
            "unsupported_pkce_challenge_method",
        ),
        ({"claims": "name,gender"}, "parsing_error_msg"),
        ({"claims": "[]"}, "parsing_error_msg"),
        ({"claims": "[" * 9999}, "parsing_error_msg"),
        ({"claims": '{"userinfo": ["name"]}'}, "invalid_claim"),
    ],
)
def test_a_wrong_request_has_esignets_code(change: dict[str, str], error: str) -> None:
    with pytest.raises(RequestWrong, match=error):
        read_request(QUERY | change, NOW, comma_claims=False)


@pytest.mark.parametrize(
    ("change", "comma", "claims"),
    [
        (
            {"scope": "openid email phone"},
            False,
            {"email": False, "phone_number": False, "phone_number_verified": False},
        ),
        (
            {"claims": '{"userinfo": {"name": {"essential": true}, "email": null}}'},
            False,
            {"name": True, "email": False},
        ),
        ({"claims": '{"id_token": {}}'}, False, {}),
        ({"claims": "name, gender,"}, True, {"name": False, "gender": False}),
    ],
)
def test_the_claims_that_are_wanted(change: dict[str, str], comma: bool, claims: dict[str, bool]) -> None:
    assert read_request(QUERY | change, NOW, comma_claims=comma).userinfo == claims


def test_locales_default_to_english_and_an_empty_challenge_is_none() -> None:
    read = read_request(QUERY | {"code_challenge": "", "claims_locales": "fr en"}, NOW, comma_claims=False)
    assert (read.locales, read.challenge, REQUEST.locales) == (("fr", "en"), None, ("en",))


@pytest.mark.parametrize(
    ("challenge", "form", "later", "reason"),
    [
        (None, {}, timedelta(0), None),
        (None, {}, CODE_LIFE, None),
        (None, {}, CODE_LIFE + MOMENT, "transaction"),
        (None, {"code": "another"}, timedelta(0), "transaction"),
        (None, {"client_id": "another"}, timedelta(0), "client"),
        (None, {"redirect_uri": "https://form/"}, timedelta(0), "redirect"),
        (CHALLENGE, {"code_verifier": VERIFIER}, timedelta(0), None),
        (CHALLENGE, {"code_verifier": VERIFIER[:-1]}, timedelta(0), "pkce-failed"),
        (CHALLENGE, {"code_verifier": CHALLENGE}, timedelta(0), "pkce-failed"),
        (CHALLENGE, {}, timedelta(0), "pkce-missing"),
    ],
)
def test_a_code_is_redeemed_as_it_was_asked_for(
    challenge: str | None, form: dict[str, str], later: timedelta, reason: str | None
) -> None:
    sessions = Sessions()
    granted = replace(GRANTED, request=replace(REQUEST, challenge=challenge))
    sessions.codes["c"] = granted
    if reason is None:
        assert sessions.redeem(FORM | form, NOW + later) is granted
        with pytest.raises(OAuthRefused):
            sessions.redeem(FORM | form, NOW + later)
        return
    with pytest.raises(OAuthRefused) as refused:
        sessions.redeem(FORM | form, NOW + later)
    assert refused.value.what == reason


@pytest.mark.parametrize(
    ("client", "later", "good"),
    [("crvs", PUSHED_LIFE, True), ("crvs", PUSHED_LIFE + MOMENT, False), ("another", timedelta(0), False)],
)
def test_a_pushed_request_is_its_clients_and_good_once(client: str, later: timedelta, good: bool) -> None:
    sessions, pushed = Sessions(), {"client_id": "crvs"}
    sessions.pushed["urn:x"] = pushed, NOW
    if good:
        assert sessions.pulled("urn:x", client, NOW + later) == pushed
    with pytest.raises(RequestWrong, match="invalid_request_uri"):
        sessions.pulled("urn:x", client, NOW + later)


def test_a_page_stays_open_for_its_time_and_an_assertion_is_good_once() -> None:
    sessions = Sessions()
    sessions.pages["p"] = REQUEST
    assert sessions.page("p", NOW + REQUEST_LIFE) is REQUEST
    assert sessions.page("p", NOW + REQUEST_LIFE + MOMENT) is None
    seen: list[Any] = [sessions.seen(client, "j", NOW) for client in ("crvs", "crvs", "another")]
    assert seen == [False, True, False]


def test_nobody_fills_the_memory() -> None:
    sessions = Sessions()
    for number in range(5001):
        sessions.pages[str(number)] = REQUEST
    assert len(sessions.pages) == 5000 and "0" not in sessions.pages
