"""Families of a country: declared through the gateway, and read back sign by sign."""

from __future__ import annotations

import aiohttp
import pytest
from pydantic import ValidationError

from mock_opencrvs.families import Families
from mock_opencrvs.settings import Settings
from testbed.browser import Browser
from testbed.names import Names, NoSuchLocale
from tests.servers.mock_opencrvs.conftest import Start
from wire.world import World

LOCALES = ("en", "fr", "es", "pt", "ar", "en_ZM", "en_UG", "so_SO", "to_TO", "hi", "zh_CN", "he", "th_TH")


@pytest.mark.parametrize("locale", LOCALES)
async def test_the_setting_is_whose_names_the_script_declares(
    http: aiohttp.ClientSession, start_opencrvs: Start, locale: str
) -> None:
    running = await start_opencrvs(locale=locale)
    declared = []
    for event_type in ("birth", "death"):
        async with http.post(
            f"{running.gateway_url}/admin/script/declare", json={"event_type": event_type}
        ) as answer:
            assert answer.status == 201, await answer.text()
            declared.append(await answer.json())
    for shown in declared:
        subject = "deceased.name" if "deceased.name" in shown["declaration"] else "child.name"
        event = running.records.find(shown["record"])
        assert event is not None
        told = next(action for action in event["actions"] if action["type"] == "DECLARE")["declaration"]
        assert told[subject] == shown["declaration"][subject]
        assert shown["name"] == " ".join(told[subject].values())


async def test_they_are_found_by_their_names(registrar: Browser, world: World) -> None:
    family = Families(world, "ar_AA").birth()
    record = await registrar.declare(family)
    clause = {"type": "and", "clauses": [{"eventType": "birth"}]}
    rows = (await registrar.query("event.search", {"query": clause, "limit": 10, "offset": 0}))["results"]
    assert [row["declaration"]["child.name"] for row in rows if row["id"] == record.id] == [
        family.declaration["child.name"]
    ]


def test_the_same_seed_the_same_families() -> None:
    one, two = (Families(World.virtual(seed=4), "ar_AA") for _ in range(2))
    assert [one.birth().declaration for _ in range(5)] == [two.birth().declaration for _ in range(5)]


def test_addresses_of_any_script_can_be_mailed_to() -> None:
    for locale, local in (("ar_AA", "informant"), ("fr_FR", "")):
        family = Families(World.virtual(seed=4), locale).birth()
        mail = family.declaration["informant.email"]
        assert mail.isascii() and mail.startswith(local) and mail.count("@") == 1 and ".." not in mail


def test_a_locale_that_nobody_has_is_refused_with_advice() -> None:
    with pytest.raises(ValidationError, match="no names for 'xx'"):
        Settings(locale="xx")
    assert issubclass(NoSuchLocale, ValueError) and Names("en_ZM", World.virtual().chance).surname()
