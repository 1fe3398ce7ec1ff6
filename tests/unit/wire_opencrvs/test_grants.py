"""What is posted to the token endpoint, in each version's place (contract opencrvs §2.4, §11)."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from wire.opencrvs import grants
from wire.opencrvs.profiles import Profile

LOGIN = {"grant_type": ["client_credentials"], "client_id": ["id"], "client_secret": ["a b&c"]}


def test_the_oldest_version_reads_the_query_alone() -> None:
    url, headers, body = grants.posted("http://auth", grants.credentials("id", "a b&c"), Profile.V1_9)
    address, _, query = url.partition("?")
    assert (address, parse_qs(query), headers, body) == ("http://auth/token", LOGIN, {}, None)


@pytest.mark.parametrize("profile", [Profile.V2_0, Profile.V2_1, "2.1"])
def test_later_ones_read_the_body(profile: str) -> None:
    url, headers, body = grants.posted("http://auth", grants.credentials("id", "a b&c"), profile)
    assert (url, parse_qs((body or b"").decode())) == ("http://auth/token", LOGIN)
    assert headers == {"Content-Type": "application/x-www-form-urlencoded"}


def test_an_exchange_names_the_action() -> None:
    assert grants.exchange("t", "e", "a") == {
        "grant_type": "urn:opencrvs:oauth:grant-type:token-exchange",
        "subject_token": "t",
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "requested_token_type": "urn:opencrvs:oauth:token-type:single_record_token",
        "event_id": "e",
        "action_id": "a",
    }


@pytest.mark.parametrize("content", [None, [], "t", {}, {"access_token": None}, {"access_token": 1}])
def test_no_token_is_none(content: object) -> None:
    assert grants.given(content) is None
    assert grants.given({"access_token": "t"}) == "t"
