"""How a program of the kit begins and ends: its modules are loaded here, so that what happens meanwhile is
told as it is later, in a line.
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

CANNOT_BEGIN, INTERRUPTED = 2, 130
STATUSES = (
    "Exit status: 0 done, or a server that was stopped; 1 refused or failed; "
    "2 nothing was begun, since an option, a setting, a file, a database or a port is wrong; 130 interrupted."
)
"""One status for one reason, of all commands; for their help."""
INSTALL = "pip install 'opencrvs-nid-rehearsal[rehearsal]'"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class CannotBegin(Exception):
    """Nothing was begun; the message says what is in the way, and what to do. A command ends with 2."""


def begin(module: str) -> None:
    """Call `main` of a module. The process ends with 130 by Ctrl-C or SIGTERM, with 2 when a package is
    lacking, and with 1 when nobody reads what it says or there is no room for it.
    """
    # whoever stops a job of a pipeline means what Ctrl-C means; a server has its own way to stop
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    gc.set_threshold(20_000, 20, 50)  # what is imported stays: to look through it again takes time
    try:
        try:
            import_module(module).main()
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except KeyboardInterrupt:
        status = INTERRUPTED
    except ModuleNotFoundError as lacking:
        # the bridge installed alone has the other programs too
        sys.stderr.write(f"{lacking.name} is not installed; {INSTALL} brings all that the kit needs\n")
        status = CANNOT_BEGIN
    except OSError as error:
        if error.errno in _NO_ROOM:
            sys.stderr.write(
                f"{error.strerror}: what was written is not whole; make room, or write elsewhere\n"
            )
        elif error.errno != errno.EPIPE:
            raise
        status = 1
    else:
        return
    # the interpreter flushes once more at its end
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(status)


@contextmanager
def not_interrupted() -> Iterator[None]:
    """Ctrl-C, pressed once more while what was done is put in order, does nothing. Of the main thread."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
