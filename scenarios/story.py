"""What a story is, and how a script registers the coroutine that plays it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Play = Callable[[Any], Awaitable[None]]
"""A script: a coroutine that gets the stage on which it is played."""

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


registered: dict[str, Story] = {}
"""By name, in the order in which their scripts were imported."""


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
        registered[name] = Story(
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
