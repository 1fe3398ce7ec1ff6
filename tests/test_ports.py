"""A port that a test chose is nobody else's until its server listens, and while that is down."""

from __future__ import annotations

import socket
import sys

import pytest

from testbed import serving
from tests.ports import free_port

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a port is chosen, and not held")


def test_a_port_is_held_for_the_server_that_is_to_come() -> None:
    port = free_port()
    for _ in range(2):
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port))
        with socket.create_server(("127.0.0.1", port)) as server:  # it sets SO_REUSEADDR, as all servers do
            socket.create_connection(server.getsockname()).close()


def test_nobody_who_takes_any_port_takes_it() -> None:
    held = {free_port() for _ in range(200)}
    given = set()
    for _ in range(2000):
        with socket.create_server(("127.0.0.1", 0)) as server:
            given.add(server.getsockname()[1])
    assert len(held) == 200 and not held & {*given, *(serving.free_port() for _ in range(100))}
