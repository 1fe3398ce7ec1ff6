"""What is wrong with the folder of a country, told with file, line and field. Reads files; else pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from bridge.country.folder import (
    CONTEXTS,
    ID_SCHEMA,
    ContextsFile,
    CountryFile,
    IdSchema,
    Reasons,
    country_of,
    reasons_of,
    schema_of,
)
from bridge.country.mappings import APPLIED_FOR, PacketFields, kinds_of
from bridge.country.packet_fields import NotMappable, Unfit, left_out, packet_fields, process_of
from bridge.country.rules import FILE as POLICY
from bridge.country.rules import Rules, rules_of
from wire.foreign_json import UnfitJSON, read_json
from wire.mosip import schema
from wire.opencrvs.profiles import Profile

_FILES: dict[str, type[BaseModel]] = {
    "country.json": CountryFile,
    POLICY: Rules,
    "packet_fields.json": PacketFields,
    "reasons.json": Reasons,
}
_LARGEST = 4 * 2**20
_MAY_BE_THERE: dict[str, type[BaseModel]] = {ID_SCHEMA: IdSchema, CONTEXTS: ContextsFile}


def faults_of(folder: Path, profile: Profile | None = None) -> list[str]:
    """All that is wrong with a folder, each as `file:line: field: what`; none: it can be used. With a
    profile, by that OpenCRVS.
    """
    if not folder.is_dir():
        return [f"{folder}: no such folder"]
    there = {name: model for name, model in _MAY_BE_THERE.items() if (folder / name).exists()}
    known = {**_FILES, **_MAY_BE_THERE}
    strange = sorted(file.name for file in folder.glob("*.json") if file.name not in known)
    found = [f"{folder / name}: no file of a country is called so" for name in strange]
    found += [line for name, model in there.items() for line in _faults_in(folder / name, model)]
    own = None if found else schema_of.__wrapped__(folder)
    found += [line for name, model in _FILES.items() for line in _faults_in(folder / name, model, own)]
    return found or list(_contradictions(folder, profile))


def _faults_in(file: Path, model: type[BaseModel], id_schema: str | None = None) -> list[str]:
    try:
        if file.stat().st_size > _LARGEST:
            return [f"{file}: larger than {_LARGEST // 2**20} MiB, which no file of a country needs"]
        text = file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        return [f"{file}: cannot be read ({type(error).__name__})"]
    return [f"{file}:{line}" for line in _wrong_in(text, model, id_schema)]


def _wrong_in(text: str, model: type[BaseModel], id_schema: str | None) -> list[str]:
    if text.startswith("\ufeff"):
        return ["1: the file: it begins with a byte order mark; save it as UTF-8 without one"]
    try:
        read_json(text)
        model.model_validate_json(text, context=id_schema, strict=True)
    except UnfitJSON as unfit:
        return [f"1: the file: {unfit}"]
    except json.JSONDecodeError as wrong:
        return [f"{wrong.lineno}: the file: no JSON: {wrong.msg} (column {wrong.colno})"]
    except ValidationError as error:
        return list(_told(text, error))
    return list(_twice(text))


def _twice(text: str) -> Iterator[str]:
    """Keys that an object has more than once. Where they stand is looked for when there are any."""
    lost = 0

    def counted(pairs: list[tuple[str, Any]]) -> None:
        nonlocal lost
        lost += len(pairs) - len(dict(pairs))

    json.loads(text, object_pairs_hook=counted)
    known: set[tuple[str | int, ...]] = set()
    for path, line, is_key in _places(text) if lost else ():
        if is_key and path in known:
            yield f"{line}: {'.'.join(map(str, path))}: it is there twice, and the first one is lost"
        known |= {path} if is_key else set()


def _told(text: str, error: ValidationError) -> Iterator[str]:
    for one in error.errors(include_input=False, include_url=False):
        at = (*one["loc"], *getattr(one.get("ctx", {}).get("error"), "at", ()))
        field = ".".join(map(str, at)) or "the file"
        yield f"{line_of(text, at)}: {field}: {one['msg'].removeprefix('Value error, ')}"


def _contradictions(folder: Path, profile: Profile | None) -> Iterator[str]:
    """What is right in each file, and wrong between them."""
    languages = country_of.__wrapped__(folder).languages
    text = (folder / "country.json").read_text(encoding="utf-8")
    known = reasons_of.__wrapped__(folder).root
    for index, language in enumerate(languages):
        if language not in known:
            line = line_of(text, ("languages", index))
            yield f"{folder / 'country.json'}:{line}: languages.{index}: reasons.json has no {language}"
    kinds, rules = kinds_of(folder), rules_of.__wrapped__(folder)
    found = list(rules.faults(profile))
    if rules.application and APPLIED_FOR not in kinds:
        at = ("events", "birth", "REGISTER", "application")
        found.append((at, "packet_fields.json has no mapping for it"))
    for kind, action in rules.identities():
        needed = "update" if action == "APPROVE_CORRECTION" else kind
        if needed not in kinds:
            found.append((("events", kind, action), f"packet_fields.json has no mapping for {needed}"))
    yield from _in_policy(folder, found)


def checked(folder: Path, kind: str, declaration: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """The packet's fields, and what is wrong with them: what is refused, what is left out."""
    try:
        fields = packet_fields(kind, declaration, number="2026BCHECK1", country=folder)
        process, lost = process_of(kind, folder), left_out(kind, declaration, fields, folder)
    except (Unfit, NotMappable) as error:
        return {}, [f"no packet is sent: {error}"]
    found = [
        f"{fault.field}: {fault.why}"
        for fault in schema.faults(process, fields, schema_json=schema_of(folder))
    ]
    return fields, [*found, *(f"{name}: left out, the ID schema refuses the value" for name in lost)]


