"""The page of settings: every field of every Settings model. Pure."""

from __future__ import annotations

from enum import Enum
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from bridge.settings import Settings as BridgeSettings
from docs.rendering.markdown import code, page, table
from mock_nid.settings import UPSTREAM_MOCK
from mock_nid.settings import Settings as NidSettings
from mock_opencrvs.settings import Settings as OpenCRVSSettings
from scenarios.console.settings import Settings as ConsoleSettings
from wire.environment import EnvironmentSettings, environment_name

INTRO = """\
Every setting is an environment variable. A server also reads them from a TOML file given with
`--config`; the environment wins over the file. In the file of a mock a setting has the name without its
prefix, in small letters (`gateway_port = 7070`); in the file of the bridge it has its environment name,
in any case.

In place of a variable `NAME`, `NAME_FILE` may name a file that holds the value, as secrets of containers do.
An empty variable switches off what can be off (topics, addresses, lists, passwords); elsewhere it counts as
not given. Quotes, blanks and line breaks around a value are refused at the start.

`python -m mock_opencrvs --help`, `python -m mock_nid --help` and `python -m bridge settings` print the
same."""

PARTS: tuple[tuple[str, str, type[EnvironmentSettings]], ...] = (
    (
        "mock_opencrvs",
        "`python -m mock_opencrvs`. Each is also an option (`--gateway-port 7071`).",
        OpenCRVSSettings,
    ),
    ("mock_nid", "`python -m mock_nid`. Each is also an option (`--processing-seconds 30`).", NidSettings),
    (
        "bridge",
        "`python -m bridge`. Names without `BRIDGE_` are those that the OpenCRVS mediator reads, so that the "
        "bridge takes its place with the same environment. `…` is a secret with a default for rehearsal.",
        BridgeSettings,
    ),
    ("console", "The page that `rehearse up` serves.", ConsoleSettings),
)


def shown(value: Any) -> str:
    """A default as a person would write it."""
    if isinstance(value, SecretStr):
        return "…"
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return str(value.value)
    return "" if value is None else str(value)


def meaning(field: FieldInfo) -> str:
    """What it does, and the words it takes when there are few."""
    words = getattr(field.annotation, "__args__", ())
    literal = [word for word in words if isinstance(word, str | int)]
    if isinstance(field.annotation, type) and issubclass(field.annotation, Enum):
        literal = [member.value for member in field.annotation]
    text = field.description or ""
    choice = " or ".join(code(word) for word in literal) + "." if literal else ""
    return " ".join(part for part in (text, choice) if part)


def settings_page() -> str:
    parts = [INTRO]
    for title, about, model in PARTS:
        rows = [
            (code(environment_name(model, name, field)), code(shown(field.default)), meaning(field))
            for name, field in model.explained().items()
        ]
        parts += [f"## {title}", about, table(("Setting", "Default", "What it does"), rows)]
        if model is NidSettings:
            parts += [_style()]
    return page("Settings", *parts)


def _style() -> str:
    rows = [(code(f"MOCK_NID_{name.upper()}"), code(shown(value))) for name, value in UPSTREAM_MOCK.items()]
    return "\n\n".join(
        [
            f"{code('MOCK_NID_STYLE=upstream-mock')} turns these at once to what the OpenCRVS mock of MOSIP "
            "does, and with them what has no setting of its own: its fixed token, its hub that asks "
            "nobody for a role, its answers for unknown numbers. A setting that you give by name "
            "wins over the style.",
            table(("Setting", "In this style"), rows),
        ]
    )


def undescribed() -> list[str]:
    """Settings whose field says nothing about itself."""
    return [
        environment_name(model, name, field)
        for _, _, model in PARTS
        for name, field in model.explained().items()
        if not meaning(field)
    ]
