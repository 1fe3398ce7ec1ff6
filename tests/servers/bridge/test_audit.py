"""What operators did is kept, by its person, before it is done; nobody can change or take back a line."""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bridge.settings import Settings
from bridge.store.audit import OperatorAct
from bridge.store.store import Store
from bridge.store.vault import Vault
from tests.servers.bridge.asking import ask
from tests.servers.bridge.conftest import OPERATIONS, Stage
from tests.servers.bridge.test_databases import bridge
from tests.servers.bridge.test_running import refused, run, stuck
from tests.servers.bridge.test_takeover import mediators, row
from wire.world import World

AMINA = "amina-credential-of-hers"


def acts(result: Any) -> list[Any]:
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


OPERATORS = f"amina={AMINA}, joseph={'x' * 20}"


@pytest.mark.parametrize("stage", [{"operators": OPERATORS}], indirect=True)
async def test_every_act_is_told_with_who_when_what_and_why(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRIDGE_OPERATORS", OPERATORS)  # as for a command in the bridge's own container
    event = await stuck(stage)
    await run(stage, "retry", event["id"], "--why", "the packet manager is back", token=AMINA)
    refused = await run(stage, "retry", event["id"])
    assert refused.exit_code == 1
    words = "Registered under the name of Grace Mulenga."
    await run(stage, "reject", event["id"], "--reason", words, token=AMINA)
    (tmp_path / "tokens.txt").write_text(stage.opencrvs.token(event))
    why = "outage \x85\x9b2J\u2028 again"
    await run(stage, "tokens", "replace", "--from", str(tmp_path / "tokens.txt"), "--why", why)
    listed = acts(await run(stage, "audit", token="x" * 20))
    id = (await stage.of(event)).id
    assert [(line["who"], line["act"], line["subject"], line["why"]) for line in listed] == [
        ("amina", "retry", id, "the packet manager is back"),
        ("operator", "retry", id, ""),
        ("operator", "retry", id, ""),
        ("amina", "reject", id, ""),
        ("operator", "tokens replace", "1 tokens", why),
        ("operator", "tokens replace", "1 tokens", why),
    ]
    assert [line["came_to"] != "" for line in listed] == [False, False, True, False, False, True]
    assert "only stuck" in listed[2]["came_to"] and "1}" in listed[5]["came_to"]
    assert words not in json.dumps(listed), "what the registrar reads may name a person"
    assert all(line["at"].endswith("Z") for line in listed)
    assert acts(await run(stage, "audit", "--after", "5")) == listed[5:]
    _, page = await ask(stage, "GET", "/operations/audit?after=1&limit=2")
    assert page["acts"] == listed[1:3]


async def test_an_act_that_comes_to_nothing_ends_with_why(stage: Stage, tmp_path: Path) -> None:
    assert (await run(stage, "erase", "never-heard-of", "--why", "request 17")).exit_code == 1
    (tmp_path / "tokens.txt").write_text(stage.opencrvs.token(stage.opencrvs.record("birth", {})))
    await stage.restart(kill=False, public_key_url="http://127.0.0.1:9/key")
    assert (await run(stage, "tokens", "replace", "--from", str(tmp_path / "tokens.txt"))).exit_code == 1
    assert [(line["act"], line["came_to"]) for line in acts(await run(stage, "audit"))] == [
        ("erase", ""),
        (
            "erase",
            "nothing is kept about an event of this id; `bridge show` tells the event's id of a record",
        ),
        ("tokens replace", ""),
        ("tokens replace", "broken off: KeyUnavailable"),
    ]


@pytest.mark.parametrize(
    ("content", "says"), [(None, "cannot be read: No such file"), (b"\n", "no token"), (b"\xff", "UTF-8")]
)
async def test_a_file_without_tokens_is_no_act(
    stage: Stage, tmp_path: Path, content: bytes | None, says: str
) -> None:
    file = tmp_path / "tokens.txt"
    if content is not None:
        file.write_bytes(content)
    said = refused(await run(stage, "tokens", "replace", "--from", str(file)), 2)
    assert str(file) in said and says in said
    assert acts(await run(stage, "audit")) == []


@pytest.mark.parametrize("stage", [{"operators": f"amina={AMINA}", "operations_token": None}], indirect=True)
async def test_operators_alone_switch_operations_on(stage: Stage) -> None:
    assert (await ask(stage, "GET", "/operations/audit", token=AMINA))[0] == 200
    for wrong in (OPERATIONS, "amina", f"amina={AMINA}", None):
        assert (await ask(stage, "GET", "/operations/audit", token=wrong))[0] == 401


@pytest.mark.parametrize(
    "given", ["amina", "amina=", "amina=short", "=0123456789abcdef", "a b=0123456789abcdef"]
)
def test_what_names_nobody_is_refused_at_the_start(given: str) -> None:
    with pytest.raises(ValidationError, match="as amina=TOKEN"):
        Settings(operators=given)


@pytest.mark.parametrize("why", ["", " ", "x" * 501, 5])
async def test_why_is_a_text(stage: Stage, why: Any) -> None:
    event = await stuck(stage)
    status, _ = await ask(stage, "POST", f"/operations/registrations/{event['id']}/retry", why=why)
    assert status == 400 and acts(await run(stage, "audit")) == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_no_line_is_changed_or_taken_back(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    world, url = World.virtual(), f"sqlite:///{tmp_path}/bridge.db"
    if kind == "postgresql":
        url = request.getfixturevalue("postgres").get_uri()
    store = await Store.open(url, world, Vault(["a key of sixteen characters"], world.chance))
    await store.audit.add(OperatorAct("amina", "retry", "an id", "because"))
    before = await store.audit.lines(0, 9)
    if kind == "postgresql":
        postgres = request.getfixturevalue("postgres")
        for change in ("UPDATE audit SET who = 'joseph'", "DELETE FROM audit", "TRUNCATE audit"):
            with suppress(Exception):  # psql only says it
                postgres.psql(change)
    else:
        with sqlite3.connect(tmp_path / "bridge.db") as file:
            for change in ("UPDATE audit SET who = 'joseph'", "DELETE FROM audit"):
                with pytest.raises(sqlite3.IntegrityError, match="can be added to"):
                    file.execute(change)
        file.close()
    assert await store.audit.lines(0, 9) == before and len(before) == 1
    await store.close()


def test_import_and_copy_are_told_by_who_typed_them(tmp_path: Path) -> None:
    file = mediators(tmp_path / "mosip-api.db", [row(n) for n in range(3)])
    here, there = (f"sqlite:///{tmp_path}/{name}.db" for name in ("here", "there"))
    nowhere = bridge(tmp_path, "import", "--from", "nowhere.db", BRIDGE_DATABASE_URL=here, LOGNAME="amina")
    assert nowhere.returncode == 2
    for options in (("--dry-run",), ("--why", "we change over tonight")):
        done = bridge(
            tmp_path, "import", "--from", str(file), *options, BRIDGE_DATABASE_URL=here, LOGNAME="amina"
        )
        assert done.returncode == 0, done.stderr
    for why in ("x" * 501, " ", "\udcff"):
        long = bridge(tmp_path, "copy", "--to", there, "--why", why, BRIDGE_DATABASE_URL=here)
        assert long.returncode == 2 and "a text of 1 to 500 characters is due" in long.stderr
    done = bridge(tmp_path, "copy", "--to", there, BRIDGE_DATABASE_URL=here, LOGNAME="jos\udcffph")
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(tmp_path / "there.db") as copied:
        told = copied.execute("SELECT number, who, act, why, came_to FROM audit ORDER BY number").fetchall()
    copied.close()
    assert [line[:4] for line in told] == [
        (1, "amina", "import", ""),
        (2, "amina", "import", ""),
        (3, "amina", "import", "we change over tonight"),
        (4, "amina", "import", "we change over tonight"),
        (5, "jos\\udcffph", "copy", ""),
    ]
    assert told[1][4].startswith("not begun: nowhere.db is not there")
    assert json.loads(told[3][4])["new"] == 3 and json.loads(told[4][4])["SUBMITTED"] == {
        "source": 3,
        "target": 3,
    }
