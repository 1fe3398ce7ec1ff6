"""What is written in files: variables, compose, Helm values, manifests; and what a file beside them tells."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge.country.faults import lacking_fields
from bridge.country.folder import COUNTRIES
from bridge.country.packet_fields import FARAJALAND
from bridge.opencrvs.forms import fields_of
from scenarios.doctor import sources
from scenarios.doctor.examination import Diagnosis, Wanted, examine
from scenarios.doctor.findings import kinds
from tests.docs.pages import blocks
from tests.doctor.sets import Mocks, certificate, opencrvs_of, pem, rsa
from tests.foreign.recorded import find
from tests.forked import forked
from tests.kit import ROOT
from wire.entry import CannotBegin
from wire.world import World

UGANDA = COUNTRIES / "uganda"

COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
HELM = """
mosip_mock:
  env: {MOSIP_WEBSUB_SECRET: mosip-websub-secret, MOSIP_WEBSUB_TOPIC: crvs-partner/CREDENTIAL_ISSUED}
mosip_api:
  volumeMounts: [{name: data, mountPath: /data}]
  secrets: {mosip: [PARTNER_APIKEY, "misp:PARTNER_MISP_LK"]}
  env:
    SQLITE_DATABASE_PATH: /data/mosip-api.db
    PARTNER_ID: crvs-partner
    MOSIP_WEBSUB_SECRET: mosip-websub-secret
    MOSIP_WEBSUB_TOPIC: crvs-partner/CREDENTIAL_ISSUED
    MOSIP_CENTER_ID: "10123"
"""


async def looked(path: Path, text: str, shell: dict[str, str] | None = None, **more: Any) -> Diagnosis:
    source = _written(path, text, shell or {})
    return await examine(source, Wanted(ask=False, **more), World.system())


def _written(path: Path, text: str, shell: dict[str, str]) -> sources.ProcessEnvironment:
    path.write_bytes(text.encode())
    return sources.of_file(path, None, shell)


def ids(report: Diagnosis) -> list[str]:
    return [one.kind.id for one in report.findings]


VARIABLES: list[tuple[Any, ...]] = [
    ("# ours\nexport PORT=2024\n\nBRIDGE_MODE=async\n", []),
    ("PORT=2024\r\nBRIDGE_MODE=async\r\n", ["FILE-CARRIAGE-RETURNS"]),
    ("PORT=2024\nPARTNER_ID=crvs-partner\r\n", ["VALUE-INVISIBLE"]),
    ("\ufeffPORT=2024\nBRIDGE_MODE=async\n", ["FILE-BYTE-ORDER-MARK"]),
    ("PORT=2024\nBRIDGE_MODE async\n", ["LINE-UNREADABLE"]),
    ("PORT=2024\nBRIDGE_MODE=async\nPORT=2025\n", ["SETTING-TWICE"]),
    ('PORT=2024\nPARTNER_ID="crvs-partner"\n', ["VALUE-QUOTED"]),
]


@pytest.mark.parametrize(("text", "found"), VARIABLES)
async def test_a_file_of_variables(tmp_path: Path, text: str, found: list[str]) -> None:
    assert ids(await looked(tmp_path / "bridge.env", text)) == found


async def test_a_page_of_prose_is_one_finding_with_its_first_lines(tmp_path: Path) -> None:
    page = "".join(f"Line {number} of a page about BRIDGE_MODE\n" for number in range(1, 100))
    [found] = (await looked(tmp_path / "README.md", page)).findings
    assert (found.kind.id, found.detail) == ("LINE-UNREADABLE", "line 1, 2, 3, 4, 5 and 94 more")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package.json", '{\n "name": "countryconfig",\n "PORT": 3040\n}\n'),
        (
            "country.env",
            "PORT=3040\nCLIENT_APP_URL=https://register.example\nMOSIP_API_URL=http://mosip-api\n",
        ),
        (
            "compose.yaml",
            "services:\n  countryconfig:\n    environment:\n      - CLIENT_APP_URL=https://a.example\n",
        ),
    ],
)
def test_a_file_of_another_program_is_not_judged_as_a_bridges(tmp_path: Path, name: str, text: str) -> None:
    """Such as the compose file of OpenCRVS's country config, which knows where the client app is."""
    with pytest.raises(CannotBegin, match="variables of a bridge or mediator"):
        _written(tmp_path / name, text, {})


