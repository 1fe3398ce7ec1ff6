"""Addresses as settings give them: what is one, and what it is made of."""

from __future__ import annotations

import pytest

from wire.addresses import (
    base_address,
    bracketed,
    host_of,
    http_address,
    is_loopback,
    listening_address,
    or_empty,
    origin_of,
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("mosip.example", "begins with"),
        ("ftp://mosip.example", "begins with"),
        ("http://", "names no host"),
        ("http://:80/x", "names no host"),
        ("http://a b", "' '"),
        ("http://host/{id}", "'{'"),
        ("http://user:secret@host", "no user's name and password"),
        ("http://a,b", "','"),
        ("http://host:0", "port 0"),
        ("http://host:99999", "no address"),
        ("http://[::1", "no address"),
        ("http://host/#part", "after #"),
        ("http://host/#", "after #"),
    ],
)
def test_what_is_no_address_is_told_without_repeating_it(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        http_address(text)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["http://localhost:3040/x?y=1", "https://[::1]:8443", "http://mosip_internal"]
)
def test_an_address_stays_as_it_was_written(text: str) -> None:
    assert http_address(text) == or_empty(text) == text


def test_paths_are_appended_to_a_base() -> None:
    assert base_address("https://host/mosip//") == "https://host/mosip"
    with pytest.raises(ValueError, match=r"after \?"):
        base_address("https://host/?a=b")
    assert or_empty("") == ""


@pytest.mark.parametrize(
    ("address", "host", "origin"),
    [
        ("HTTP://Host:80/x", "host", "http://host"),
        ("https://host:443", "host", "https://host"),
        ("https://host:80", "host", "https://host:80"),
        ("http://[::1]:3040/a", "::1", "http://[::1]:3040"),
        ("/nothing", "", "://"),
    ],
)
def test_host_and_origin_as_a_browser_writes_them(address: str, host: str, origin: str) -> None:
    assert (host_of(address), origin_of(address)) == (host, origin)


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("bridge.localhost", True),
        ("127.8.8.8", True),
        ("[::1]", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("localhost.example", False),
        ("notlocalhost", False),
    ],
)
def test_whether_a_host_is_this_machine_alone(host: str, alone: bool) -> None:
    assert is_loopback(host) is alone


@pytest.mark.parametrize(
    ("host", "called"),
    [
        ("0.0.0.0", "127.0.0.1"),
        ("", "127.0.0.1"),
        ("::", "[::1]"),
        ("[::1]", "[::1]"),
        ("10.0.0.1", "10.0.0.1"),
    ],
)
def test_where_a_server_is_called_that_listens_there(host: str, called: str) -> None:
    assert listening_address(host, 80) == f"http://{called}:80"
    assert bracketed("[::1]") == "[::1]"
