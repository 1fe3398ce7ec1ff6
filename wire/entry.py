"""How a program of the kit begins and ends: its modules are loaded here, so that what happens meanwhile is
told as it is later, in a line.
"""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def begin(module: str) -> None:
    """Call `main` of a module. The process ends with 130 by Ctrl-C, and with 1 when nobody reads what it says
    or there is no room for it.
    """
    try:
        try:
            import_module(module).main()
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except KeyboardInterrupt:
        status = 130
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