COMPOSED: list[tuple[Any, ...]] = [
    ("", "", []),
    (', "bridge:/data/bridge"', "", ["STORE-WITHOUT-VOLUME"]),
    ("sqlite:////data/bridge/bridge.db", "sqlite:////tmp/bridge.db", ["STORE-WITHOUT-VOLUME"]),
    ("HOST: 0.0.0.0\n      REHEARSAL", "HOST: 127.0.0.1\n      REHEARSAL", ["LISTENS-ON-LOOPBACK"]),
    ("http://opencrvs:7070", "http://localhost:7070", ["ADDRESS-LOOPBACK"]),
    ("OPENCRVS_CLIENT_SECRET: mosip-rehearsal-secret", "X: y", ["CLIENT-HALF"]),
    (
        "MOSIP_URL: http",
        'MOSIP_WEBSUB_SECRET: "${HUB_SECRET}"\n      MOSIP_URL: http',
        ["VARIABLE-UNSET"],
    ),
    ('      BRIDGE_REHEARSAL: "true"\n', "", ["KEY-FOR-TESTS", "SECRET-PUBLISHED"]),
    (
        "http://bridge:2024/websub/callback",
        "http://127.0.0.1:2024/websub/callback",
        ["CALLBACK-LOOPBACK"],
    ),
]


@pytest.mark.parametrize(("old", "new", "found"), COMPOSED)
async def test_a_compose_file(tmp_path: Path, old: str, new: str, found: list[str]) -> None:
    assert old in COMPOSE
    report = await looked(tmp_path / "compose.yaml", COMPOSE.replace(old, new, 1) if old else COMPOSE)
    assert [one for one in ids(report) if one != "VALUE-EMPTY"] == found


CHARTED: list[tuple[Any, ...]] = [
    ("", "", []),
    ("volumeMounts: [{name: data, mountPath: /data}]", "x: y", ["STORE-WITHOUT-VOLUME"]),
    ('"10123"', "01012", ["VALUE-NUMBER"]),
    ("mosip-websub-secret, MOSIP", "another-secret, MOSIP", ["HUB-SECRETS-DIFFER"]),
    ("crvs-partner/CREDENTIAL_ISSUED}", "other/CREDENTIAL_ISSUED}", ["SERVICES-DISAGREE"]),
    ("  env:\n", "  env:\n    MOSIP_WEBSUB_SECERT: x\n", ["SETTING-UNKNOWN"]),
    (
        "PARTNER_ID: crvs-partner",
        "PARTNER_ID: aaaaaAAAAAbbbbbBBBBBcccccCCCCCdddddDDDDD\n    PARTNER_MISP_LK: crvs-partner",
        ["PARTNER-SWAPPED"],
    ),
]


@pytest.mark.parametrize(("old", "new", "found"), CHARTED)
async def test_values_of_a_chart(tmp_path: Path, old: str, new: str, found: list[str]) -> None:
    text = HELM.replace(old, new, 1) if old else HELM
    if "SWAPPED" in "".join(found):
        text = text.replace(', "misp:PARTNER_MISP_LK"', "")
    assert ids(await looked(tmp_path / "values.yaml", text)) == found


MAPPED = {
    "child.name": {"firstname": "Chanda", "surname": "Mulenga"},
    "child.dob": "2026-01-05",
    "child.gender": "female",
}


PACKET: dict[str, Any] = json.loads(find("flow-birth", "mosip-api->mosip-mock", "createPacket", phase=0).body)
DECLARED: list[tuple[Any, ...]] = [
    ({"type": "birth", "declaration": MAPPED}, []),
    (MAPPED | {"child.dob": "5 January 2026"}, ["PACKET-UNFIT"]),
    (MAPPED | {"child.name": {"firstname": "B"}}, ["PACKET-UNFIT"]),
    (MAPPED | {"child.dob": ["2026-01-05"]}, ["PACKET-UNFIT"]),
    ({"requestFields": {"fullName": [{"language": "eng", "value": "Baby Okonjo"}]}}, ["PACKET-NOT-TEXT"]),
    (PACKET | {"request": PACKET["request"] | {"audits": []}}, ["PACKET-SWALLOWED"]),
    (PACKET | {"request": PACKET["request"] | {"schemaVersion": "v0.100"}}, ["PACKET-SWALLOWED"]),
]


