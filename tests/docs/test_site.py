"""The site of the documentation: it builds without a warning, asks nobody else, and can be searched."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import DOCS
from tests.kit import ROOT
from tests.programs import MKDOCS, need

LOADED = re.compile(r"<(?:script|img|iframe)[^>]+src=\"(https?:[^\"]+)|<link[^>]+href=\"(https?:[^\"]+)")


def test_site_is_whole_and_needs_no_internet(tmp_path: Path) -> None:
    need(MKDOCS)
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    pages = {page.relative_to(tmp_path).as_posix() for page in tmp_path.rglob("*.html")}
    sources = {page.relative_to(DOCS).with_suffix(".html").as_posix() for page in DOCS.rglob("*.md")}
    assert sources - pages == set()
    assert "project/ARCHITECTURE.html" in pages
    for name in pages:
        assert LOADED.findall((tmp_path / name).read_text("utf-8")) == [], name
    found = json.loads((tmp_path / "search" / "search_index.json").read_text("utf-8"))["docs"]
    assert any("401 at the hub" in entry["text"] for entry in found)
    assert not list(tmp_path.rglob("*.py"))
