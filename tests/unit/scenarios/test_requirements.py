"""Requirements and what looks at them stay in step."""

from __future__ import annotations

import json
import re

import pytest
from typer.testing import CliRunner

from docs.rendering.requirements import marks
from scenarios.cli.app import app
from scenarios.foreign.nid_checks import NID_CHECKS
from scenarios.foreign.registry_checks import REGISTRY_CHECKS
from scenarios.foreign.registry_records import RECORD_CHECKS
from scenarios.library import stories
from scenarios.requirements import Owner, Requirement, looks, owed_by, requirements

EVERY = list(requirements().values())
LOOKED_AT = {look.id for look in looks()}
TESTED = dict(marks())


def test_there_are_enough_and_every_id_says_where_it_belongs() -> None:
    assert len(EVERY) >= 120
    assert all(re.fullmatch(r"(OCRVS|MOSIP|FIELD)-[A-Z]{3}-\d\d", one.id) for one in EVERY)
    assert all(one.must.endswith(".") and one.section and one.source for one in EVERY)
    assert len({one.must for one in EVERY}) == len(EVERY)


def test_an_id_that_a_check_or_a_test_names_exists() -> None:
    assert LOOKED_AT | set(TESTED) <= set(requirements())


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.id)
def test_each_is_looked_at_or_says_why_not(one: Requirement) -> None:
    """By stories alone for what a bridge owes: a test of our own bridge says nothing of another one."""
    seen = one.id in LOOKED_AT or (one.owes in (Owner.OPENCRVS, Owner.ID_SYSTEM) and one.id in TESTED)
    assert seen is not bool(one.unobserved)


def test_every_look_is_of_a_story_that_can_be_played() -> None:
    checks = [*NID_CHECKS.checks, *REGISTRY_CHECKS.checks, *RECORD_CHECKS.checks]
    known = {one.name for one in [*stories(), *checks]} | {"every story"}
    assert {look.where for look in looks()} <= known


@pytest.mark.parametrize("owner", [None, *Owner])
def test_the_command_shows_all_of_them_or_those_of_one(owner: Owner | None) -> None:
    words = ["requirements", "--json", *(["--for", owner] if owner else [])]
    shown = json.loads(CliRunner().invoke(app, words).stdout)
    assert [one["id"] for one in shown] == [one.id for one in owed_by((owner,) if owner else tuple(Owner))]
    bare = [one["id"] for one in shown if not one["looks"] and not one["unobserved"]]
    assert set(bare) <= set(TESTED)


def test_the_command_counts_what_is_looked_at() -> None:
    told = " ".join(
        CliRunner().invoke(app, ["requirements", "--for", "bridge"], env={"COLUMNS": "200"}).stdout.split()
    )
    of_bridge = owed_by((Owner.BRIDGE,))
    assert f"{len(of_bridge)} requirements: {sum(one.id in LOOKED_AT for one in of_bridge)} looked at" in told
    assert "MOSIP-HUB-11" in told and "forged_callbacks" in told
