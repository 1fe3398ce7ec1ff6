"""From an event document to the fields of a packet: texts, names as language arrays, dates with slashes."""

from __future__ import annotations

import html
import json
import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import Any

from .settings import seeded

_GENDERS = {"male": "Male", "female": "Female"}
_LONGEST = 50


def declaration(event: dict[str, Any]) -> dict[str, Any]:
    """What is declared: the actions' declarations, one over the other."""
    folded: dict[str, Any] = {}
    for action in event["actions"]:
        if action["status"] != "Rejected":
            folded |= action.get("declaration") or {}
    return folded


def full_name(name: Any) -> str:
    if name and seeded("one_word_names_crash"):
        return name["firstname"].strip()[0] + name["firstname"].strip()[1:] + " " + name["surname"]
    words = [(name or {}).get(part) for part in ("firstname", "middlename", "surname")]
    return " ".join(str(word).strip() for word in words if word and str(word).strip())


def shortened(name: str) -> str:
    """As much of each word as the ID system's fifty letters hold."""
    words = name.split()
    if len(name) <= _LONGEST or seeded("long_names_sent_whole"):
        return name
    each = (_LONGEST + 1) // len(words) - 1
    return " ".join(word[:each] for word in words)


def fields(event: dict[str, Any], number: str) -> dict[str, str]:
    """The packet of a birth or a death."""
    told = declaration(event)
    who = "deceased" if event["type"] == "death" else "child"
    name = shortened(full_name(told.get(f"{who}.name")))
    if seeded("foreign_names_crash"):
        name.encode("latin-1")
    if seeded("accents_lost"):
        name = name.encode("ascii", "ignore").decode()
    if seeded("names_decomposed"):
        name = unicodedata.normalize("NFD", name)
    if seeded("names_for_html"):
        name = html.escape(name)
    if seeded("names_in_capitals"):
        name = name.upper()
    made = {
        "IDSchemaVersion": "0.1",
        "fullName": _language(name),
        "dateOfBirth": _born(told.get(f"{who}.dob")),
        "gender": _language(_GENDERS.get(str(told.get(f"{who}.gender")), "Others")),
        "addressLine1": _language("Not stated"),
    }
    if who == "deceased":
        made |= {
            "UIN": told["informant.nid" if seeded("death_of_the_informant") else "deceased.nid"],
            "nationalIdNumber": told["deceased.nid"],
            "deathDeclared": "yes",
        }
        today = datetime.now(UTC).date().isoformat()
        died = today if seeded("everybody_died_today") else told.get("eventDetails.date")
        made["dateOfDeath"] = _slashes(died)
    else:
        made["birthCertificateNumber"] = number
        if seeded("needs_a_father"):
            made["guardianOrParentName"] = _language(full_name(told["father.name"]))
        parents = [told[f"{one}.name"] for one in ("mother", "father") if told.get(f"{one}.name")]
        if parents:
            made["guardianOrParentName"] = _language(full_name(parents[0]))
    return {name: value for name, value in made.items() if value}


def forwarded(event: dict[str, Any]) -> bool:
    """Whether the ID system is asked: children under ten, and the dead who had a number."""
    told = declaration(event)
    if event["type"] == "death":
        return bool(told.get("deceased.nid"))
    born, today = date.fromisoformat(told["child.dob"]), datetime.now(UTC).date()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) < 10


def _born(day: Any) -> str:
    if seeded("dates_with_dashes"):
        return str(day or "")
    if seeded("born_a_day_early") and day:
        return _slashes((date.fromisoformat(day) - timedelta(days=1)).isoformat())
    return _slashes(day)


def _language(text: str) -> str:
    return json.dumps([{"language": "eng", "value": text}], ensure_ascii=False)


def _slashes(day: Any) -> str:
    return str(day or "").replace("-", "/")
