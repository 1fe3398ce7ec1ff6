"""A server of ours as a process of its own, on free ports, as somebody else would run it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import DEVNULL, PIPE, Popen

from tests.forked import forked
from tests.kit import ROOT


@contextmanager
def program(module: str, **variables: object) -> Iterator[list[str]]:
    """The addresses that it says at its start, in their order; it is up when it has said them all."""
    environment = {
        **os.environ,
        **{name: str(value) for name, value in variables.items()},
        "PYTHONUNBUFFERED": "1",
    }
    process = Popen(forked(module), cwd=ROOT, env=environment, stdout=PIPE, stderr=DEVNULL, text=True)
    try:
        assert process.stdout is not None
        told = []
        for line in process.stdout:
            told.append(line)
            if "Ctrl-C" in line:
                break
        yield re.findall(r"http://[^\s)]+", "".join(told))
    finally:
        process.terminate()
        process.wait(timeout=240)
        process.stdout.close()
