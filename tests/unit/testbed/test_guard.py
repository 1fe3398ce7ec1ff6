"""Who may call what acts: the console's page, and /admin of the mocks."""

from __future__ import annotations

import pytest

from testbed.guard import host_is_allowed, same_origin

NAMES = frozenset({"localhost", "console.example"})


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1:8070", True),
        ("localhost:8070", True),
        ("[::1]:8070", True),
        ("192.168.1.7:8070", True),
        ("console.example", True),
        ("evil.example:8070", False),
        ("127.0.0.1.evil.example", False),
        ("", False),
        ("[::1", False),
    ],
)
def test_only_addresses_and_known_names_are_served(host: str, allowed: bool) -> None:
    assert host_is_allowed(host, NAMES) is allowed


@pytest.mark.parametrize(
    ("origin", "same"),
    [
        ("http://127.0.0.1:8070", True),
        ("http://127.0.0.1:9999", False),
        ("http://evil.example", False),
        ("null", False),
        ("", False),
        (None, False),
    ],
)
def test_only_the_own_page_may_act(origin: str | None, same: bool) -> None:
    assert same_origin(origin, "127.0.0.1:8070") is same
