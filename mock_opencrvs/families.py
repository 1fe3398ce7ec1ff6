"""Families to register: births and deaths with declarations that the forms take (contract opencrvs §8).

Names are those of a locale. No two families of one generator look alike to the duplicate rules,
unless `same_mother` is asked for, and no two children have the same name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from mock_opencrvs.directory.seeding import data
from testbed.names import FARAJALAND, Names
from wire.world import World

HEALTH_FACILITY = "e2a94c10-5b7d-4f3a-9c81-3d6e8f0a1b04"
DISTRICT = "7d1f3b52-8f0e-4d2c-8a6f-2f7b9b1c4d02"


SUBJECTS = {"birth": "child", "death": "deceased"}


def subject_of(event_type: str, declaration: Mapping[str, Any]) -> str:
    """Whom an event is about, as field ids begin: `child`, `deceased`; of others who is named first."""
    named = (name.removesuffix(".name") for name in declaration if name.endswith(".name"))
    return SUBJECTS.get(event_type) or next(named, "")


@dataclass(frozen=True)
class Family:
    """One event to declare: `event_type` birth or death, and what goes into `declare.request`."""

    event_type: str
    declaration: Mapping[str, Any]
    annotation: Mapping[str, Any]

    @property
    def subject(self) -> str:
        """Whom the event is about, as the forms' field ids begin."""
        return subject_of(self.event_type, self.declaration)

    @property
    def name(self) -> str:
        """The full name of whom the event is about."""
        return spoken_name(self.declaration.get(f"{self.subject}.name"))

    def with_national_id(self, number: str | None) -> Family:
        """The same family, its subject known by this national ID; None: by no identity document at all."""
        kind = "NONE" if number is None else "NATIONAL_ID"
        return self.changed(**{f"{self.subject}__idType": kind, f"{self.subject}__nid": number})

    def without_father(self) -> Family:
        """The same birth, nothing told of a father."""
        told = {key: value for key, value in self.declaration.items() if not key.startswith("father.")}
        told |= {"father.detailsNotAvailable": True, "father.reason": "The father is not known"}
        return Family(self.event_type, told, self.annotation)

    def of_unknown_parents(self) -> Family:
        """The birth of a foundling, declared by a guardian: nothing is told of mother or father."""
        guardian = ("name", "dob", "nationality", "idType", "nid", "address")
        told = {k: v for k, v in self.declaration.items() if not k.startswith(("mother.", "father."))}
        told |= {f"informant.{part}": self.declaration[f"mother.{part}"] for part in guardian}
        told["informant.relation"] = "LEGAL_GUARDIAN"
        for parent in ("mother", "father"):
            told |= {f"{parent}.detailsNotAvailable": True, f"{parent}.reason": "A foundling"}
        return Family(self.event_type, told, self.annotation)

    def changed(self, **fields: Any) -> Family:
        """The same family with other values; keys write `__` for the dot, None takes a field out."""
        told = dict(self.declaration)
        for name, value in fields.items():
            key = name.replace("__", ".")
            if value is None:
                told.pop(key, None)
            else:
                told[key] = value
        return Family(self.event_type, told, self.annotation)


def spoken_name(name: Any) -> str:
    """A NAME value (§8.1) as people say it: first, middle, last, parts that are missing left out."""
    if not isinstance(name, Mapping):
        return ""
    parts = (name.get("firstname"), name.get("middlename"), name.get("surname"))
    return " ".join(str(part) for part in parts if part)


