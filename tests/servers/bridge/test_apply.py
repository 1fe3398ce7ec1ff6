"""An application is made once, with the record's documents, whatever fails or is away."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bridge.advice import Stuck
from bridge.registration import Destination, State
from tests.servers.bridge.centres import NUMBER, OLDER, Office, office

__all__ = ["office"]


@pytest.mark.parametrize(
    ("status", "says"),
    [(503, {}), (200, {"response": None, "errors": None}), (200, {"response": {}, "errors": []})],
)
async def test_a_centre_that_does_not_answer_is_asked_again(
    office: Office, status: int, says: dict[str, Any]
) -> None:
    """Its service swallows errors: 200 without a response is no application."""
    good, office.centre.status, office.centre.says = office.centre.says, status, says
    event = await office.registers(OLDER)
    assert (await office.stage.of(event)).state is State.QUEUED
    await office.stage.restart()
    office.centre.status, office.centre.says = 200, good
    await office.stage.world.clock.advance(2000)
    assert (await office.stage.of(event)).state is State.CONFIRMED


async def test_an_application_that_is_refused_waits_for_a_person(office: Office) -> None:
    office.centre.says = {
        "response": None,
        "errors": [{"errorCode": "KER-IOV-004", "message": "Invalid input parameter - identity/gender"}],
    }
    event = await office.registers(OLDER)
    found = await office.stage.of(event)
    assert (found.state, found.reason) == (State.STUCK, Stuck.NID_REFUSED_PACKET)


async def test_a_crash_after_the_application_makes_no_second_one(office: Office) -> None:
    office.stage.opencrvs.faults["event.actions.register.accept"] = [lambda: web.Response(status=503)] * 3
    event = await office.registers(OLDER)
    await office.stage.restart()
    await office.stage.world.clock.advance(4000)
    assert (await office.stage.of(event)).state is State.CONFIRMED and len(office.centre.asked) == 1


HOUR = 3600.0
SLIP = {"path": "event-attachments/slip.png", "originalFilename": "hospital slip.png", "type": "image/png"}
CARD = {"path": "/ocrvs/card.pdf", "originalFilename": "card", "type": "x", "option": "NATIONAL_ID"}
SENT = OLDER | {"documents.proofOfBirth": SLIP, "documents.proofOfMother": [CARD]}


def needing(office: Office) -> Path:
    """The same country, which does not apply without a proof of birth."""
    folder = Path(office.stage.settings["country_folder"])
    other = Path(shutil.copytree(folder, folder.parent / "needing"))
    mapping = json.loads((other / "packet_fields.json").read_text())
    mapping["application"]["documents"][0]["needed"] = True
    (other / "packet_fields.json").write_text(json.dumps(mapping))
    return other


async def test_the_records_documents_go_with_the_application(office: Office) -> None:
    core = office.stage.opencrvs
    core.files = {"event-attachments/slip.png": b"slip\r\n--", "ocrvs/card.pdf": b"card"}
    event = await office.registers(SENT)
    assert (await office.stage.of(event)).state is State.CONFIRMED
    slip, card = office.centre.documents
    request = {"docCatCode": "POB", "docTypCode": "DOC004", "langCode": "eng"}
    assert slip == (NUMBER, request, "hospital slip.png", b"slip\r\n--")
    assert (card[1]["docCatCode"], card[1]["docTypCode"], card[2]) == ("POR", "DOC003", "card.pdf")
    assert len(core.opened_by) == 2 and all(each.startswith("Bearer ey") for each in core.opened_by)


async def test_a_store_that_is_away_is_asked_again_and_nothing_is_sent_twice(office: Office) -> None:
    core = office.stage.opencrvs
    core.files, core.file_store = {"event-attachments/slip.png": b"slip"}, 503
    event = await office.registers(OLDER | {"documents.proofOfBirth": SLIP})
    found = await office.stage.of(event)
    assert found.state is State.QUEUED and not office.centre.asked
    assert "documents.proofOfBirth: OpenCRVS file store: HTTP 503" in (found.last_error or "")
    assert not (await office.stage.running.way.outlook.now()).circuits[Destination.NID].failures, (
        "the ID system is well"
    )
    await office.stage.restart(give_up_seconds=HOUR)
    await office.stage.world.clock.advance(2 * HOUR)
    stuck = await office.stage.of(event)
    assert (stuck.state, stuck.reason) == (State.STUCK, Stuck.DOCUMENT_NOT_SENT)
    core.file_store = 200
    await office.stage.running.way.operations.retry(stuck)
    await office.stage.world.clock.settle()
    assert (await office.stage.of(event)).state is State.CONFIRMED
    assert len(office.centre.asked) == len(office.centre.documents) == 1


@pytest.mark.parametrize(
    ("declared", "refuses", "why"),
    [
        ({}, "", "documents.proofOfBirth: the record has no such document"),
        ({"documents.proofOfBirth": SLIP | {"path": "lost.png"}}, "", "OpenCRVS has lost the file"),
        ({"documents.proofOfBirth": SLIP}, "PRG_PAM_DOC_007", "proofOfBirth: the ID system does not take it"),
        ({"documents.proofOfBirth": SLIP}, "PRG_PAM_DOC_004", "PRG_PAM_DOC_004"),
    ],
)
@pytest.mark.parametrize("needed", [True, False])
async def test_a_document_that_cannot_be_had(
    office: Office, declared: dict[str, Any], refuses: str, why: str, needed: bool
) -> None:
    office.stage.opencrvs.files = {"event-attachments/slip.png": b"slip"}
    office.centre.refuses = refuses
    if needed:
        await office.stage.restart(country_folder=needing(office))
    event = await office.registers(OLDER | declared)
    found = await office.stage.of(event)
    history = await office.stage.running.store.listings.history(found.id)
    if needed:
        assert (found.state, found.reason) == (State.STUCK, Stuck.DOCUMENT_NOT_SENT)
        assert why in (found.last_error or "")
    else:
        assert found.state is State.CONFIRMED and not office.centre.documents
        assert not declared or any(why in line.note for line in history)
