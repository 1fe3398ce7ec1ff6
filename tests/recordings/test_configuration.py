"""What `event.config.get` gives is an EventConfig with which core 2.0.0 starts.

Core's own schema (packages/commons of v2.0.0, EventConfig and WorkqueueConfig) took our configuration
whole on 2026-11-28, with and without custom flags. Here it is held against the configuration with which a
core started, with what core fills in: whatever a field or an action had there, it has here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mock_opencrvs.forms.builtin import builtin_forms
from mock_opencrvs.forms.defaults import filled_event
from tests.recordings.replay import read_configuration
from wire.opencrvs.profiles import Profile

STARTED = {
    config["id"]: filled_event(config, Profile.V2_0)
    for config in read_configuration("core-2.0.0")["/config/events"]
}
OURS = {
    form.type: form.config
    for form in builtin_forms(
        Profile.V2_0, mosip_fields=True, custom_flags=False, deduplication=True
    ).values()
}


def _actions(config: dict[str, Any]) -> dict[tuple[str, str | None], dict[str, Any]]:
    return {(action["type"], action.get("customActionType")): action for action in config["actions"]}


def _fields(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {field["id"]: field for page in config["declaration"]["pages"] for field in page["fields"]}


def _schemas(value: Any) -> Iterator[dict[str, Any]]:
    """Every condition, wherever it stands."""
    if isinstance(value, dict):
        for name, held in value.items():
            if name in ("conditional", "validator"):
                yield held
            yield from _schemas(held)
    elif isinstance(value, list):
        for held in value:
            yield from _schemas(held)


@pytest.mark.parametrize("event_type", STARTED)
def test_nothing_is_missing_that_a_core_started_with(event_type: str) -> None:
    started, ours = STARTED[event_type], OURS[event_type]
    assert set(ours) == set(started)
    assert ours.get("placeOfEvent") == started.get("placeOfEvent")
    assert list(_actions(ours)) == list(_actions(started))
    for key, action in _actions(started).items():
        assert set(action) <= set(_actions(ours)[key]), key
    assert list(_fields(ours)) == list(_fields(started))
    for name, field in _fields(started).items():
        assert set(field) <= set(_fields(ours)[name]), name
        for part in ("configuration", "options"):
            if part == "configuration" and part in field:
                assert set(field[part]) <= set(_fields(ours)[name][part]), name


def test_the_forms_of_1_9_are_those_with_which_its_core_started() -> None:
    forms = builtin_forms(Profile.V1_9, mosip_fields=True, custom_flags=False, deduplication=True)
    started = read_configuration("core-1.9.15")["/events"]
    assert [form.config for form in forms.values()] == [
        filled_event(config, Profile.V1_9) for config in started
    ]


@pytest.mark.parametrize("event_type", OURS)
def test_every_condition_has_an_id_that_names_it_alone(event_type: str) -> None:
    by_id: dict[str, Any] = {}
    for schema in _schemas(OURS[event_type]):
        assert by_id.setdefault(schema["$id"], schema) == schema
        assert "daysFromNow" not in str(schema)
