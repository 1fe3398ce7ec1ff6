"""One root; an error without words of its own says what its class says."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import bridge
from bridge.errors import BridgeError, Refusal
from bridge.registration import PacketIdTaken


def test_every_error_of_the_bridge_has_the_one_root() -> None:
    own = set()
    for module in pkgutil.walk_packages(bridge.__path__, "bridge."):
        if module.name.endswith("__main__") or ".migrations" in module.name:
            continue
        own |= {
            value
            for value in vars(import_module(module.name)).values()
            if isinstance(value, type)
            and issubclass(value, BaseException)
            and value.__module__.startswith("bridge.")
        }
    assert len(own) > 15
    assert {error.__name__ for error in own if not issubclass(error, BridgeError)} == set()
    assert all(error.__doc__ for error in own if not error.__name__.startswith("_"))


def test_its_docstring_is_its_message() -> None:
    assert str(PacketIdTaken()) == "Another registration has this packet id; nothing was written."


def test_a_refusal_says_what_and_why() -> None:
    assert str(Refusal(409, "Not possible now", "it is settled")) == "Not possible now: it is settled"
