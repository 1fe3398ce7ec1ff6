"""The committed reference pages are what the code gives now."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import generate


@pytest.mark.parametrize("page", generate.PAGES)
def test_the_committed_page_is_new(page: str) -> None:
    committed = (generate.FOLDER / page).read_text(encoding="utf-8")
    assert committed == generate.PAGES[page](), f"docs/reference/{page} is old: run make docs and commit it"


def test_no_page_is_left_over() -> None:
    assert {path.name for path in generate.FOLDER.iterdir()} == set(generate.PAGES)


def test_an_old_or_missing_page_is_noticed(tmp_path: Path) -> None:
    for name, render in generate.PAGES.items():
        (tmp_path / name).write_text(render(), encoding="utf-8")
    assert generate.stale(tmp_path) == []
    (tmp_path / "plans.md").write_text("old", encoding="utf-8")
    (tmp_path / "cli.md").unlink()
    assert generate.stale(tmp_path) == ["cli.md", "plans.md"]
