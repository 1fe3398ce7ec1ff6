"""What the state file keeps is what a restart finds again."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_nid.hub.subscriptions import Directory, Subscription
from mock_nid.identities.people import Identities, Person, Vid
from mock_nid.packets.plans import plan_from
from mock_nid.packets.registrations import PacketRegistration, StoredPacket
from mock_nid.packets.registry import Registry
from mock_nid.packets.stages import VALIDATOR
from mock_nid.preregistration.applications import Application, Document
from mock_nid.processing.manual_verification import Case, IdentityChange
from mock_nid.state import StateFile, StateFileWrong
from wire.world import World

AT = "2026-03-02T08:00:00.000Z"
NAMES = [{"language": "eng", "value": "Amara Okonjo"}]


def empty(path: Path) -> tuple[StateFile, Registry, Identities, Directory]:
    registry, people, directory = Registry(), Identities(), Directory()
    return StateFile(path, World.virtual(), registry, people, directory), registry, people, directory


async def test_a_restart_changes_nothing_and_forgets_nobody(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    state, registry, people, directory = empty(path)
    people.add(Person("5", {"fullName": NAMES}, registration_ids=("P",), handles=("B@brn",)), [Vid("6", "5")])
    people.reserved.add("7")
    packet = StoredPacket("P", "OPENCRVS", "CRVS_NEW", "0.1", {"fullName": "Amara"}, {"m": "{}"}, AT)
    registry.keep_packet(packet)
    plan = plan_from("fail:RPR-PKV-FAILED-012@60")
    started = PacketRegistration(packet).started("w", plan, "queue", 60.0, AT, "t")
    registry.keep(started.passed(VALIDATOR, AT, "t1").numbered("5", "6", "p").delivered())
    state.cases[1] = Case(1, IdentityChange.DEACTIVATE, "5", "wrong", AT)
    document = Document("d", "a.pdf", "POI", "DOC", None, "eng", 7)
    state.applications["A"] = Application("A", "eng", {"identity": {}}, "crvs", AT, documents=(document,))
    directory.add(Subscription("t", "http://bridge/callback", "secret", "crvs", AT))
    await state.close()

    again, registrations, persons, subscriptions = empty(path)
    again.load()
    assert (registrations, persons, subscriptions) == (registry, people, directory)
    assert (again.cases, again.applications) == (state.cases, state.applications)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"version": 2}', '{"people": {"persons": [{"uin": "4238670978"}]}}']
)
def test_a_file_that_cannot_be_read_is_named_and_nobody_in_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(text)
    with pytest.raises(StateFileWrong) as refused:
        empty(path)[0].load()
    assert str(path) in str(refused.value) and "move it away" in str(refused.value)
    assert "4238670978" not in str(refused.value)
