"""The committed reference pages are what the code gives now, and nothing is missing in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from docs import generate
from docs.rendering import cli, contracts, faults, plans, scenarios, settings
from mock_nid.plans import MAGIC_WORDS, Plan, PlannedOutcome
from mock_nid.seams import SEAMS as NID_SEAMS
from mock_opencrvs.app import SEAMS as OPENCRVS_SEAMS
from scenarios.cli.app import app
from scenarios.library import stories
from testbed.faults import Fault, FaultKind


@pytest.mark.parametrize("page", generate.PAGES)
def test_the_committed_page_is_new(page: str) -> None:
    committed = (generate.FOLDER / page).read_text(encoding="utf-8")
    assert committed == generate.PAGES[page](), f"docs/reference/{page} is old: run make docs and commit it"


@pytest.mark.parametrize("page", generate.CONTRACT_PAGES)
def test_the_page_of_a_contract_is_new(page: str) -> None:
    committed = (contracts.FOLDER / page).read_text(encoding="utf-8")
    assert committed == generate.CONTRACT_PAGES[page](), f"{page} is old: run make docs and commit it"
    assert "<script" not in committed
    assert 'src="' not in committed, "a page that fetches something shows nothing without internet"


def test_no_page_is_left_over() -> None:
    assert {path.name for path in generate.FOLDER.iterdir()} == set(generate.PAGES)


def test_an_old_or_missing_page_is_noticed(tmp_path: Path) -> None:
    for name, render in generate.PAGES.items():
        (tmp_path / name).write_text(render(), encoding="utf-8")
    assert generate.stale(tmp_path) == []
    (tmp_path / "plans.md").write_text("old", encoding="utf-8")
    (tmp_path / "cli.md").unlink()
    assert generate.stale(tmp_path) == ["cli.md", "plans.md"]


def test_every_setting_says_what_it_does() -> None:
    assert settings.undescribed() == []


def test_every_setting_is_turned_by_a_test_or_a_story_or_told_on_a_page() -> None:
    root = Path(__file__).parents[2]
    code = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("tests", "scenarios/scripts", "scenarios/foreign", "scenarios/stage")
        for path in (root / folder).rglob("*.py")
    )
    pages = "".join(
        path.read_text(encoding="utf-8")
        for path in [*(root / "docs").rglob("*.md"), root / "README.md", root / "compose.yaml"]
        if path != generate.FOLDER / "settings.md"
    )
    unused = [
        variable
        for _, _, model in settings.PARTS
        for field in model.model_fields
        if (variable := settings.environment_name(model, field, model.model_fields[field])) not in pages
        and not re.search(rf"\b{variable}\b|\b{field}=|[\"']{field}[\"']", code)
    ]
    assert unused == []


def test_every_kind_of_fault_and_every_seam_is_explained() -> None:
    assert all(kind.means for kind in FaultKind)
    assert set(faults.PLACES) == {*NID_SEAMS, *OPENCRVS_SEAMS}
    played = frozenset().union(*NID_SEAMS.values(), *OPENCRVS_SEAMS.values())
    assert played == set(FaultKind), "a kind that nothing plays"


@pytest.mark.parametrize("model", [Fault, Plan])
def test_a_field_of_misbehaviour_is_written_once_and_stands_in_page_and_contract(model: type) -> None:
    page = (faults.faults_page if model is Fault else plans.plans_page)()
    contract = yaml.safe_load(contracts.contract_text("mock_nid"))["components"]["schemas"]
    schema = contract["Fault"] if model is Fault else contract["Plan"]["anyOf"][1]
    for name, info in model.__pydantic_fields__.items():  # type: ignore[attr-defined]
        assert info.description and f"| `{name}` |" in page
        assert schema["properties"][name]["description"] == info.description


def test_every_plan_is_explained() -> None:
    assert all(outcome.means for outcome in PlannedOutcome)
    shown = plans.plans_page()
    assert all(f"`{word.title()}`" in shown for word in MAGIC_WORDS)


def test_every_scenario_and_every_rank_is_shown() -> None:
    shown = scenarios.scenarios_page()
    shipped = [one for one in stories() if one.play.__module__.startswith("scenarios.scripts.")]
    assert shipped
    assert all(f"### {one.name}\n" in shown for one in shipped)
    assert {rank for one in shipped for rank in one.ranked} == set(scenarios.RANKED), (
        "a rank without a scenario"
    )


def test_every_command_and_option_is_shown() -> None:
    shown = cli.cli_page()
    for name, command in cli.commands(app).items():
        assert f"### rehearse {name}" in shown
        assert all(
            f"`{option}`" in shown
            for p in command.params
            if p.param_type_name == "option"
            for option in p.opts
        )
