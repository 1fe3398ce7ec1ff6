"""What whoever starts the bridge reads when it cannot start: one line, no secret, and status 1.

The bridge runs as the process that it is in a country.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.app import start
from bridge.settings import Settings
from bridge.starting import CannotStart
from tests import nowhere
from tests.forked import forked
from tests.servers.bridge.replicas import Replica
from wire.keyfolder import KeyFolder
from wire.world import World

PASSWORD = "a-password-of-mine"


async def run(folder: Path, keys: KeyFolder, **settings: str) -> tuple[int | None, list[str]]:
    """(exit status, lines that are no log lines) of a bridge that ends by itself."""
    process = await asyncio.create_subprocess_exec(
        *forked("bridge"),
        env={
            "PATH": os.environ["PATH"],
            "REHEARSAL_KEYS": str(keys.path),
            "PORT": "0",
            "BRIDGE_TRIGGER_PORT": "0",
            **settings,
        },
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(240):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:  # it started, although it should not
            process.kill()
            await process.wait()
    lines = output.decode().splitlines()
    assert PASSWORD not in output.decode()
    return process.returncode, [line for line in lines if not _logged(line)]


def _logged(line: str) -> bool:
    return line.startswith("{") and json.loads(line)["level"] in ("info", "warning")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (
            {"BRIDGE_DATABASE_URL": f"postgresql://bridge:{PASSWORD}@127.0.0.1:1/bridge"},
            ["bridge:***@127.0.0.1:1", "refused", "BRIDGE_DATABASE_URL"],
        ),
        (
            {"BRIDGE_DATABASE_URL": "sqlite:///{folder}/not-a-folder/x.db"},
            ["not-a-folder", "BRIDGE_DATABASE_URL"],
        ),
        (
            {"BRIDGE_DATABASE_URL": "sqlite:///{folder}/not-a-database"},
            ["not a database", "BRIDGE_DATABASE_URL"],
        ),
        ({"BRIDGE_DATABASE_URL": f"mysql://bridge:{PASSWORD}@db/bridge"}, ["mysql", "sqlite:///FILE"]),
        ({"BRIDGE_DATABASE_URL": PASSWORD}, ["BRIDGE_DATABASE_URL", "sqlite:///FILE"]),
        ({"BRIDGE_ENCRYPTION_KEYS": "too-short"}, ["BRIDGE_ENCRYPTION_KEYS", "16"]),
        ({"DECRYPT_P12_FILE_PATH": "missing.p12"}, ["DECRYPT_P12_FILE_PATH", "missing.p12", "No such file"]),
        (
            {"DECRYPT_P12_FILE_PATH": "{keys}/partner.p12", "DECRYPT_P12_FILE_PASSWORD": PASSWORD},
            ["DECRYPT_P12_FILE_PATH", "is the password right?", "DECRYPT_P12_FILE_PASSWORD"],
        ),
        (
            {"SIGN_P12_FILE_PATH": "{keys}/ida-client.p12", "SIGN_P12_FILE_PASSWORD": PASSWORD},
            ["SIGN_P12_FILE_PATH", "is the password right?", "SIGN_P12_FILE_PASSWORD"],
        ),
        ({"ENCRYPT_CERT_PATH": "{keys}/partner.key.pem"}, ["ENCRYPT_CERT_PATH", "PEM"]),
        ({"OIDP_CLIENT_PRIVATE_KEY_PATH": PASSWORD}, ["OIDP_CLIENT_PRIVATE_KEY_PATH", "base64 of a JWK"]),
        ({"REHEARSAL_KEYS": "not-a-folder/keys"}, ["REHEARSAL_KEYS", "may write to"]),
        ({"HOST": "203.0.113.1"}, ["203.0.113.1", "HOST", "BRIDGE_TRIGGER_PORT"]),
        ({"BRIDGE_NATIONAL_ID_FIELDS": "birth"}, ["BRIDGE_NATIONAL_ID_FIELDS", "birth=child.nid"]),
        ({"OPENCRVS_GATEWAY_URL": "gateway:7070"}, ["OPENCRVS_GATEWAY_URL", "http://"]),
        ({"MOSIP_URL": '"https://mosip.example"'}, ["MOSIP_URL", "quotes"]),
        ({"MOSIP_WEBSUB_HUB_URL": "http://127.0.0.1:1/hub\r"}, ["MOSIP_WEBSUB_HUB_URL", "line break"]),
        ({"PARTNER_APIKEY": f"{PASSWORD}\n"}, ["PARTNER_APIKEY", "line break"]),
        ({"MOSIP_LANGUAGE": "eng,fra"}, ["MOSIP_LANGUAGE"]),
        ({"PARTNER_APIKEY_FILE": "{folder}/nowhere"}, ["PARTNER_APIKEY_FILE", "nowhere", "No such file"]),
        ({"MOSIP_URL": "http://mosip.example"}, ["OPENCRVS_GATEWAY_URL", "MOSIP_WEBSUB_CALLBACK_URL"]),
        (
            {"BRIDGE_DATABASE_URL": f"postgresql://bridge:{PASSWORD}@[::1/bridge"},
            ["BRIDGE_DATABASE_URL", "sqlite:///FILE"],
        ),
        (
            {"BRIDGE_DATABASE_URL": f"postgresql://bridge:{PASSWORD}@db:port/bridge"},
            ["BRIDGE_DATABASE_URL", "sqlite:///FILE"],
        ),
        ({"MOSIP_SCHEMA_VERSION": "9.9"}, ["MOSIP_SCHEMA_VERSION", "0.1, 0.100", "id_schema.json"]),
        ({"OPENCRVS_CLIENT_ID": "bridge"}, ["OPENCRVS_CLIENT_SECRET is missing"]),
        ({"OPENCRVS_CLIENT_SECRET": PASSWORD}, ["OPENCRVS_CLIENT_ID is missing"]),
        (
            {"BRIDGE_OPERATORS": f"amina={PASSWORD * 4}", "BRIDGE_OPERATIONS_TOKEN": PASSWORD * 4},
            ["BRIDGE_OPERATORS", "BRIDGE_OPERATIONS_TOKEN", "same credential"],
        ),
        ({"BRIDGE_CONFIRMATION": "system"}, ["OPENCRVS_CLIENT_ID", "BRIDGE_CONFIRMATION=system"]),
        ({"BRIDGE_CONFIRMATION": "stored", "OPENCRVS_PROFILE": "2.1"}, ["BRIDGE_CONFIRMATION", "2.1"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
async def test_wrong_setting_is_named_in_one_line(
    tmp_path: Path, keys: KeyFolder, settings: dict[str, str], says: list[str]
) -> None:
    (tmp_path / "not-a-folder").write_text("a file")
    (tmp_path / "not-a-database").write_text("words " * 500)
    places = {"{folder}": str(tmp_path), "{keys}": str(keys.path)}
    for name, value in settings.items():
        for mark, place in places.items():
            value = value.replace(mark, place)
        settings = settings | {name: value}
    status, lines = await run(tmp_path, keys, **settings)
    assert (status, len(lines)) == (2, 1), lines
    for words in says:
        assert words in lines[0]


@pytest.mark.usefixtures("ipv6")
@pytest.mark.parametrize("host", ["::1", "[::1]"])
async def test_ipv6_is_listened_on_as_it_is_written_in_an_address(
    tmp_path: Path, keys: KeyFolder, host: str
) -> None:
    given = {"port": 0, "trigger_port": 0, "keys": keys.path, "host": host, **nowhere.FIELDS}
    running = await start(Settings(**given, database_url=f"sqlite:///{tmp_path}/b.db"), World.virtual())
    assert running.mediator_url.startswith("http://[::1]:")
    await running.close()


@pytest.mark.parametrize("wrong", ["sign_p12_path", "p12_path"])
async def test_a_start_that_fails_leaves_nothing_open(tmp_path: Path, keys: KeyFolder, wrong: str) -> None:
    """The same process can start again, on the same file and ports."""
    world = World.virtual()
    given = {
        "port": 0,
        "trigger_port": 0,
        "keys": keys.path,
        "database_url": f"sqlite:///{tmp_path}/bridge.db",
        **nowhere.FIELDS,
    }
    with pytest.raises(CannotStart, match=r"missing\.p12"):
        await start(Settings(**given | {wrong: tmp_path / "missing.p12"}), world)
    running = await start(Settings(**given), world)
    await running.close()


@pytest.fixture
async def first(tmp_path: Path, keys: KeyFolder) -> AsyncIterator[Replica]:
    """A bridge that runs on a file of its own."""
    replica = Replica("first", tmp_path, {"REHEARSAL_KEYS": str(keys.path), **nowhere.ENVIRONMENT})
    await replica.start()
    yield replica
    await replica.stop()


@pytest.mark.parametrize("by", ["bridge.db", "linked.db"])
async def test_second_bridge_on_one_file_is_refused(
    tmp_path: Path, keys: KeyFolder, first: Replica, by: str
) -> None:
    (tmp_path / "linked.db").symlink_to(tmp_path / "bridge.db")
    status, lines = await run(tmp_path, keys, BRIDGE_DATABASE_URL=f"sqlite:///{by}")
    assert (status, len(lines)) == (2, 1), lines
    assert "another bridge works with" in lines[0] and "BRIDGE_DATABASE_URL" in lines[0]


async def test_killed_bridge_leaves_no_lock_behind(first: Replica) -> None:
    first.kill()
    await first.ended()
    await first.start()
    assert first.up.is_set()
