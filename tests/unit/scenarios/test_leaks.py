"""Promise 4 by lines of a log: what is a leak, whose it is, and that the finding does not repeat it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scenarios.judging.evidence import Evidence, LogLine, Secret
from scenarios.judging.leaks import leaks

AT = datetime(2026, 3, 2, tzinfo=UTC)
UIN, CLIENT = "4238670978", "rehearsal-secret"
SECRETS = (
    Secret("a national ID", UIN, "packet P"),
    Secret("a client secret", CLIENT),
    Secret("a client secret", "short"),
)
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("line", "record", "kinds"),
    [
        (f"accepted with {UIN}", "packet P", "a national ID"),
        (f'{{"nid":"{UIN}"}}', "packet P", "a national ID"),
        (f"secret={CLIENT};", "bridge", "a client secret"),
        (f"Bearer {TOKEN}", "bridge", "a JSON web token"),
        ("-----BEGIN RSA PRIVATE KEY-----", "bridge", "a private key"),
        ("-----BEGIN PRIVATE KEY-----", "bridge", "a private key"),
        (f"{TOKEN} for {UIN}", "packet P", "a JSON web token, a national ID"),
    ],
)
def test_a_leak_is_named_by_kind_and_owner_and_not_repeated(line: str, record: str, kinds: str) -> None:
    [found] = leaks(Evidence(AT, log=(LogLine("bridge", line),), secrets=SECRETS))
    assert (found.record, found.what) == (record, f"a log line shows {kinds}")
    [shown] = found.evidence
    assert "█" in shown and not any(value in shown for value in (UIN, CLIENT, TOKEN))


@pytest.mark.parametrize(
    "line",
    [
        f"packet 1{UIN}2 created",  # a number inside a longer number is another number
        f"not{CLIENT}s",
        "a short word",
        "eyJ is how tokens begin",
        "-----BEGIN CERTIFICATE-----",
    ],
)
def test_what_only_looks_like_one_is_none(line: str) -> None:
    assert not list(leaks(Evidence(AT, log=(LogLine("bridge", line),), secrets=SECRETS)))


def test_without_secrets_nothing_is_found() -> None:
    assert not list(leaks(Evidence(AT, log=(LogLine("bridge", "a line"),))))


def test_a_long_line_is_cut_around_what_it_shows() -> None:
    [found] = leaks(
        Evidence(AT, log=(LogLine("bridge", "x" * 900 + f" {UIN} " + "y" * 900),), secrets=SECRETS)
    )
    assert len(found.evidence[0]) < 200 and "█a national ID█" in found.evidence[0]
