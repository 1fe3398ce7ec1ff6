"""`integrations.*` (2.0 and later): system clients, made and switched off (contract §4.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from mock_opencrvs.auth.caller import Caller
from mock_opencrvs.directory.people import SystemClient
from mock_opencrvs.events.checks import read_input
from mock_opencrvs.events.core import Core
from mock_opencrvs.zod import Fields, IsoTime, ListOf, Number, OneOf, Optional, Shape, Text, Uuid
from wire.opencrvs.profiles import Profile
from wire.opencrvs.scopes import ACCEPT_ACTION, REJECT_ACTION, SCOPES_2_1, parse
from wire.opencrvs.trpc import TRPCError
from wire.world import timestamp

_CREATE: dict[str, Shape] = {
    "name": Text(1, "Integration name is required"),
    "scopes": ListOf(Text(), "At least one scope is required"),
}
_CREDENTIALS = Optional(Fields({"clientId": Uuid(), "clientSecret": Text(1)}))
_LIST = Optional(Fields({"status": Optional(OneOf(("active", "disabled")))}))
_LOG_IN = Fields({"client_id": Uuid(), "client_secret": Text()})
_AUDIT = Fields(
    {
        "id": Uuid(),
        "skip": Optional(Number(whole=True, minimum=0), lambda: 0),
        "count": Optional(Number(whole=True, minimum=1, maximum=100), lambda: 10),
        "timeStart": Optional(IsoTime("offset")),
        "timeEnd": Optional(IsoTime("offset")),
    }
)
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
        "createdAt": client.created_at,
        "createdBy": client.created_by,
    }


def _found(core: Core, caller: Caller, raw: Any) -> SystemClient:
    wanted = read_input(core, _ONE, raw)["id"]
    caller.needs_scope(["integration.create"])
    return _client(core, wanted)


def _client(core: Core, wanted: str) -> SystemClient:
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
        raise TRPCError("CONFLICT", f"An integration with client id {client_id} already exists")
    client = SystemClient(
        client_id,
        wanted["name"],
        secret,
        chance.uuid(),
        tuple(wanted["scopes"]),
        True,
        None if caller.is_core or (latest and caller.is_system) else caller.id,
        core.world.timestamp(),
    )
    core.people.clients[client.id] = client
    asked = {"name": client.name, "scopes": list(client.scopes)}
    core.audit.write(caller, "integrations.create", asked, {"clientId": client.id})
    return {"clientId": client.id, "shaSecret": client.sha_secret, "clientSecret": client.secret}


async def authenticate(core: Core, caller: Caller, raw: Any) -> dict[str, Any]:
    """What the auth service asks at a log-in: whose secret this is, and what they may do."""
    wanted = read_input(core, _LOG_IN, raw)
    client = _client(core, wanted["client_id"])
    if client.secret != wanted["client_secret"]:
        raise TRPCError("UNAUTHORIZED")
    return {"id": client.id, "status": _status(client), "scope": list(client.scopes)}


async def list_all(core: Core, caller: Caller, raw: Any) -> list[dict[str, Any]]:
    wanted = read_input(core, _LIST, raw)
    caller.needs_scope(["integration.create"])
    status = wanted.get("status") if isinstance(wanted, dict) else None
    clients = core.people.clients.values()
    return [_shown(client) for client in clients if status in (None, _status(client))]


async def get(core: Core, caller: Caller, raw: Any) -> dict[str, Any]:
    client = _found(core, caller, raw)
    return _shown(client) | {"shaSecret": client.sha_secret}


async def audit(core: Core, caller: Caller, raw: Any) -> dict[str, Any]:
    """2.1: what a client did, the newest first; for people alone, and nothing about anybody but a client."""
    wanted = read_input(core, _AUDIT, raw)
    caller.needs_scope(["integration.audit.read"])
    if wanted["id"] not in core.people.clients:
        raise TRPCError("NOT_FOUND", f"System client not found with ID: {wanted['id']}")
    bounds = {name: _instant(wanted[name]) for name in ("timeStart", "timeEnd") if name in wanted}
    return core.audit.of(wanted["id"], wanted | bounds)


def _instant(text: str) -> str:
    return timestamp(datetime.fromisoformat(text))


async def deactivate(core: Core, caller: Caller, raw: Any) -> dict[str, Any]:
    return _change(core, caller, _found(core, caller, raw), active=False)


async def activate(core: Core, caller: Caller, raw: Any) -> dict[str, Any]:
    return _change(core, caller, _found(core, caller, raw), active=True)


async def delete(core: Core, caller: Caller, raw: Any) -> dict[str, str]:
    client = _found(core, caller, raw)
    del core.people.clients[client.id]
    gone = {"id": client.id, "name": client.name}
    core.audit.write(caller, "integrations.delete", {"id": client.id}, gone)
    return gone


async def refresh_secret(core: Core, caller: Caller, raw: Any) -> dict[str, str]:
    """A new secret; the old one stops working at once, tokens live on until they expire."""
    client = _found(core, caller, raw)
    fresh = replace(client, secret=core.world.chance.uuid())
    core.people.clients[client.id] = fresh
    core.audit.write(caller, "integrations.refreshSecret", {"id": fresh.id}, {"clientId": fresh.id})
    return {"clientId": fresh.id, "clientSecret": fresh.secret}


def _change(core: Core, caller: Caller, client: SystemClient, *, active: bool) -> dict[str, Any]:
    changed = replace(client, active=active)
    core.people.clients[client.id] = changed
    now = {"id": changed.id, "status": _status(changed)}
    core.audit.write(caller, f"integrations.{'' if active else 'de'}activate", {"id": changed.id}, now)
    return {**now, "name": changed.name}
