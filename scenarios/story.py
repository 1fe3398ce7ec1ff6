"""What a story is, and how a script registers the coroutine that plays it."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Play = Callable[[Any], Awaitable[None]]
"""A script: a coroutine that gets the stage on which it is played."""

ALL_PROFILES = ("1.9", "2.0", "2.1")


class Actor(StrEnum):
    """Who takes part: the columns of the sequence diagram, in their order."""

    REGISTRAR = "registrar"
    OPENCRVS = "OpenCRVS"
    BRIDGE = "bridge"
    NID = "ID system"
    OPERATOR = "operator"
    STRANGER = "stranger"
    DIRECTOR = "director"


class Need(StrEnum):
    """What a story must have in its hands; a stage with foreign parts lacks some of it."""

    CLOCK = "moves the clock of every part"
    POLLS = "waits until the bridge asks by itself"
    RENEWS = "waits until the bridge subscribes again by itself"
    RESTART = "stops and starts the bridge"
    OPERATOR = "uses the bridge's own list of what is unfinished"
    SYNC = "needs the bridge to ask the ID system while OpenCRVS waits"
    ASYNC = "needs the bridge to answer later"
    HUB = "needs the bridge to listen at the hub"
    NID = "tells the ID system what to do"
    PERSON = "names somebody whom the ID system knows"
    OPENCRVS = "breaks OpenCRVS on purpose"
    CLIENT = "logs in to OpenCRVS as a system client"
    TOKEN = "shows OpenCRVS a token"
    USER = "speaks to OpenCRVS as a person"
    CHANGES = "makes records at OpenCRVS"
    COUNTRY_CONFIG = "needs the bridge to stand before a country config"
    PAYMENTS = "needs the bridge to ask for a fee"
    SETTINGS = "sets the bridge up in its own way"


class Unmet(Exception):
    """An expectation of a script that was not met; the message says what was seen instead.

    `means`: what that says about the part that is judged.
    """

    def __init__(self, text: str, means: str = "") -> None:
        super().__init__(text)
        self.means = means


class NeverHappened(Unmet):
    """What a story waited for did not come within its time."""


class NotPlayable(Exception):
    """The part that is judged does not offer what a story is about, or is not there any more."""


@dataclass(frozen=True)
class Setup:
    """How the servers are set up for a story: fields of their Settings, by keyword."""

    bridge: Mapping[str, Any] = field(default_factory=dict)
    mock_opencrvs: Mapping[str, Any] = field(default_factory=dict)
    mock_nid: Mapping[str, Any] = field(default_factory=dict)
    client: bool = False
    """Whether the bridge has a system client at OpenCRVS beside the stored token (2.1 always has one)."""
    country: str = ""
    """The shipped country whose files the bridge plays with, and whose dates the ID system reads."""


@dataclass(frozen=True)
class Story:
    """One scenario.

    `learns`: what a country learns from it. `good_bridge`: what a good bridge does. `ranked`: its numbers
    among the twenty-two ranked scenarios of the field notes. `profiles`: where it makes sense.
    """

    name: str
    title: str
    learns: str
    good_bridge: str
    play: Play
    tags: frozenset[str] = frozenset()
    ranked: tuple[int, ...] = ()
    profiles: tuple[str, ...] = ALL_PROFILES
    needs: frozenset[Need] = frozenset()
    setup: Setup = Setup()
    means: str = ""
    """What it says about the part that is judged when it fails, wherever it does; else a check says it."""
    ours: str = ""
    """Why only our own bridge can play it, where a need alone does not say it."""
    judged: str = "bridge"
    """Which part `good_bridge` speaks of."""

    def unreached(self, reached: Collection[str]) -> tuple[str, ...]:
        """The checks of the script after the last one that was reached, as the script words them."""
        texts = [text_of(node) for node in _checks(self.play)]
        last = max((place for place, text in enumerate(texts) if _among(text, reached)), default=-1)
        return tuple(texts[last + 1 :])


def _checks(play: Play) -> list[ast.expr]:
    """The first argument of every check in the script, in the order of its lines."""
    found = [
        node
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(play))))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    found.sort(key=lambda node: node.lineno)
    checks = [node for node in found if node.func.attr in ("check", "until") and node.args]  # type: ignore[attr-defined]
    return [node.args[0] for node in checks if isinstance(node.args[0], ast.Constant | ast.JoinedStr)]


def text_of(node: ast.expr) -> str:
    """A text as it stands there; … for what is put in when it is played; empty when it is none."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(text_of(part) or "…" for part in parts)
        case _:
            return ""


def _among(text: str, reached: Collection[str]) -> bool:
    pattern = re.compile(".*".join(map(re.escape, text.split("…"))))
    return any(pattern.fullmatch(one) for one in reached)


registered: dict[str, Story] = {}
"""By name, in the order in which their scripts were imported."""


_OF_TAGS = {"async": Need.ASYNC, "delivery": Need.HUB}


def story(
    *,
    title: str,
    learns: str,
    good_bridge: str,
    tags: Iterable[str] = (),
    ranked: Iterable[int] = (),
    profiles: Iterable[str] = ALL_PROFILES,
    needs: Iterable[Need] = (),
    bridge: Mapping[str, Any] | None = None,
    mock_opencrvs: Mapping[str, Any] | None = None,
    mock_nid: Mapping[str, Any] | None = None,
    client: bool = False,
    country: str = "",
    ours: str = "",
) -> Callable[[Play], Play]:
    """Register the coroutine below as a story under its own name."""

    tags = frozenset(tags)

    def register(play: Play) -> Play:
        name = getattr(play, "__name__", "")
        registered[name] = Story(
            name=name,
            title=title,
            learns=learns,
            good_bridge=good_bridge,
            play=play,
            tags=tags,
            ranked=tuple(ranked),
            profiles=tuple(profiles),
            needs=frozenset(needs) | {need for tag, need in _OF_TAGS.items() if tag in tags},
            setup=Setup(dict(bridge or {}), dict(mock_opencrvs or {}), dict(mock_nid or {}), client, country),
            ours=ours,
        )
        return play

    return register
