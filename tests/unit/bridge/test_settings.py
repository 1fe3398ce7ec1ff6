from __future__ import annotations

import pytest
from pydantic import ValidationError

from bridge.settings import Settings
from mock_nid.settings import Settings as NidSettings


def test_the_bridge_believes_the_mock_of_the_id_system_as_both_come() -> None:
    issuer = f"http://127.0.0.1:{NidSettings().port}"
    assert Settings().verification_methods == (f"{issuer}/.well-known/public-key.json",)


def test_one_base_moves_every_address_of_mosip_that_is_not_given() -> None:
    settings = Settings(MOSIP_URL="http://127.0.0.1:9/", MOSIP_WEBSUB_HUB_URL="http://127.0.0.1:8/hub")
    assert settings.create_packet_url == "http://127.0.0.1:9/commons/v1/packetmanager/createPacket"
    assert settings.verification_methods == ("http://127.0.0.1:9/.well-known/public-key.json",)
    assert settings.hub_url == "http://127.0.0.1:8/hub"
    assert settings.data_share_hosts == ("127.0.0.1", "localhost")


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"BRIDGE_MODE": "later"}, "BRIDGE_MODE"),
        ({"BRIDGE_REGISTRATION_NUMBER": "{year}"}, "trackingId"),
        ({"PORT": "70000"}, "PORT"),
    ],
)
def test_a_wrong_setting_is_named(values: dict[str, str], names: str) -> None:
    with pytest.raises(ValidationError, match=names):
        Settings.model_validate(values)
