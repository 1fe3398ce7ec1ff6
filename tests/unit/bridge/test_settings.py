from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings

from bridge.mosip.addresses import missing
from bridge.settings import Settings
from docs.rendering.settings import PARTS
from mock_nid.settings import Settings as NidSettings
from wire.environment import SettingRefused, environment_name


def test_the_bridge_believes_the_mock_of_the_id_system_as_both_come() -> None:
    issuer = f"http://127.0.0.1:{NidSettings().port}"
    assert Settings().verification_methods == (f"{issuer}/.well-known/public-key.json",)


def test_one_base_moves_every_address_of_mosip_that_is_not_given() -> None:
    settings = Settings(MOSIP_URL="http://127.0.0.1:9/", MOSIP_WEBSUB_HUB_URL="http://127.0.0.1:8/hub")
    assert settings.create_packet_url == "http://127.0.0.1:9/commons/v1/packetmanager/createPacket"
    assert settings.verification_methods == ("http://127.0.0.1:9/.well-known/public-key.json",)
    assert settings.hub_url == "http://127.0.0.1:8/hub"
    assert settings.data_share_hosts == ("127.0.0.1", "localhost")


ADDRESSES = [
    str(field.alias)
    for field in Settings.model_fields.values()
    if str(field.alias).endswith("_URL") and field.alias != "BRIDGE_DATABASE_URL"
]
SECRETS = [str(f.alias) for f in Settings.model_fields.values() if "SecretStr" in str(f.annotation)]


DURATIONS = [str(f.alias) for f in Settings.model_fields.values() if str(f.alias).endswith("_SECONDS")]


@pytest.mark.parametrize("name", DURATIONS)
@pytest.mark.parametrize("wrong", ["inf", "nan", "1e308", "0", "-1"])
def test_a_time_without_end_is_refused(name: str, wrong: str) -> None:
    with pytest.raises(ValidationError, match=name):
        Settings.model_validate({name: wrong})


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize(
    "wrong",
    [
        '"http://gw.example:7070"',
        "'http://gw.example'",
        "http://gw.example:7070\r",
        "http://gw.example\n",
        "gw.example:7070",
        "gw.example",
        "//gw.example",
        "ftp://gw.example",
        "http://",
        "http://gw.example:port",
        "http://gw.example:70700",
        "http://gw example",
        "http://[::1",
        "http://gw.example:0",
        "http://user:se-cret@gw.example",
        "https://a.example,https://b.example",
        "http://gw.example;7070",
    ],
)
def test_what_is_no_address_is_refused_by_the_settings_name(name: str, wrong: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate({name: wrong})
    assert [error["loc"] for error in refused.value.errors()] == [(name,)]


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("wrong", ["se-cret\n", "se\rcret", '"se-cret"', " se-cret"])
def test_a_secret_with_what_a_file_left_around_it_is_refused_and_not_told(name: str, wrong: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate({name: wrong})
    [error] = refused.value.errors(include_input=False)
    assert error["loc"] == (name,) and "cret" not in error["msg"]


SECRET = "amina=" + "0f" * 16
"""Good as any of them."""


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_can_lie_in_a_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text(SECRET + "\n")
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "secret"))
    [field] = [field for field, info in Settings.model_fields.items() if info.alias == name]
    assert getattr(Settings(), field).get_secret_value() == SECRET
    monkeypatch.setenv(name, "another")
    with pytest.raises(SettingRefused, match=f"{name}_FILE"):
        Settings()
    monkeypatch.setenv(name, "")
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "missing"))
    with pytest.raises(SettingRefused, match=f"{name}_FILE.*No such file"):
        Settings()


@pytest.mark.parametrize("name", SECRETS)
def test_a_file_as_editors_leave_it(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_bytes(b"\xef\xbb\xbf" + SECRET.encode() + b"\r\n")
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "secret"))
    [field] = [field for field, info in Settings.model_fields.items() if info.alias == name]
    assert getattr(Settings(), field).get_secret_value() == SECRET
    (tmp_path / "secret").write_text("\n")
    if name.endswith("_PASSWORD"):  # a P12 file may have none
        assert getattr(Settings(), field).get_secret_value() == ""
    else:  # the published secret would be used in silence
        with pytest.raises(SettingRefused, match=f"{name}_FILE.*is empty"):
            Settings()


