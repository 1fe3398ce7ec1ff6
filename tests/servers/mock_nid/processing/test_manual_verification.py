"""The desk of manual verification, over /admin (contract mosip §15 row 18)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.servers.mock_nid.actors import Stage

Open = Callable[..., Awaitable[Stage]]
DESK = "/admin/verifications"


async def born(s: Stage, packet_id: str = "100010000000001") -> str:
    await s.client.submit(packet_id)
    await s.advance(60)
    vid = s.running.registrations.registrations[packet_id].vid
    assert vid is not None
    return vid


async def ask(s: Stage, wish: str, number: str) -> tuple[int, Any]:
    status, body, _ = await s.client.call("POST", DESK, json={"wish": wish, "number": number})
    return status, body


async def decide(s: Stage, number: int, word: str) -> tuple[int, Any]:
    status, body, _ = await s.client.call("POST", f"{DESK}/{number}/{word}")
    return status, body


async def test_an_identity_ends_when_a_person_approves_and_nobody_is_told(stage: Open) -> None:
    s = await stage()
    vid = await born(s)
    await s.listen("crvs-partner/DEACTIVATE_ID")
    person = s.running.people.of_vid(vid)
    assert person is not None
    status, case = await ask(s, "deactivate", vid)
    assert (status, case["decision"], case["uin"]) == (201, "", person.uin)
    assert (await ask(s, "deactivate", vid))[1]["detail"] == (
        "a request about this person is under review already"
    )
    assert (await decide(s, 1, "reject"))[1]["decision"] == "rejected"
    assert s.running.people.persons[person.uin].status == "ACTIVATED"
    assert (await decide(s, 1, "approve"))[0] == 409
    await ask(s, "deactivate", person.uin)
    assert (await decide(s, 2, "approve"))[1]["decision"] == "approved"
    assert s.running.people.persons[person.uin].status == "DEACTIVATED"
    await s.advance(60)
    assert s.subscriber.deliveries == []
    _, listed, _ = await s.client.call("GET", DESK)
    assert [case["decision"] for case in listed["verifications"]] == ["rejected", "approved"]


async def test_who_was_made_a_partner_of_identity_events_is_told(stage: Open) -> None:
    s = await stage(identity_events=True)
    vid = await born(s)
    await s.listen("crvs-partner/DEACTIVATE_ID")
    await ask(s, "deactivate", vid)
    await decide(s, 1, "approve")
    await s.advance(60)
    assert len(s.subscriber.deliveries) == 2, "one for the UIN and one for the VID"


@pytest.mark.parametrize(
    ("wish", "number", "why"),
    [
        ("deactivate", "3467045314", "nobody has this number"),
        ("deactivate", "8507457640", "the identity is DEACTIVATED"),
        (
            "deactivate",
            "4238670978",
            "only an infant's identity is deactivated for a wrong birth registration",
        ),
        ("reverse-death", "4238670978", "no death is noted for this person"),
        ("reactivate", "8507457640", "MOSIP does not reactivate by default: register the child anew"),
    ],
)
async def test_what_the_desk_does_not_take(stage: Open, wish: str, number: str, why: str) -> None:
    s = await stage()
    status, body = await ask(s, wish, number)
    assert (status, body["detail"]) == (409, why)


async def test_a_death_is_reversed(stage: Open) -> None:
    s = await stage()
    fields = {"UIN": "4238670978", "dateOfDeath": "2026/02/24"}
    await s.client.submit("100010000000001", "CRVS_DEATH", birthCertificateNumber=None, **fields)
    await s.advance(60)
    assert s.running.people.persons["4238670978"].text("dateOfDeath") == "2026/02/24"
    await ask(s, "reverse-death", "4703420631835716")
    await decide(s, 1, "approve")
    person = s.running.people.persons["4238670978"]
    assert person.text("dateOfDeath") is None and person.text("fullName") == "Chanda Mulenga"


async def test_reactivation_where_a_country_has_it(stage: Open, tmp_path: Path) -> None:
    s = await stage(reactivation=True, state_file=tmp_path / "state.json")
    vid = await born(s)
    status, body = await ask(s, "reactivate", "8507457640")
    assert (status, body["detail"]) == (
        409,
        "this identity was not deactivated for a wrong birth registration",
    )
    await ask(s, "deactivate", vid)
    await decide(s, 1, "approve")
    await s.advance(1)
    again = await stage(reactivation=True, state_file=tmp_path / "state.json")
    assert (await ask(again, "reactivate", vid))[0] == 201
    await decide(again, 2, "approve")
    person = again.running.people.of_vid(vid)
    assert person is not None and person.status == "ACTIVATED"


@pytest.mark.parametrize("number", ["1", "x", "9" * 40])
async def test_a_case_that_is_not_there(stage: Open, number: str) -> None:
    s = await stage()
    status, _, _ = await s.client.call("POST", f"{DESK}/{number}/approve")
    assert status == 404
