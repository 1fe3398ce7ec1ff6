"""`rehearse verify` of a bridge before a country config that asks for a fee, and of one that applies."""

from __future__ import annotations

from pathlib import Path

from bridge.country import COUNTRIES
from scenarios.events import StoryOutcome
from scenarios.foreign.bridge import Foreign
from scenarios.stage.actors.country import charging
from scenarios.stage.credentials import OPERATIONS_TOKEN
from scenarios.story import Need
from tests.ports import free_port
from tests.scenarios.test_verifying import (
    addresses,
    bridge_process,
    environment,
    folder,
    free_ports,
    verified,
)

__all__ = ["folder"]
_PATIENCE_HOURS = 18 / 3600


def test_without_its_port_neither_is_played() -> None:
    lacks = Foreign("http://127.0.0.1:1", "http://127.0.0.1:1").lacks()
    assert "--country-config-port" in lacks[Need.COUNTRY_CONFIG]
    assert "--payments-port" in lacks[Need.PAYMENTS]


async def test_a_bridge_before_a_country_config_that_asks_for_a_fee(
    rehearsal_keys: Path, folder: Path
) -> None:
    ports, country_config, payments = free_ports(), free_port(), free_port()
    with charging("birth", _PATIENCE_HOURS) as files:
        variables = environment(ports, rehearsal_keys, folder) | {
            "BRIDGE_COUNTRY": str(files),
            "BRIDGE_COUNTRY_CONFIG_URL": f"http://127.0.0.1:{country_config}",
            "BRIDGE_PAYMENTS_URL": f"http://127.0.0.1:{payments}",
        }
        with bridge_process(variables, folder / "bridge.log"):
            foreign = Foreign(
                *addresses(ports),
                OPERATIONS_TOKEN,
                patience=30,
                country_config_port=country_config,
                payments_port=payments,
            )
            names = ("country_config_down", "payment_never_comes", "older_child")
            endings = (await verified(foreign, ports, rehearsal_keys, *names)).endings
    *played, older = endings
    assert [(one.outcome, one.failures) for one in played] == [(StoryOutcome.PASSED, ())] * 2
    assert older.outcome is StoryOutcome.NOT_PLAYED
    assert "not offered" in older.failures[0]


async def test_a_bridge_that_applies_for_older_children(rehearsal_keys: Path, folder: Path) -> None:
    ports = free_ports()
    nid = f"http://127.0.0.1:{ports.nid}"
    variables = environment(ports, rehearsal_keys, folder) | {
        "BRIDGE_COUNTRY": str(COUNTRIES / "uganda"),
        "MOSIP_URL": nid,
    }
    with bridge_process(variables, folder / "bridge.log"):
        foreign = Foreign(*addresses(ports), OPERATIONS_TOKEN, patience=30)
        (ended,) = (await verified(foreign, ports, rehearsal_keys, "older_child")).endings
    assert (ended.outcome, ended.failures) == (StoryOutcome.PASSED, ())
