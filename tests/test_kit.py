"""What is installed from the wheel is whole, and works without the repository."""

from __future__ import annotations

import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.kit import ROOT, Kit

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = [name.rstrip("*") for name in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]]


@pytest.mark.parametrize("package", PACKAGES)
def test_the_wheel_has_every_file(kit: Kit, package: str) -> None:
    files = (path for path in (ROOT / package).rglob("*") if path.is_file() and path.suffix != ".pyc")
    ours = {path.relative_to(ROOT).as_posix() for path in files}
    assert ours
    assert ours <= set(ZipFile(kit.wheel).namelist())


def test_every_package_comes_from_the_wheel(kit: Kit, tmp_path: Path) -> None:
    show = "import importlib, sys; print(*(importlib.import_module(name).__path__ for name in sys.argv[1:]))"
    done = kit.run(kit.argv("python", "-c", show, *PACKAGES), cwd=tmp_path)
    assert done.stdout.strip() == " ".join(str([str(kit.packages / name)]) for name in PACKAGES), done.stderr


def test_the_commands_work(kit: Kit, tmp_path: Path, rehearsal_keys: Path) -> None:
    listed = kit.run(kit.argv("rehearse", "list"), cwd=tmp_path)
    assert listed.returncode == 0, listed.stderr
    assert "async_delay" in listed.stdout
    report = tmp_path / "report.html"
    words = ("run", "async_delay", "--quiet", "--keys", str(rehearsal_keys), "--html", str(report))
    played = kit.run(kit.argv("rehearse", *words), cwd=tmp_path)
    assert played.returncode == 0, played.stdout + played.stderr
    assert "</html>" in report.read_text(encoding="utf-8")
    helped = kit.run(kit.argv("bridge", "--help"), cwd=tmp_path)
    assert helped.returncode == 0, helped.stderr
