"""The commands that work on databases: taking over the mediator's, copying to another."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from tests.forked import forked
from tests.servers.bridge.test_takeover import mediators, row


def bridge(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {"PATH": os.environ["PATH"], "REHEARSAL_KEYS": str(tmp_path / "keys"), **environment}
    return subprocess.run(
        [*forked("bridge"), *arguments], env=given, capture_output=True, text=True, timeout=120
    )


def test_commands(tmp_path: Path) -> None:
    file = mediators(tmp_path / "mosip-api.db", [row(n) for n in range(12)])
    url = f"sqlite:///{tmp_path}/bridge.db"
    for options, new in (("--dry-run",), 12), ((), 12):
        done = bridge(tmp_path, "import", "--from", str(file), *options, BRIDGE_DATABASE_URL=url)
        report = json.loads(done.stdout)
        assert (done.returncode, report["rows"], report["new"]) == (0, 12, new), done.stderr
        assert report["states"] == {"SUBMITTED": 12}
    odd = mediators(tmp_path / "odd.db", [row(50), row(51, "no token")])
    done = bridge(tmp_path, "import", "--from", str(odd), "--dry-run", BRIDGE_DATABASE_URL=url)
    assert done.returncode == 1 and json.loads(done.stdout)["rows"] == 2
    assert done.stderr == "row '100010000000051' was not taken over: the token cannot be read\n"
    same = bridge(tmp_path, "import", "--from", str(file), SQLITE_DATABASE_PATH=str(file))
    assert same.returncode == 2 and "database of its own" in same.stderr
    for to, says in (url, "another"), ("mysql://a/b", "--to: mysql is not a database"):
        done = bridge(tmp_path, "copy", "--to", to, BRIDGE_DATABASE_URL=url)
        assert done.returncode == 2 and says in done.stderr and "BRIDGE_DATABASE_URL" not in done.stderr
    target = f"sqlite:///{tmp_path}/other.db"
    done = bridge(tmp_path, "copy", "--to", target, BRIDGE_DATABASE_URL=url)
    report = json.loads(done.stdout)
    assert done.returncode == 0 and report["tables"]["registrations"]["written"] == 12, done.stderr
    assert report["whole"] and report["states"] == {"SUBMITTED": {"source": 12, "target": 12}}
