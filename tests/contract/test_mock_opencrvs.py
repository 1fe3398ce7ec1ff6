"""wire/openapi/mock_opencrvs.yaml against a running mock: the same operations, answers that conform."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
import yaml
from openapi_spec_validator import validate
from schemathesis.specs.openapi import checks

from mock_opencrvs.app import Running, start
from mock_opencrvs.http.rest import routes
from mock_opencrvs.procedures.registry import procedures
from mock_opencrvs.settings import Settings
from tests.contract.harness import OPENAPI, SESSION, drawn, each_operation, judge_cases, on_a_thread, routed
from wire.keyfolder import KeyFolder
from wire.logs import route_structlog
from wire.opencrvs.profiles import Profile
from wire.world import World

SPEC = OPENAPI / "mock_opencrvs.yaml"
CONFORMITY = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
OWN_500 = (
    "Unexpected failure from country config action confirmation API",
    "Invalid payload received from country config action confirmation API",
    "Action not found.",
    "Action has already been accepted.",
    "Expected exactly one pending action, but found",
    "not found in event config",
    "no result",
    "Output validation failed",
    "Location with id",
    "a second time",
    "Invalid UUID",
    "violates",
    "Internal server error",
    "An internal server error occurred",
)
"""The 500s that the protocol itself has; REST answers malformed JSON with the last."""


def _not_in_2_0(context: Any) -> bool:
    return "2.0" not in context.operation.definition.raw["x-profiles"]


whole = schemathesis.openapi.from_path(str(SPEC)).exclude(func=_not_in_2_0)
events = whole.include(tag=["trpc", "rest"])
doors = whole.include(tag=["auth-gateway", "health"])
auth = whole.include(tag="auth")
ours = whole.include(tag="admin").exclude(path=["/admin/journal/stream", "/openapi.yaml"])
bounded = drawn(1, 3)


@pytest.fixture(scope="module")
def keys(rehearsal_keys: Path) -> Path:
    return rehearsal_keys


@pytest.fixture(scope="module")
def running(keys: Path) -> Iterator[Running]:
    given = Settings(gateway_port=0, auth_port=0, country_config_url="http://127.0.0.1:9", seed=1, keys=keys)
    route_structlog()  # structlog's own rendering of tracebacks takes seconds
    with on_a_thread(lambda: start(given, World.system(seed=1))) as server:
        yield server


def _log_in(running: Running, username: str) -> dict[str, str]:
    user = {"username": username, "password": "test"}
    step = requests.post(f"{running.auth_url}/authenticate", json=user, timeout=60).json()
    code = {"nonce": step["nonce"], "code": "000000"}
    token = requests.post(f"{running.auth_url}/verifyCode", json=code, timeout=60).json()["token"]
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def registrar(running: Running) -> dict[str, str]:
    return _log_in(running, "k.mweene")


@pytest.fixture(scope="module")
def administrator(running: Running) -> dict[str, str]:
    return _log_in(running, "j.campbell")


def _specified(profile: Profile) -> set[tuple[str, str]]:
    return {
        (method.upper(), path)
        for path, operations in yaml.load(SPEC.read_text(), yaml.CSafeLoader)["paths"].items()
        for method, operation in operations.items()
        if str(profile) in operation["x-profiles"]
    }


@pytest.mark.parametrize("profile", list(Profile))
def test_routes_and_contract_name_the_same_operations(profile: Profile, keys: Path) -> None:
    given = Settings(gateway_port=0, auth_port=0, keys=keys, profile=profile)
    served = routed(*Running(given, World.virtual(), KeyFolder(keys)).applications())
    served = {(method, path) for method, path in served if not path.startswith("/events/")}
    for name, procedure in procedures(profile).items():
        served.add(("GET" if procedure.kind == "query" else "POST", f"/events/{name}"))
    served |= {(route.method, f"/events/{route.path}") for route in routes(profile)}
    assert served == _specified(profile)


def test_the_contract_is_valid_openapi() -> None:
    validate(yaml.load(SPEC.read_text(), yaml.CSafeLoader))


def judge(case: Any, url: str, headers: dict[str, str]) -> None:
    response = case.call(base_url=url, headers=headers, session=SESSION, timeout=60)
    case.validate_response(response, checks=CONFORMITY)
    if response.status_code >= 500 and not (response.status_code in (502, 504) and "/script/" in case.path):
        assert any(text in response.text for text in OWN_500), response.text


@pytest.mark.contract
@each_operation(events)
def test_events_answers_conform(operation: Any, running: Running, registrar: dict[str, str]) -> None:
    judge_cases(operation, bounded, lambda case: judge(case, running.gateway_url, registrar))


@pytest.mark.contract
@each_operation(whole.include(path_regex="integrations|reindex"))
def test_administrators_calls_conform(
    operation: Any, running: Running, administrator: dict[str, str]
) -> None:
    judge_cases(operation, bounded, lambda case: judge(case, running.gateway_url, administrator))


@pytest.mark.contract
@each_operation(doors)
def test_the_gateways_auth_conforms(operation: Any, running: Running) -> None:
    judge_cases(operation, bounded, lambda case: judge(case, running.gateway_url, {}))


@pytest.mark.contract
@each_operation(auth)
def test_auth_answers_conform(operation: Any, running: Running) -> None:
    judge_cases(operation, bounded, lambda case: judge(case, running.auth_url, {}))


def _calm(case: Any) -> Any:
    """Keep a test from stopping the server with a fault, or from running away with its clock or its users."""
    if case.path == "/admin/faults" and case.method == "POST" and isinstance(case.body, dict):
        case.body = {**case.body, "seam": "event.search", "kind": "slow", "seconds": 0}
    if case.path == "/admin/clock" and isinstance(case.body, dict):
        case.body = {**case.body, "advance_seconds": 0}
    if case.path == "/admin/script/wait" and isinstance(case.body, dict):
        case.body = {**case.body, "seconds": 0.01}
    return case


@pytest.mark.contract
@each_operation(ours.exclude(path="/admin/keys/rotate"))
def test_our_own_routes_conform(operation: Any, running: Running) -> None:
    judge_cases(operation, bounded, lambda case: judge(_calm(case), running.gateway_url, {}))


def test_a_birth_goes_through_with_requests_as_the_contract_shows_them(
    running: Running, registrar: dict[str, str]
) -> None:
    """The unbatched form, as curl uses it: create, read, search."""
    base = f"{running.gateway_url}/events"
    body = {"json": {"type": "birth", "transactionId": "by-hand"}}
    created = requests.post(f"{base}/event.create", json=body, headers=registrar, timeout=60).json()
    event = created["result"]["data"]["json"]
    asked = {"input": json.dumps({"json": {"eventId": event["id"]}})}
    read = requests.get(f"{base}/event.get", params=asked, headers=registrar, timeout=60).json()
    assert read["result"]["data"]["json"]["actions"][-1]["type"] == "READ"
