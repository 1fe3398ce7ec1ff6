"""Search and counts of queues."""

from __future__ import annotations

import pytest

from mock_opencrvs.families import Families
from testbed.browser import Browser
from tests.servers.mock_opencrvs.acting import refused, told
from tests.servers.mock_opencrvs.conftest import Enter
from tests.servers.mock_opencrvs.profiles import every_profile
from wire.world import World


@every_profile
@pytest.mark.requirement("OCRVS-QUE-03")
async def test_counts_are_for_queues_of_the_token_only(registrar: Browser, enter: Enter) -> None:
    query = {"type": "and", "clauses": [{"flags": {"anyOf": ["register:requested"]}}]}
    value = [{"slug": "in-external-validation", "query": query}]
    assert await registrar.query("workqueue.count", value) == {"in-external-validation": 0}
    assert await registrar.query("workqueue.count", []) == {}
    clerk = enter("k.bwalya")
    assert told(await refused(clerk, "workqueue.count", value, query=True)) == (403, "FORBIDDEN")
    slugs = [config["slug"] for config in await clerk.query("workqueue.config.list")]
    assert "in-external-validation" in slugs, "the list itself is everybody's"


@every_profile
async def test_search_pages_sorts_and_hides_secured_fields(
    registrar: Browser, families: Families, world: World
) -> None:
    ids = []
    for _ in range(5):
        ids.append((await registrar.declare(families.birth())).id)
        await world.clock.advance(1)
    query = {
        "type": "and",
        "clauses": [{"eventType": "birth", "status": {"type": "exact", "term": "DECLARED"}}],
    }
    page = {"query": query, "limit": 2, "offset": 1, "sort": [{"field": "updatedAt", "direction": "asc"}]}
    found = await registrar.query("event.search", page)
    assert found["total"] == 5
    assert [row["id"] for row in found["results"]] == ids[1:3]
    assert "child.dob" not in found["results"][0]["declaration"]
    assert "child.name" in found["results"][0]["declaration"]
    newest = await registrar.query("event.search", {"query": query, "limit": 1})
    assert newest["results"][0]["id"] == ids[-1]
