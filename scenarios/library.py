"""The stories that can be played: what one is, how a script registers it, how it is found.

A script is a module under `scenarios.scripts` with one coroutine that carries `@story(…)`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scenarios.stage.stage import Stage

Play = Callable[["Stage"], Awaitable[None]]

ALL_PROFILES = ("1.9", "2.0", "2.1")


class Need(StrEnum):
    """What a story must have in its hands; a stage with foreign parts lacks some of it."""

    CLOCK = "moves the clock of every part"
    RESTART = "stops and starts the bridge"
    OPERATOR = "uses the bridge's own list of what is unfinished"
    SYNC = "needs the bridge to ask the ID system while OpenCRVS waits"
    NID = "tells the ID system what to do"
    PERSON = "names somebody whom the ID system knows"
    OPENCRVS = "breaks OpenCRVS on purpose"
    CLIENT = "logs in to OpenCRVS as a system client"
    TOKEN = "shows OpenCRVS a token"
    USER = "speaks to OpenCRVS as a person"
    CHANGES = "makes records at OpenCRVS"
    SETTINGS = "sets the bridge up in its own way"


@dataclass(frozen=True)
class Setup:
    """How the servers are set up for a story: fields of their Settings, by keyword."""

    bridge: Mapping[str, Any] = field(default_factory=dict)
    mock_opencrvs: Mapping[str, Any] = field(default_factory=dict)
    mock_nid: Mapping[str, Any] = field(default_factory=dict)
    client: bool = False
    """Whether the bridge has a system client at OpenCRVS beside the stored token (2.1 always has one)."""


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
    """What it says about the part that is judged when the scenario fails."""
    judged: str = "bridge"
    """Which part `good_bridge` speaks of."""


class NoSuchStory(LookupError):
    """A name or tag that no script has; the message offers the nearest ones."""


_stories: dict[str, Story] = {}


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
    means: str = "",
) -> Callable[[Play], Play]:
    """Register the coroutine below as a story under its own name."""

    def register(play: Play) -> Play:
        name = getattr(play, "__name__", "")
        _stories[name] = Story(
            name=name,
            title=title,
            learns=learns,
            good_bridge=good_bridge,
            play=play,
            tags=frozenset(tags),
            ranked=tuple(ranked),
            profiles=tuple(profiles),
            needs=frozenset(needs),
            setup=Setup(
                dict(bridge or {}),
                dict(mock_opencrvs or {}),
                dict(mock_nid or {}),
                client,
            ),
            means=means,
        )
        return play

    return register


def stories() -> list[Story]:
    """Every story that the package ships or that was registered since, by name."""
    from scenarios import scripts

    for module in pkgutil.iter_modules(scripts.__path__):
        importlib.import_module(f"{scripts.__name__}.{module.name}")
    return [_stories[name] for name in sorted(_stories)]


def choose(
    names: Iterable[str] = (), tags: Iterable[str] = (), known_stories: Iterable[Story] | None = None
) -> list[Story]:
    """The stories of these names, or with all of these tags; all when neither is given.

    `known_stories` are chosen from in place of the library's.

    NoSuchStory names what was not found and what comes near.
    """
    known = {found.name: found for found in (stories() if known_stories is None else known_stories)}
    every_tag = {tag for found in known.values() for tag in found.tags}
    for tag in tags:
        if tag not in every_tag:
            raise NoSuchStory(f"no scenario has the tag {tag!r}; there are: {', '.join(sorted(every_tag))}")
    chosen = [_named(name, known) for name in names] or list(known.values())
    return [one for one in chosen if set(tags) <= one.tags]


def _named(name: str, known: Mapping[str, Story]) -> Story:
    found = known.get(name.replace("-", "_"))
    if found is None:
        near = get_close_matches(name.replace("-", "_"), known, n=3)
        hint = f"did you mean {', '.join(near)}?" if near else "`rehearse list` shows them all"
        raise NoSuchStory(f"no scenario is called {name!r}; {hint}")
    return found
