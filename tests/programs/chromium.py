"""The Chromium that lies in an npm package, for machines where no other can be had (Linux on x86-64).

`@sparticuz/chromium` carries a headless Chromium, some libraries and one font, compressed with Brotli, which
Node opens.
"""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

from tests.programs import NODE, fetched, unpack
from tests.programs.packages import package

VERSION = "153.0.0"
SHA256 = "20e5656fcdcf4118ede85edfb9d6bb9cc1bbb7ffb8b75622fffbcf36a835c3c0"
INFLATE = (
    "const [from, to] = process.argv.slice(1), fs = require('fs');"
    "fs.writeFileSync(to, require('zlib').brotliDecompressSync(fs.readFileSync(from)))"
)
START = """#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/headless" "$@"
"""
FONTS = """<?xml version="1.0"?>
<fontconfig><dir>{folder}/fonts</dir><cachedir>{folder}/fonts-cache</cachedir></fontconfig>
"""


def install() -> None:
    """Put it where `tests.programs` looks for it. OSError or SubprocessError when it cannot be had."""
    packed = package("@sparticuz/chromium", VERSION, SHA256) / "bin"
    folder = fetched() / "chromium"
    folder.mkdir(parents=True, exist_ok=True)
    for part in ("al2023.tar", "fonts.tar"):
        with tarfile.open(_inflated(packed / f"{part}.br", folder / part)) as archive:
            unpack(archive, folder)
        (folder / part).unlink()
    _inflated(packed / "chromium.br", folder / "headless").chmod(0o755)
    (folder / "fonts.conf").write_text(FONTS.format(folder=folder))
    (folder / "chromium").write_text(START)
    (folder / "chromium").chmod(0o755)


def _inflated(packed: Path, to: Path) -> Path:
    subprocess.run([str(NODE.find()), "-e", INFLATE, str(packed), str(to)], check=True, timeout=300)
    return to


if __name__ == "__main__":
    install()
