"""No container engine runs here: the commands of Dockerfile and compose.yaml run in an installed kit."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import tomllib
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from bridge.settings import Settings as BridgeSettings
from mock_nid.settings import Settings as NidSettings
from mock_opencrvs.settings import Settings as OpenCRVSSettings
from tests.docs.pages import DOCS, blocks
from tests.kit import ROOT, Kit, copied
from tests.ports import free_port

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
INSTALL = re.compile(r"pip install ([^\n|&]*)")


def words(text: str) -> set[str]:
    """Arguments of pip that say what is installed; how talkative or cached it is does not matter."""
    quiet = {
        "--quiet",
        "--no-cache-dir",
        "--disable-pip-version-check",
        "--no-build-isolation",
        "-e",
        "2>/dev/null",
    }
    return set(text.split()) - quiet


def test_the_image_installs_what_make_installs() -> None:
    made = [words(found) for found in INSTALL.findall(MAKEFILE)]
    installed = [words(found) for found in INSTALL.findall(DOCKERFILE)]
    assert len(installed) == 2
    assert all(one in made for one in installed), installed


def test_the_image_has_every_package() -> None:
    packages = {name.rstrip("*") for name in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert packages <= set(copied())
    assert all((ROOT / name).exists() for name in copied())


def test_the_image_plays_by_default() -> None:
    (command,) = re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.M)
    assert json.loads(command) == ["rehearse", "run"]
    assert f"{' '.join(json.loads(command))}\n" in MAKEFILE


def test_what_is_mounted_belongs_to_who_runs() -> None:
    """A new named volume takes the owner of the image's folder; without the folder it belongs to root."""
    before, user, _ = DOCKERFILE.partition("\nUSER rehearsal\n")
    assert user
    made = {path for line in re.findall(r"mkdir -p ([^&\n]*)", before) for path in line.split()}
    owned = set(re.findall(r"chown -R rehearsal (\S+)", before))
    mounted = [volume.split(":")[1] for service in SERVICES.values() for volume in service["volumes"]]
    assert mounted
    for folder in mounted:
        assert folder in made
        assert any(Path(folder).is_relative_to(root) for root in owned)
    assert before.index("mkdir -p") < before.index("chown -R")


def test_folders_of_the_host_are_made_by_who_will_write_into_them() -> None:
    page = DOCS / "how-to" / "containers.md"
    shells = blocks(page, "sh")
    mounts = [(shell, name) for shell in shells for name in re.findall(r'-v "\$PWD/(\w+):', shell)]
    assert mounts
    for shell, name in mounts:
        assert re.search(rf"^mkdir -p {name}$", shell.partition("docker run")[0], re.M), shell


def test_variables_of_compose_are_settings() -> None:
    known = {
        "opencrvs": {f"MOCK_OPENCRVS_{name.upper()}" for name in OpenCRVSSettings.model_fields},
        "nid": {f"MOCK_NID_{name.upper()}" for name in NidSettings.model_fields},
        "bridge": {str(field.alias) for field in BridgeSettings.model_fields.values()},
    }
    assert set(SERVICES) == set(known)
    for service, names in known.items():
        assert set(SERVICES[service]["environment"]) <= names


def test_ports_are_published_on_loopback_only() -> None:
    for service in SERVICES.values():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])


@pytest.mark.parametrize("module", ["mock_opencrvs", "mock_nid", "bridge", "scenarios.cli"])
def test_entry_points_help(kit: Kit, tmp_path: Path, module: str) -> None:
    done = kit.run(kit.forked(module, "--help"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "usage" in done.stdout.lower()


async def test_the_composed_servers_register_a_birth(kit: Kit, tmp_path: Path, rehearsal_keys: Path) -> None:
    """The three commands of compose.yaml, with its environment, on loopback and free ports."""
    ports = {port: free_port() for port in (7070, 4040, 20240, 20260, 3040, 2024)}
    listen = {
        "opencrvs": {"MOCK_OPENCRVS_GATEWAY_PORT": 7070, "MOCK_OPENCRVS_AUTH_PORT": 4040},
        "nid": {"MOCK_NID_PORT": 20240, "MOCK_NID_ESIGNET_PORT": 20260},
        "bridge": {"PORT": 2024, "BRIDGE_TRIGGER_PORT": 3040},
    }

    def local(value: str) -> str:
        value = re.sub(r"\$\{\w+:-(.*?)\}", r"\1", str(value))
        value = re.sub(
            r"http://(?:opencrvs|nid|bridge):(\d+)", lambda m: f"http://127.0.0.1:{ports[int(m[1])]}", value
        )
        return "127.0.0.1" if value in ("0.0.0.0", "nid") else value.replace("/data", str(tmp_path))

    (tmp_path / "keys").symlink_to(rehearsal_keys)
    async with _Processes(tmp_path) as processes, aiohttp.ClientSession() as http:
        for name, service in SERVICES.items():
            environment = {key: local(value) for key, value in service["environment"].items()}
            environment |= {key: str(ports[port]) for key, port in listen[name].items()}
            environment |= {"MOCK_NID_PROCESSING_SECONDS": "0.5"} if name == "nid" else {}
            python, m, *command = service["command"]
            assert (python, m) == ("python", "-m")
            await processes.start(name, kit.forked(*command), kit.environment(**environment))
        gateway, mediator = f"http://127.0.0.1:{ports[7070]}", f"http://127.0.0.1:{ports[2024]}"
        for url in (f"{gateway}/ping", f"http://127.0.0.1:{ports[20240]}/openapi.yaml", f"{mediator}/ready"):
            await processes.until_answered(http, url)
        # what is published before the bridge has subscribed is never delivered
        await processes.until_answered(http, f"{mediator}/ready", without=b"false")
        declared = await _post(http, f"{gateway}/admin/script/declare", {})
        await _post(http, f"{gateway}/admin/script/register", {"record": declared["record"]})
        await _post(
            http,
            f"{gateway}/admin/script/wait",
            {"record": declared["record"], "leave": True, "seconds": 60},
        )
        async with http.get(f"{gateway}/admin/records/{declared['record']}") as answer:
            shown = await answer.text()
        assert '"registrationNumber"' in shown, shown
        assert '"child.nid"' in shown, shown


async def _post(http: aiohttp.ClientSession, url: str, body: Any) -> Any:
    async with http.post(url, json=body) as answer:
        assert answer.status < 300, await answer.text()
        return await answer.json()


class _Processes:
    """Servers of their own; stopped, and their last words shown when one did not come up."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, asyncio.subprocess.Process] = {}

    async def __aenter__(self) -> _Processes:
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in self._running.values():
            if process.returncode is None:
                process.send_signal(signal.SIGINT)
        for name, process in self._running.items():
            async with asyncio.timeout(30):
                status = await process.wait()
            assert status == 0, f"{name} ended with {status}: {self._words(name)}"

    async def start(self, name: str, argv: list[str], environment: dict[str, str]) -> None:
        with (self._folder / f"{name}.log").open("wb") as log:
            self._running[name] = await asyncio.create_subprocess_exec(
                *argv, cwd=self._folder, env=environment, stdout=log, stderr=log
            )

    async def until_answered(self, http: aiohttp.ClientSession, url: str, without: bytes = b"\0") -> None:
        async with asyncio.timeout(120):
            while True:
                for name, process in self._running.items():
                    assert process.returncode is None, f"{name} ended: {self._words(name)}"
                try:
                    async with http.get(url) as answer:
                        if answer.status == 200 and without not in await answer.read():
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.2)

    def _words(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")[-2000:]
