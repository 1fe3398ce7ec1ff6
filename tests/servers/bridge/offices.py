"""A stage with ID authentication and a policy that has people verified."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bridge.country.folder import FARAJALAND
from tests.servers.bridge.conftest import BIRTH, Stage, set_up
from tests.servers.bridge.stubs_people import StubPeople
from wire.keyfolder import KeyFolder
from wire.mosip.envelope import EnvelopeFault
from wire.world import World

MOTHER, FATHER = BIRTH["mother.nid"], BIRTH["father.nid"]
UNKNOWN = [EnvelopeFault("IDA-MLC-018", "UIN not available in database")]
NAME = [EnvelopeFault("IDA-DEA-001", "Demographic data name in eng did not match")]
DEACTIVATED = [EnvelopeFault("IDA-MLC-003", "UIN has been deactivated")]
BORN = [EnvelopeFault("IDA-DEA-001", "Demographic data dob did not match")]
NEEDS = {"mother": "if-known", "father": "may"}


def folder(at: Path, *, then: str = "person", hours: float = 72, **rules: Any) -> Path:
    """Farajaland, with other rules for births; `mother` and `father` as in the rules of Uganda."""
    own = Path(shutil.copytree(FARAJALAND, at / f"country-{len(list(at.glob('country-*')))}"))
    policy = {
        "events": {"birth": rules, "death": {"REGISTER": {"identity": True}}},
        "without_verdict": {"after_hours": hours, "then": then},
    }
    (own / "policy.json").write_text(json.dumps(policy))
    ways = json.loads((own / "country.json").read_text())
    ways["identification"]["deactivated_counts_for"] = ["mother"]
    (own / "country.json").write_text(json.dumps(ways))
    return own


class Office:
    """The usual stage, with ID authentication and a policy."""

    def __init__(self, stage: Stage, people: StubPeople, folder: Path) -> None:
        self.stage, self.people, self.folder = stage, people, folder

    async def policy(self, **more: Any) -> None:
        """Restart with these rules, and settings of the bridge in `settings`."""
        settings = more.pop("settings", {})
        await self.stage.restart(country_folder=folder(self.folder, **more), **settings)

    async def asks(self, action: str, declaration: dict[str, Any] | None = None, **more: Any) -> Any:
        """(status, body, event) of a trigger; what the bridge does by itself afterwards is done."""
        event = self.stage.opencrvs.record("birth", declaration or BIRTH, asked=action, **more)
        status, body = await self.stage.trigger(event, action=action)
        await self.stage.world.clock.settle()
        return status, body, event

    async def of(self, event: dict[str, Any]) -> Any:
        found = await self.stage.running.store.lookups.of_event(event["id"])
        return found[-1]

    def asked(self) -> list[str]:
        return [asked.individual_id for asked, _ in self.people.asked]


@pytest.fixture
async def office(tmp_path: Path, keys: KeyFolder) -> AsyncIterator[Office]:
    own = folder(tmp_path, VALIDATE={"verify": NEEDS}, REGISTER={"identity": True})
    people = await StubPeople(World.virtual(seed=3), keys).start()
    stage = await set_up(tmp_path, keys, country_folder=own, ida_url=people.settings["ida_url"], mode="sync")
    people.world = stage.world
    stage.opencrvs.forms["birth"] += ["mother.verified", "father.verified", "informant.verified"]
    yield Office(stage, people, tmp_path)
    await stage.close()
    await people.close()


async def asks_later(office: Office, event: dict[str, Any], action: str) -> tuple[int, Any]:
    """A trigger for another action of the record."""
    core = office.stage.opencrvs
    more: dict[str, Any] = {}
    if action == "APPROVE_CORRECTION":
        changed = {"declaration": {"child.name": {"firstname": "Other", "surname": "Name"}}}
        core._append(event, "REQUEST_CORRECTION", "Accepted", {"transactionId": "asked"} | changed)
        more["requestId"] = event["actions"][-1]["id"]
    core._append(event, action, "Requested", {"transactionId": "later"}, **more)
    told = await office.stage.trigger(event, action=action)
    await office.stage.world.clock.settle()
    return told


def at_once_rule(unanswered: str, **more: Any) -> dict[str, Any]:
    return {"verify": {"mother": "must", "father": "may"}, "unanswered": unanswered} | more
