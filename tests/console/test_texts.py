"""The words of the page: the same in every language, and one for everything that can be said."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bridge.advice import Stuck
from mock_nid.processing.manual_verification import IdentityChange
from mock_opencrvs.search.workqueues import slugs
from scenarios.console import access, director, guard, handlers, ready_stories, surroundings
from scenarios.console.handlers import STATIC, TEXTS
from scenarios.console.positions import STAGES
from scenarios.console.ready_stories import STORIES
from scenarios.console.steps import ACTOR_IDS, every_key
from wire.opencrvs.profiles import Profile

LANGUAGES = {path.stem: json.loads(path.read_text()) for path in TEXTS.glob("*.json")}
ENGLISH: dict[str, str] = LANGUAGES["en"]
PLACE = re.compile(r"\{\w+\}")


def test_there_are_english_french_and_a_language_from_right_to_left() -> None:
    assert {tag: words["language.direction"] for tag, words in LANGUAGES.items()} == {
        "ar": "rtl",
        "en": "ltr",
        "fr": "ltr",
    }


def test_every_ready_story_has_a_title_and_a_line_for_each_step() -> None:
    lines = {key for key in ENGLISH if re.match(r"story\.\w+\.\d", key)}
    assert lines == {f"story.{name}.{step + 1}" for name in STORIES for step in range(len(STORIES[name]))}
    for name in STORIES:
        assert {f"story.{name}", f"story.{name}.about"} <= set(ENGLISH)


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_nothing_is_left_in_english(language: str) -> None:
    """Names of programs and of the two systems are the same everywhere."""
    same = {
        key for key, text in LANGUAGES[language].items() if text == ENGLISH[key] and len(text.split()) > 1
    }
    assert {key for key in same if PLACE.sub("", ENGLISH[key]).strip(" →:,")} == set()


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_says_the_same_things(language: str) -> None:
    words = LANGUAGES[language]
    assert set(words) == set(ENGLISH)
    for key, text in ENGLISH.items():
        assert set(PLACE.findall(words[key])) == set(PLACE.findall(text)), key
        assert words[key].strip()


def test_every_step_has_a_line_and_a_sentence() -> None:
    for key in every_key() | acted():
        assert f"step.{key}" in ENGLISH, key
        assert f"says.{key}" in ENGLISH, key


def acted() -> set[str]:
    """The keys of steps that people's acts leave."""
    acts = {f"nid.{outcome}" for outcome in ("issue", "reject", "stall", "again")}
    acts |= {f"line.{mock}.{state}" for mock in ("opencrvs", "nid") for state in ("cut", "whole")}
    acts |= {
        "again.same",
        "again.changed",
        "clicked",
        "declared.birth",
        "declared.death",
        "operator.retry",
        "operator.reject",
        "stuck",
        "release",
        "forged.refused",
        "forged.taken",
    }
    acts |= {f"change.{what}.{wish}" for what in ("asked", "approved") for wish in IdentityChange}
    return acts | {"change.rejected", "bridge.up", "bridge.down", "answers.ask", "answers.itself"}


def test_every_stage_lane_queue_and_stuck_state_has_words() -> None:
    for stage in STAGES:
        assert {f"stage.{stage}", f"seen.{stage}"} <= set(ENGLISH), stage
    for actor in ACTOR_IDS.values():
        assert f"lane.{actor}" in ENGLISH
    for profile in (Profile.V1_9, Profile.V2_0):
        for slug in slugs(profile):
            assert f"queue.{slug}" in ENGLISH, slug
    for wish in IdentityChange:
        assert {f"change.{wish}", f"act.ask-{wish}"} <= set(ENGLISH), wish
    for reason in Stuck:
        assert f"stuck.{reason}" in ENGLISH, reason


def test_every_refusal_says_what_to_do() -> None:
    sources = "".join(
        Path(str(module.__file__)).read_text()
        for module in (director, guard, handlers, access, surroundings, ready_stories)
    )
    keys = set(re.findall(r'ActRefused\(\s*\d+,\s*"([\w-]+)"', sources))
    keys |= set(re.findall(r'problem\(\s*(?:\d+|error\.status),\s*"([\w-]+)"', sources))
    assert len(keys) > 12
    for key in keys:
        assert f"problem.{key}" in ENGLISH, key


def test_the_page_uses_only_words_that_exist_and_all_of_them() -> None:
    page = "".join(path.read_text() for path in STATIC.iterdir() if path.suffix in (".html", ".js"))
    used = set(re.findall(r'data-t(?:-label)?="([\w.-]+)"', page)) | set(
        re.findall(r'\bt\("([\w.-]+)"', page)
    )
    assert used <= set(ENGLISH), used - set(ENGLISH)
    made = (
        "step.",
        "says.",
        "stage.",
        "seen.",
        "stuck.",
        "queue.",
        "lane.",
        "problem.",
        "not-now.",
        "act.",
        "change.",
        "line.",
        "type.",
        "story.",
        "language.",
    )
    unused = {key for key in ENGLISH if key not in used and not key.startswith(made) and key not in page}
    assert not unused


def test_the_page_asks_for_nothing_from_elsewhere() -> None:
    for path in STATIC.iterdir():
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//[a-z]+\.[a-z]", text), path.name
        assert "innerHTML" not in text and "eval(" not in text, path.name
    assert "style=" not in (STATIC / "index.html").read_text()