@pytest.mark.parametrize(("declaration", "found"), DECLARED)
async def test_a_declaration_goes_through_the_mapping(
    tmp_path: Path, declaration: object, found: list[str]
) -> None:
    sample = tmp_path / "declaration.json"
    sample.write_text(json.dumps(declaration), encoding="utf-8")
    assert ids(await looked(tmp_path / "b.env", "BRIDGE_MODE=async\n", declaration=sample)) == found


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("packet_fields.json", "{"),
        ("packet_fields.json", "[]"),
        ("packet_fields.json", '{"birth": {"fields": {}}}'),
    ],
)
async def test_a_countrys_folder_that_cannot_be_used(tmp_path: Path, file: str, text: str) -> None:
    shutil.copytree(FARAJALAND, tmp_path / "country")
    (tmp_path / "country" / file).write_text(text, encoding="utf-8")
    report = await looked(tmp_path / "b.env", "BRIDGE_MODE=async\n", country=tmp_path / "country")
    assert ids(report) == ["MAPPING-UNREADABLE"]


async def test_a_form_without_the_national_id_by_file_and_by_question(running: Mocks, tmp_path: Path) -> None:
    pages = [{"fields": [{"id": "child.name"}]}]
    forms = tmp_path / "forms.json"
    forms.write_text(json.dumps([{"id": "birth", "declaration": {"pages": pages}}]), encoding="utf-8")
    assert ids(await looked(tmp_path / "b.env", "BRIDGE_MODE=async\n", forms=forms)) == ["FIELD-MISSING"]
    with opencrvs_of(running.keys, "2.0", MOCK_OPENCRVS_MOSIP_FIELDS="false") as told:
        values = running.bridge() | {
            "OPENCRVS_GATEWAY_URL": told[0],
            "OPENCRVS_AUTH_URL": told[1],
            "OPENCRVS_PUBLIC_KEY_URL": f"{told[1]}/.well-known",
        }
        report = await examine(sources.of_process(values, "it"), Wanted(), World.system())
    assert ids(report) == ["FIELD-MISSING"]


async def test_forms_without_the_fields_of_the_policy_are_told_field_by_field(tmp_path: Path) -> None:
    """As `bridge country check --forms`, and `forms_lack` in `/ready`, tell them."""
    page = {"fields": [{"id": name} for name in ("child.nid", "mother.verified")]}
    told = [{"id": kind, "declaration": {"pages": [page]}} for kind in ("birth", "death")]
    (tmp_path / "forms.json").write_text(json.dumps(told), encoding="utf-8")
    text = f"BRIDGE_COUNTRY={UGANDA}\n"
    report = await looked(tmp_path / "b.env", text, forms=tmp_path / "forms.json")
    lacking = list(lacking_fields(UGANDA, fields_of(told) or {}))
    found = [one.detail for one in report.findings if one.kind.id == "POLICY-FIELD-MISSING"]
    assert found == [line.removeprefix(f"{UGANDA}/") for line in lacking]
    assert len(found) == 7 and "policy.json:" in found[0] and "has no field father.verified" in found[0]


async def test_a_countrys_folder_in_a_container_is_looked_at_where_it_lies_here(tmp_path: Path) -> None:
    named = "services:\n  bridge:\n    environment: {BRIDGE_MODE: async, BRIDGE_COUNTRY: /srv/country}\n"
    report = await looked(tmp_path / "compose.yaml", named)
    assert "BRIDGE_COUNTRY: its folder is inside the container" in report.unseen
    shutil.copytree(FARAJALAND, tmp_path / "country")
    (tmp_path / "country" / "policy.json").write_text("{", encoding="utf-8")
    report = await looked(tmp_path / "compose.yaml", f"{named}    volumes: ['./country:/srv/country']\n")
    assert "COUNTRY-UNREADABLE" in ids(report)


async def test_the_certificate_that_the_id_system_has(running: Mocks, tmp_path: Path) -> None:
    other = pem(tmp_path / "partner.crt", certificate(rsa()))
    values = running.mediator() | {"DECRYPT_P12_FILE_PATH": str(running.keys["partner"].p12_path)}
    mine = Wanted(ask=False, partner_certificate=running.keys["partner"].certificate_path)
    assert ids(await examine(sources.of_process(values, "it"), mine, World.system())) == []
    theirs = Wanted(ask=False, partner_certificate=other)
    report = await examine(sources.of_process(values, "it"), theirs, World.system())
    assert ids(report) == ["CERTIFICATE-NOT-PARTNERS"]


def doctor(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "COLUMNS": "300", "PYTHONPATH": str(ROOT)} | more
    command = [*forked("scenarios.cli"), "doctor", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240)


