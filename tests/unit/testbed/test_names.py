"""Names of a country: which locale is meant, that its people can be registered, that a seed repeats them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from testbed import names
from testbed.names import FARAJALAND, Names, NoSuchLocale, language_of, languages, locale_of, locales
from tests.sizes import ON_CI
from wire.mosip import schema
from wire.world import World

OWN = ("en_UG", "en_ZM", FARAJALAND, "so_SO", "to_TO")
SCRIPTS = ("ar_AA", "el_GR", "en", "fr_FR", "he_IL", "hi_IN", "hy_AM", "ka_GE", "ru_RU", "th_TH", "zh_CN")
ROOT = Path(names.__file__).parents[1]


@pytest.mark.parametrize(
    ("text", "locale", "language"),
    [
        ("en", "en", "eng"),
        ("fr", "fr_FR", "fra"),
        ("es", "es", "spa"),
        ("pt", "pt_PT", "por"),
        ("pt-br", "pt_BR", "por"),
        ("ar", "ar_AA", "ara"),
        (" AR ", "ar_AA", "ara"),
        ("sw", "sw", "swa"),
        ("hi", "hi_IN", "hin"),
        ("en_ZM", "en_ZM", "eng"),
        ("zm", "en_ZM", "eng"),
        ("lg-UG", "en_UG", "eng"),
        ("so", "so_SO", "som"),
        ("to", "to_TO", "ton"),
        ("fr_SN", "fr_FR", "fra"),
        ("farajaland", FARAJALAND, "eng"),
    ],
)
def test_a_locale_by_its_name_its_language_or_its_country(text: str, locale: str, language: str) -> None:
    assert locale_of(text) == locale
    assert language_of(locale) == language


@pytest.mark.parametrize("text", ["", "_", "xx", "Klingon", "fra", "../etc", "en.UTF-8", "pt BR", "_ZM"])
def test_no_names_for_it(text: str) -> None:
    with pytest.raises(NoSuchLocale, match=r"no names for .*there are"):
        locale_of(text)


def test_what_is_offered_instead_can_be_used() -> None:
    with pytest.raises(NoSuchLocale) as refused:
        locale_of("pt_BX1")
    for offered in str(refused.value).rpartition(": ")[2].split(", "):
        assert locale_of(offered)


def people(locale: str, seed: int, many: int = 40) -> list[str]:
    drawn = Names(locale, World.virtual(seed=seed).chance)
    return [f"{drawn.given(one)} {drawn.surname()}" for one in ("female", "male") * (many // 2)]


@pytest.mark.parametrize("locale", locales() if ON_CI else [*OWN, *SCRIPTS])
def test_everybody_fits_into_the_forms_of_both_systems(locale: str) -> None:
    """OpenCRVS: 1 to 32 signs a part; MOSIP's ID schema: 3 to 50 for the whole (contract mosip §2.6)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Faker's, about locales that it has renamed
        named = people(locale, seed=5)
    for name in named:
        assert name == " ".join(name.split()), "no blanks but between the words"
        value = json.dumps([{"language": language_of(locale), "value": name}])
        fields = {"IDSchemaVersion": "0.1", "fullName": value}
        assert not schema.faults("OPENCRVS_NEW", fields), name
    assert len(set(named)) > len(named) / 2


def test_every_language_has_its_three_letters() -> None:
    assert {locale.partition("_")[0] for locale in locales()} - {FARAJALAND} <= languages().keys()
    assert all(len(code) == 3 for code in languages().values())


@pytest.mark.parametrize("locale", [*OWN, "en", "fr_FR", "es", "pt_PT", "ar_AA"])
def test_the_seed_repeats_the_people_and_another_seed_does_not(locale: str) -> None:
    assert people(locale, seed=1) == people(locale, seed=1) != people(locale, seed=2)


def test_names_are_of_the_locale() -> None:
    assert all("\u0600" <= sign <= "\u06ff" or sign in " -" for name in people("ar_AA", 1) for sign in name)
    assert any("ʻ" in name for name in people("to_TO", 1))


STARTS = {
    "rehearse list": "from scenarios.cli.app import app; app(['list'], standalone_mode=False)",
    "rehearse --help": "from scenarios.cli.app import app; app(['run', '--help'], standalone_mode=False)",
    **{
        mock: f"""
import asyncio
from pathlib import Path
from {mock}.app import start
from {mock}.settings import Settings
from wire.world import World

async def main():
    ports = {{name: 0 for name in Settings.model_fields if name.endswith("port")}}
    running = await start(Settings(**ports, keys=Path("KEYS")), World.system(1))
    await running.close()

asyncio.run(main())
"""
        for mock in ("mock_opencrvs", "mock_nid")
    },
}


@pytest.fixture(scope="module")
def loads_faker(rehearsal_keys: Path) -> dict[str, bool]:
    """Whether each start has loaded it: one after the other in one interpreter, which loads the rest once."""
    program = "import sys"
    for what, start in STARTS.items():
        program += f"""
try:
    exec({start.replace("KEYS", str(rehearsal_keys))!r}, {{}})
except SystemExit:
    pass
print("\\nloaded:", sys.modules.pop("faker", None) is not None, {what!r})
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {what: said == "True" for said, what in re.findall(r"^loaded: (\w+) (.+)$", done.stdout, re.M)}


@pytest.mark.parametrize("what", STARTS)
def test_a_start_does_not_load_faker(loads_faker: dict[str, bool], what: str) -> None:
    assert not loads_faker[what]
