"""Drafts: one for each record and user."""

from __future__ import annotations

from mock_opencrvs.families import Families
from testbed.browser import Browser
from tests.servers.mock_opencrvs.profiles import every_profile


@every_profile
async def test_a_draft_is_one_for_record_and_user_and_goes_with_the_next_action(
    registrar: Browser, families: Families
) -> None:
    event = await registrar.create("birth")
    value = {"eventId": event["id"], "transactionId": "d1", "type": "DECLARE", "status": "Requested"}
    first = await registrar.mutate("event.draft.create", {**value, "declaration": {"child.gender": "male"}})
    later = {**value, "transactionId": "d2", "declaration": {"child.gender": "female"}}
    second = await registrar.mutate("event.draft.create", later)
    assert (second["id"], second["transactionId"]) == (first["id"], "d1")
    assert second["action"]["declaration"] == {"child.gender": "female"}
    assert second["action"]["status"] == "Accepted"
    assert await registrar.query("event.draft.list") == [second]
    family = families.birth()
    told_so = {"declaration": dict(family.declaration), "annotation": dict(family.annotation)}
    await registrar.act("declare", event["id"], **told_so)
    assert await registrar.query("event.draft.list") == []
