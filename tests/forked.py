"""Programs of the kit as processes of their own that start at once: forks of one that has imported it all.

`forked("bridge")` stands where `sys.executable, "-m", "bridge"` would: with its own arguments, environment,
folder and streams, and it can be signalled and killed. The process that is called passes these to a server of
this run, which forks. A test of what the interpreter itself does at its start (an encoding, what is imported)
starts a real one.

The suite's own processes are forks, too: of one that has collected the tests, which takes five seconds.
"""

from __future__ import annotations

import gc
import json
import os
import shlex
import signal
import socket
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from subprocess import PIPE, Popen

_HERE = Path(__file__)
_STREAMS = 3
_IMPORTED = (
    "alembic.command",
    "asyncpg",
    "bridge.app",
    "bridge.cli.app",
    "bridge.store.copying",
    "bridge.takeover",
    "mock_nid.program",
    "mock_opencrvs.program",
    "scenarios.cli.app",
    "scenarios.cli.up",
    "scenarios.control.app",
    "scenarios.doctor.examination",
    "scenarios.foreign.targets",
    "scenarios.reports.html",
    "scenarios.reports.result",
    "scenarios.reports.terminal",
    "scenarios.side_by_side",
    "scenarios.single",
    "scenarios.stage.setup",
    "typer.rich_utils",
    "uvloop",
)
"""What the programs import first or last. A script of the library is imported by who plays it."""


POSSIBLE = sys.platform == "linux"
"""Elsewhere a fork may not have threads, and there is no pidfd."""

_FOLDER, _RUN = "TESTS_FORKED", "TESTS_RUN"
"""Where the processes of a run find what they share of these, and the number of the one that started them."""


def forked(module: str, address: str = "") -> list[str]:
    """How the module is called as a program; `address`: of a server that is not the usual one."""
    if not POSSIBLE:
        return [sys.executable, "-m", module]
    return [*_called(address or _of_programs()), module]


def shim(file: Path, module: str, after: str = "") -> None:
    """An executable of a shell that calls the module, for who types commands; `after`: what it is called with
    before its own arguments (`-m bridge` of a python).
    """
    drop = f"shift {len(after.split())}\n" if after else ""
    file.write_text(f'#!/bin/sh\n{drop}exec {shlex.join(forked(module))} "$@"\n')
    file.chmod(0o755)


def serving(address: Path, python: str, modules: Sequence[str]) -> None:
    """Start a server of a Python, whose forks begin with these modules; it ends with this run."""
    run = os.pidfd_open(int(os.environ.get(_RUN, os.getpid())))
    command = [python, "-P", str(_HERE), "--serve", str(address), "--import", *modules]
    server = Popen(command, stdin=run, stdout=PIPE, env={})
    os.close(run)
    _until_ready(server)
    server.returncode = 0  # it outlives this process, which is not to say so


def workers(args: Sequence[str]) -> list[str]:
    """How the interpreter is called for a process of a suite with these arguments."""
    folder = _made()
    os.environ |= {_FOLDER: folder, _RUN: str(os.getpid())}
    address = f"{folder}/collecting"
    command = [sys.executable, "-m", "tests.forked", "--serve", address, *args]
    server = Popen(command, cwd=_HERE.parents[1], stdin=PIPE, stdout=PIPE)
    _until_ready(server)
    _kept.append(server)  # its input ends with this process
    return [*_called(address), ""]


def _called(address: str) -> list[str]:
    return [sys.executable, "-IS", str(_HERE), address]


@cache
def _of_programs() -> str:
    """The address of the run's server of them, which is started by the first that asks."""
    from tests.once import once

    folder = Path(os.environ.get(_FOLDER) or _made(), "programs")
    return str(once(folder, lambda folder: serving(folder / "socket", sys.executable, _IMPORTED)) / "socket")


def _made() -> str:
    folder = tempfile.TemporaryDirectory(prefix="forks-")
    _kept.append(folder)
    return folder.name


_kept: list[object] = []


def _until_ready(server: Popen[bytes]) -> None:
    assert server.stdout is not None
    with server.stdout as said:
        assert said.readline() == b"ready\n"


