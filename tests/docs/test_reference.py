"""The committed reference pages are what the code gives now, and nothing is missing in them."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from docs import generate
from docs.rendering import cli, contracts, faults, plans, scenarios, settings
from mock_nid.plans import MAGIC_WORDS, Forgery, Outcome, Plan
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
    assert committed == generate.CONTRACT_PAGES[page](), f"openapi/{page} is old: run make docs and commit it"
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


def test_every_kind_of_fault_and_every_seam_is_explained() -> None:
    assert set(faults.KINDS) == set(FaultKind)
    assert set(faults.PLACES) == {*NID_SEAMS, *OPENCRVS_SEAMS}
    named = {word.strip() for name, _, _ in faults.FIELDS for word in name.split(",")}
    assert named == {field.name for field in fields(Fault)}


def test_every_plan_is_explained() -> None:
    assert set(plans.OUTCOMES) == set(Outcome)
    assert set(plans.FORGERIES) == set(Forgery)
    assert plans.field_names() == {field.name for field in fields(Plan)}
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
