"""Folders of countries, and what is changed in them."""

from __future__ import annotations

from pathlib import Path

from tests.known import vectors

BIRTH = vectors("declarations")["birth"]["declaration"]


def changed(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