def idle_rules(folder: Path, profile: Profile) -> Iterator[str]:
    """Rules of a folder that can be used which do nothing at this OpenCRVS."""
    return _in_policy(folder, rules_of(folder).never_asked(profile))


def lacking_fields(folder: Path, forms: Mapping[str, Collection[str]]) -> Iterator[str]:
    """What the policy writes into records, or reads, and no form has. `forms`: event type → its fields."""
    found = (
        (at, f"the form of {kind} has no field {field}: have it added to the form, or change the rule")
        for at, kind, field in rules_of(folder).fields()
        if field not in forms.get(kind, ())
    )
    return _in_policy(folder, found)


def _in_policy(folder: Path, found: Iterable[tuple[Sequence[str], str]]) -> Iterator[str]:
    text = (folder / POLICY).read_text(encoding="utf-8")
    for at, why in found:
        yield f"{folder / POLICY}:{line_of(text, at)}: {'.'.join(at)}: {why}"


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def line_of(text: str, field: Sequence[Any]) -> int:
    """The line on which a field of a JSON text stands; of one that is missing, what should hold it."""
    best, found = 0, 1
    for path, line, _ in _places(text):
        if len(path) > best and tuple(field[: len(path)]) == path:
            best, found = len(path), line
    return found


def _places(text: str) -> Iterator[tuple[tuple[str | int, ...], int, bool]]:
    """Every key and value of a JSON text: its path, its line, and whether it is a key."""
    key: str | int | None = None
    keys: list[str | int | None] = []
    line, seen = 1, 0
    for token in _TOKEN.finditer(text):
        sign = token[0]
        line, seen = line + text.count("\n", seen, token.start()), token.start()
        is_key = False
        if sign in "{[":
            keys.append(key)
            key = 0 if sign == "[" else None
        elif sign in "}]":
            key = keys.pop() if keys else None
            continue
        elif sign == ",":
            key = key + 1 if isinstance(key, int) else None
            continue
        elif sign == ":":
            continue
        elif key is None and keys:
            key, is_key = sign.strip('"'), True
        inside = sign in "{["
        path = (*keys, *(() if inside else (key,)))
        yield tuple(each for each in path if each is not None), line, is_key
