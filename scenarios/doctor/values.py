"""The values as they were written, and the settings that they give. Pure.

Each fault is named once: a value is told by what is wrong with its writing, and goes on without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bridge.country.rules import rules_of
from bridge.settings import Settings
from scenarios.doctor.findings import Finding, finding
from scenarios.doctor.sources import Plain, ProcessEnvironment
from wire.environment import MAY_BE_EMPTY, SettingRefused, given
from wire.redaction import redact_text

_FIELDS = {str(held.alias): held for held in Settings.model_fields.values()}
_NUMBER = re.compile(r"0\d+|\d{7,}|\d+[eE]\d+|\d+\.\d+")
_IPV6 = re.compile(r"^https?://(?!\[)[0-9a-fA-F]*:[0-9a-fA-F:]*:[^/]*(/|$)")
_PLACEHOLDER = re.compile(
    r"(?i)^(<[^>]*>|\$\{?\w+\}?|\{\{.*\}\}|change[-_ ]?(me|it|this).*|to[-_ ]?do|tbd|x{3,}|\.{3}|…|"
    r"your[-_ ].*|placeholder|none|null|undefined|example)$"
)
_BY_WORDS = (
    ("begins with http", "ADDRESS-SCHEME"),
    ("written into logs", "ADDRESS-PASSWORD"),
    ("port", "ADDRESS-PORT"),
)
_BY_NAME = {
    "BRIDGE_TIME_ZONE": "TIME-ZONE",
    "MOSIP_SCHEMA_VERSION": "SCHEMA-VERSION",
    "MOSIP_LANGUAGE": "LANGUAGE",
    "OPENCRVS_PROFILE": "PROFILE-UNKNOWN",
    "MOSIP_DATA_SHARE_HOSTS": "DATA-SHARE-HOST",
}


class ForeignSettings(Settings):
    """The settings of a process that is not this one: of what it was told, and nothing else."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *others: PydanticBaseSettingsSource,
        **more: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


@dataclass(frozen=True)
class Configuration:
    """What an environment comes to: the settings, what is wrong with its writing, and the names of both."""

    settings: Settings
    values: Mapping[str, str]
    found: tuple[Finding, ...] = ()
    broken: frozenset[str] = field(default=frozenset())
    """Variables whose value could not be used, or was not what was meant: nothing is concluded from them."""


def read(source: ProcessEnvironment, country: Path | None = None) -> Configuration:
    """The settings of what can be used; `country`: its folder, whatever the environment names."""
    values, found, broken = _cleaned(source)
    told = _pairs(values, source, found, broken)
    _find_country(told, country, source, found, broken)
    while True:
        try:
            settings = ForeignSettings(**told)
        except ValidationError as error:
            names = list(_refused(error, told, source, found))
            for name in names:
                told.pop(name, None)
            broken.update(names)
            if not names:
                raise
            continue
        return Configuration(settings, values, tuple(found), frozenset(broken))


def _pairs(
    values: dict[str, str], source: ProcessEnvironment, found: list[Finding], broken: set[str]
) -> dict[str, Any]:
    while True:
        try:
            return given(Settings, _in_files({name.lower(): value for name, value in values.items()}, source))
        except SettingRefused as error:
            name = str(error).split(":")[0].removeprefix("setting ")
            twice = "given too" in str(error)
            found.append(
                finding("SETTING-CONTRADICTS", f"{name}, {name}_FILE in {source.name}", "both are given")
                if twice
                else finding("FILE-MISSING", f"{name} in {source.name}", str(error).partition(": ")[2])
            )
            values.pop(f"{name}_FILE" if twice else name, None)
            broken.add(name.removesuffix("_FILE"))


def _find_country(
    told: dict[str, Any],
    country: Path | None,
    source: ProcessEnvironment,
    found: list[Finding],
    broken: set[str],
) -> None:
    """The country's folder as it lies here; the shipped one in place of one that cannot be used."""
    named = told.pop("BRIDGE_COUNTRY", None)
    folder = country or (source.here(Path(named)) if named else None)
    if folder is None:
        return
    try:
        rules_of(folder)
    except (OSError, ValueError) as error:
        found.append(finding("COUNTRY-UNREADABLE", f"BRIDGE_COUNTRY in {source.name}", type(error).__name__))
        broken.add("BRIDGE_COUNTRY")
    else:
        told["BRIDGE_COUNTRY"] = str(folder)


