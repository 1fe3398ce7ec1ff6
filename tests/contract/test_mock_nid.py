"""wire/openapi/mock_nid.yaml against a running mock_nid: the same operations, and answers that conform."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from schemathesis import checks as known_checks
from schemathesis.specs.openapi import checks

from mock_nid.app import Running, start
from mock_nid.routes import esignet_application, mosip_application
from mock_nid.services import Services
from mock_nid.settings import Settings
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
from wire.world import World

SPEC = OPENAPI / "mock_nid.yaml"
NEVER_ENDS = "/admin/journal/stream"
CONFORMITY = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
OWN_500 = ("/v1/authmanager/authenticate/clientidsecretkey", "/hub", "/websub/hub", "/preregistration")

whole = schemathesis.openapi.from_path(str(SPEC))
mosip = whole.exclude(tag="esignet").exclude(path=NEVER_ENDS)
esignet = whole.include(tag="esignet")
bounded = drawn(2, 8)


@pytest.fixture(scope="module")
def keys(rehearsal_keys: Path) -> Path:
    return rehearsal_keys


@pytest.fixture(scope="module")
def running(keys: Path) -> Iterator[Running]:
    settings = Settings(port=0, esignet_port=0, seed=1, keys=keys, processing_seconds=0.2)
    with on_a_thread(lambda: start(settings, World.system(seed=1))) as server:
        yield server


@pytest.fixture(scope="module")
def cookie(running: Running) -> dict[str, str]:
    request = {"clientId": "mosip-regproc-client", "secretKey": "abcdeABCDE123456", "appId": "admin"}
    answer = requests.post(
        f"{running.url}/v1/authmanager/authenticate/clientidsecretkey", json={"request": request}, timeout=60
    )
    return {"Cookie": f"Authorization={answer.headers['Authorization']}"}


def test_routes_and_contract_name_the_same_operations(keys: Path) -> None:
    parts = Services(Settings(port=0, esignet_port=0, keys=keys), World.virtual())
    served = routed(mosip_application(parts), esignet_application(parts))
    actions = ("issue", "reject", "fail", "stall")
    pattern = ("POST", "/admin/registrations/{key}/{action}")
    if pattern in served:
        served = served - {pattern} | {("POST", f"/admin/registrations/{{key}}/{one}") for one in actions}
    assert served == specified("mock_nid")


def calm(case: Any) -> Any:
    """Keep the tests from arming faults that stop the server, and from running away with its clock."""
    if case.path == "/admin/faults" and case.method == "POST":
        case.body = {"seam": "public-key", "kind": "slow", "seconds": 0} if isinstance(case.body, dict) else 1
    return case


def judge(case: Any, url: str, headers: dict[str, str]) -> None:
    chosen = list(CONFORMITY)
    if not case.path.startswith(OWN_500):
        chosen.append(known_checks.not_a_server_error)
    case.call_and_validate(base_url=url, headers=headers, checks=chosen, session=SESSION, timeout=60)


@pytest.mark.contract
@each_operation(mosip)
def test_mosip_answers_conform(operation: Any, running: Running, cookie: dict[str, str]) -> None:
    judge_cases(operation, bounded, lambda case: judge(calm(case), running.url, cookie))


@pytest.mark.contract
@each_operation(esignet)
def test_esignet_answers_conform(operation: Any, running: Running) -> None:
    judge_cases(operation, bounded, lambda case: judge(case, running.esignet_url, {}))
