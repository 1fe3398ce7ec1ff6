"""The folder that a country gives (BRIDGE_COUNTRY): its own ways, the packet's fields, reasons in words.

One schema for all files; faults.py tells what is wrong with them.
"""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, field_validator, model_validator

from bridge.country import COUNTRIES
from bridge.country.rules import Misplaced, Strict
from wire.foreign_json import read_json

FARAJALAND = COUNTRIES / "farajaland"
Part = Literal["firstname", "middlename", "surname"]
Order = Annotated[tuple[Part, ...], Field(min_length=1)]


class Identification(Strict):
    """How a person is named to ID authentication. `type` None: UIN or VID by the number's length."""

    type: Literal["UIN", "VID", "HANDLE"] | None = None
    suffix: str = ""
    lower_case: bool = False
    names: Order = ("firstname", "middlename", "surname")
    dates: str = "%Y/%m/%d"
    deactivated: tuple[Annotated[str, Field(pattern="^IDA-[A-Z]{3}-[0-9]{3}$")], ...] = ()
    """Codes of the country's own for a deactivated number, beside MOSIP's."""
    deactivated_counts_for: tuple[str, ...] = ()
    """Who is verified all the same: a dead mother is still a mother."""

    @field_validator("dates")
    @classmethod
    def _a_date(cls, value: str) -> str:
        written = date(2026, 10, 31).strftime(value)
        if not all(part in written for part in ("2026", "10", "31")):
            raise ValueError("year, month and day are due, as %d/%m/%Y")
        return value

    @model_validator(mode="after")
    def _suffix_of_a_handle(self) -> Identification:
        if self.suffix and self.type != "HANDLE":
            raise ValueError("only a HANDLE has a suffix")
        return self

    def number(self, typed: str) -> str:
        """The number as ID authentication is given it."""
        return (typed.lower() if self.lower_case else typed) + self.suffix

    def date(self, iso: str) -> str:
        """A date `YYYY-MM-DD` as the country writes it."""
        return date.fromisoformat(iso).strftime(self.dates)


Language = Annotated[str, Field(pattern="^[a-z]{3}$")]
"""Of three letters, as `eng`."""


class CountryFile(Strict):
    """country.json."""

    about: str = ""
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("eng",)
    child_under_months: Annotated[int, Field(ge=1)] | None = None
    identification: Identification = Identification()

    @field_validator("languages")
    @classmethod
    def _each_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for index, language in enumerate(value):
            if language in value[:index]:
                raise Misplaced(f"{language} is there twice", index)
        return value


class Reasons(RootModel[dict[str, dict[str, str]]]):
    """reasons.json: language, code, sentence."""

    model_config = ConfigDict(hide_input_in_errors=True)

    @model_validator(mode="after")
    def _any_code(self) -> Reasons:
        for language, known in self.root.items():
            try:
                known["*"].format(code="X")
            except (LookupError, ValueError):
                raise Misplaced("a sentence for * is due, with no place but {code}", language, "*") from None
        return self


class _Identity(BaseModel):
    properties: Annotated[dict[str, dict[str, Any]], Field(min_length=1)]

    @field_validator("properties")
    @classmethod
    def _versioned(cls, value: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        if "IDSchemaVersion" not in value:
            raise ValueError("IDSchemaVersion is due: a packet names the version of its schema")
        return value


class _Whole(BaseModel):
    identity: _Identity


class IdSchema(BaseModel):
    """id_schema.json: MOSIP's own form, as its master data hold it."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)

    properties: _Whole


class _Context(BaseModel):
    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)

    context: dict[str, Any] | list[Any] | str = Field(alias="@context")


class ContextsFile(RootModel[dict[Annotated[str, Field(pattern="^https?://")], _Context]]):
    """contexts.json: the documents of JSON-LD contexts that the country's credentials name, by URL."""

    model_config = ConfigDict(hide_input_in_errors=True)


ID_SCHEMA, CONTEXTS = "id_schema.json", "contexts.json"


@cache
def country_of(folder: Path) -> CountryFile:
    """The country's ways; the folder was checked at the start."""
    return CountryFile.model_validate_json((folder / "country.json").read_bytes())


@cache
def reasons_of(folder: Path) -> Reasons:
    """The country's sentences."""
    return Reasons.model_validate_json((folder / "reasons.json").read_bytes())


@cache
def schema_of(folder: Path) -> str | None:
    """The country's own ID schema, as packets bring it; None: it has none."""
    file = folder / ID_SCHEMA
    return json.dumps(read_json(file.read_bytes()), separators=(",", ":")) if file.exists() else None


def contexts_of(folder: Path) -> dict[str, Any]:
    """The documents of the contexts that the country's credentials name."""
    file = folder / CONTEXTS
    found: dict[str, Any] = read_json(file.read_bytes()) if file.exists() else {}
    return found
