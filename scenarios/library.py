"""The stories that can be played: how they are found, and chosen by name or tag.

A script is a module under `scenarios.scripts` with one coroutine that carries `@story(…)`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from scenarios import scripts, story
from scenarios.story import Story


class NoSuchStory(LookupError):
    """A name or tag that no script has; the message offers the nearest ones."""


def stories() -> list[Story]:
    """Every story that the package ships or that was registered since, by name."""
    for module in pkgutil.iter_modules(scripts.__path__):
        importlib.import_module(f"{scripts.__name__}.{module.name}")
    return [story.registered[name] for name in sorted(story.registered)]


def choose(
    names: Iterable[str] = (), tags: Iterable[str] = (), known_stories: Iterable[Story] | None = None
) -> list[Story]:
    """The stories of these names, each once, with all of these tags; all when neither is given.

    `known_stories` are chosen from in place of the library's.

    NoSuchStory names what was not found and what comes near, and tags that no story has together.
    """
    known = {found.name: found for found in (stories() if known_stories is None else known_stories)}
    every_tag = {tag for found in known.values() for tag in found.tags}
    for tag in tags:
        if tag not in every_tag:
            raise NoSuchStory(f"no scenario has the tag {tag!r}; there are: {', '.join(sorted(every_tag))}")
    named = {found.name: found for found in (_named(name, known) for name in names)}
    chosen = list((named or known).values())
    found = [one for one in chosen if set(tags) <= one.tags]
    if chosen and not found:
        raise NoSuchStory(
            f"none of these scenarios has the tag {' and the tag '.join(map(repr, tags))}; "
            "`rehearse list` shows the tags of each"
        )
    return found


def _named(name: str, known: Mapping[str, Story]) -> Story:
    found = known.get(name.replace("-", "_"))
    if found is None:
        near = get_close_matches(name.replace("-", "_").lower(), known, n=3)
        hint = f"did you mean {', '.join(near)}?" if near else "`rehearse list` shows them all"
        raise NoSuchStory(f"no scenario is called {name!r}; {hint}")
    return found
