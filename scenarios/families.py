"""The people of the stories: births and deaths to declare, drawn from the world's chance. Pure.

Field ids and values follow the Farajaland forms (contract opencrvs §8.2, 8.3). Every birth has a mother of
its own, so that OpenCRVS's search for duplicates stays quiet (§8.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from wire.world import Chance

GIRLS = (
    "Chanda",
    "Mutinta",
    "Bwalya",
    "Namwinga",
    "Thandiwe",
    "Luyando",
    "Mapalo",
    "Natasha",
    "Chileshe",
    "Salifya",
)
BOYS = (
    "Kondwani",
    "Mwansa",
    "Lubuto",
    "Chisomo",
    "Musonda",
    "Twaambo",
    "Kelvin",
    "Mulenga",
    "Dalitso",
    "Wezi",
)
SURNAMES = (
    "Mulenga", "Tembo", "Banda", "Phiri", "Mwale", "Zulu", "Lungu", "Sakala", "Chirwa", "Nyirenda",
    "Mumba", "Kabwe", "Hamoonga", "Siame", "Ngoma", "Daka",
)  # fmt: skip
WORK = ("teacher", "carpenter", "nurse", "farmer", "driver", "tailor", "trader", "mason")

DISTRICT = "7d1f3b52-8f0e-4d2c-8a6f-2f7b9b1c4d02"
HEALTH_CENTRE = "e2a94c10-5b7d-4f3a-9c81-3d6e8f0a1b04"
HOSPITAL = "4f8b2d36-1e9c-4a57-b2d4-7c0a5e6f9b05"
"""Places of the shipped declarations (Ibombo)."""


@dataclass(frozen=True)
class Declaration:
    """What the registrar types in: an event type, the form's values, the review page's annotation."""

    event_type: str
    values: Mapping[str, Any]
    annotation: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return spoken_name(self.values.get(f"{self.subject}.name"))

    @property
    def subject(self) -> str:
        return "deceased" if self.event_type == "death" else "child"


def spoken_name(name: Any) -> str:
    """A NAME value as people say it, parts that are missing left out."""
    if not isinstance(name, Mapping):
        return ""
    parts = (name.get("firstname"), name.get("middlename"), name.get("surname"))
    return " ".join(str(part) for part in parts if part)


def birth(chance: Chance, today: date, **changes: Any) -> Declaration:
    """A birth of the last weeks. `changes` replaces values by field id, `__` written for the dot."""
    girl = chance.random() < 0.5
    surname = chance.choice(SURNAMES)
    mother, father = chance.choice(GIRLS), chance.choice(BOYS)
    values: dict[str, Any] = {
        "child.name": {"firstname": chance.choice(GIRLS if girl else BOYS), "surname": surname},
        "child.gender": "female" if girl else "male",
        "child.dob": (today - timedelta(days=chance.integer(3, 40))).isoformat(),
        "child.placeOfBirth": "HEALTH_FACILITY",
        "child.birthLocation": HEALTH_CENTRE,
        "child.attendantAtBirth": "MIDWIFE",
        "child.birthType": "SINGLE",
        "child.weightAtBirth": chance.integer(24, 42) / 10,
        "informant.relation": "MOTHER",
        "informant.phoneNo": f"097{chance.digits(7)}",
        "informant.email": f"{mother}.{surname}.{chance.digits(4)}@example.org".lower(),
        "mother.name": {"firstname": mother, "surname": surname},
        "mother.dob": _born(chance, today, 19, 38),
        "mother.nationality": "FAR",
        "mother.idType": "NATIONAL_ID",
        "mother.nid": _national_id(chance),
        "mother.address": _address(chance),
        "mother.maritalStatus": "MARRIED",
        "mother.occupation": chance.choice(WORK),
        "father.name": {"firstname": father, "surname": surname},
        "father.dob": _born(chance, today, 21, 45),
        "father.nationality": "FAR",
        "father.idType": "NATIONAL_ID",
        "father.nid": _national_id(chance),
        "father.addressSameAs": "YES",
        "father.occupation": chance.choice(WORK),
    }
    return Declaration("birth", _changed(values, changes), _annotation(mother, surname))


def death(chance: Chance, today: date, *, national_id: str | None, **changes: Any) -> Declaration:
    """A death of the last days of somebody with this national ID (None: without)."""
    surname, spouse, son = chance.choice(SURNAMES), chance.choice(GIRLS), chance.choice(BOYS)
    values: dict[str, Any] = {
        "deceased.name": {"firstname": chance.choice(BOYS), "surname": surname},
        "deceased.gender": "male",
        "deceased.dob": _born(chance, today, 60, 88),
        "deceased.nationality": "FAR",
        "deceased.idType": "NATIONAL_ID" if national_id else "NONE",
        "deceased.nid": national_id,
        "deceased.maritalStatus": "MARRIED",
        "deceased.address": _address(chance),
        "eventDetails.date": (today - timedelta(days=chance.integer(1, 12))).isoformat(),
        "eventDetails.mannerOfDeath": "MANNER_NATURAL",
        "eventDetails.causeOfDeathEstablished": True,
        "eventDetails.sourceCauseDeath": "PHYSICIAN",
        "eventDetails.placeOfDeath": "HEALTH_FACILITY",
        "eventDetails.deathLocation": HOSPITAL,
        "informant.relation": "SON",
        "informant.name": {"firstname": son, "surname": surname},
        "informant.dob": _born(chance, today, 25, 45),
        "informant.nationality": "FAR",
        "informant.idType": "NATIONAL_ID",
        "informant.nid": _national_id(chance),
        "informant.addressSameAs": "YES",
        "informant.phoneNo": f"096{chance.digits(7)}",
        "informant.email": f"{son}.{surname}.{chance.digits(4)}@example.org".lower(),
        "spouse.name": {"firstname": spouse, "surname": surname},
        "spouse.dobUnknown": True,
        "spouse.age": {"age": chance.integer(55, 80), "asOfDateRef": "eventDetails.date"},
        "spouse.nationality": "FAR",
        "spouse.idType": "NONE",
        "spouse.addressSameAs": "YES",
    }
    return Declaration("death", _changed(values, changes), _annotation(son, surname))


def _changed(values: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = values | {name.replace("__", "."): value for name, value in changes.items()}
    return {name: value for name, value in merged.items() if value is not None}


def _born(chance: Chance, today: date, youngest: int, oldest: int) -> str:
    days = chance.integer(youngest * 365 + 40, oldest * 365)
    return (today - timedelta(days=days)).isoformat()


def _national_id(chance: Chance) -> str:
    return f"{chance.integer(2, 9)}{chance.digits(9)}"


def _address(chance: Chance) -> dict[str, Any]:
    street = {
        "town": "Ibombo",
        "street": f"{chance.choice(SURNAMES)} Road",
        "number": str(chance.integer(1, 90)),
    }
    return {
        "country": "FAR",
        "addressType": "DOMESTIC",
        "administrativeArea": DISTRICT,
        "streetLevelDetails": street,
    }


def _annotation(firstname: str, surname: str) -> dict[str, Any]:
    slug = f"{surname}-{firstname}".lower()
    signature = {
        "path": f"signatures/{slug}.png",
        "originalFilename": f"{slug}.png",
        "type": "image/png",
    }
    return {"review.comment": "Seen and compared with the papers", "review.signature": signature}
