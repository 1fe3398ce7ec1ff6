"""The recipes of docs/how-to as they stand on the page, by real processes: what a variable says counts,
and what the page promises happens.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from docs.rendering.settings import PARTS
from tests.docs.pages import DOCS, PAGES, ROOT, blocks, name
from tests.ports import free_port
from tests.programs import CURL, need
from tests.servers.bridge.conftest import keys as keys
from tests.servers.bridge.conftest import postgres as postgres
from tests.servers.bridge.conftest import postgres_server as postgres_server
from tests.servers.bridge.test_mediators_environment import Mediator, Site, completes
from tests.servers.bridge.test_mediators_environment import site as site
from wire.environment import environment_name

FIELDS = {
    environment_name(model, field, info): (model, field)
    for _, _, model in PARTS
    for field, info in model.model_fields.items()
}
_ASSIGNED = re.compile(r"(?:^|\s)([A-Z][A-Z0-9_]+)=(\S*)")
_TOLD = """
import importlib, json, os, sys

def told(given, wanted):
    os.environ.clear()
    os.environ.update(given)
    return {name: str(getattr(getattr(importlib.import_module(module), "Settings")(), field))
            for name, module, field in wanted}

print(json.dumps([told(given, wanted) for given, wanted in json.load(sys.stdin)]))
"""
"""What each recipe's environment means to a process of its own."""


def assignments(text: str) -> dict[str, str]:
    """The settings that a block gives, word by word."""
    found = {variable: value for variable, value in _ASSIGNED.findall(text) if variable in FIELDS}
    return {variable: value for variable, value in found.items() if "$" not in value}


RECIPES = [
    pytest.param(given, id=f"{name(page)} {at}")
    for page in PAGES
    for at, block in enumerate([*blocks(page, "sh"), *blocks(page, "")])
    if (given := assignments(block))
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """What a process reads of each recipe: one process for all of them."""
    asked = [
        (given, [(one, FIELDS[one][0].__module__, FIELDS[one][1]) for one in given])
        for given in (recipe.values[0] for recipe in RECIPES)
    ]
    done = subprocess.run(
        [sys.executable, "-c", _TOLD],
        input=json.dumps(asked),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        cwd=tmp_path_factory.mktemp("recipes"),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("at", range(len(RECIPES)), ids=[recipe.id for recipe in RECIPES])
def test_what_a_recipe_gives_is_what_the_process_reads(at: int, told: list[dict[str, str]]) -> None:
    (given,) = RECIPES[at].values
    for variable, read in told[at].items():
        model, field = FIELDS[variable]
        by_hand = model.model_validate({model.model_fields[field].alias or field: given[variable]})
        assert read == str(getattr(by_hand, field)), variable
        if given[variable] == "":  # off is not the default
            assert read != str(model.model_fields[field].default), variable


@asynccontextmanager
async def shell(script: str, folder: Path, until: str, **variables: str) -> AsyncIterator[str]:
    """A block of a page in a shell, until the process that it starts says this; what it said."""
    ours = script.rstrip().replace(".venv/bin/python", shlex.quote(sys.executable))
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euc", f"{ours} &\nwait $!"),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **variables},
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None
    said = ""
    try:
        async with asyncio.timeout(240):
            async for line in process.stdout:
                said += line.decode()
                if until in said:
                    break
        assert until in said, said
        yield said
    finally:
        if process.returncode is None:
            os.killpg(process.pid, 15)
        await process.communicate()


def block(page: str, words: str) -> str:
    """The one block of a page that holds these words."""
    text = (DOCS / "how-to" / page).read_text(encoding="utf-8").replace("\n   ", "\n")
    [found] = [found for found in re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S) if words in found]
    return found


async def test_our_bridge_in_the_mediators_place(site: Site) -> None:
    mediator = Mediator(site, site.environment())
    lines = [f"{variable}='{value}'" for variable, value in mediator._settings.items()]
    (site.folder / "mediator.env").write_text("\n".join(lines) + "\n")
    async with shell(block("upstream-mediator.md", ". ./mediator.env"), site.folder, "mediator http") as said:
        assert "is not opened" in said
        await completes(site, mediator)


async def test_a_key_document_of_its_own_without_a_well_known_place(site: Site) -> None:
    """The recipe for a real MOSIP: a birth completes, its credential proved by the key at that address."""
    script = block("certificates.md", "MOSIP_WELL_KNOWN_URL= ")
    script = script.replace("https://api-internal.mosip.example", site.nid.url)
    mediator = Mediator(site, {})
    beside: dict[str, Any] = {
        "PORT": str(mediator.port),
        "BRIDGE_TRIGGER_PORT": "0",
        "MOSIP_URL": site.nid.url,
        "ESIGNET_URL": site.nid.esignet_url,
        "REHEARSAL_KEYS": str(site.keys.path),
        "OPENCRVS_GATEWAY_URL": site.country.url,
        "OPENCRVS_PUBLIC_KEY_URL": f"{site.country.url}/.well-known",
    }
    async with shell(script, site.folder, "mediator http", **beside):
        await completes(site, mediator)


async def test_the_bridge_on_postgresql(tmp_path: Path, keys: Any, postgres: Any) -> None:
    made, started = block("postgresql.md", "createdb").splitlines()
    assert made == "createdb bridge"
    postgres.psql("DROP DATABASE IF EXISTS bridge; ")
    postgres.psql("CREATE DATABASE bridge;")
    url = re.sub(r"/postgres(?=\?|$)", "/bridge", postgres.get_uri()).replace(
        "postgresql:", "postgresql+asyncpg:"
    )
    script = re.sub(r"(?<=BRIDGE_DATABASE_URL=)\S+", f"'{url}'", started)
    port = free_port()
    beside = {"PORT": str(port), "BRIDGE_TRIGGER_PORT": "0", "REHEARSAL_KEYS": str(keys.path)}
    async with (
        shell(script, tmp_path, "mediator http", **beside),
        ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/ready") as answer,
    ):
        assert answer.status == 200


async def test_the_id_system_for_a_real_opencrvs_screen(tmp_path: Path, keys: Any) -> None:
    need(CURL)
    script = block("real-opencrvs.md", "MOCK_NID_PUBLIC_URL").strip()
    script = script.replace("MOCK_NID_HOST=0.0.0.0", "MOCK_NID_HOST=127.0.0.1")  # here we listen on loopback
    port = free_port()
    beside = {"MOCK_NID_PORT": str(port), "MOCK_NID_ESIGNET_PORT": "0", "MOCK_NID_KEYS": str(keys.path)}
    look = block("real-opencrvs.md", "/admin/registrations").splitlines()
    async with shell(script, tmp_path, "Ctrl-C", **beside):
        asked = "\n".join(look[:2]).replace("20240", str(port))
        done = await asyncio.create_subprocess_exec(*("bash", "-euc", asked), stdout=asyncio.subprocess.PIPE)
        output, _ = await done.communicate()
        assert done.returncode == 0 and isinstance(json.loads(output), dict | list)
