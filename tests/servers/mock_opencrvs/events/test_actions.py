"""What actions write, by those who may: notify, archive, print, edit, custom."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from mock_opencrvs.app import Running
from mock_opencrvs.families import Families
from mock_opencrvs.forms.config import read_form
from testbed.browser import Browser
from tests.servers.mock_opencrvs.acting import refused, told
from tests.servers.mock_opencrvs.conftest import Enter, Start
from tests.servers.mock_opencrvs.country_server import CountryServer
from tests.servers.mock_opencrvs.profiles import every_profile, new_profiles
from wire.opencrvs.profiles import Profile
from wire.opencrvs.state import status
from wire.world import World


@every_profile
async def test_a_notification_is_partial_and_names_no_strange_field(registrar: Browser) -> None:
    event = await registrar.create("birth")
    value = {"eventId": event["id"], "transactionId": "n", "declaration": {"child.shoeSize": 1}}
    error = await refused(registrar, "event.actions.notify.request", value)
    assert told(error) == (400, '[{"message":"Unexpected field","id":"child.shoeSize","value":1}]')
    notified = await registrar.act("notify", event["id"], declaration={"child.gender": "male"})
    assert status(notified) == "NOTIFIED"
    row = await registrar.row(event["id"])
    assert row is not None
    assert row["flags"] == ["incomplete"]


@every_profile
async def test_archive_and_print(registrar: Browser, families: Families, profile: Profile) -> None:
    record = await registrar.declare(families.birth(), keep_assignment=True)
    archived = await registrar.act("archive", record.id, content={"reason": "twice"}, keepAssignment=True)
    assert status(archived) == "ARCHIVED"
    other = await registrar.declare(families.birth())
    await registrar.register(other.id, keepAssignment=True)
    printed = await registrar.act("printCertificate", other.id, content={"templateId": "birth-certificate"})
    assert printed["actions"][-2].get("content") == {"templateId": "birth-certificate"}
    row = await registrar.row(other.id)
    assert row is not None
    assert row["flags"] == []


@new_profiles
async def test_an_edit_is_in_progress_until_it_is_declared_again(
    registrar: Browser, families: Families
) -> None:
    record = await registrar.declare(families.birth(), keep_assignment=True)
    await registrar.act("edit", record.id, declaration={"child.gender": "unknown"}, keepAssignment=True)
    row = await registrar.row(record.id)
    assert row is not None
    assert row["flags"] == ["edit-in-progress"]
    again = await registrar.act("declare", record.id, annotation=dict(families.birth().annotation))
    assert status(again) == "DECLARED"
    row = await registrar.row(record.id)
    assert row is not None
    assert (row["flags"], row["declaration"]["child.gender"]) == ([], "unknown")


@new_profiles
async def test_custom_flags_come_and_go_as_the_country_configured(
    start_opencrvs: Start, world: World, families: Families, country: CountryServer, profile: Profile
) -> None:
    running = await start_opencrvs(custom_flags=True)
    async with Browser(running.gateway_url, world, profile=profile) as registrar:
        record = await registrar.declare(families.birth(), keep_assignment=True)
        assert await registrar.in_queue(record.id, "pending-registration")
        await registrar.act("custom", record.id, customActionType="ESCALATE", keepAssignment=True)
        row = await registrar.row(record.id)
        assert row is not None
        assert row["flags"] == ["validated", "escalated"]
        await registrar.register(record.id, keepAssignment=True)
        row = await registrar.row(record.id)
        assert row is not None
        assert row["flags"] == ["escalated", "pending-first-certificate-issuance"]
        assert country.last("CUSTOM").event["actions"][-1].get("customActionType") == "ESCALATE"


@pytest.mark.parametrize("profile", [Profile.V2_1])
async def test_unarchive_is_an_action_of_2_1(
    registrar: Browser, families: Families, country: CountryServer
) -> None:
    record = await registrar.declare(families.birth(), keep_assignment=True)
    await registrar.act("archive", record.id, content={"reason": "mistake"}, keepAssignment=True)
    assert status(await registrar.act("unarchive", record.id)) == "DECLARED"
    assert country.last("UNARCHIVE").path.endswith("/actions/UNARCHIVE")


@pytest.mark.requirement("OCRVS-STA-08")
async def test_corrections_count_when_they_are_approved(
    registrar: Browser, families: Families, opencrvs: Running
) -> None:
    record = await registrar.declare(families.birth())
    await registrar.register(record.id, keepAssignment=True)
    asked = await registrar.act(
        "correction.request", record.id, declaration={"child.gender": "unknown"}, keepAssignment=True
    )
    request = next(
        a for a in asked["actions"] if a["type"] == "REQUEST_CORRECTION" and a["status"] == "Accepted"
    )
    row = await registrar.row(record.id)
    assert row is not None
    assert row["flags"] == ["correction-requested"]
    await registrar.act("correction.approve", record.id, requestId=request["id"])
    row = await registrar.row(record.id)
    assert row is not None
    assert row["declaration"]["child.gender"] == "unknown"
    assert row["flags"] == []


@pytest.mark.parametrize("profile", [Profile.V2_1])
async def test_a_registration_is_revoked_and_reinstated(
    registrar: Browser, families: Families, country: CountryServer, opencrvs: Running
) -> None:
    """§0.4 row 32: with these statuses, and nobody asks the country about it."""
    record = await registrar.declare(families.birth(), keep_assignment=True)
    await registrar.register(record.id, keepAssignment=True)
    revoked = await registrar.act("revocation.revoke", record.id, transaction_id="r", keepAssignment=True)
    assert status(revoked) == "REVOKED"
    assert [a["status"] for a in revoked["actions"] if a["type"] == "REVOKE_REGISTRATION"] == [
        "Requested",
        "Accepted",
    ]
    assert revoked == await registrar.act("revocation.revoke", record.id, transaction_id="r")
    row = await registrar.row(record.id)
    assert row is not None
    assert row["status"] == "REVOKED"
    for barred in ("revocation.revoke", "printCertificate", "correction.request"):
        value = {"eventId": record.id, "transactionId": barred}
        code, text = told(await refused(registrar, f"event.actions.{barred}.request", value))
        assert code == 409
        assert "on an event in 'REVOKED' state" in text
        assert text.endswith("Available actions: READ, REINSTATE_REGISTRATION.")
    query = {"type": "and", "clauses": [{"status": {"type": "exact", "term": "REVOKED"}}]}
    assert (await registrar.query("event.search", {"query": query}))["total"] == 1
    assert status(await registrar.act("revocation.reinstate", record.id)) == "REGISTERED"
    assert not {"REVOKE_REGISTRATION", "REINSTATE_REGISTRATION"} & {asked.action for asked in country.asked}
    nobody = {"eventId": record.id, "transactionId": "t", "actionId": record.id}
    assert told(await refused(registrar, "event.actions.revocation.revoke.accept", nobody))[0] == 404


@pytest.mark.parametrize("profile", [Profile.V2_1])
@pytest.mark.parametrize("verb", ["revoke", "reinstate"])
async def test_revoking_and_reinstating_have_a_scope_each(
    registrar: Browser, families: Families, enter: Enter, verb: str
) -> None:
    record = await registrar.declare(families.birth())
    await registrar.register(record.id)
    value = {"eventId": record.id, "transactionId": "t"}
    assert (
        told(await refused(enter("f.katongo"), f"event.actions.revocation.{verb}.request", value))[0] == 403
    )


@pytest.mark.parametrize("profile", [Profile.V2_1])
@pytest.mark.parametrize("kind", ["NOTIFY", "DECLARE", "REGISTER", "ARCHIVE", "REJECT"])
async def test_an_action_may_have_a_form_whose_values_are_its_annotation(
    registrar: Browser, families: Families, opencrvs: Running, kind: str, profile: Profile
) -> None:
    """§0.4 row 32."""
    config = deepcopy(opencrvs.core.form("birth").config)
    asked = {"id": "why.now", "type": "TEXT", "required": True, "label": {"id": "l", "defaultMessage": "Why"}}
    action = next((a for a in config["actions"] if a["type"] == kind), None)
    if action is None:
        action = {"type": kind}
        config["actions"].append(action)
    action["form"] = [asked]
    opencrvs.core.forms["birth"] = read_form(config, profile)
    family = families.birth()
    annotation = dict(family.annotation)
    if kind in ("NOTIFY", "DECLARE"):
        record_id = (await registrar.create("birth"))["id"]
        value: dict[str, Any] = {"declaration": dict(family.declaration), "annotation": annotation}
    else:
        record_id = (await registrar.declare(family, keep_assignment=True)).id
        value = {"content": {"reason": "mistake"}} if kind in ("ARCHIVE", "REJECT") else {}
        annotation = {}
    if kind != "NOTIFY":
        head = {"eventId": record_id, "transactionId": "without"}
        code, text = told(
            await refused(registrar, f"event.actions.{kind.lower()}.request", {**head, **value})
        )
        assert (code, "why.now" in text) == (400, True)
    value["annotation"] = {**annotation, "why.now": "it rains"}
    event = await registrar.act(kind.lower(), record_id, **value)
    done = [a for a in event["actions"] if a["type"] == kind]
    assert {a.get("annotation", {}).get("why.now") for a in done if a["status"] == "Requested"} == {
        "it rains"
    }
