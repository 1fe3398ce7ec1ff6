"""Names of invented people in a country's locale: Faker's, or our own lists for countries that it lacks.

A locale is written as Faker writes it (`fr_FR`, `ar`); see `locale_of`. Faker is imported when somebody
is named, because a start must not pay for it.
"""

from __future__ import annotations

import locale as libc_locales
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator

from wire.world import Chance

FARAJALAND = "farajaland"
"""The locale of a rehearsal that asks for none."""

_DATA = files("testbed") / "data"
_LONGEST = 24
"""Letters of one part: two of them and a blank fit into the 50 of MOSIP's `fullName` (mosip §2.6)."""


class NoSuchLocale(ValueError):
    """Nobody has names for this locale; the message offers the nearest ones."""


def locale_of(text: str) -> str:
    """The locale that is meant: one of ours or of Faker's, by its name (`pt_BR`, `en-ZM`), by its language
    alone (`pt`), or, where we have its names, by its country alone (`ZM`). NoSuchLocale when there is none.
    """
    known = {name.lower(): name for name in locales()}
    wanted = text.strip().lower().replace("-", "_")
    if wanted in known:
        return known[wanted]
    language, _, country = wanted.partition("_")
    nearest = (
        next((name for name in _own() if name.lower().endswith(f"_{country or language}")), None),
        known.get(libc_locales.normalize(language).split(".")[0].lower()),
        next((name for name in known.values() if name.lower().startswith(f"{language}_")), None),
    )
    if language.isalpha() and (country or language).isalpha():
        for found in nearest:
            if found is not None:
                return found
    near = get_close_matches(wanted, known, n=3) or ("en", "fr", "es", "pt", "ar", *map(str.lower, _own()))
    raise NoSuchLocale(
        f"no names for {text!r}; there are, for one: {', '.join(known.get(n, n) for n in near)}"
    )


Locale = Annotated[str, AfterValidator(locale_of)]
"""A setting that holds a locale."""


@cache
def locales() -> tuple[str, ...]:
    """Every locale that has names: ours, then Faker's, read from its folders."""
    spec = find_spec("faker")
    if spec is None or not spec.submodule_search_locations:
        return _own()
    folder = Path(next(iter(spec.submodule_search_locations))) / "providers" / "person"
    theirs = sorted(path.parent.name for path in folder.glob("*/__init__.py"))
    return (*_own(), *theirs)


def language_of(locale: str) -> str:
    """The locale's language as MOSIP writes it, in three letters (ISO 639-3): `ara`."""
    return languages().get(locale.partition("_")[0], "eng")


@cache
def languages() -> Mapping[str, str]:
    """Two-letter language tag → the three letters of ISO 639-3."""
    found: dict[str, str] = _data("languages")
    return found


class Names:
    """Names of one locale, drawn by a chance: the same seed gives the same people."""

    def __init__(self, locale: str, chance: Chance) -> None:
        if locale in _own():
            lists = _data(f"names/{locale}")
            self._draw: Callable[[str], str] = lambda kind: chance.choice(lists[kind])
        else:
            self._draw = _faker(locale, chance)

    def given(self, gender: str) -> str:
        """A first name, `female` or `male`."""
        return self._short(gender)

    def surname(self) -> str:
        """A family name."""
        return self._short("surname")

    def _short(self, kind: str) -> str:
        while len(name := self._draw(kind).strip()) > _LONGEST:
            pass
        return name


def _faker(locale: str, chance: Chance) -> Callable[[str], str]:
    from faker import Faker

    # without weights rare names come as often as common ones, and two families seldom look alike
    drawn = Faker(locale, use_weighting=False)
    drawn.seed_instance(chance.integer(0, 2**63))
    kinds = {"female": drawn.first_name_female, "male": drawn.first_name_male, "surname": drawn.last_name}
    return lambda kind: kinds[kind]()


@cache
def _own() -> tuple[str, ...]:
    return tuple(sorted(path.name.removesuffix(".yaml") for path in (_DATA / "names").iterdir()))


@cache
def _data(name: str) -> Any:
    return yaml.load((_DATA / f"{name}.yaml").read_text("utf-8"), yaml.CSafeLoader)
