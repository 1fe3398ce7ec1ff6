"""`make` sets everything up in `.venv`, whatever this machine's own Python and pip are set to."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.kit import ROOT

SOMEBODYS = {
    "PIP_USER": "yes",
    "PIP_TARGET": "/elsewhere",
    "PIP_PREFIX": "/elsewhere",
    "PIP_ROOT": "/elsewhere",
    "PIP_PYTHON": "/usr/bin/python3",
    "PIP_CONSTRAINT": "/no/such/file",
    "PIP_REQUIRE_HASHES": "1",
    "PYTHONHOME": "/elsewhere",
    "PYTHONPATH": "/elsewhere",
    "PYTHONOPTIMIZE": "1",
    "PYTHONWARNINGS": "error",
}
MEANT = {
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "PIP_CERT": "/cert.pem",
    "https_proxy": "http://127.0.0.1:9",
}


def recipes_have() -> dict[str, str]:
    done = subprocess.run(
        ["make", "-s", "-f", "Makefile", "-f", "-", "told"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **SOMEBODYS, **MEANT},
        input="told:\n\t@env\n",
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)


@pytest.mark.parametrize("name", SOMEBODYS)
def test_what_is_set_for_another_python_does_not_reach_ours(name: str) -> None:
    assert recipes_have().get(name, "no") == "no"


def test_where_packages_come_from_does() -> None:
    assert MEANT.items() <= recipes_have().items()
