"""Packages of npm, fetched once without being installed: the tarball, whose digest is known here."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

from tests.once import once
from tests.programs import fetched, npm, unpack


def package(name: str, version: str, sha256: str) -> Path:
    """The folder of the unpacked package. OSError or SubprocessError when it cannot be had."""

    def fetch(folder: Path) -> None:
        npm("pack", "--silent", f"{name}@{version}", cwd=folder)
        (archive,) = folder.glob("*.tgz")
        if hashlib.sha256(archive.read_bytes()).hexdigest() != sha256:
            raise OSError(f"{name}@{version} is not the package that was reviewed")
        with tarfile.open(archive) as packed:
            unpack(packed, folder)
        archive.unlink()

    plain = name.strip("@").replace("/", "-")
    return once(fetched() / f"{plain}-{version}", fetch) / "package"
