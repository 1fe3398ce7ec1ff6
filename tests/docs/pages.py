"""The documentation as the tests read it: pages, links, commands, blocks of code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.kit import ROOT

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted(DOCS.rglob("*.md"))]

_FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.M | re.S)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    return [text for kind, text in _FENCE.findall(page.read_text(encoding="utf-8")) if kind == language]


def links(page: Path) -> list[str]:
    """Targets of the links outside blocks of code."""
    return _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes of the headings."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.+)$", _FENCE.sub("", page.read_text(encoding="utf-8")), re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        found.add(re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-"))
    return found


def commands(page: Path) -> Iterator[list[str]]:
    """Commands that the page tells to type, in words: those in shell blocks and between backticks."""
    text = page.read_text(encoding="utf-8")
    shell = [line for kind in ("sh", "yaml", "dockerfile") for block in blocks(page, kind)
             for line in block.replace("\\\n", " ").splitlines()]  # fmt: skip
    inline = re.findall(r"`([^`\n]+)`", _FENCE.sub("", text))
    for line in [*shell, *inline]:
        yield from _of_line(line)


def _of_line(line: str) -> Iterator[list[str]]:
    line = re.sub(r"\s#.*$", "", line).strip()
    line = re.sub(r"^(?:-\s+)?(?:run:|command:)?\s*", "", line)
    line = re.sub(r"^(?:[A-Z_0-9]+=\S*\s+)+", "", line)
    for part in re.split(r"\s(?:&&|\|\||\||;)\s", line):
        part = re.sub(r"^(?:[A-Z_0-9]+=\S*\s+)+", "", part.strip())
        words = part.split()
        if not words:
            continue
        words[0] = words[0].removeprefix(".venv/bin/")
        if words[0] in ("rehearse", "make", "bridge") or words[:2] == ["python", "-m"]:
            yield words
