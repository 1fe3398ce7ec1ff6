"""`integrations.*` (2.0 and later): system clients, made and switched off (contract §4.1)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mock_opencrvs.caller import Caller
from mock_opencrvs.checks import read_input
from mock_opencrvs.core import Core
from mock_opencrvs.people import SystemClient
from mock_opencrvs.zod import Fields, ListOf, Optional, Shape, Text, Uuid
from wire.opencrvs.profiles import Profile
from wire.opencrvs.scopes import ACCEPT_ACTION, REJECT_ACTION, SCOPES_2_1, parse
from wire.opencrvs.trpc import TRPCError

_CREATE: dict[str, Shape] = {
    "name": Text(1, "Integration name is required"),
    "scopes": ListOf(Text(1), "At least one scope is required"),
}
_CREDENTIALS = Optional(Fields({"clientId": Uuid(), "clientSecret": Text()}))
_ONE = Fields({"id": Uuid()})
_COUNTRY_ONLY = frozenset({ACCEPT_ACTION, REJECT_ACTION})


def _status(client: SystemClient) -> str:
    return "active" if client.active else "disabled"


def _shown(client: SystemClient) -> dict[str, Any]:
    return {
        "id": client.id,
        "name": client.name,
        "scopes": list(client.scopes),
        "status": _status(client),
    }


def _found(core: Core, caller: Caller, raw: Any) -> SystemClient:
    wanted = read_input(core, _ONE, raw)["id"]
    caller.needs_scope(["integration.create"])
    client = core.people.clients.get(wanted)
    if client is None:
        # the database's word, which nobody catches
        raise TRPCError("INTERNAL_SERVER_ERROR", "no result")
    return client


async def create(core: Core, caller: Caller, raw: Any) -> dict[str, str]:
    """A new client; its secret is shown this once."""
    latest = core.profile is Profile.V2_1
    shape = Fields(_CREATE | ({"credentials": _CREDENTIALS} if latest else {}))
    wanted = read_input(core, shape, raw)
    caller.needs_scope(["integration.create"])
    names = {parse(scope).name for scope in wanted["scopes"]}
    if latest:
        if unknown := sorted(names - SCOPES_2_1):
            raise TRPCError("BAD_REQUEST", f"Unknown scope type: {', '.join(unknown)}")
        if names & _COUNTRY_ONLY and not caller.is_core:
            # such clients come with the country config only (§11)
            raise TRPCError("FORBIDDEN")
    chance, given = core.world.chance, wanted.get("credentials")
    client_id, secret = (
        (given["clientId"], given["clientSecret"]) if given else (chance.uuid(), chance.uuid())
    )
    if client_id in core.people.clients:
        raise TRPCError("CONFLICT", f"Client id {client_id} is already in use")
    client = SystemClient(
        client_id,
        wanted["name"],
        secret,
        chance.uuid(),
        tuple(wanted["scopes"]),
        True,
        None if caller.is_core else caller.id,
    )
    core.people.clients[client.id] = client
    return {"clientId": client.id, "shaSecret": client.sha_secret, "clientSecret": client.secret}


async def list_all(core: Core, caller: Caller, raw: Any) -> list[dict[str, Any]]:
    caller.needs_scope(["integration.create"])
    return [_shown(client) for client in core.people.clients.values()]


async def get(core: Core, caller: Caller, raw: Any) -> dict[str, Any]:
    return _shown(_found(core, caller, raw))


async def deactivate(core: Core, caller: Caller, raw: Any) -> dict[str, Any]:
    return _change(core, _found(core, caller, raw), active=False)


async def activate(core: Core, caller: Caller, raw: Any) -> dict[str, Any]:
    return _change(core, _found(core, caller, raw), active=True)


async def delete(core: Core, caller: Caller, raw: Any) -> dict[str, str]:
    client = _found(core, caller, raw)
    del core.people.clients[client.id]
    return {"id": client.id, "name": client.name}


async def refresh_secret(core: Core, caller: Caller, raw: Any) -> dict[str, str]:
    """A new secret; the old one stops working at once, tokens live on until they expire."""
    client = _found(core, caller, raw)
    fresh = replace(client, secret=core.world.chance.uuid())
    core.people.clients[client.id] = fresh
    return {"clientId": fresh.id, "clientSecret": fresh.secret}


def _change(core: Core, client: SystemClient, *, active: bool) -> dict[str, Any]:
    changed = replace(client, active=active)
    core.people.clients[client.id] = changed
    return {"id": changed.id, "name": changed.name, "status": _status(changed)}
