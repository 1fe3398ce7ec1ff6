"""Every procedure by name, as a profile has them (§4.1): the table of contents of the API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from mock_opencrvs.auth.caller import Caller
from mock_opencrvs.events.actions import ActionSpec, action_specs
from mock_opencrvs.events.confirmation import accept_action, reject_action
from mock_opencrvs.events.core import Core
from mock_opencrvs.events.flow import request_action
from mock_opencrvs.procedures import assignment, bulk, directory, duplicates, events, integrations, searching
from mock_opencrvs.procedures.places import AREAS, LOCATIONS, hierarchy
from wire.opencrvs.profiles import Profile

Handle = Callable[[Core, Caller, Any], Awaitable[Any]]


@dataclass(frozen=True)
class Procedure:
    """`seam` names the faults that can strike it. `people_only`: a system client gets 403."""

    kind: Literal["query", "mutation"]
    handle: Handle
    seam: str = "procedure"
    people_only: bool = False


def procedures(profile: Profile) -> dict[str, Procedure]:
    """Procedures by path."""
    old = profile is Profile.V1_9
    found = {
        "event.config.get": _query(events.config_get, people_only=old),
        "event.create": _mutation(events.create),
        "event.get": _query(events.get, seam="event.get", people_only=old),
        "event.delete": _mutation(events.delete, people_only=True),
        "event.search": _query(searching.search, seam="event.search"),
        "event.draft.list": _query(events.draft_list, people_only=True),
        "event.draft.create": _mutation(events.draft_create, people_only=True),
        "event.actions.assignment.assign": _mutation(assignment.assign, people_only=True),
        "event.actions.assignment.unassign": _mutation(assignment.unassign, people_only=True),
        "event.getDuplicates": _query(duplicates.get_duplicates, people_only=True),
        "event.actions.duplicate.markAsDuplicate": _mutation(duplicates.mark_as_duplicate, people_only=True),
        "event.actions.duplicate.markNotDuplicate": _mutation(
            duplicates.mark_not_duplicate, people_only=True
        ),
        "event.bulkImport": _mutation(bulk.bulk_import),
        "user.get": _query(directory.user_get, people_only=True),
        "user.list": _query(directory.user_list, people_only=True),
        "locations.list": _query(LOCATIONS.list),
        "workqueue.config.list": _query(searching.workqueue_configs, people_only=True),
        "workqueue.count": _query(searching.workqueue_count, people_only=True),
    }
    if old:
        found["event.reindex"] = _mutation(bulk.reindex_trigger)
    else:
        found |= {
            "event.reindex.trigger": _mutation(bulk.reindex_trigger),
            "event.reindex.status": _query(bulk.reindex_status),
            "event.actions.createAndNotify.request": _mutation(bulk.create_and_notify),
            "integrations.create": _mutation(integrations.create),
            "integrations.authenticate": _mutation(integrations.authenticate),
            "integrations.list": _query(integrations.list_all),
            "integrations.get": _query(integrations.get),
            "integrations.deactivate": _mutation(integrations.deactivate),
            "integrations.activate": _mutation(integrations.activate),
            "integrations.delete": _mutation(integrations.delete),
            "integrations.refreshSecret": _mutation(integrations.refresh_secret),
            "user.search": _query(directory.user_search),
            "user.roles.list": _query(directory.roles_list, people_only=True),
            "user.audit.list": _query(directory.user_audit_list, people_only=True),
            "locations.get": _query(LOCATIONS.get),
            "locations.getLocationHierarchy": _query(hierarchy),
            "administrativeAreas.list": _query(AREAS.list),
        }
    if profile is Profile.V2_1:
        found["integrations.audit"] = _query(integrations.audit, people_only=True)
        for places in (LOCATIONS, AREAS):
            found[f"{places.router}.create"] = _mutation(places.create)
            found[f"{places.router}.update"] = _mutation(places.update)
            found[f"{places.router}.withdrawVersion"] = _mutation(places.withdraw)
    else:
        found["locations.set"] = _mutation(LOCATIONS.set)
    if profile is Profile.V2_0:
        found["administrativeAreas.set"] = _mutation(AREAS.set)
    for spec in action_specs(profile):
        found |= _of_action(spec)
    return found


def _query(handle: Handle, seam: str = "procedure", people_only: bool = False) -> Procedure:
    return Procedure("query", handle, seam, people_only)


def _mutation(handle: Handle, seam: str = "procedure", people_only: bool = False) -> Procedure:
    return Procedure("mutation", handle, seam, people_only)


def _of_action(spec: ActionSpec) -> dict[str, Procedure]:
    base = f"event.actions.{spec.path}"
    request = {f"{base}.request": _mutation(partial(request_action, spec))}
    if not spec.confirmable:
        return request
    return request | {
        f"{base}.accept": _mutation(partial(accept_action, spec), seam="accept"),
        f"{base}.reject": _mutation(partial(reject_action, spec), seam="reject"),
    }
