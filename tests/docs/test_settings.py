"""The pages of settings."""

from __future__ import annotations

import re

from docs import generate
from docs.rendering import settings
from tests.docs.pages import PAGES
from tests.kit import ROOT


def test_every_setting_says_what_it_does() -> None:
    assert settings.undescribed() == []


def test_every_setting_is_turned_by_a_test_or_a_story_or_told_on_a_page() -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("tests", "scenarios/scripts", "scenarios/foreign", "scenarios/stage")
        for path in (ROOT / folder).rglob("*.py")
    )
    pages = "".join(
        path.read_text(encoding="utf-8")
        for path in [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "compose.yaml"]
        if path != generate.FOLDER / "settings.md"
    )
    turned = {*re.findall(r"\b[A-Z][A-Z0-9_]+\b", code), *re.findall(r"\b(\w+)=", code)}
    turned |= {*re.findall(r"(?<=[\"'])\w+(?=[\"'])", code)}
    unused = [
        variable
        for _, _, model in settings.PARTS
        for field in model.model_fields
        if (variable := settings.environment_name(model, field, model.model_fields[field])) not in pages
        and variable not in turned
        and field not in turned
    ]
    assert unused == []


def test_every_setting_that_a_page_names_exists() -> None:
    known = {
        settings.environment_name(model, field, model.model_fields[field])
        for _, _, model in settings.PARTS
        for field in model.model_fields
    }
    named = {
        (name, page.name)
        for page in PAGES
        for name in re.findall(
            r"\b(?:BRIDGE|MOCK_OPENCRVS|MOCK_NID|CONSOLE)_[A-Z0-9_]*[A-Z0-9]\b(?!_)", page.read_text("utf-8")
        )
    }
    assert {(name, page) for name, page in named if name not in known} == set()
