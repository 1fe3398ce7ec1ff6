"""wire/openapi/bridge.yaml against a running bridge: the same operations, and answers that conform."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from schemathesis import checks as known_checks
from schemathesis.specs.openapi import checks

from bridge.app import Running, start
from bridge.mosip.system import Mosip
from bridge.routes import country_server, mediator
from bridge.settings import Settings
from tests.contract.harness import (
    OPENAPI,
    SESSION,
    drawn,
    each_operation,
    judge_cases,
    on_a_thread,
    routed,
    specified,
)
from tests.known import vectors
from tests.servers.bridge.stubs import StubMosip, StubOpenCRVS
from wire.keyfolder import KeyFolder
from wire.world import World

OPERATIONS = "operations-credential"
CONFORMITY = [
    known_checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
whole = schemathesis.openapi.from_path(str(OPENAPI / "bridge.yaml"))
country = whole.include(tag="trigger")
rest = whole.exclude(tag="trigger")
bounded = drawn(4, 15)


@dataclass
class Whole:
    """Bridge and stubs, closed together."""

    opencrvs: StubOpenCRVS
    mosip: StubMosip
    bridge: Running

    async def close(self) -> None:
        await self.bridge.close()
        await self.mosip.close()
        await self.opencrvs.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, rehearsal_keys: Path) -> Iterator[Whole]:
    folder: Path = tmp_path_factory.mktemp("bridge")
    keys, world = KeyFolder(rehearsal_keys), World.system(seed=1)

    async def all_three() -> Whole:
        opencrvs = await StubOpenCRVS(world, keys).start()
        mosip = await StubMosip(world, keys).start()
        base = {
            name: f"{mosip.url}{path}"
            for name, path in (
                ("mosip_auth_url", "/authenticate"),
                ("create_packet_url", "/createPacket"),
                ("process_packet_url", "/workflowinstance"),
                ("hub_url", "/hub"),
                ("well_known_url", "/.well-known"),
                ("ida_url", "/ida"),
                ("esignet_token_url", "/token"),
            )
        }
        bridge = await start(
            Settings(
                port=0,
                trigger_port=0,
                database_url=f"sqlite:///{folder}/bridge.db",
                keys=keys.path,
                operations_token=OPERATIONS,
                allow_unsigned=True,
                gateway_url=opencrvs.url,
                public_key_url=f"{opencrvs.url}/.well-known",
                **base,
            ),
            world,
        )
        return Whole(opencrvs, mosip, bridge)

    with on_a_thread(all_three) as started:
        yield started


def token_for(path: str, whole: Whole) -> str:
    if path.startswith("/operations"):
        return OPERATIONS
    birth = whole.opencrvs.record("birth", vectors("declarations")["birth"]["declaration"])
    rights = [
        "type=record.confirm-registration",
        "type=record.reject-registration",
        "type=record.search&event=birth,death",
    ]
    return whole.opencrvs.token(birth, scope=rights)


def test_routes_and_contract_name_the_same_operations() -> None:
    handlers: Any = _Anything()
    handlers.country = None  # what passes on to the country's own server is not ours to describe
    of_mosip = Mosip.routes(handlers, handlers, handlers)
    routes = _without_slash(routed(country_server(handlers), mediator(handlers, of_mosip)))
    assert routes == _without_slash(specified("bridge"))


def _without_slash(operations: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """At the mediator's port a slash at the end makes no other operation."""
    return {(method, path.rstrip("/")) for method, path in operations}


class _Anything:
    """Stands for handlers of which only the routes matter."""

    def __getattr__(self, name: str) -> Any:
        async def handler(request: Any) -> Any:
            raise AssertionError(name)

        handler.__dict__["on_action"] = handler
        return _Anything() if not name.startswith("on_") else handler


def judge(case: Any, url: str, whole: Whole) -> None:
    headers = {"Authorization": f"Bearer {token_for(case.path, whole)}"}
    chosen = list(CONFORMITY)
    if case.path in ("/verify", "/esignet/get-oidp-user-info"):
        chosen.remove(known_checks.not_a_server_error)  # the stub has neither: 503 is the right answer
    case.call_and_validate(base_url=url, headers=headers, checks=chosen, session=SESSION, timeout=60)


@pytest.mark.contract
@each_operation(country)
def test_country_server_conforms(operation: Any, running: Whole) -> None:
    judge_cases(operation, bounded, lambda case: judge(case, running.bridge.trigger_url, running))


@pytest.mark.contract
@each_operation(rest)
def test_mediator_conforms(operation: Any, running: Whole) -> None:
    judge_cases(operation, bounded, lambda case: judge(case, running.bridge.mediator_url, running))


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics", "/openapi.yaml", "/docs"])
def test_both_ports_tell_about_themselves(path: str, running: Whole) -> None:
    for base in (running.bridge.trigger_url, running.bridge.mediator_url):
        assert requests.get(base + path, timeout=60).status_code == 200