def call(address: str, module: str, words: list[str]) -> int:
    """The process that is called: what it was given goes to a fork, whose status it ends with."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(address)
        given = json.dumps([module, words, dict(os.environ), os.getcwd()]).encode()
        socket.send_fds(line, [len(given).to_bytes(4)], range(_STREAMS))
        line.sendall(given)
        child = int.from_bytes(_read(line, 4))
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, _: _told(child, number))
        line.sendall(b"!")
        status = int.from_bytes(_read(line, 4), signed=True)
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    return status


def _told(child: int, number: int) -> None:
    with suppress(ProcessLookupError):  # it has ended, and its status is on the way
        os.kill(child, number)


def _read(line: socket.socket, size: int) -> bytes:
    read = b""
    while len(read) < size:
        got = line.recv(size - len(read))
        if not got:
            raise EOFError("the server of forks has ended")
        read += got
    return read


def collected(args: list[str]) -> bool:
    """Import every test: each process collects for itself, and quickly. False when one cannot be imported,
    which is then half there.
    """
    import contextlib
    import io

    import pytest

    silent = io.StringIO()
    with contextlib.redirect_stdout(silent), contextlib.redirect_stderr(silent):
        status = pytest.main([*args, "--collect-only", "-n0", "-p", "no:cacheprovider"])
    # imported late: pytest warns of what it is to rewrite, all that is installed with a plugin, and cannot
    from wire.loop import keep_what_is_loaded

    keep_what_is_loaded.cache_clear()  # each has tests of its own to keep
    return status in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


def serve(address: str, args: list[str]) -> None:
    """Fork for each call, until the input ends."""
    import select

    if args[:1] == ["--import"]:
        for module in args[1:]:
            import_module(module)
    elif args and not collected(args):  # each process is to tell it
        os.execv(sys.executable, [sys.executable, "-m", "tests.forked", "--serve", address])
    gc.freeze()  # else each fork copies what a collection would mark
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # whoever called ends by Ctrl-C itself, and undoes what it made
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen(64)
        print("ready", flush=True)
        while True:
            ready, _, _ = select.select([door, 0], [], [])
            if 0 in ready:
                return
            line, _ = door.accept()
            if os.fork() == 0:
                door.close()
                os._exit(_watch(line))
            line.close()


def _watch(line: socket.socket) -> int:
    """One call: the fork runs for as long as its caller does."""
    import select

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, files, _, _ = socket.recv_fds(line, 4, _STREAMS)
    module, words, environment, folder = json.loads(_read(line, int.from_bytes(size)))
    go, wait = socket.socketpair()
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)  # Ctrl-C in a terminal comes once, from who called
        line.close()
        go.close()
        if not wait.recv(1):
            os._exit(1)  # who called was killed before it began
        wait.close()
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        os._exit(_run(module, words))
    for number in range(_STREAMS):
        os.close(files[number])
        os.close(number)
    line.sendall(child.to_bytes(4))
    if line.recv(1):
        go.sendall(b"!")
    ended = os.pidfd_open(child)
    ready, _, _ = select.select([ended, line], [], [])
    if ended not in ready:
        os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if ended in ready:
        line.sendall(status.to_bytes(4, signed=True))
    return 0


def _run(module: str, words: list[str]) -> int:
    """The module as a program in this process; its status, as the interpreter would have it."""
    import atexit
    import runpy
    import threading
    import traceback

    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", 1, encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
    sys.argv[1:] = words
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in the background has it ignored
    status = 0
    try:
        if module:
            sys.path.insert(0, os.getcwd())  # as `-m` does
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        else:  # the interpreter itself, with `-u -c …`
            exec(words[-1], {"__name__": "__main__"})
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - what the interpreter tells before it ends
        traceback.print_exc()
        status = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            status = status or 120
    return status


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        serve(sys.argv[2], sys.argv[3:])
    else:
        try:
            sys.exit(call(sys.argv[1], sys.argv[2], sys.argv[3:]))
        except (EOFError, OSError) as error:  # as after Ctrl-C
            sys.exit(str(error))
