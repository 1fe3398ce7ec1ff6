"""packet_fields.json: how packets are made of declarations. Its schema."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator

from bridge.country.folder import Order, schema_of
from bridge.country.rules import Misplaced, Strict
from bridge.registration import APPLICATION
from wire.mosip import schema

_PROCESSES = {"birth": "CRVS_NEW", "death": "CRVS_DEATH", "update": "CRVS_UPDATE", "application": APPLICATION}
_OWN = ("$number", "$schemaVersion")
APPLIED_FOR = "application"
"""The mapping of an older child's application."""


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


class KindMapping(Strict):
    """How packets of one kind are made."""

    process: str
    persons: dict[str, PersonRule] = Field(default_factory=dict)
    fields: list[FieldRule]
    notification: dict[Literal["name", "phone", "email"], list[str]]
    documents: list[FileRule] = Field(default_factory=list)

    @model_validator(mode="after")
    def _whole(self) -> KindMapping:
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
    __pydantic_extra__: dict[str, KindMapping]

    about: str = ""
    names: Order = ("firstname", "middlename", "surname")
    codes: dict[str, dict[str, str]] = Field(default_factory=dict)

    @property
    def kinds(self) -> dict[str, KindMapping]:
        """The mappings, by kind of event."""
        return self.__pydantic_extra__

    @model_validator(mode="after")
    def _tables(self) -> PacketFields:
        for kind, mapping in self.kinds.items():
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


@cache
def packet_fields_of(folder: Path) -> PacketFields:
    """How packets are made; the folder was checked at the start."""
    text = (folder / "packet_fields.json").read_bytes()
    return PacketFields.model_validate_json(text, context=schema_of.__wrapped__(folder))


def kinds_of(folder: Path) -> set[str]:
    """Event types for which packets can be made."""
    return set(packet_fields_of.__wrapped__(folder).kinds)
