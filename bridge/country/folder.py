"""The folder that a country gives (BRIDGE_COUNTRY): its own ways, the packet's fields, reasons in words.

One schema for all files; faults.py tells what is wrong with them.
"""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    ValidationInfo,
    field_validator,
    model_validator,
)

from bridge.country import COUNTRIES
from bridge.country.rules import Misplaced, Strict
from bridge.registration import APPLICATION
from wire.foreign_json import read_json
from wire.mosip import schema

FARAJALAND = COUNTRIES / "farajaland"
_PROCESSES = {
    "birth": "CRVS_NEW",
    "death": "CRVS_DEATH",
    "update": "CRVS_UPDATE",
    "application": APPLICATION,
}
_OWN = ("$number", "$schemaVersion")
APPLIED_FOR = "application"
"""The mapping of an older child's application."""
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


class FieldRule(Strict):
    """One field of a packet."""

    to: str
    sources: list[str] = Field(alias="from")
    how: Literal["text", "name", "phone", "date", "language"] = Field(alias="as")
    part: list[str] | None = None
    otherwise: str | None = Field(None, alias="else")
    person: str | None = None
    codes: str | None = None

    @field_validator("to")
    @classmethod
    def _known(cls, value: str, info: ValidationInfo) -> str:
        if value not in (schema.parse(info.context or schema.text()) or {}):
            raise ValueError("the ID schema has no such field")
        return value

    @model_validator(mode="after")
    def _has_a_source(self) -> FieldRule:
        for index, source in enumerate(self.sources):
            if source.startswith("$") and source not in _OWN:
                raise Misplaced(f"{source} is none of {', '.join(_OWN)}", "from", index)
        if not self.sources and self.otherwise is None:
            raise Misplaced("a field is due, or `else`", "from")
        return self


class FileRule(Strict):
    """A document of the record that goes with an application, under MOSIP's own codes."""

    sources: Annotated[list[str], Field(alias="from", min_length=1)]
    category: Annotated[str, Field(min_length=1)]
    kind: Annotated[str | dict[str, str], Field(alias="type", min_length=1)]
    """Type of the document; by the option that the registrar chose, `*` for the rest."""
    needed: bool = False

    def kind_of(self, option: str | None) -> str | None:
        if isinstance(self.kind, str):
            return self.kind
        return self.kind.get(option or "*") or self.kind.get("*")


class PersonRule(Strict):
    """Of whom a group of fields is."""

    of: Annotated[list[str], Field(min_length=1)]
    needs: Annotated[list[str], Field(min_length=1)]


class Mapping(Strict):
    """How packets of one kind are made."""

    process: str
    persons: dict[str, PersonRule] = Field(default_factory=dict)
    fields: list[FieldRule]
    notification: dict[Literal["name", "phone", "email"], list[str]]
    documents: list[FileRule] = Field(default_factory=list)

    @model_validator(mode="after")
    def _whole(self) -> Mapping:
        given = {rule.to for rule in self.fields}
        lost = [
            rule
            for rule in schema.MANDATORY.get(self.process, ("IDSchemaVersion",))
            if not given & set(rule.split("|"))
        ]
        if lost:
            raise ValueError(f"the ID schema demands {', '.join(lost)} of a packet {self.process}")
        unknown = sorted({rule.person for rule in self.fields if rule.person} - set(self.persons))
        if unknown:
            raise ValueError(f"no person is called {', '.join(unknown)} in persons")
        for index, rule in enumerate(self.fields):
            if any(rule.to == earlier.to for earlier in self.fields[:index]):
                raise Misplaced(f"{rule.to} is filled twice", "fields", index, "to")
        if self.documents and self.process != APPLICATION:
            raise Misplaced(f"documents go with an application ({APPLICATION}) alone", "documents")
        for index, document in enumerate(self.documents):
            if any(document.category == earlier.category for earlier in self.documents[:index]):
                why = f"an application has one document of a category, and {document.category} is there twice"
                raise Misplaced(why, "documents", index, "category")
        return self


class PacketFields(Strict):
    """packet_fields.json: tables, and a mapping for each kind of event, and for `update`."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)
    __pydantic_extra__: dict[str, Mapping]

    about: str = ""
    names: Order = ("firstname", "middlename", "surname")
    codes: dict[str, dict[str, str]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _tables(self) -> PacketFields:
        for kind, mapping in self.__pydantic_extra__.items():
            due = _PROCESSES.get(kind)
            if due is not None and mapping.process != due:
                raise Misplaced(f"a mapping {kind} is of the process {due}", kind, "process")
            # another event may change an identity, and makes or ends none
            if due is None and mapping.process in set(_PROCESSES.values()) - {_PROCESSES["update"]}:
                why = f"a {kind} makes or ends no identity, and {mapping.process} does"
                raise Misplaced(why, kind, "process")
            for index, rule in enumerate(mapping.fields):
                if rule.codes is not None and rule.codes not in self.codes:
                    why = f"no table is called {rule.codes!r} in codes"
                    raise Misplaced(why, kind, "fields", index, "codes")
        return self


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


def kinds_of(folder: Path) -> set[str]:
    """Event types for which packets can be made."""
    text = (folder / "packet_fields.json").read_bytes()
    return set(
        PacketFields.model_validate_json(text, context=schema_of.__wrapped__(folder)).__pydantic_extra__
    )


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
