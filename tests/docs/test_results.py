"""The commands of the page about results, in an empty folder and in the order of the page."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, blocks
from tests.forked import shim

PAGE = DOCS / "how-to" / "a-result-that-others-can-check.md"
SOME = "rehearse run --quiet sync_success async_rejection"


def test_the_commands_of_the_page_run(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, rehearsal_keys: Path
) -> None:
    bin_folder = tmp_path_factory.mktemp("bin")
    shim(bin_folder / "rehearse", "scenarios.cli")
    environment = {"PATH": f"{bin_folder}:{os.environ['PATH']}", "COLUMNS": "200"}
    environment["REHEARSAL_KEYS"] = str(rehearsal_keys)
    said = ""
    for block in blocks(PAGE, "sh"):
        script = block.replace("rehearse run --quiet", SOME)  # all of them would only take longer
        done = subprocess.run(
            ["bash", "-euc", script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        said += done.stdout
        assert done.returncode == 0, done.stdout + done.stderr
    assert "The signature holds." in said
    assert "OpenCRVS 2.0" in said and "OpenCRVS 2.1" in said
    made = {path.name for path in tmp_path.iterdir()} - {".rehearsal"}
    names = (
        "first.json",
        "first.ndjson",
        "first.html",
        "first.badge",
        "second.json",
        "matrix.html",
        "matrix.md",
    )
    assert made == {name.replace("first.badge", "first.svg") for name in names}
