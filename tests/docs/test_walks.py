"""The walks by hand in README and tutorial: `rehearse up`, then the very commands of the page, in a shell."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, blocks
from tests.forked import shim
from tests.kit import ROOT, Kit
from tests.ports import free_port
from tests.programs import CURL, need

STANDARD = {
    "--gateway-port": 7070,
    "--auth-port": 4040,
    "--nid-port": 20240,
    "--esignet-port": 20260,
    "--trigger-port": 3040,
    "--mediator-port": 2024,
    "--console-port": 8070,
}


@contextmanager
def running(kit: Kit, folder: Path, keys: Path, profile: str) -> Iterator[dict[int, int]]:
    """`rehearse up` of an installed kit on free ports; standard port → the port in use."""
    taken = {standard: free_port() for standard in STANDARD.values()}
    options = [text for option, port in STANDARD.items() for text in (option, str(taken[port]))]
    process = subprocess.Popen(
        kit.forked("scenarios.cli", "up", "--profile", profile, *options, "--keys", str(keys)),
        cwd=folder,
        env=kit.environment(MOCK_NID_PROCESSING_SECONDS="1", COLUMNS="200", PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = []
    for line in process.stdout:  # until it says that everything is up, or ends
        said.append(line)
        if "Ctrl-C" in line:
            break
    assert process.poll() is None, "".join(said)
    try:
        (asks,) = [line.partition(": ")[2] for line in said if line.startswith("What waits at the bridge")]
        assert "nothing waits" in subprocess.check_output(["bash", "-c", asks], text=True, timeout=180)
        yield taken
        process.send_signal(signal.SIGINT)
        said.append(process.communicate(timeout=240)[0])
        assert process.returncode == 0, "".join(said)
    finally:
        process.kill()  # what was skipped or failed meanwhile leaves no servers


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up")


@pytest.fixture(scope="module")
def ports(kit: Kit, folder: Path, rehearsal_keys: Path) -> Iterator[dict[int, int]]:
    with running(kit, folder, rehearsal_keys, "2.0") as taken:
        yield taken


def walk(ports: dict[int, int], *commands: str) -> str:
    """What the commands print, in one shell that stops at the first error."""
    need(CURL)
    script = "\n".join(commands)
    for standard, port in ports.items():
        script = re.sub(rf"(?<=127\.0\.0\.1:){standard}\b", str(port), script)
    done = subprocess.run(
        ["bash", "-eo", "pipefail"], input=script, capture_output=True, text=True, timeout=180
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    return done.stdout


def part(page: Path, heading: str) -> list[str]:
    """The shell blocks under one heading."""
    text = page.read_text(encoding="utf-8")
    section = re.split(r"^## ", text[text.index(f"## {heading}") + 3 :], flags=re.M)[0]
    return re.findall(r"^```sh\n(.*?)^```", section, re.M | re.S)


README_WALK = part(ROOT / "README.md", "A registration by hand, with curl")
FAULTS = "http://127.0.0.1:20240/admin/faults"
HELD = f"""curl -s {FAULTS} -H 'content-type: application/json' \\
  -d '{{"seam": "packet.create", "kind": "status", "count": null}}' > /dev/null"""
"""The ID system takes no packet, so that the record waits for as long as the commands of a walk may take."""
LET_GO = f"curl -s -X DELETE {FAULTS} > /dev/null"


def test_the_walk_of_the_readme_can_be_done_twice(ports: dict[int, int]) -> None:
    up, *steps, look, _, _ = README_WALK
    assert "rehearse up" in up
    assert len(steps) == 3
    queue, *_ = look.splitlines()
    wait = f"until {{ {look.splitlines()[2]}; }} | grep -q child.nid; do sleep 0.3; done\n"
    once = [HELD, *steps, look, "echo; echo ====", LET_GO, wait, look]
    numbers = set()
    for said in walk(ports, *once, "echo; echo ++++", *once).split("++++"):
        waiting, registered = said.split("====")
        assert queue.startswith("queue=")
        assert '"in-external-validation":1' in waiting
        assert '"registrationNumber"' not in waiting
        assert '"in-external-validation":0' in registered
        numbers |= set(re.findall(r'"registrationNumber": ?"(\w+)"', registered))
    assert len(numbers) == 2


def test_the_walk_of_the_readme_in_1_9(kit: Kit, folder: Path, rehearsal_keys: Path) -> None:
    _, log_in, declare, _, _, register, look = README_WALK
    wait = f"until {{ {look.strip()}; }} | grep -q child.nid; do sleep 0.3; done\n"
    with running(kit, folder, rehearsal_keys, "1.9") as taken:
        said = walk(taken, HELD, log_in, declare, register, look, "echo; echo ====", LET_GO, wait, look)
    assert '"registrationNumber"' not in said.split("====")[0]
    assert '"registrationNumber"' in said.split("====")[1]


def test_the_walks_of_the_tutorial(ports: dict[int, int]) -> None:
    page = DOCS / "tutorial.md"
    (by_hand,) = part(page, "4. Do it by hand")
    (wrong,) = part(page, "5. Make something go wrong")
    good, bad = walk(ports, by_hand, "echo; echo ====", wrong).split("====")
    assert re.search(r'"registrationNumber": ?"2', good)
    assert '"child.nid"' in good
    assert not re.search(r'"registrationNumber": ?"', bad)
    assert re.search(r'"type": ?"REGISTER", ?"status": ?"Rejected"', bad)
    assert re.search(r'"content": ?{"reason": ?"\w', bad)


def test_the_plans_page_can_be_typed(ports: dict[int, int]) -> None:
    (block, *_) = blocks(DOCS / "reference" / "plans.md", "sh")
    said = walk(ports, block, "curl -s -X DELETE $nid/admin/plans > /dev/null")
    assert '"magic"' in said
    assert '"queue"' in said


def test_the_faults_page_can_be_typed(ports: dict[int, int]) -> None:
    (block,) = blocks(DOCS / "reference" / "faults.md", "sh")
    said = walk(ports, block)
    assert '"packet.create"' in said


def test_the_console_is_served_with_all_its_files(ports: dict[int, int]) -> None:
    folder = ROOT / "scenarios" / "console" / "static"
    page = walk(ports, "curl -sf http://127.0.0.1:8070/")
    used = set(re.findall(r'(?:src|href)="([^":]+\.(?:css|js|svg))"', page))
    assert len(used) > 2
    for name in used:
        file = folder / Path(name).name
        assert walk(ports, f"curl -sf http://127.0.0.1:8070/{name.lstrip('/')}") == file.read_text("utf-8")


def test_the_journal_can_be_read(ports: dict[int, int]) -> None:
    said = walk(ports, "curl -s http://127.0.0.1:7070/admin/journal")
    assert json.loads(said)


def test_a_newcomers_way_to_a_folder_for_an_invented_country(tmp_path: Path, rehearsal_keys: Path) -> None:
    """The page's commands as they stand there, from nothing to stories that are played with the folder."""
    (tmp_path / "bridge").symlink_to(ROOT / "bridge")
    bin_folder = tmp_path / ".venv" / "bin"
    bin_folder.mkdir(parents=True)
    shim(bin_folder / "python", "bridge", after="-m bridge")
    shim(bin_folder / "rehearse", "scenarios.cli")
    script = "set -e\n" + "\n".join(blocks(DOCS / "how-to" / "your-countrys-files.md", "sh")[:3])
    own = {**os.environ, "REHEARSAL_KEYS": str(rehearsal_keys)}
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=own,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    packet = json.loads(done.stdout[done.stdout.index("{") : done.stdout.rindex("}") + 1])
    told = [json.loads(packet[name])[0]["value"] for name in ("fullName", "gender", "region")]
    assert told == ["Mulenga Chanda", "F", "Kivuli"] and "2 passed" in done.stdout
    assert "Mama: Namba hii haijulikani." in done.stdout
