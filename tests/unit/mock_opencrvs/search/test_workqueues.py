"""The queues as `workqueue.config.list` serves them (contract opencrvs §7)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mock_opencrvs.search.query import search_input
from mock_opencrvs.search.workqueues import slugs, workqueue_configs
from mock_opencrvs.zod import parse
from wire.opencrvs.profiles import Profile


def queues(profile: Profile, *, custom: bool) -> dict[str, dict[str, Any]]:
    return {one["slug"]: one for one in workqueue_configs(profile, custom_flags=custom)}


@pytest.mark.parametrize("custom", [True, False])
@pytest.mark.parametrize("profile", Profile)
def test_every_queue_is_a_query_that_the_search_takes(profile: Profile, custom: bool) -> None:
    """When the browser has put its user in."""
    for slug, queue in queues(profile, custom=custom).items():
        query = json.loads(
            json.dumps(queue["query"])
            .replace('{"$userField": "id"}', '"u"')
            .replace('{"$userField": "primaryOfficeId"}', '"5a1c2c0e-7a0f-4d51-9b7b-0b7f0f6d9a11"')
        )
        _, issues = parse(search_input(profile), {"query": query}, 3 if profile is Profile.V1_9 else 4)
        assert issues == [], slug


@pytest.mark.parametrize("profile", Profile)
def test_a_role_may_have_any_queue_that_is_served(profile: Profile) -> None:
    every = queues(profile, custom=True)
    assert list(every) == slugs(profile)
    assert set(queues(profile, custom=False)) <= set(every)


def test_what_waits_for_a_country_has_a_queue_of_its_own() -> None:
    queue = queues(Profile.V2_0, custom=True)["in-external-validation"]
    assert queue["query"]["clauses"][0]["flags"]["anyOf"] == ["register:requested"]
    assert queue["name"]["id"] == "workqueues.inExternalValidation.title"


@pytest.mark.parametrize(("profile", "key"), [(Profile.V1_9, "actions"), (Profile.V2_0, "action")])
def test_what_a_click_does_is_written_as_each_profile_writes_it(profile: Profile, key: str) -> None:
    assert all(key in queue for queue in queues(profile, custom=True).values())


def test_without_custom_flags_nothing_waits_for_a_validation() -> None:
    assert "validated" in json.dumps(queues(Profile.V2_0, custom=True))
    assert "validated" not in json.dumps(
        [one["query"] for one in queues(Profile.V2_0, custom=False).values()]
    )
