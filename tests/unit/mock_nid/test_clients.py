"""Redirect URIs as eSignet matches them: Spring's AntPathMatcher over the whole URI."""

from __future__ import annotations

import pytest

from mock_nid.clients import RelyingParty


@pytest.mark.parametrize(
    ("registered", "asked", "allowed"),
    [
        ("https://a.example/cb", "https://a.example/cb", True),
        ("https://a.example/cb", "https://a.example/cb/", False),
        ("https://a.example/cb", "https://a.example/cb?journey=7", False),
        ("https://a.example/*", "https://a.example/cb", True),
        ("https://a.example/*", "https://a.example/cb/deep", False),
        ("https://a.example/**", "https://a.example/cb/deep", True),
        ("https://a.example/**", "https://a.example", True),
        ("https://a.example/**", "https://b.example/cb", False),
        ("https://*.example/cb", "https://a.b.example/cb", True),
        ("https://*.example/cb", "https://evil.org/x.example/cb", False),
        ("https://a.example/c?", "https://a.example/cb", True),
        ("*", "https://anywhere.example/", True),
    ],
)
def test_a_registered_uri_may_be_a_pattern(registered: str, asked: str, allowed: bool) -> None:
    party = RelyingParty(id="x", name="X", redirect_uris=(registered,))
    assert party.allows(asked) is allowed