def test_a_toml_file_gives_what_the_environment_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text("our-hub-secret\n")
    toml = tmp_path / "bridge.toml"
    toml.write_bytes(
        b"\xef\xbb\xbfMOSIP_WEBSUB_HUB_URL = 'http://127.0.0.1:8/hub'\nport = 2025\n"
        + f"mosip_websub_secret_file = '{tmp_path}/secret'\nBRIDGE_MODE = 'sync'\n".encode()
    )
    # what is derived from a variable is not a variable
    monkeypatch.setenv("MOSIP_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("BRIDGE_MODE", "async")
    settings = Settings.from_file(toml)
    assert settings.hub_url == "http://127.0.0.1:8/hub"
    assert settings.create_packet_url == "http://127.0.0.1:9/commons/v1/packetmanager/createPacket"
    assert (settings.port, settings.mode) == (2025, "async")
    assert settings.hub_secret.get_secret_value() == "our-hub-secret"
    toml.write_text("gateway = 1")
    with pytest.raises(ValueError, match=r"bridge\.toml: no setting is called gateway"):
        Settings.from_file(toml)
    toml.write_bytes(b"PORT = \xff")
    with pytest.raises(ValueError, match=r"bridge\.toml"):
        Settings.from_file(toml)


@pytest.mark.parametrize("model", [each for _, _, each in PARTS], ids=lambda model: model.__module__)
def test_no_setting_is_another_ones_file(model: type[BaseSettings]) -> None:
    names = {environment_name(model, name, field) for name, field in model.model_fields.items()}
    assert not {f"{name}_FILE" for name in names} & names


@pytest.mark.parametrize("model", [each for _, _, each in PARTS], ids=lambda model: model.__module__)
def test_a_variable_counts_under_its_full_name_alone(
    model: type[BaseSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    """LANGUAGE, MODE, TOPIC and more are variables of others."""
    ours = {environment_name(model, name, field) for name, field in model.model_fields.items()}
    for name in {name.upper() for name in model.model_fields} - ours:
        monkeypatch.setenv(name, "a word of somebody else's")
    assert model().model_dump() == model.model_validate({}).model_dump()


EMPTY = {
    "MOSIP_STATUS_URL": "",
    "MOSIP_TRANSACTION_URL": "",
    "MOSIP_WELL_KNOWN_URL": "",
    "MOSIP_WEBSUB_WORKFLOW_TOPIC": "",
    "MOSIP_WEBSUB_ACKNOWLEDGE_TOPIC": "",
    "MOSIP_DATA_SHARE_HOSTS": (),
    "DECRYPT_P12_FILE_PASSWORD": SecretStr(""),
    "SIGN_P12_FILE_PASSWORD": SecretStr(""),
    "ESIGNET_TOKEN_URL": "",
    "BRIDGE_FORWARDED": (),
    "BRIDGE_NATIONAL_ID_FIELDS": (),
    "BRIDGE_CHILD_UNDER_YEARS": None,
    "BRIDGE_TRIGGER_PORT": None,
    "BRIDGE_OPERATIONS_TOKEN": None,
    "CLIENT_APP_URL": None,
    "MOSIP_WEBSUB_CALLBACK_URL": None,
    "BRIDGE_OFFICE_CODES": (),
    "PORT": 2024,
    "MOSIP_URL": "http://127.0.0.1:20240",
    "DECRYPT_P12_FILE_PATH": None,
    "MOSIP_WEBSUB_SECRET": SecretStr("mosip-websub-secret"),
}


@pytest.mark.parametrize(("name", "value"), EMPTY.items())
def test_an_empty_variable_is_off_where_that_means_something_else_not_given(
    name: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "")
    [field] = [field for field, info in Settings.model_fields.items() if info.alias == name]
    assert getattr(Settings(), field) == value
    assert getattr(Settings.model_validate({name: ""}), field) == value


MEDIATORS = {
    "OPENCRVS_PUBLIC_KEY_URL": "http://auth:4040/.well-known",
    "MOSIP_AUTH_URL": "http://auth.mosip/v1/authmanager/authenticate/clientidsecretkey",
    "MOSIP_CREATE_PACKET_URL": "http://packets.mosip:8/commons/v1/packetmanager/createPacket",
    "MOSIP_PROCESS_PACKET_URL": "http://mosip:9/gate/registrationprocessor/v1/workflowmanager/workflowinstance",
    "MOSIP_WEBSUB_HUB_URL": "http://hub.mosip/hub/",
    "MOSIP_VERIFIABLE_CREDENTIAL_ALLOWLIST": "https://mosip.example/.well-known/public-key.json",
    "ESIGNET_TOKEN_URL": "http://esignet:88/x/v1/esignet/oauth/token",
    "ESIGNET_USERINFO_URL": "http://esignet:88/x/v1/esignet/oidc/userinfo",
}


def test_a_key_set_elsewhere_is_named_and_an_empty_one_is_none() -> None:
    elsewhere = "https://keys.country.example/jwks.json"
    assert Settings.model_validate({**MEDIATORS, "ESIGNET_JWKS_URL": elsewhere}).esignet_jwks_url == elsewhere
    assert Settings.model_validate({**MEDIATORS, "ESIGNET_JWKS_URL": ""}).esignet_jwks_url == ""


def test_what_the_mediator_does_not_know_lies_beside_what_it_gives() -> None:
    settings = Settings.model_validate(MEDIATORS)
    processor = "http://mosip:9/gate/registrationprocessor/v1"
    assert settings.status_url == f"{processor}/registrationstatus/externalstatus/search"
    assert settings.transaction_url == f"{processor}/registrationtransaction/search"
    assert settings.identity_url == "http://packets.mosip:8/idrepository/v1/identity"
    assert settings.uin_url == "http://packets.mosip:8/v1/idgenerator/uin"
    assert settings.well_known_url == "" and settings.auth_url == "http://auth:4040"
    assert settings.esignet_jwks_url == "http://esignet:88/x/v1/esignet/oauth/.well-known/jwks.json"
    assert settings.trigger_port is None
    assert set(settings.data_share_hosts) == {"auth.mosip", "packets.mosip", "mosip", "hub.mosip"}
    loopback = [n for n, v in settings.model_dump().items() if "127.0.0.1" in str(v)]
    assert set(loopback) == {"mosip_url", "esignet_url", "gateway_url", "host"}
    assert missing(settings) == ["gateway_url", "callback_url"]


OF_MOSIP = ["create_packet_url", "process_packet_url", "mosip_auth_url", "hub_url", "verification_methods"]


def test_an_unusual_address_tells_at_least_its_host() -> None:
    settings = Settings.model_validate({"MOSIP_PROCESS_PACKET_URL": "http://mosip:9/start"})
    assert (
        settings.status_url
        == "http://mosip:9/registrationprocessor/v1/registrationstatus/externalstatus/search"
    )


@pytest.mark.parametrize(
    ("values", "lost"),
    [
        ({}, []),
        ({"MOSIP_URL": "http://127.0.0.1:9"}, []),
        ({"MOSIP_CREATE_PACKET_URL": "http://localhost:9/createPacket"}, []),
        (
            {"MOSIP_URL": "https://mosip.example"},
            ["gateway_url", "public_key_url", "callback_url"],
        ),
        (
            {"MOSIP_STATUS_URL": "https://mosip.example/status"},
            ["gateway_url", "public_key_url", *OF_MOSIP],
        ),
        (
            {"ESIGNET_URL": "https://esignet.example"},
            ["gateway_url", "public_key_url", *OF_MOSIP],
        ),
        (
            {"OPENCRVS_GATEWAY_URL": "http://gateway:7070", "OPENCRVS_AUTH_URL": "http://auth:4040"},
            OF_MOSIP,
        ),
        (
            {
                "OPENCRVS_GATEWAY_URL": "http://gateway:7070",
                "OPENCRVS_PUBLIC_KEY_URL": "http://auth:4040/.well-known",
                "MOSIP_URL": "http://127.0.0.1:20240",
            },
            [],
        ),
    ],
)
def test_nothing_falls_back_to_this_machine_beside_a_foreign_host(
    values: dict[str, str], lost: list[str]
) -> None:
    settings = Settings.model_validate(values)
    assert missing(settings) == lost
    if lost:
        assert "127.0.0.1" not in settings.esignet_token_url
