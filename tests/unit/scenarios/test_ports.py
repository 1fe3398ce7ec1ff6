"""Which ports `rehearse up` takes: named ones as they are, others moved on to the next free one."""

from __future__ import annotations

import socket

import pytest

from scenarios.stage.ports import STANDARD, choose_ports
from wire.http.listening import PortTaken


def test_the_standard_ports_when_they_are_free() -> None:
    assert choose_ports({}, free=lambda port: True) == STANDARD


def test_a_taken_standard_port_moves_to_the_next_free_one() -> None:
    ports = choose_ports({}, free=lambda port: port not in (7070, 7071))
    assert ports.gateway == 7072
    assert ports.auth == STANDARD.auth


def test_two_servers_never_share_a_port() -> None:
    ports = choose_ports({"auth": 7070}, free=lambda port: True)
    assert (ports.auth, ports.gateway) == (7070, 7071)


def test_a_taken_port_that_was_named_is_refused_with_the_option_to_change() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"{taken}.*--trigger-port"):
            choose_ports({"trigger": taken})
