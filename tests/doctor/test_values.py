"""Values as they were written: each fault of their writing has its finding, and they are read without it."""

from __future__ import annotations

import pytest

from scenarios.doctor.sources import Plain, ProcessEnvironment
from scenarios.doctor.values import read

SECRET = "MOSIP_WEBSUB_SECRET"
URL = "MOSIP_URL"


def told(name: str, value: str, *, whole: bool = True) -> tuple[list[str], frozenset[str], str | None]:
    """(ids of the findings, what is broken, the value that counts)."""
    found = read(ProcessEnvironment("a.env", {name: value}, whole=whole))
    assert all(name in one.where and "a.env" in one.where for one in found.found)
    return [one.kind.id for one in found.found], found.broken, found.values.get(name)


@pytest.mark.parametrize(
    ("name", "value", "kinds", "read_as"),
    [
        (SECRET, "mine", [], "mine"),
        (SECRET, "mine\r\n", ["VALUE-INVISIBLE"], "mine"),
        (SECRET, "\ufeffmine", ["VALUE-INVISIBLE"], "mine"),
        (SECRET, "mi\u200bne", ["VALUE-INVISIBLE"], "mine"),
        (SECRET, " mine\xa0", ["VALUE-BLANK"], "mine"),
        (SECRET, '"mine"', ["VALUE-QUOTED"], "mine"),
        (SECRET, "“mine”", ["VALUE-QUOTED"], "mine"),
        (SECRET, " 'mine' ", ["VALUE-BLANK", "VALUE-QUOTED"], "mine"),
        (SECRET, "mine # a comment", [], "mine # a comment"),  # a secret may hold that
        (URL, "https://mosip.example # ours", ["VALUE-COMMENT"], "https://mosip.example"),
        ("NOT_OURS", " x ", [], " x "),
    ],
)
def test_what_stands_around_a_value_is_named_and_left_out(
    name: str, value: str, kinds: list[str], read_as: str
) -> None:
    assert told(name, value) == (kinds, frozenset(), read_as)


@pytest.mark.parametrize(
    "value",
    [
        "<secret>",
        "${SECRET}",
        "{{ secret }}",
        "changeme",
        "CHANGE-ME-NOW",
        "TODO",
        "your-secret",
        "xxx",
        "null",
    ],
)
def test_what_only_holds_a_place_is_no_value(value: str) -> None:
    assert told(SECRET, value) == (["VALUE-PLACEHOLDER"], frozenset({SECRET}), None)


@pytest.mark.parametrize(
    ("name", "value"),
    [("BRIDGE_CHILD_UNDER_YEARS", "none"), ("DECRYPT_P12_FILE_PASSWORD", "changeme"), (SECRET, "exampled")],
)
def test_what_may_be_meant_is_taken(name: str, value: str) -> None:
    assert told(name, value)[0] == []


@pytest.mark.parametrize(
    ("value", "whole", "kinds"),
    [
        (Plain("0123456789"), False, ["VALUE-NUMBER"]),
        (Plain("1.10"), False, ["VALUE-NUMBER"]),
        (Plain("1e5"), False, ["VALUE-NUMBER"]),
        (Plain("abc"), False, []),
        (Plain("0123456789"), True, []),
        ("0123456789", False, []),
    ],
)
def test_a_number_without_quotes_in_a_chart_is_not_what_was_written(
    value: str, whole: bool, kinds: list[str]
) -> None:
    assert told(SECRET, value, whole=whole)[0] == kinds


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        (URL, "mosip.example", "ADDRESS-SCHEME"),
        (URL, "https://user:password@mosip.example", "ADDRESS-PASSWORD"),
        (URL, "https://mosip.example:0", "ADDRESS-PORT"),
        (URL, "http://fe80::1/x", "ADDRESS-IPV6"),
        (URL, "http://a,b", "ADDRESS-BROKEN"),
        ("PORT", "99999", "PORT-WRONG"),
        ("BRIDGE_TIME_ZONE", "Pacific/Atlantis", "TIME-ZONE"),
        ("OPENCRVS_PROFILE", "3.0", "PROFILE-UNKNOWN"),
        ("BRIDGE_RETENTION_DAYS", "long", "SETTING-REFUSED"),
        (SECRET, "", "VALUE-EMPTY"),
    ],
)
def test_a_value_that_cannot_be_used_is_told_once_and_nothing_follows_from_it(
    name: str, value: str, kind: str
) -> None:
    kinds, broken, _ = told(name, value)
    assert (kinds, broken) == ([kind], frozenset({name}))


def test_a_variable_and_its_file_contradict_each_other(tmp_path: object) -> None:
    both = {SECRET: "mine", f"{SECRET}_FILE": f"{tmp_path}/secret"}
    found = read(ProcessEnvironment("a.env", both))
    assert [one.kind.id for one in found.found] == ["SETTING-CONTRADICTS"]
    gone = read(ProcessEnvironment("a.env", {f"{SECRET}_FILE": f"{tmp_path}/secret"}))
    assert [one.kind.id for one in gone.found] == ["FILE-MISSING"]
