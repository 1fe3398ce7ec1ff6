"""Every link of the documentation leads somewhere, and every command that it tells to type exists."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
import typer

from bridge.cli.app import app as bridge_app
from mock_nid.program import PROGRAM as MOCK_NID
from mock_opencrvs.program import PROGRAM as MOCK_OPENCRVS
from scenarios import library
from scenarios.cli.app import app as rehearse_app
from tests.docs.pages import DOCS, PAGES, anchors, commands, links, name
from tests.kit import ROOT

PARSERS = {program.name: program.parser for program in (MOCK_OPENCRVS, MOCK_NID)}
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in links(page):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{target} leads nowhere"
        assert file.is_relative_to(ROOT), f"{target} leads out of the project"
        if anchor and file.suffix == ".md":
            assert anchor in anchors(file), f"{target}: no such heading; there are {sorted(anchors(file))}"


def test_the_map_shows_every_page() -> None:
    shown = {(DOCS / target.partition("#")[0]).resolve() for target in links(DOCS / "index.md")}
    missing = [name(page) for page in DOCS.rglob("*.md") if page.name != "index.md" and page not in shown]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_exist(page: Path) -> None:
    for words in commands(page):
        wrong = fault(words)
        assert not wrong, f"{' '.join(words)}: {wrong}"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("rehearse rum", "no command"),
        ("rehearse run nonesuch", "no scenario"),
        ("rehearse run --loud", "no option"),
        ("rehearse run --tag nonesuch", "no scenario"),
        ("make coffee", "no target"),
        ("python -m nonesuch", "no module"),
        ("python -m mock_nid --nonesuch 1", "no option"),
        ("python -m bridge pendin", "no command"),
        ("python -m bridge tokens replac", "no command"),
        ("python -m bridge tokens replace --form x", "no option"),
    ],
)
def test_a_wrong_command_would_be_seen(command: str, why: str) -> None:
    assert why in fault(command.split())


def fault(words: list[str]) -> str:
    """What is wrong with a command; nothing when it exists. Placeholders in capitals are anything."""
    if words[0] == "make":
        wanted = [word for word in words[1:] if "=" not in word and word.isalpha()]
        return "".join(f"no target {word}; " for word in wanted if word not in TARGETS)
    if words[0] == "rehearse":
        return _typer(rehearse_app, words[1:]) or _stories(words[1:])
    if words[0] == "bridge" or words[:3] == ["python", "-m", "bridge"]:
        return _typer(bridge_app, words[1:] if words[0] == "bridge" else words[3:])
    module = words[2]
    if module in PARSERS:
        known = {option for action in PARSERS[module]()._actions for option in action.option_strings}
        return "".join(f"no option {w}; " for w in words[3:] if w.startswith("-") and w not in known)
    try:
        return "" if importlib.util.find_spec(module) else f"no module {module}"
    except ModuleNotFoundError:
        return f"no module {module}"


def _typer(app: typer.Typer, words: list[str]) -> str:
    group: Any = typer.main.get_command(app)
    options = {"--help", *(o for p in group.params for o in p.opts)}
    while words and not words[0].startswith("-") and (known := getattr(group, "commands", {})):
        if words[0] not in known:
            return f"no command {words[0]}; there are {', '.join(known)}"
        group, words = known[words[0]], words[1:]
        options |= {o for p in group.params for o in [*p.opts, *p.secondary_opts]}
    used = [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]
    return "".join(f"no option {word}; " for word in used if word not in options)


def _stories(words: list[str]) -> str:
    """Names and tags of scenarios."""
    if not words or words[0] not in ("run", "list"):
        return ""
    group: Any = typer.main.get_command(rehearse_app)
    options = [p for p in group.commands[words[0]].params if p.param_type_name == "option"]
    flags = {o for p in options if p.is_flag for o in [*p.opts, *p.secondary_opts]}
    names, tags, at = [], [], 1
    while at < len(words):
        word = words[at]
        if word.startswith("-"):
            if word in ("--tag", "-t"):
                tags.append(words[at + 1])
            at += 1 if word in flags or "=" in word or word == "--help" else 2
            continue
        names.append(word)
        at += 1
    plain = [word for word in names if re.fullmatch(r"[a-z_0-9]+", word)]
    try:
        library.choose(plain, [tag for tag in tags if tag.islower()])
    except library.NoSuchStory as error:
        return f"no scenario: {error}"
    return ""
