"""Each misconfiguration is named by its own finding and by no other; a set-up that is right by none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scenarios.doctor import sources
from scenarios.doctor.examination import Diagnosis, Wanted, examine
from scenarios.doctor.names import ProgramKind
from scenarios.doctor.rendering import as_json, as_markdown, as_text
from tests.doctor.seeds import SEEDS, Seed
from tests.doctor.sets import Mocks, certificate, p12, pem, rsa
from tests.kit import ROOT
from wire.world import World


async def looked(values: dict[str, str], **more: Any) -> Diagnosis:
    return await examine(sources.of_process(values, "it"), Wanted(**more), World.system())


@pytest.mark.parametrize("profile", ["1.9", "2.0", "2.1"])
async def test_our_bridge_with_our_mocks_is_right(running: Mocks, profile: str) -> None:
    report = await looked(running.bridge(profile))
    assert not report.findings
    assert not report.unseen
    assert report.asked > 15


async def test_the_mediators_environment_is_right(running: Mocks) -> None:
    report = await looked(running.mediator())
    assert report.program is ProgramKind.MEDIATOR
    assert not report.findings
    assert report.asked > 12


async def test_the_composed_kit_is_right() -> None:
    source = sources.of_file(ROOT / "compose.yaml", None, {})
    report = await examine(source, Wanted(), World.system())
    assert not report.findings
    assert report.source == "compose.yaml, service bridge"


PASSWORDS = "DECRYPT_P12_FILE_PASSWORD, SIGN_P12_FILE_PASSWORD in it"
PUBLIC = ("crvs-partner", "MISP-LK-EXAMPLE")
FOREIGN = {
    "MOSIP_URL": "https://api-internal.mosip.country.example",
    "ESIGNET_URL": "https://esignet.country.example",
    "OPENCRVS_GATEWAY_URL": "https://gateway.crvs.country.example",
    "OPENCRVS_AUTH_URL": "https://auth.crvs.country.example",
    "OPENCRVS_PUBLIC_KEY_URL": "https://auth.crvs.country.example/.well-known",
    "OPENCRVS_CLIENT_SECRET": "a-secret-of-the-country-1",
    "MOSIP_WEBSUB_CALLBACK_URL": "https://bridge.crvs.country.example/websub/callback",
    "MOSIP_PACKET_AUTH_CLIENT_SECRET": "a-secret-of-the-country-2",
    "MOSIP_WEBSUB_AUTH_CLIENT_SECRET": "a-secret-of-the-country-3",
    "MOSIP_WEBSUB_SECRET": "a-secret-of-the-country-4",
    "PARTNER_APIKEY": "a-secret-of-the-country-5",
    "PARTNER_MISP_LK": "kT7wQ2mZ9xB4vN6cL8pR3sD5fG1hJ0aKqWeRtYuIoP",
    "PARTNER_ID": "country-crvs",
    "MOSIP_WEBSUB_TOPIC": "country-crvs/CREDENTIAL_ISSUED",
    "MOSIP_WEBSUB_AUTH_CLIENT_ID": "country-crvs",
    "HOST": "0.0.0.0",
}
"""Of real hosts: these are never asked."""


@pytest.fixture(scope="session")
def abroad(running: Mocks) -> dict[str, str]:
    """Our bridge at real hosts, with keys of its own."""
    folder = running.folder / "abroad"
    folder.mkdir()
    key, client, jwk = rsa(), rsa(), rsa()
    return {
        **running.bridge(),
        **FOREIGN,
        "DECRYPT_P12_FILE_PATH": str(p12(folder / "partner.p12", key, certificate(key))),
        "SIGN_P12_FILE_PATH": str(p12(folder / "sign.p12", client, certificate(client))),
        "DECRYPT_P12_FILE_PASSWORD": "mosip123",
        "SIGN_P12_FILE_PASSWORD": "mosip123",
        "ENCRYPT_CERT_PATH": str(pem(folder / "ida.crt", certificate(rsa()))),
        "IDA_SIGN_CERT_PATH": str(pem(folder / "ida-sign.crt", certificate(rsa()))),
        "OIDP_CLIENT_PRIVATE_KEY_PATH": str(pem(folder / "jwk.pem", jwk)),
    }


async def test_a_country_at_real_hosts_is_right_but_for_the_published_password(
    abroad: dict[str, str],
) -> None:
    report = await looked(abroad, ask=False)
    assert [(one.kind.id, one.where) for one in report.findings] == [("SECRET-PUBLISHED", PASSWORDS)]


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: f"{seed.finding}: {seed.about}")
async def test_a_fault_is_named_by_its_own_finding(
    running: Mocks, abroad: dict[str, str], tmp_path: Path, seed: Seed
) -> None:
    running.mediator()
    base = {"bridge": running.bridge, "mediator": running.mediator}.get(seed.base)
    values = base() if base else dict(abroad)
    if seed.base in ("1.9", "2.1"):
        values = running.bridge(seed.base)
    change = seed.change if isinstance(seed.change, dict) else seed.change(running, tmp_path)
    told = {name: value for name, value in (values | change).items() if value is not None}
    report = await looked(told, ask=seed.base != "abroad")
    new = [one for one in report.findings if seed.base != "abroad" or one.where != PASSWORDS]
    assert [one.kind.id for one in new] == [seed.finding], new
    shown = as_text(report) + as_json(report) + as_markdown(report)
    for name, value in change.items():
        if value and len(value) > 8 and name.endswith(("SECRET", "PASSWORD", "APIKEY", "MISP_LK")):
            assert value.strip() not in shown.replace(seed.about, "") or value in PUBLIC
