"""Settings from the environment: the one way in which every part of this kit reads its own.

A variable counts under its full name alone. An empty one counts as not given, unless its setting says that
empty means something (`MAY_BE_EMPTY`). Instead of `NAME`, `NAME_FILE` may name a file that holds the value.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Mapping
from inspect import getsource
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from wire.addresses import base_address, http_address, or_empty
from wire.entry import CannotBegin

MAY_BE_EMPTY = "may be empty"
"""Metadata of a setting whose empty text means something, e.g. that it is off."""
_FILE = "_FILE"

Address = Annotated[str, AfterValidator(http_address)]
BaseAddress = Annotated[str, AfterValidator(base_address)]
Seconds = Annotated[float, Field(gt=0, le=10 * 365 * 86400)]
"""Up to ten years: a longer time, or an endless one, is no instant."""


def words(value: Any) -> Any:
    """A comma-separated text as a tuple: `a, b`."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(words)]
WordsOrNone = Annotated[Words, MAY_BE_EMPTY]
AddressOrOff = Annotated[str, AfterValidator(or_empty), MAY_BE_EMPTY]
TextOrOff = Annotated[str, MAY_BE_EMPTY]


class SettingRefused(CannotBegin, ValueError):
    """A variable that cannot be read. The text names it, never its value."""


class EnvironmentSettings(BaseSettings):
    """Base of all settings; the text below a setting is what the help and the reference page say of it."""

    # a program uses one of several that stand one on the other
    model_config = SettingsConfigDict(defer_build=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, _Environment(settings_cls)

    @classmethod
    def completed(cls, told: dict[str, Any]) -> dict[str, Any]:
        """What was told, by field name, and what follows from it; for models that derive values."""
        return told

    @classmethod
    def explained(cls) -> dict[str, FieldInfo]:
        """The settings, each described by the text below it; read when it is asked for, not at a start."""
        for kind in cls.__mro__:
            if issubclass(kind, EnvironmentSettings):
                for name, text in texts_below(kind).items():
                    cls.model_fields[name].description = text
        return cls.model_fields

    @classmethod
    def from_file(cls, path: Path, **told: Any) -> Self:
        """Settings of a TOML file, by variable or field name; the environment's own win over it, and what is
        told here over both. SettingRefused and OSError name the file.
        """
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except ValueError as error:
            raise SettingRefused(f"{path} is no TOML: {error}") from None
        variables: dict[str, str] = {}
        for name, field in cls.model_fields.items():
            variable = environment_name(cls, name, field).lower()
            variables |= dict.fromkeys((variable, str(field.alias or name).lower()), variable)
        variables |= {f"{name}{_FILE}".lower(): f"{to}{_FILE}".lower() for name, to in variables.items()}
        if unknown := sorted(key for key in values if key.lower() not in variables):
            raise SettingRefused(f"{path}: no setting is called {', '.join(unknown)}")
        filed = {variables[key.lower()]: value for key, value in values.items()}
        return cls(**(given(cls, filed) | _Environment(cls)() | told))

    @model_validator(mode="before")
    @classmethod
    def _told(cls, values: Any) -> Any:
        """What was given, without what is empty and means nothing then, and what follows from it."""
        if not isinstance(values, dict):
            return values
        fields = cls.model_fields
        names = {str(field.alias): name for name, field in fields.items() if field.alias}
        told: dict[str, Any] = {}
        for key, value in values.items():
            name = names.get(key, str(key))
            if name not in fields or not _empty(value) or MAY_BE_EMPTY in fields[name].metadata:
                told[name] = value
        # under its variable's name, which is the one that an error tells
        return {
            str(fields[name].alias or name) if name in fields else name: value
            for name, value in cls.completed(told).items()
        }

    @field_validator("*", mode="before")
    @classmethod
    def _sound(cls, value: Any) -> Any:
        """A text as a person means it: what a file of variables leaves around it is refused."""
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if isinstance(text, str):
            one_line(text)
        return value


def texts_below(model: type) -> dict[str, str]:
    """What stands in the source below each field of a class: its meaning."""
    found = {}
    for one, below in pairwise(ast.walk(ast.parse(getsource(model)))):
        match one, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = " ".join(text.split())
    return found


class _Environment(EnvSettingsSource):
    """The variables, each by its full name or by `NAME_FILE`."""

    def __call__(self) -> dict[str, Any]:
        return given(self.settings_cls, self.env_vars)


def given(model: type[BaseSettings], variables: Mapping[str, Any]) -> dict[str, Any]:
    """What the variables, in small letters, give of a model's settings, by alias or field name."""
    found = {}
    for name, field in model.model_fields.items():
        variable = environment_name(model, name, field)
        value = _value(variables, variable, may_be_empty=MAY_BE_EMPTY in field.metadata)
        if value is not None:
            found[field.alias or name] = value
    return found


def environment_name(model: type[BaseSettings], name: str, field: FieldInfo) -> str:
    """The variable that sets this field."""
    return str(field.alias) if field.alias else f"{model.model_config.get('env_prefix', '')}{name}".upper()


def refused(model: type[BaseSettings], wrong: ValidationError) -> list[str]:
    """What is wrong with the values of these settings, a line for each that names it and its variable."""
    lines = []
    for error in wrong.errors(include_input=False, include_url=False):
        name = ".".join(str(part) for part in error["loc"]) or "settings"
        if (field := model.model_fields.get(name)) is not None:
            name += f" ({environment_name(model, name, field)})"
        lines.append(f"setting {name}: {error['msg'].removeprefix('Value error, ')}")
    return lines


def _value(variables: Mapping[str, Any], name: str, *, may_be_empty: bool) -> Any:
    value, path = variables.get(name.lower()), variables.get((name + _FILE).lower())
    if not path:
        return value
    if value:
        raise SettingRefused(f"setting {name}: {name}{_FILE} is given too; give one of the two")
    try:
        text = Path(path).read_text(encoding="utf-8-sig").rstrip("\r\n")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise SettingRefused(f"setting {name}{_FILE}: {path!r} cannot be read: {why}") from None
    if not text and not may_be_empty:
        raise SettingRefused(f"setting {name}{_FILE}: {path!r} is empty")
    return text


def _empty(value: Any) -> bool:
    return value == "" or (isinstance(value, SecretStr) and not value.get_secret_value())


def one_line(text: str) -> None:
    """ValueError says what stands in or around a text that nobody means."""
    if text != text.strip(" \xa0"):
        raise ValueError("there is a blank before or after it")
    if not text.isprintable():
        raise ValueError(
            "it holds a line break or another sign that cannot be seen; write it in one line of plain signs"
        )
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        raise ValueError("it is in quotes, which would be a part of it; leave them out")
