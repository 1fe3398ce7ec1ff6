"""Where the servers of a rehearsal listen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from testbed.serving import free_port, port_is_free
from wire.http.listening import PortTaken

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    """Where each server listens; 0 takes a free one."""

    gateway: int = 0
    auth: int = 0
    nid: int = 0
    esignet: int = 0
    trigger: int = 0
    mediator: int = 0

    def settled(self) -> Ports:
        """The bridge's ports are fixed before it runs: OpenCRVS must know them, and a restart keeps them."""
        return replace(
            self, trigger=self.trigger or free_port(HOST), mediator=self.mediator or free_port(HOST)
        )


STANDARD = Ports(gateway=7070, auth=4040, nid=20240, esignet=20260, trigger=3040, mediator=2024)
OPTIONS = {
    "gateway": "--gateway-port",
    "auth": "--auth-port",
    "nid": "--nid-port",
    "esignet": "--esignet-port",
    "trigger": "--trigger-port",
    "mediator": "--mediator-port",
}


WantedPorts = Mapping[str, int | None]
"""The ports that were asked for, by name; None where the standard one, or the next free one, will do."""


def or_standard(asked: WantedPorts) -> Ports:
    """What was asked for, and the standard ports for the rest: for somebody who looks there."""
    return replace(STANDARD, **{name: wanted for name, wanted in asked.items() if wanted is not None})


def choose_ports(asked: WantedPorts, *, free: Callable[[int], bool] | None = None) -> Ports:
    """The ports to use. PortTaken names the option when one that was asked for is taken."""
    free = free or (lambda port: port_is_free(HOST, port))
    chosen: dict[str, int] = {}
    for name, option in OPTIONS.items():
        if (wanted := asked.get(name)) is not None:
            if wanted and not free(wanted):
                raise PortTaken(HOST, wanted, option)
            chosen[name] = wanted
    for name in OPTIONS:
        if name not in chosen:
            port = getattr(STANDARD, name)
            while port in chosen.values() or not free(port):
                port += 1
            chosen[name] = port
    return Ports(**chosen)
