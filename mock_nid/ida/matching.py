"""Does the given demographic data match the stored? (contract mosip §6.7). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from mock_nid.ida.faults import fault, refused
from mock_nid.identities.people import Person
from wire.mosip.envelope import EnvelopeFault

LANGUAGES = frozenset({"eng", "fra", "ara", "hin", "kan", "tam", "spa"})
TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "prof", "mme", "mlle"})
ATTRIBUTES: Mapping[str, str] = {
    "name": "fullName",
    "gender": "gender",
    "addressLine1": "addressLine1",
    "addressLine2": "addressLine2",
    "addressLine3": "addressLine3",
    "location1": "city",
    "location2": "region",
    "location3": "province",
    "location4": "zone",
    "dobType": "dobType",
}
TEXTS: Mapping[str, str] = {"phoneNumber": "phone", "emailId": "email", "postalCode": "postalCode"}
ADDRESS = ("addressLine1", "addressLine2", "addressLine3", "city", "region", "province", "postalCode")
STORED = "%Y/%m/%d"
"""How the ID repository writes a date."""
_PUNCTUATION = re.compile(r"[^\w\s]|_")


def mismatches(
    demographics: Mapping[str, Any],
    person: Person,
    today: date,
    *,
    ordered: bool,
    dates: Sequence[str] = (STORED,),
    supported: frozenset[str] = LANGUAGES,
) -> list[EnvelopeFault]:
    """One fault for each attribute that does not match, in the order given.

    `ordered` compares names as whole texts, as the OpenCRVS mock does; MOSIP compares sets of words.
    `dates`: how a date of birth may be written. `supported`: the languages that may be given, in three
    letters. IdaRefused for data that cannot be compared at all.
    """
    found: list[EnvelopeFault] = []
    for name, given in demographics.items():
        if given in (None, "", [], {}):
            continue
        if name in ATTRIBUTES or name == "fullAddress":
            found += _languages(name, given, person, supported, ordered=ordered)
        elif name == "dob":
            found += _dob(given, person, dates)
        elif name == "age":
            found += _age(given, person, today)
        elif name in TEXTS:
            stored = person.text(TEXTS[name])
            if stored is None:
                found.append(fault("IDA-DEA-003", name))
            elif str(given).strip().lower() != stored.strip().lower():
                found.append(fault("IDA-DEA-001", name))
    return found


def _languages(
    name: str, given: Any, person: Person, supported: frozenset[str], *, ordered: bool
) -> list[EnvelopeFault]:
    if not isinstance(given, list):
        raise refused("IDA-MLC-009", f"request/demographics/{name}")
    found: list[EnvelopeFault] = []
    for item in given:
        if not isinstance(item, dict) or not isinstance(item.get("value"), str):
            raise refused("IDA-MLC-009", f"request/demographics/{name}")
        language = item.get("language") or "eng"
        if language not in supported:
            raise refused("IDA-DEA-002", str(language))
        stored = _stored(name, person, language)
        if stored is None:
            found.append(fault("IDA-DEA-003", f"{name} in {language}"))
        elif not _same(item["value"], stored, name, ordered=ordered):
            found.append(fault("IDA-DEA-001", f"{name} in {language}"))
    return found


def _stored(name: str, person: Person, language: str) -> str | None:
    if name == "fullAddress":
        parts = [person.text(part, language) or person.text(part) for part in ADDRESS]
        return " ".join(part for part in parts if part) or None
    return person.text(ATTRIBUTES[name], language)


def _same(given: str, stored: str, name: str, *, ordered: bool) -> bool:
    if ordered:
        return given.lower().split() == stored.lower().split()
    one, other = _words(given, titles=name == "name"), _words(stored, titles=name == "name")
    return len(one) == len(other) and all(word in one for word in other)


def _words(text: str, *, titles: bool) -> list[str]:
    words = _PUNCTUATION.sub(" ", text.lower()).split()
    return [word for word in words if not (titles and word in TITLES)]


def _dob(given: Any, person: Person, dates: Sequence[str]) -> list[EnvelopeFault]:
    asked = next((found for each in dates if (found := _date(given, each)) is not None), None)
    if asked is None:
        raise refused("IDA-MLC-009", "request/demographics/dob")
    stored = _date(person.text("dateOfBirth"), STORED)
    if stored is None:
        return [fault("IDA-DEA-003", "dob")]
    return [] if stored == asked else [fault("IDA-DEA-001", "dob")]


def _age(given: Any, person: Person, today: date) -> list[EnvelopeFault]:
    text = str(given)
    if not (text.isascii() and text.isdigit() and len(text) <= 3):
        raise refused("IDA-MLC-009", "request/demographics/age")
    stored = _date(person.text("dateOfBirth"), STORED)
    if stored is None:
        return [fault("IDA-DEA-003", "age")]
    years = today.year - stored.year - ((today.month, today.day) < (stored.month, stored.day))
    return [] if years == int(text) else [fault("IDA-DEA-001", "age")]


def _date(value: Any, written: str) -> date | None:
    try:
        found = datetime.strptime(value, written).date()
    except (TypeError, ValueError):
        return None
    return found if found.strftime(written) == value else None
