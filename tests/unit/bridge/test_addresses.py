"""Addresses that nobody gave follow from those that were, as in the mediator's environment (§11.3)."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.mosip.addresses import PATHS, as_mediator, completed, foreign

MOSIP = "https://mosip.country.example"
PACKETS = {
    "create_packet_url": f"{MOSIP}/commons/v1/packetmanager/createPacket",
    "process_packet_url": f"{MOSIP}/registrationprocessor/v1/workflowmanager/workflowinstance",
}


def test_below_one_base_everything_has_its_usual_path() -> None:
    found = completed({"mosip_url": f"{MOSIP}/"})
    assert {name: found[name] for name in PATHS} == {name: MOSIP + paths[0] for name, paths in PATHS.items()}
    assert found["verification_methods"] == f"{MOSIP}/.well-known/public-key.json"
    assert (found["ida_domain_uri"], found["data_share_hosts"]) == (MOSIP, "mosip.country.example")
    assert found["esignet_token_url"] == "", "nobody named an eSignet beside a foreign host: there is none"


@pytest.mark.parametrize(
    ("given", "name", "derived"),
    [
        (PACKETS, "identity_url", f"{MOSIP}/idrepository/v1/identity"),
        (PACKETS | {"identity_url": "https://other.example/x"}, "identity_url", "https://other.example/x"),
        # status and workflow are of one service, wherever packets are created
        (
            {**PACKETS, "create_packet_url": "https://packets.example/createPacket"},
            "status_url",
            f"{MOSIP}/registrationprocessor/v1/registrationstatus/externalstatus/search",
        ),
        # of an unusual address only the origin is known
        (
            {"hub_url": f"{MOSIP}/odd/place"},
            "mosip_auth_url",
            f"{MOSIP}/v1/authmanager/authenticate/clientidsecretkey",
        ),
        ({"hub_url": f"{MOSIP}/base/hub/"}, "vid_url", f"{MOSIP}/base/idrepository/v1/vid"),
        ({"mosip_url": MOSIP, "verification_methods": "https://x/key.json"}, "well_known_url", ""),
        ({"public_key_url": "https://auth.example/.well-known"}, "auth_url", "https://auth.example"),
        ({"auth_url": "https://auth.example/"}, "public_key_url", "https://auth.example/.well-known"),
        (
            {"esignet_token_url": "https://e.example/v1/esignet/oauth/v2/token"},
            "esignet_userinfo_url",
            "https://e.example/v1/esignet/oidc/userinfo",
        ),
        ({"esignet_url": ""}, "esignet_jwks_url", ""),
    ],
)
def test_what_follows_from_what_was_given(given: dict[str, Any], name: str, derived: str) -> None:
    assert completed(given)[name] == derived


def test_on_this_machine_nothing_is_foreign_and_nothing_is_assumed() -> None:
    found = completed({"mosip_url": "http://127.0.0.1:20240"})
    assert "data_share_hosts" not in found and "esignet_token_url" not in found
    assert completed({}) == {}


def test_from_a_wrong_address_none_follows() -> None:
    assert completed({"mosip_url": "mosip"}) == {"mosip_url": "mosip"}


@pytest.mark.parametrize(
    ("given", "ours"),
    [
        ({"sqlite_path": "x"}, True),
        (PACKETS, True),
        (PACKETS | {"mosip_url": MOSIP}, False),
        ({"port": 1}, False),
    ],
)
def test_in_the_mediators_place_the_trigger_port_is_the_countrys(given: dict[str, Any], ours: bool) -> None:
    assert as_mediator(given) is ours
    assert ("trigger_port" in completed(given)) is ours


@pytest.mark.parametrize(
    ("callback", "host"), [("https://bridge.example/x", "0.0.0.0"), ("http://localhost/x", None)]
)
def test_who_is_called_from_elsewhere_listens_to_elsewhere(callback: str, host: str | None) -> None:
    assert completed({**PACKETS, "callback_url": callback}).get("host") == host


@pytest.mark.parametrize(
    ("address", "elsewhere"),
    [
        (MOSIP, True),
        ("http://localhost, https://mosip.example", True),
        (["http://127.0.0.1"], False),
        ("no address", False),
        (None, False),
    ],
)
def test_what_is_of_another_machine(address: Any, elsewhere: bool) -> None:
    assert foreign(address) is elsewhere