def _in_files(values: dict[str, str], source: ProcessEnvironment) -> dict[str, str]:
    """`NAME_FILE` of a container as it lies here; without those that lie elsewhere."""
    if source.mounts is None:
        return values
    kept = {}
    for name, value in values.items():
        path = source.here(Path(value)) if name.endswith("_file") and name.upper() not in _FIELDS else Path()
        if path is not None:
            kept[name] = value if path == Path() else str(path)
    return kept


def _cleaned(source: ProcessEnvironment) -> tuple[dict[str, str], list[Finding], set[str]]:
    values, found, broken = dict[str, str](), list[Finding](), set[str]()
    for name, raw in source.values.items():
        ours = name.upper() in _FIELDS or name.upper().removesuffix("_FILE") in _FIELDS
        text = str(raw)
        where = f"{name} in {source.name}"
        if ours:
            for kind, mended in _writing(text):
                found.append(finding(kind, where))
                text = mended
            if isinstance(raw, Plain) and not source.whole and _NUMBER.fullmatch(raw):
                found.append(finding("VALUE-NUMBER", where))
            if _PLACEHOLDER.match(text) and not _means(name, text):
                found.append(finding("VALUE-PLACEHOLDER", where))
                broken.add(name.upper())
                continue
            if not text and name in source.values and _needs_text(name):
                found.append(finding("VALUE-EMPTY", where))
                broken.add(name.upper())
        values[name] = text
    return values, found, broken


def _writing(text: str) -> Iterator[tuple[str, str]]:
    """What is wrong around a value, and the value without it, one after the other."""
    bare = text.strip("\r\n\t\ufeff\u200b")
    if bare != text:
        yield "VALUE-INVISIBLE", bare
    text, bare = bare, bare.strip(" \xa0")
    commented = re.search(r"\s+#", text)
    if commented and "://" in text:
        bare = text[: commented.start()].strip()
        yield "VALUE-COMMENT", bare
    elif bare != text:
        yield "VALUE-BLANK", bare
    if len(bare) > 1 and bare[0] in "\"'“‘" and bare[-1] in "\"'”’":
        text = bare
        yield "VALUE-QUOTED", text[1:-1]
        bare = text[1:-1]
    if not bare.isprintable():
        mended = "".join(sign for sign in bare if sign.isprintable())
        yield "VALUE-INVISIBLE", mended


def _means(name: str, text: str) -> bool:
    """Whether it may be meant: BRIDGE_CHILD_UNDER_YEARS=none, a password that its file shows to be right."""
    if name.upper().endswith("PASSWORD"):
        return True
    return name.upper() == "BRIDGE_CHILD_UNDER_YEARS" and text.lower() in ("none", "off")


def _needs_text(name: str) -> bool:
    held = _FIELDS.get(name.upper())
    return held is not None and MAY_BE_EMPTY not in held.metadata


def _refused(
    error: ValidationError, told: Mapping[str, Any], source: ProcessEnvironment, found: list[Finding]
) -> Iterator[str]:
    for each in error.errors(include_input=False, include_url=False):
        alias = str(each["loc"][0]) if each["loc"] else ""
        held = _FIELDS.get(alias)
        if held is None:
            continue
        said = redact_text(each["msg"].removeprefix("Value error, "))
        value = told.get(alias)
        address = _is_address(alias)
        kind = _BY_NAME.get(alias)
        if kind is None and address:
            if isinstance(value, str) and _IPV6.match(value):
                kind = "ADDRESS-IPV6"
            else:
                kind = next((id for words, id in _BY_WORDS if words in said.lower()), "ADDRESS-BROKEN")
        if kind is None and alias in ("PORT", "BRIDGE_TRIGGER_PORT"):
            kind = "PORT-WRONG"
        where = alias if alias in source.values else f"{alias} (follows from the others)"
        found.append(finding(kind or "SETTING-REFUSED", f"{where} in {source.name}", said))
        yield alias if alias in told else next(name for name in told if name == alias)


def _is_address(alias: str) -> bool:
    return alias.endswith(("_URL", "ALLOWLIST", "DOMAIN_URI")) and alias != "BRIDGE_DATABASE_URL"
