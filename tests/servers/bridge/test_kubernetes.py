"""deploy/: manifests are valid, the page's commands make what they mount, and with that two bridges start."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from aiohttp import ClientSession
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from bridge.app import start
from bridge.mosip.production_checks import complete, leniencies, published
from bridge.settings import Settings
from tests.docs.pages import DOCS, blocks
from tests.kit import ROOT
from tests.servers.bridge.test_certificates import made as certified
from wire.world import World

FOLDER = ROOT / "deploy" / "kubernetes"
DOCUMENTS = [
    document
    for path in sorted(FOLDER.glob("*.yaml"))
    for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
]
COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
PASSWORDS = {"partner.p12": "DECRYPT_P12_FILE_PASSWORD", "sign.p12": "SIGN_P12_FILE_PASSWORD"}
PAGE = DOCS / "how-to" / "kubernetes.md"


def named(kind: str, name: str = "bridge") -> Any:
    [found] = [d for d in DOCUMENTS if d["kind"] == kind and d["metadata"]["name"] == name]
    return found


POD = named("Deployment")["spec"]["template"]
[CONTAINER] = POD["spec"]["containers"]
MOUNTS = {each["name"]: each["mountPath"] for each in CONTAINER["volumeMounts"]}
TEXTS = {each["name"]: each["value"] for each in CONTAINER["env"]} | named("ConfigMap")["data"]


@pytest.mark.parametrize("version", ["1.30", "1.37"])
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: f"{d['kind']}-{d['metadata']['name']}")
def test_a_manifest_is_valid(document: Any, version: str) -> None:
    kubernetes_validate.validate(document, version, strict=True)


def test_a_manifest_that_is_wrong_would_be_seen() -> None:
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(
            named("PodDisruptionBudget") | {"spec": {"minAvailble": 1}}, "1.37", strict=True
        )


def test_manifests_mean_each_other() -> None:
    labels, ports = POD["metadata"]["labels"], {port["name"] for port in CONTAINER["ports"]}
    selectors = [
        named("Deployment")["spec"]["selector"]["matchLabels"],
        named("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        named("NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        named("Service")["spec"]["selector"],
    ]
    assert all(each.items() <= labels.items() for each in selectors)
    used = {rule["port"] for each in named("NetworkPolicy")["spec"]["ingress"] for rule in each["ports"]}
    used |= {port["targetPort"] for port in named("Service")["spec"]["ports"]}
    used |= {CONTAINER[f"{probe}Probe"]["httpGet"]["port"] for probe in ("startup", "liveness", "readiness")}
    assert used == ports
    assert named("Deployment")["spec"]["replicas"] > named("PodDisruptionBudget")["spec"]["minAvailable"]


def test_the_outside_sees_the_callback_alone() -> None:
    paths = [p for r in named("Ingress", "bridge-callback")["spec"]["rules"] for p in r["http"]["paths"]]
    assert [each["path"] for each in paths] == ["/websub/callback"]
    assert TEXTS["MOSIP_WEBSUB_CALLBACK_URL"].endswith("/websub/callback")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, openssl: Path) -> Path:
    """What the page's shell blocks leave behind; `kubectl` and `docker` only note what they are told."""
    tmp_path = tmp_path_factory.mktemp("page")
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("kubectl", "docker"):
        (tools / tool).write_text(f'#!/bin/sh\necho {tool} "$@" >> "{tmp_path}/told"\n')
        (tools / tool).chmod(0o755)
    mosip = tmp_path / "from-mosip"
    mosip.mkdir()
    key, certificate = certified("partner", datetime(2036, 1, 1, tzinfo=UTC))
    for name in ("partner.p12", "sign.p12"):
        locked = BestAvailableEncryption(f"what you were given as {PASSWORDS[name]}".encode())
        (mosip / name).write_bytes(
            pkcs12.serialize_key_and_certificates(b"x", key, certificate, None, locked)
        )
    for name in ("ida-partner.pem", "ida-signing.pem"):
        (mosip / name).write_bytes(certificate.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (mosip / "oidc-client.pem").write_bytes(private)
    (tmp_path / "deploy").symlink_to(ROOT / "deploy")
    script = "set -eu\n" + "\n".join(blocks(PAGE, "sh"))
    path = f"{tools}:{os.environ['PATH']}"
    subprocess.run(["sh", "-c", script], cwd=tmp_path, env={"PATH": path}, check=True, timeout=240)
    return tmp_path


@pytest.fixture
def environment(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The container's, with its mounts where the page's commands have made them."""
    for name, value in TEXTS.items():
        volume = next((made / v for v, at in MOUNTS.items() if value.startswith(f"{at}/")), None)
        monkeypatch.setenv(name, value if volume is None else str(volume / value.split("/", 2)[2]))
    return monkeypatch


def test_the_pages_commands_make_what_is_mounted(made: Path) -> None:
    told = (made / "told").read_text().splitlines()
    for name, volume in (("bridge", "secrets"), ("bridge-certificates", "certificates")):
        assert f"kubectl create secret generic {name} --from-file={volume}" in told
        assert {v["secret"]["secretName"] for v in POD["spec"]["volumes"] if v["name"] == volume} == {name}
        at = MOUNTS[volume]
        wanted = {Path(value).name for value in TEXTS.values() if value.startswith(f"{at}/")}
        there = {path.name for path in (made / volume).iterdir()} - {"POSTGRES_PASSWORD"}
        assert wanted == there
    assert "kubectl apply -f deploy/kubernetes" in told


def test_a_bridge_would_start_among_real_hosts(environment: pytest.MonkeyPatch) -> None:
    settings = Settings()
    complete(settings)
    assert (published(settings), leniencies(settings)) == ([], [])


async def test_two_bridges_start_with_it_on_postgresql(
    environment: pytest.MonkeyPatch, postgres: Any
) -> None:
    environment.delenv("BRIDGE_DATABASE_URL_FILE")
    environment.setenv("BRIDGE_DATABASE_URL", postgres.get_uri())
    for name, value in TEXTS.items():
        if "://" in value:
            environment.setenv(name, re.sub(r"https?://[^/]+", "http://127.0.0.1:9", value))
    for name, value in {"HOST": "127.0.0.1", "PORT": "0", "BRIDGE_TRIGGER_PORT": "0"}.items():
        environment.setenv(name, value)
    world = World.system()
    running = [await start(Settings(), world) for _ in range(2)]
    try:
        probes = {CONTAINER[f"{probe}Probe"]["httpGet"]["path"] for probe in ("liveness", "readiness")}
        async with ClientSession() as session:
            for bridge in running:
                for path in probes:
                    async with session.get(f"{bridge.mediator_url}{path}") as answer:
                        assert answer.status == 200
    finally:
        for bridge in running:
            await bridge.close()


def test_the_composed_pair_shares_what_it_must() -> None:
    bridges = [COMPOSE["services"][name] for name in ("first", "second")]
    for each in bridges:
        assert set(each["environment"]) <= {str(field.alias) for field in Settings.model_fields.values()}
        assert each["networks"]["default"]["aliases"] == ["bridge"]
        assert all(port.startswith("127.0.0.1:") for port in each["ports"])
    assert bridges[0]["environment"] == bridges[1]["environment"]
    published = [port for each in bridges for port in each["ports"]]
    assert len({port.split(":")[1] for port in published}) == len(published)
    original = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    for name in ("opencrvs", "nid"):
        assert COMPOSE["services"][name]["extends"] == {"file": "../compose.yaml", "service": name}
        assert name in original
    needed = set(re.findall(r"\$\{(\w+):\?\}", (ROOT / "deploy" / "compose.yaml").read_text()))
    assert all(any(f"{name}=" in block for block in blocks(PAGE, "sh")) for name in needed)
