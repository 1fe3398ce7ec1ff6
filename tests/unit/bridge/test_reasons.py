"""What the registrar reads, in every language of the country."""

from __future__ import annotations

import pytest

from bridge.country.folder import COUNTRIES, FARAJALAND, country_of, reasons_of
from bridge.country.reasons import in_words, of_people

UGANDA = COUNTRIES / "uganda"


@pytest.mark.parametrize("code", [None, "A-CODE-OF-NOBODY"])
def test_a_code_that_nobody_knows_is_told_as_it_is(code: str | None) -> None:
    assert (code or "no code") in in_words(code)


@pytest.mark.parametrize("country", [FARAJALAND, UGANDA], ids=["farajaland", "uganda"])
def test_every_sentence_is_told_in_each_language(country: object) -> None:
    folder = COUNTRIES / str(country).rsplit("/", 1)[-1]
    known, languages = reasons_of(folder).root, country_of(folder).languages
    for code in known[languages[0]]:
        assert in_words(code, folder).count(" / ") == len(languages) - 1


def test_people_are_told_with_each_of_their_reasons() -> None:
    told = of_people([("mother", "NAME_MISMATCH"), ("father", "NO_NUMBER")], UGANDA).split(" / ")
    assert len(told) == len(country_of(UGANDA).languages) > 1
    known = reasons_of(UGANDA).root
    for language, line in zip(country_of(UGANDA).languages, told, strict=True):
        assert known[language].get("mother", "mother") in line
        assert known[language]["NAME_MISMATCH"] in line and known[language]["NO_NUMBER"] in line
