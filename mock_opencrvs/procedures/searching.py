"""`event.search`, `workqueue.config.list`, `workqueue.count` (contract opencrvs §4.9, §7.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_opencrvs.auth.caller import Caller, covers
from mock_opencrvs.events.checks import read_input
from mock_opencrvs.events.core import Core
from mock_opencrvs.search.index import Row
from mock_opencrvs.search.matching import matching, sort_ids
from mock_opencrvs.search.query import query_input, search_input
from mock_opencrvs.zod import Fields, ListOf, Text, Void
from wire.opencrvs.profiles import Profile
from wire.opencrvs.scopes import Scope, allows_workqueue
from wire.opencrvs.trpc import TRPCError

_SEARCH_SCOPES = {Profile.V1_9: ("search", "recordsearch")}


def _search_scopes(core: Core, caller: Caller) -> list[Scope]:
    return caller.granted(_SEARCH_SCOPES.get(core.profile, ("record.search",)))


def _visible(core: Core, caller: Caller, granted: list[Scope], query: Mapping[str, Any]) -> set[str]:
    """What the query means, as far as the scopes let the caller see. Fewer rows, no error."""
    found = matching(core.index, query, core.world.clock.now())
    if any(not scope.options for scope in granted):
        return found
    types = {t for scope in granted if set(scope.options) <= {"event"} for t in scope.values("event") or ()}
    return {
        event_id
        for event_id in found
        if core.index[event_id]["type"] in types
        or any(covers(scope, core.index[event_id], caller, core.people) for scope in granted)
    }


async def search(core: Core, caller: Caller, raw: Any) -> dict[str, Any]:
    """`{results, total}`: a page of index rows without their secured fields."""
    granted = _search_scopes(core, caller)
    if not granted:
        raise TRPCError("FORBIDDEN")
    wanted = read_input(core, search_input(core.profile), raw)
    found = _visible(core, caller, granted, wanted["query"])
    ordered = sort_ids(core.index, found, wanted.get("sort"))
    page = ordered[wanted["offset"] : wanted["offset"] + wanted["limit"]]
    return {"results": [_shown(core, row) for row in core.index.rows(page)], "total": len(found)}


def _shown(core: Core, row: Row) -> Row:
    secured = core.form(row["type"]).secured
    return {**row, "declaration": {k: v for k, v in row["declaration"].items() if k not in secured}}


async def workqueue_configs(core: Core, caller: Caller, raw: Any) -> list[dict[str, Any]]:
    """All queues of the country; whose they are, the scope says when they are counted."""
    read_input(core, Void(), raw)
    return core.country.workqueues


async def workqueue_count(core: Core, caller: Caller, raw: Any) -> dict[str, int]:
    """How many records each query finds; 403 when one of the slugs is not the caller's."""
    wanted = read_input(core, ListOf(Fields({"slug": Text(), "query": query_input(core.profile)})), raw)
    granted = _search_scopes(core, caller)
    if wanted and not granted:
        raise TRPCError("FORBIDDEN")
    if not all(allows_workqueue(caller.scopes, one["slug"]) for one in wanted):
        raise TRPCError("FORBIDDEN")
    return {one["slug"]: len(_visible(core, caller, granted, one["query"])) for one in wanted}