@dataclass
class Families:
    """A generator of families from the world's chance; dates lie shortly before the world's now."""

    world: World
    locale: str = FARAJALAND
    """Whose names they have: see `testbed.names`."""
    verified: bool = False
    """Add the MOSIP fields `mother.verified`, `informant.verified`, which make a record eligible."""
    _numbers: set[str] = field(default_factory=set)
    _children: set[tuple[str, str]] = field(default_factory=set)

    def birth(self, *, child: Mapping[str, str] | None = None, same_mother: Family | None = None) -> Family:
        """A birth some days ago. `child` gives name parts (a magic name); `same_mother`: a duplicate."""
        surname = self._names.surname()
        gender = self.world.chance.choice(("female", "male"))
        mother = self._person("mother", "female", surname, 20, 40)
        mother["mother.address"] = self._address()
        mother["mother.previousBirths"] = self.world.chance.integer(0, 5)
        if same_mother is not None:
            mother = {k: v for k, v in same_mother.declaration.items() if k.startswith("mother.")}
        declared: dict[str, Any] = {
            "child.name": self._child(gender, surname) | dict(child or {}),
            "child.gender": gender,
            "child.dob": self._ago(3, 40),
            "child.placeOfBirth": "HEALTH_FACILITY",
            "child.birthLocation": HEALTH_FACILITY,
            "child.attendantAtBirth": self.world.chance.choice(("MIDWIFE", "PHYSICIAN", "NURSE")),
            "child.birthType": "SINGLE",
            "child.weightAtBirth": self.world.chance.integer(24, 42) / 10,
            "informant.relation": "MOTHER",
            **self._contact(mother["mother.name"]),
            **mother,
            **self._person("father", "male", surname, 22, 48),
            "father.addressSameAs": "YES",
        }
        if self.verified:
            declared["mother.verified"] = "authenticated"
        return Family("birth", declared, self._annotation("Details checked against the maternity record"))

    def death(self, *, deceased: Mapping[str, str] | None = None) -> Family:
        """A death some days ago, told by a son or a daughter."""
        surname = self._names.surname()
        gender = self.world.chance.choice(("female", "male"))
        relation, child_gender = self.world.chance.choice((("SON", "male"), ("DAUGHTER", "female")))
        person = self._person("deceased", gender, surname, 60, 90, statistics=False)
        person["deceased.name"] = {**person["deceased.name"], **(deceased or {})}
        informant = self._person("informant", child_gender, surname, 22, 50, statistics=False)
        declared: dict[str, Any] = {
            **person,
            "deceased.gender": gender,
            "deceased.maritalStatus": "WIDOWED",
            "deceased.numberOfDependants": self.world.chance.integer(0, 4),
            "deceased.address": self._address(),
            "eventDetails.date": self._ago(2, 20),
            "eventDetails.mannerOfDeath": "MANNER_NATURAL",
            "eventDetails.placeOfDeath": "DECEASED_USUAL_RESIDENCE",
            "informant.relation": relation,
            **informant,
            "informant.addressSameAs": "YES",
            **self._contact(informant["informant.name"]),
            "spouse.detailsNotAvailable": True,
            "spouse.reason": "The spouse died before",
        }
        if self.verified:
            declared["informant.verified"] = "authenticated"
        return Family("death", declared, self._annotation("Notification of the family seen"))

    @cached_property
    def _names(self) -> Names:
        return Names(self.locale, self.world.chance)

    def _person(
        self, who: str, gender: str, surname: str, low: int, high: int, *, statistics: bool = True
    ) -> dict[str, Any]:
        born = self.world.clock.now().date() - timedelta(days=365 * self.world.chance.integer(low, high) + 40)
        person = {
            f"{who}.name": {"firstname": self._names.given(gender), "surname": surname},
            f"{who}.dob": (born - timedelta(days=self.world.chance.integer(0, 300))).isoformat(),
            f"{who}.nationality": "FAR",
            f"{who}.idType": "NATIONAL_ID",
            f"{who}.nid": self._national_id(),
        }
        if statistics:
            person |= {
                f"{who}.maritalStatus": "MARRIED",
                f"{who}.educationalAttainment": "PRIMARY_ISCED_1",
                f"{who}.occupation": self._one("occupations"),
            }
        return person

    def _contact(self, name: Mapping[str, str]) -> dict[str, str]:
        local = _latin(f"{name['firstname']}.{name['surname']}") or "informant"
        return {
            "informant.phoneNo": f"09{self.world.chance.digits(8)}",
            "informant.email": f"{local}{self.world.chance.digits(3)}@example.org",
        }

    def _address(self) -> dict[str, Any]:
        return {
            "country": "FAR",
            "addressType": "DOMESTIC",
            "administrativeArea": DISTRICT,
            "streetLevelDetails": {
                "town": self._one("towns"),
                "residentialArea": self._one("areas"),
                "street": self._one("streets"),
                "number": str(self.world.chance.integer(1, 120)),
                "zipCode": f"101{self.world.chance.digits(2)}",
            },
        }

    def _annotation(self, comment: str) -> dict[str, Any]:
        path = f"signatures/{self.world.chance.alphanumeric(8).lower()}.png"
        signature = {"path": path, "originalFilename": "signature.png", "type": "image/png"}
        return {"review.comment": comment, "review.signature": signature}

    def _child(self, gender: str, surname: str) -> dict[str, str]:
        """A name that no child has yet: a double one when the single ones run out."""
        name = self._names.given(gender)
        while (name, surname) in self._children:
            name = f"{name}-{self._names.given(gender)}"
        self._children.add((name, surname))
        return {"firstname": name, "surname": surname}

    def _national_id(self) -> str:
        while (number := str(self.world.chance.integer(2, 9)) + self.world.chance.digits(9)) in self._numbers:
            pass
        self._numbers.add(number)
        return number

    def _ago(self, low: int, high: int) -> str:
        day: date = self.world.clock.now().date() - timedelta(days=self.world.chance.integer(low, high))
        return day.isoformat()

    def _one(self, what: str) -> str:
        words: list[str] = data("families")[what]
        return self.world.chance.choice(words)


def _latin(text: str) -> str:
    """A name as an e-mail address may hold it; empty when it is in another script."""
    plain = unicodedata.normalize("NFKD", text.lower())
    return "".join(sign for sign in plain if sign.isascii() and (sign.isalnum() or sign == ".")).strip(".")
