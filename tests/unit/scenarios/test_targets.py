"""What `rehearse verify` plays against which part, as the command line names it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scenarios.foreign import targets
from scenarios.foreign.nid import KnownPerson
from scenarios.foreign.nid_checks import NID_CHECKS
from scenarios.foreign.targets import NotUsable


def id_system(person: str | None = None, url: str = "http://127.0.0.1:20240/") -> targets.Target:
    return targets.id_system(url, None, person, None, Path("/nowhere"))


def registry(gateway: str, auth: str = "", **more: Any) -> targets.Target:
    given = {"client_id": None, "client_secret": None, "token": None, "allow_changes": False, **more}
    return targets.registry(gateway, auth, "", **given)


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("123,Jane Doe,1990-01-31", KnownPerson("123", "Jane Doe", "1990-01-31")),
        ("123, Doe, Jane , 1990-01-31", KnownPerson("123", "Doe, Jane", "1990-01-31")),
    ],
)
def test_a_person_whom_the_id_system_knows(text: str, person: KnownPerson) -> None:
    assert targets._person(text) == person


@pytest.mark.parametrize(
    "text", ["", "123", "123,1990-01-31", "x,Jane,1990-01-31", "123,Jane,", ",Jane,1990-01-31"]
)
def test_who_is_not_told_so_is_a_usage_error_of_its_option(text: str) -> None:
    with pytest.raises(NotUsable, match="NUMBER,NAME,YYYY-MM-DD") as refused:
        id_system(text)
    assert refused.value.option == "--known-person"


def test_an_id_system_is_asked_its_own_checks_before_the_librarys_stories() -> None:
    target = id_system()
    assert list(target.known[: len(NID_CHECKS.checks)]) == NID_CHECKS.checks and len(target.known) > 40
    with pytest.raises(NotUsable, match="a variable of the bridge") as refused:
        id_system(url="mosip")
    assert refused.value.option == "--nid"


@pytest.mark.parametrize(
    ("gateway", "auth", "addresses"),
    [
        ("http://crvs.example:7070/", "", ("http://crvs.example:7070", "http://crvs.example:4040")),
        ("http://crvs.example/gateway", "", ("http://crvs.example/gateway", "http://crvs.example:4040")),
        ("http://crvs.example", "http://auth.example/", ("http://crvs.example", "http://auth.example")),
    ],
)
def test_the_auth_service_is_beside_the_gateway_unless_it_is_told(
    gateway: str, auth: str, addresses: tuple[str, str]
) -> None:
    assert registry(gateway, auth).addresses == addresses


def test_what_is_no_address_is_a_usage_error() -> None:
    with pytest.raises(NotUsable, match="an address is due") as refused:
        registry("crvs")
    assert refused.value.option == "--opencrvs"


def test_what_is_judged_is_named_by_its_product_or_its_address_without_a_password() -> None:
    target = registry("http://user:secret@crvs.example", "http://crvs.example")
    assert target.subject("OpenCRVS 2.0").product == "OpenCRVS 2.0"
    subject = target.subject("")
    assert subject.product == "http://crvs.example" == subject.addresses[0]
    assert "secret" not in str(subject)
