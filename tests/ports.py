"""Ports for servers that a test starts, in this process or others."""

from __future__ import annotations

import socket
import sys

from testbed import serving


def free_port() -> int:
    """A port that nobody else is given while this process lives, also while no server listens on it.

    It is bound here and not listened on: who asks for any free port gets another, and a server, which sets
    SO_REUSEADDR, may listen on it. Elsewhere than on Linux it may not.
    """
    if sys.platform != "linux":
        return serving.free_port()
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # only now: it might be given twice
    port: int = held.getsockname()[1]
    _held.append(held)
    return port


_held: list[socket.socket] = []