def test_the_command_its_statuses_and_its_forms(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.env", tmp_path / "bad.env"
    good.write_text("BRIDGE_MODE=async\n", encoding="utf-8")
    bad.write_text("BRIDGE_MODE=async\nMOSIP_WEBSUB_SECRET='very-secret-words'\n", encoding="utf-8")
    assert doctor(tmp_path, "good.env", "--no-ask").returncode == 0
    told = doctor(tmp_path, "bad.env", "--no-ask", "--json", "--markdown", "ticket.md")
    (one,) = json.loads(told.stdout)["findings"]
    assert (told.returncode, one["id"], one["where"]) == (1, "VALUE-QUOTED", "MOSIP_WEBSUB_SECRET in bad.env")
    assert {"severity", "what", "owner", "mend"} <= one.keys()
    ticket = (tmp_path / "ticket.md").read_text(encoding="utf-8")
    assert "- [ ] **fault `VALUE-QUOTED`**" in ticket
    assert "very-secret-words" not in told.stdout + ticket
    nothing = doctor(tmp_path, "nowhere.env")
    assert (nothing.returncode, "Traceback" in nothing.stderr) == (2, False)
    assert doctor(tmp_path).returncode == 2


def test_the_environment_of_a_running_process_and_of_the_command_itself(tmp_path: Path) -> None:
    given = {"BRIDGE_MODE": "async", "MOSIP_WEBSUB_SECRET": "'very-secret-words'"}
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, env=given)
    try:
        of_pid = doctor(tmp_path, "--pid", str(process.pid), "--no-ask", "--json")
    finally:
        process.communicate()
    of_itself = doctor(tmp_path, "--env", "--no-ask", "--json", **given)
    for told, source in ((of_pid, f"process {process.pid}"), (of_itself, "the environment")):
        (one,) = json.loads(told.stdout)["findings"]
        assert (told.returncode, one["id"], one["where"]) == (
            1,
            "VALUE-QUOTED",
            f"MOSIP_WEBSUB_SECRET in {source}",
        )
        assert "very-secret-words" not in told.stdout
    gone = doctor(tmp_path, "--pid", "4194304", "--no-ask")
    assert (gone.returncode, "process 4194304 cannot be looked at" in gone.stderr) == (2, True)


def test_every_finding_says_what_to_do() -> None:
    assert len(kinds()) > 100
    for one in kinds().values():
        assert one.what.endswith("."), one.id
        assert one.mend, one.id


def test_the_commands_of_the_page_run_as_they_stand(tmp_path: Path) -> None:
    page = ROOT / "docs" / "how-to" / "the-night-before.md"
    command = shlex.join(forked("scenarios.cli"))
    shells = [text.replace(".venv/bin/rehearse", command) for text in blocks(page, "sh")]
    shutil.copy(ROOT / "compose.yaml", tmp_path)
    file, offline, compose, own, ticket = shells
    (tmp_path / "birth.json").write_text(json.dumps(MAPPED), encoding="utf-8")
    (tmp_path / "event-configs.json").write_text("[]", encoding="utf-8")
    pem(tmp_path / "partner.crt", certificate(rsa()))
    shutil.copytree(FARAJALAND, tmp_path / "my-country")
    offline_too = [text.rstrip() + " --no-ask\n" for text in (file, compose, own, ticket)]
    environment = {"PATH": os.environ["PATH"], "COLUMNS": "300", "PYTHONPATH": str(ROOT)}
    for text in (offline_too[0], offline, *offline_too[1:]):
        done = subprocess.run(
            ["bash", "-ec", text], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240
        )
        assert (done.returncode, "nothing found" in done.stdout) == (0, True), done.stdout + done.stderr
    assert (tmp_path / "ticket.md").exists()


def test_the_mediators_environment_of_the_page_is_whole_and_right(running: Mocks, tmp_path: Path) -> None:
    page = ROOT / "docs" / "how-to" / "upstream-mediator.md"
    (text,) = [block for block in blocks(page, "sh") if "mediator.env <<" in block]
    (tmp_path / ".rehearsal").mkdir()
    (tmp_path / ".rehearsal" / "keys").symlink_to(running.keys.path)
    gateway, auth = running.opencrvs["1.9"]
    moved = {"20240": running.nid, "20260": running.esignet, "7070": gateway, "4040": auth}
    for port, url in moved.items():
        text = text.replace(f"http://127.0.0.1:{port}", url)
    text = text.replace(".venv/bin/python", shlex.quote(sys.executable)).replace("PORT=2024", "PORT=0")
    environment = {"PATH": os.environ["PATH"], "COLUMNS": "300", "PYTHONPATH": str(ROOT)}
    subprocess.run(["bash", "-ec", text], cwd=tmp_path, env=environment, check=True, timeout=240)
    done = doctor(tmp_path, "mediator.env")
    assert (done.returncode, "nothing found" in done.stdout) == (0, True), done.stdout + done.stderr
    assert "as the mediator's" in done.stdout and "--as bridge" in done.stdout
