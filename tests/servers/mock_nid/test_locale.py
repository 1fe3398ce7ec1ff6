"""An ID system of a country with another language: its people, a packet, a credential, ID authentication."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from mock_nid.identities.people import load_people
from testbed.names import language_of, locale_of
from tests.servers.mock_nid.actors import Stage
from tests.servers.mock_nid.asker import Asker
from tests.servers.mock_nid.processing.test_credentials import document, issue

Open = Callable[..., Awaitable[Stage]]
AMARA = "4238670978"


@pytest.mark.parametrize("locale", ["fr", "es", "pt", "ar", "so_SO", "to_TO"])
async def test_well_known_people_are_authenticated_in_the_countrys_language(
    stage: Open, keys: Path, locale: str
) -> None:
    s = await stage(locale=locale)
    person = s.running.people.persons[AMARA]
    language = language_of(locale_of(locale))
    name = person.text("fullName", language)
    assert person.languages("fullName") == ("eng", language) and name != person.text("fullName", "eng")
    asker = Asker(s, keys)
    for value, verified in ((name, True), ("Somebody Else", False)):
        given = {"name": [{"language": language, "value": value}], "dob": "1991/02/28"}
        body = await asker.ask(AMARA, given)
        assert body["response"]["authStatus"] is verified, body


async def test_a_language_that_the_country_does_not_support(stage: Open, keys: Path) -> None:
    given = {"name": [{"language": "por", "value": "Maria"}]}
    body = await Asker(await stage(), keys).ask(AMARA, given)
    assert body["errors"][0]["errorCode"] == "IDA-DEA-002"


async def test_a_name_of_another_script_goes_through_packet_and_credential(stage: Open, keys: Path) -> None:
    s = await stage(locale="ar", subject_attributes="VID, fullName")
    name = [{"language": "ara", "value": "فاطمة بن علي"}]
    delivery = await issue(s, fullName=json.dumps(name, ensure_ascii=False))
    held: Any = document(delivery.body["event"]["data"]["credential"], keys)
    assert held["credentialSubject"]["fullName"] == name


def test_the_people_are_the_same_in_every_run() -> None:
    one, two = load_people(None, "ar_AA"), load_people(None, "ar_AA")
    assert one.persons == two.persons
    assert load_people(None, "en_ZM").persons == load_people(None).persons  # they have names in English
