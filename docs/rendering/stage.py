"""The page of what a script has in its hands: the public methods of stage and actors. Pure."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from docs.rendering.markdown import code, page, sentence, table
from mock_nid.packets.registrations import PacketRegistration, StoredPacket
from scenarios.judging.evidence import Unfinished
from scenarios.stage import stage as stage_module
from scenarios.stage.actors.administrator import Administrator
from scenarios.stage.actors.breakable import Breakable
from scenarios.stage.actors.bridge import BridgeActor
from scenarios.stage.actors.civil_record import CivilRecord
from scenarios.stage.actors.country import CountryActor
from scenarios.stage.actors.id_system import IdSystemActor
from scenarios.stage.actors.opencrvs import OpenCrvsActor
from scenarios.stage.actors.operator import Operator
from scenarios.stage.actors.registrar import ClickResult, Registrar
from scenarios.stage.actors.stranger import Stranger
from scenarios.stage.stage import Stage

INTRO = """\
A script is a coroutine that gets one `stage`. On it are the people and systems of the story. Words that
start with `await` take time on the stage's clock. How to write one:
[here](../how-to/write-a-scenario.md)."""

ENGINE_ONLY = frozenset({"play", "rest", "evidence", "verdicts"})

ACTORS: tuple[tuple[str, str, type], ...] = (
    ("stage", "The director's words, and what can be seen.", Stage),
    ("stage.registrar", "A registrar at the screen of OpenCRVS.", Registrar),
    ("a record", "What `declares_birth` and `declares_death` give back.", CivilRecord),
    ("stage.id_system", "The ID system: what it will do, and what it has done.", IdSystemActor),
    ("stage.id_system and stage.opencrvs", "Both can be broken on purpose.", Breakable),
    ("stage.bridge", "Our bridge, or another as far as it is in our hands.", BridgeActor),
    ("stage.opencrvs", "What is clicked in OpenCRVS, and how it is deployed.", OpenCrvsActor),
    ("stage.country", "The country's own server, and what it asks for.", CountryActor),
    ("stage.operator", "Whoever looks after the bridge.", Operator),
    ("stage.administrator", "Somebody with a system client of OpenCRVS.", Administrator),
    ("stage.stranger", "Somebody who is not the ID system.", Stranger),
)


VALUES: tuple[tuple[str, str, type], ...] = (
    (
        "a registration",
        "A packet on its way: `nid.registrations`, `stage.packet_of(record)`.",
        PacketRegistration,
    ),
    ("a packet", "What was asked for: `registration.packet`.", StoredPacket),
    ("a line of the operator's list", "What `operator.entry(record)` and `until_stuck` give.", Unfinished),
    ("an answer", "What a click came to: `registers` and others.", ClickResult),
)


def stage_page() -> str:
    spans = [(code(f"{name}(…)"), f"that many {name}") for name in ("days", "hours", "minutes")]
    parts = [INTRO, f"Spans of time come from `{stage_module.__name__}`:", table(("Word", "Span"), spans)]
    for title, about, actor in ACTORS:
        rows = [(code(_call(name, method)), _meaning(name, method)) for name, method in _methods(actor)]
        parts += [f"## {title}", about, table(("Word", "What it does"), rows)]
        if actor is CivilRecord:
            parts += [_attributes(actor)]
    for title, about, value in VALUES:
        parts += [f"## {title}", about, _attributes(value)]
    return page("What a script can use", *parts)


def _attributes(value: type) -> str:
    """Fields and properties of a dataclass, each with its type."""
    kinds = {one.name: str(one.type) for one in fields(value)}
    for name, read in inspect.getmembers(value, lambda member: isinstance(member, property)):
        kinds[name] = str(read.fget.__annotations__["return"])
    rows = [(code(name), code(kind)) for name, kind in kinds.items() if not name.startswith("_")]
    return table(("Attribute", "Type"), rows)


def _methods(actor: type) -> list[tuple[str, Callable[..., Any]]]:
    """Public methods that the class itself defines, in the order of its source."""
    return [
        (name, value)
        for name, value in vars(actor).items()
        if not name.startswith("_") and inspect.isfunction(value) and name not in ENGINE_ONLY
    ]


def _meaning(name: str, method: Callable[..., Any]) -> str:
    """The first sentence of its docstring; a name that says it all, in words."""
    return sentence(method.__doc__) or f"{name.replace('_', ' ').capitalize()}."


def _call(name: str, method: Callable[..., Any]) -> str:
    signature = inspect.signature(method)
    shown = [p for p in signature.parameters.values() if p.name != "self"]
    words = [_parameter(p) for p in shown]
    if "*" not in "".join(words) and any(p.kind is p.KEYWORD_ONLY for p in shown):
        at = next(i for i, p in enumerate(shown) if p.kind is p.KEYWORD_ONLY)
        words.insert(at, "*")
    awaited = "await " if inspect.iscoroutinefunction(method) else ""
    return f"{awaited}{name}({', '.join(words)})"


def _parameter(parameter: inspect.Parameter) -> str:
    star = "**" if parameter.kind is parameter.VAR_KEYWORD else ""
    default = parameter.default
    if default is parameter.empty:
        return f"{star}{parameter.name}"
    shown = re.sub(r"<[^>]*: '?([^'>]*)'?>", r"'\1'", repr(default))
    return f"{parameter.name}={shown}"
