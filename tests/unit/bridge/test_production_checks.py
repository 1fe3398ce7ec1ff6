"""What is said at start of settings that are right in a rehearsal and wrong in a country."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bridge.mosip.production_checks import (
    borrowed_keys,
    default_secrets,
    leniencies,
    published,
    refuse,
    refuse_copies,
    warn,
)
from bridge.settings import Settings
from bridge.starting import CannotStart
from tests.docs.pages import ROOT
from tests.servers.bridge.conftest import keys as keys
from wire.keyfolder import KeyFolder, self_signed

COMPOSE = ROOT / "compose.yaml"
LENIENCIES = {
    "allow_unsigned": "BRIDGE_ALLOW_UNSIGNED_DELIVERIES",
    "allow_jcs": "BRIDGE_ALLOW_JCS_PROOF",
    "allow_zero_thumbprint": "BRIDGE_ALLOW_ZERO_THUMBPRINT",
    "allow_old_sealing": "BRIDGE_ALLOW_OLD_SEALING",
    "allow_death_credential": "BRIDGE_ALLOW_DEATH_CREDENTIAL",
    "allow_plain_topic": "BRIDGE_ALLOW_PLAIN_TOPIC",
    "allow_euin": "BRIDGE_ALLOW_EUIN",
    "allow_unsigned_ida": "BRIDGE_ALLOW_UNSIGNED_IDA",
    "allow_esignet_mock": "BRIDGE_ALLOW_ESIGNET_MOCK",
}
OWN_SECRETS = {
    "MOSIP_PACKET_AUTH_CLIENT_SECRET": "our-packet-secret",
    "MOSIP_WEBSUB_AUTH_CLIENT_SECRET": "our-websub-secret",
    "MOSIP_WEBSUB_SECRET": "our-hub-secret",
    "PARTNER_MISP_LK": "our-licence",
    "PARTNER_APIKEY": "our-api-key",
}
OWN_KEYS = {
    "DECRYPT_P12_FILE_PATH": "partner.p12",
    "SIGN_P12_FILE_PATH": "sign.p12",
    "ENCRYPT_CERT_PATH": "ida.pem",
    "OIDP_CLIENT_PRIVATE_KEY_PATH": "oidp.pem",
}
PASSWORDS = {"DECRYPT_P12_FILE_PASSWORD": "our-first", "SIGN_P12_FILE_PASSWORD": "our-second"}


def said(settings: Settings) -> list[Any]:
    with capture_logs() as lines:
        warn(settings)
    assert all(line["log_level"] == "warning" for line in lines)
    return lines


def test_every_leniency_is_listed_here() -> None:
    assert set(LENIENCIES) == {name for name in Settings.model_fields if name.startswith("allow_")}


def test_every_leniency_is_off_by_default() -> None:
    assert leniencies(Settings()) == []


@pytest.mark.parametrize(("name", "variable"), LENIENCIES.items())
def test_a_leniency_that_is_on_is_named(name: str, variable: str) -> None:
    lines = said(Settings.model_validate({name: True}))
    assert [line["setting"] for line in lines if line["event"] == "leniency is on"] == [variable]


def test_default_secrets_are_named_and_never_shown() -> None:
    lines = said(Settings())
    [line] = [line for line in lines if "default secrets" in line["event"]]
    assert set(line["settings"]) == set(OWN_SECRETS)
    defaults = [field.default for field in Settings.model_fields.values()]
    values = [value.get_secret_value() for value in defaults if isinstance(value, SecretStr)]
    assert values and not any(value in str(lines) for value in values)


@pytest.mark.parametrize("variable", OWN_SECRETS)
def test_each_secret_that_was_left_is_named(variable: str) -> None:
    given = {name: value for name, value in OWN_SECRETS.items() if name != variable}
    assert default_secrets(Settings.model_validate(given)) == [variable]


def test_a_default_password_counts_when_its_file_is_used() -> None:
    settings = Settings.model_validate(OWN_SECRETS | OWN_KEYS)
    assert set(default_secrets(settings)) == set(PASSWORDS)
    assert default_secrets(Settings.model_validate(OWN_SECRETS | OWN_KEYS | PASSWORDS)) == []


@pytest.mark.parametrize("variable", OWN_KEYS)
def test_each_key_that_was_not_given_is_named(variable: str) -> None:
    given = {name: value for name, value in OWN_KEYS.items() if name != variable}
    given |= {"IDA_SIGN_CERT_PATH": "ida-sign.pem"}
    lines = said(Settings.model_validate(OWN_SECRETS | PASSWORDS | given))
    assert [line["settings"] for line in lines] == [[variable]]


def test_a_country_that_gave_everything_hears_nothing() -> None:
    own = OWN_SECRETS | PASSWORDS | OWN_KEYS | {"IDA_SIGN_CERT_PATH": "ida-sign.pem"}
    settings = Settings.model_validate(own)
    assert said(settings) == [] and borrowed_keys(settings) == []


AWAY = {"mosip_url": "https://mosip.example", "gateway_url": "https://gateway.example"}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"mosip_url": "http://localhost:9"},
        {"mosip_url": "http://127.8.0.1:9"},
        {"mosip_url": "http://[::1]:9"},
        AWAY | {"rehearsal": True},
    ],
)
def test_test_keys_are_fine_on_this_machine_and_in_a_rehearsal(settings: dict[str, Any]) -> None:
    refuse(Settings(**settings))


@pytest.mark.parametrize(
    "away",
    [
        AWAY,
        {"mosip_url": "https://10.1.2.3"},
        {"mosip_url": "https://127.0.0.1.mosip.example"},
        {"hub_url": "https://hub.example/hub"},
        {"create_packet_url": "https://packets.example/createPacket"},
        {"mosip_auth_url": "https://auth.example/v1/authmanager/authenticate/clientidsecretkey"},
    ],
)
def test_published_secrets_and_test_keys_meet_no_real_host(away: dict[str, str]) -> None:
    with pytest.raises(CannotStart) as cannot:
        refuse(Settings(**away))
    for name in ("MOSIP_WEBSUB_SECRET", "MOSIP_PACKET_AUTH_CLIENT_SECRET", "DECRYPT_P12_FILE_PATH"):
        assert name in str(cannot.value)
    assert "BRIDGE_REHEARSAL" in str(cannot.value) and "abcdeABCDE" not in str(cannot.value)


OURS = OWN_SECRETS | OWN_KEYS | PASSWORDS


@pytest.mark.parametrize(
    "peer",
    [
        {"gateway_url": "https://gateway.example"},
        {"public_key_url": "https://auth.example/.well-known"},
        {"auth_url": "https://auth.example"},
        {"status_url": "https://mosip.example/status"},
        {"data_share_hosts": "share.example"},
        {"data_share_hosts": "2001:db8::1"},
        {"ida_url": "https://ida.example/idauthentication/v1/auth"},
        {"esignet_url": "https://esignet.example"},
    ],
    ids=str,
)
def test_one_peer_elsewhere_is_enough(peer: dict[str, str]) -> None:
    with pytest.raises(CannotStart, match=r"MOSIP_WEBSUB_SECRET.*BRIDGE_REHEARSAL"):
        refuse(Settings(**peer))
    refuse(Settings(**peer, rehearsal=True))


@pytest.mark.parametrize("value", ["abcdeABCDE123456", "mosip-websub-secret", "MISP-LK-EXAMPLE"])
@pytest.mark.parametrize("name", [*OWN_SECRETS, *PASSWORDS])
def test_a_published_value_is_one_wherever_it_is_given(name: str, value: str) -> None:
    assert published(Settings(**AWAY, **(OURS | {name: value}))) == [name]


@pytest.mark.parametrize(
    "given",
    [
        {"OPENCRVS_CLIENT_SECRET": "mosip-rehearsal-secret"},
        {"BRIDGE_OPERATIONS_TOKEN": "rehearsal-operator"},
    ],
)
def test_secrets_of_the_compose_file_are_published_too(given: dict[str, str]) -> None:
    assert published(Settings(**AWAY, **OURS, **given)) == list(given)


def test_what_compose_gives_is_what_is_known() -> None:
    [bridge] = re.findall(r"^  bridge:\n(.*?)(?=^\S)", COMPOSE.read_text(), re.M | re.S)
    given = dict(re.findall(r"^      (\w+): (\S+)$", bridge, re.M))
    secrets = {str(f.alias) for f in Settings.model_fields.values() if "SecretStr" in str(f.annotation)}
    assert secrets & given.keys()
    for name in secrets & given.keys():
        assert published(Settings(**AWAY, **OURS, **{name: given[name]})) == [name]


@pytest.mark.parametrize("variable", OWN_KEYS)
def test_a_key_of_the_key_folder_is_a_test_key_also_by_its_path(variable: str, tmp_path: Path) -> None:
    given = OURS | {variable: str(tmp_path / "key"), "REHEARSAL_KEYS": str(tmp_path)}
    assert published(Settings(**(AWAY | {"esignet_url": "https://e.example"}), **given)) == [variable]


def test_a_copy_of_a_test_key_is_known_by_what_its_certificate_says(keys: KeyFolder) -> None:
    made, own = keys["partner"], self_signed(keys["partner"].private_key, "x")
    held = {"DECRYPT_P12_FILE_PATH": (made.certificate,), "IDA_SIGN_CERT_PATH": (own,)}
    with pytest.raises(CannotStart, match="DECRYPT_P12_FILE_PATH, IDA_SIGN_CERT_PATH"):
        refuse_copies(Settings(**AWAY, **OURS), held)
    refuse_copies(Settings(), held)
    refuse_copies(Settings(**AWAY, rehearsal=True), held)
    refuse_copies(Settings(**AWAY, **OURS), {"ENCRYPT_CERT_PATH": ()})


def test_own_secrets_and_keys_may_meet_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (OWN_SECRETS | OWN_KEYS | PASSWORDS).items():
        monkeypatch.setenv(name, value)
    refuse(Settings(**AWAY))
