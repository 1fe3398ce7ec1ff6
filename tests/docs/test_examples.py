"""The examples of the documentation run as they stand on the page."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from scenarios import library, story
from scenarios.cli.app import app as rehearse_app
from scenarios.doctor.names import MEDIATORS
from scenarios.engine import Engine, Options
from scenarios.events import StoryOutcome
from scenarios.stage.setup import opener
from tests.docs.pages import DOCS, PAGES, blocks, name
from tests.kit import ROOT

HOW_TO = DOCS / "how-to"


async def test_the_scenario_of_the_page_plays(
    tmp_path: Path, rehearsal_keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.stories()  # import them all before the page's own joins a copy
    known = dict(story.registered)
    monkeypatch.setattr(story, "registered", known)
    (script,) = blocks(HOW_TO / "write-a-scenario.md", "python")
    file = tmp_path / "quiet_weekend.py"
    file.write_text(script, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("quiet_weekend", file)
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    ended = await Engine(opener(rehearsal_keys), Options()).run(library.choose(["quiet_weekend"]))
    (ending,) = ended.endings
    assert ending.outcome is StoryOutcome.PASSED, ending.failures
    assert all(verdict.kept for verdict in ending.verdicts)


def test_the_scenario_of_the_page_is_ten_lines() -> None:
    (script,) = blocks(HOW_TO / "write-a-scenario.md", "python")
    story = script[script.index("async def") :].strip().splitlines()
    assert len(story) <= 10


def test_workflow_files_are_workflows() -> None:
    found = [yaml.safe_load(text) for text in blocks(HOW_TO / "pipeline.md", "yaml")]
    assert len(found) == 2
    for workflow in found:
        assert set(workflow) == {"name", True, "jobs"}  # yaml reads the key `on` as true
        for job in workflow["jobs"].values():
            assert job["runs-on"]
            assert all(("uses" in step) != ("run" in step) for step in job["steps"])
    (rehearse,) = found[0]["jobs"].values()
    assert rehearse["strategy"]["matrix"]["profile"] == list(story.ALL_PROFILES)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_blocks_are_what_they_say(page: Path) -> None:
    for text in blocks(page, "json"):
        json.loads(text)
    for text in blocks(page, "toml"):
        tomllib.loads(text)
    for text in blocks(page, "sh"):
        done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_paths_of_the_project_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    rooms = "wire|testbed|mock_opencrvs|mock_nid|bridge|scenarios|openapi|tests|docs"
    for path in re.findall(rf"`((?:{rooms})/[\w./-]*)`", text):
        if path not in ("scenarios/scripts/quiet_weekend.py",):
            assert (ROOT / path).exists(), f"{path} is not there"


@pytest.mark.parametrize("page", [p for p in PAGES if p.is_relative_to(DOCS)], ids=name)
def test_variables_and_scenarios_of_the_pages_exist(page: Path) -> None:
    from docs.rendering.cli import commands
    from docs.rendering.settings import PARTS, environment_name

    known = {environment_name(m, n, f) for _, _, m in PARTS for n, f in m.model_fields.items()} | MEDIATORS
    options = [option for command in commands(rehearse_app).values() for option in command.params]
    for names in (option.envvar or () for option in options):
        known |= {names} if isinstance(names, str) else set(names)
    text = page.read_text(encoding="utf-8")
    prefixes = "MOCK_OPENCRVS|MOCK_NID|BRIDGE|MOSIP|OPENCRVS|CONSOLE|ESIGNET|REHEARSAL"
    used = set(re.findall(rf"\b((?:{prefixes})_[A-Z0-9_]*[A-Z0-9])\b(?!_?…|>|&)", text))
    placeholders = {"MOCK_NID_HUB", "BRIDGE_ALLOW", "MOCK_OPENCRVS_", "MOCK_NID_", "OPENCRVS_NEW"}
    codes = {word for word in used if re.search(rf"[\w.]{word}|{word}_(?:GENERAL|INDIVIDUAL)", text)}
    assert used - known - placeholders - codes == set()


@pytest.mark.parametrize("page", [p for p in PAGES if p.is_relative_to(DOCS)], ids=name)
def test_scenarios_that_a_page_names_exist(page: Path) -> None:
    known = {story.name for story in library.stories()} | {"quiet_weekend"}
    for sentence in re.findall(r"[Ss]cenarios? (`[^.:;]*?)(?:[.:;]|plays)", page.read_text(encoding="utf-8")):
        named = set(re.findall(r"`([a-z_]+)`", sentence))
        assert named <= known, f"no scenario is called {', '.join(sorted(named - known))}"
