"""A Node program of what OpenCRVS's toolkit and country configs are made of, against mock_opencrvs.

@trpc/client and superjson call it; hapi with hapi-auth-jwt2 is the country's server that it triggers.

What `node/registry.mjs` saw is judged by the contract: §1.2 trigger answers, §3 wire, §4.4 confirmations.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_opencrvs.app import start
from mock_opencrvs.directory.seeding import data
from mock_opencrvs.families import Families
from mock_opencrvs.settings import Settings
from tests.contract.harness import on_a_thread
from tests.foreign.installing import HERE, node_modules
from tests.ports import free_port
from wire.opencrvs.profiles import Profile
from wire.opencrvs.state import declaration, flags, status
from wire.world import World

CLIENT = next(row for row in data("clients")["clients"] if row["name"] == "National ID integration")


@pytest.fixture(scope="module", params=list(Profile), ids=str)
def profile(request: pytest.FixtureRequest) -> Profile:
    given: Profile = request.param
    return given


@pytest.fixture(scope="module")
def seen(profile: Profile, rehearsal_keys: Path, node: Path) -> Iterator[dict[str, Any]]:
    """Run the Node program once per profile; it is the registrar, the country's server and the mediator."""
    modules, port = node_modules(), free_port()
    world = World.system(seed=11)
    families = Families(world)
    task = {
        "profile": profile.value,
        "countryPort": port,
        "client": {"id": CLIENT["id"], "secret": CLIENT["secret"]},
        "families": [_told(families.birth()) for _ in range(6)],
        "death": _told(families.death()),
    }
    settings = Settings(
        gateway_port=0,
        auth_port=0,
        profile=profile,
        keys=rehearsal_keys,
        country_config_url=f"http://127.0.0.1:{port}",
    )
    with on_a_thread(lambda: start(settings, world)) as running:
        done = subprocess.run(
            [str(node), str(HERE / "node" / "registry.mjs")],
            input=json.dumps({**task, "gateway": running.gateway_url, "auth": running.auth_url}),
            env={**os.environ, "FOREIGN_MODULES": str(modules)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    yield json.loads(done.stdout)


def _told(family: Any) -> dict[str, Any]:
    return {"declaration": dict(family.declaration), "annotation": dict(family.annotation)}


def _of(event: dict[str, Any], kind: str) -> list[str]:
    return [action["status"] for action in event["actions"] if action["type"] == kind]


def test_it_logs_in_and_is_refused_with_a_wrong_password(seen: dict[str, Any]) -> None:
    assert seen["wrongPassword"] == 401
    assert seen["ways"]["role"] == "LOCAL_REGISTRAR"


def test_a_200_registers_with_what_the_country_said(seen: dict[str, Any], profile: Profile) -> None:
    event = seen["ok"]["event"]
    assert status(seen["ok"]["declared"]) == ("VALIDATED" if profile is Profile.V1_9 else "DECLARED")
    assert status(event) == "REGISTERED"
    assert _of(event, "REGISTER") == ["Requested", "Accepted"]
    accepted = next(a for a in event["actions"] if a["type"] == "REGISTER" and a["status"] == "Accepted")
    assert accepted["registrationNumber"] == "2026BNODE01"
    declared = next(a for a in seen["ok"]["declared"]["actions"] if a["type"] == "DECLARE")
    assert set(declared["declaration"]["child.name"]) == {"firstname", "surname"}
    assert accepted["declaration"] == {"child.nid": "6041872935"}
    trigger = seen["ok"]["trigger"]
    assert trigger["path"] == "/trigger/events/birth/actions/REGISTER"
    assert trigger["event"]["actions"][-1]["status"] == "Requested"
    # the record was unassigned by the acceptance, and that is checked first
    assert seen["again"]["data"]["httpStatus"] == 409
    assert seen["again"]["message"] == "You are not assigned to this event"


def test_the_countrys_server_believes_every_trigger(seen: dict[str, Any]) -> None:
    """Its token check has the published key, the issuer and the country config's audience."""
    assert seen["refused"] == []


def test_a_202_waits_in_its_queue_until_it_is_accepted_once(seen: dict[str, Any], profile: Profile) -> None:
    one = seen["accepted"]
    assert _of(one["requested"], "REGISTER") == ["Requested"]
    assert "register:requested" in flags(one["requested"], profile)
    assert (one["waiting"] - one["before"], one["after"] - one["before"]) == (1, 0)
    assert status(one["accepted"]) == "REGISTERED"
    assert declaration(one["accepted"], profile=profile)["child.nid"] == "4057213960"
    assert one["repeated"]["actions"] == one["accepted"]["actions"]
    assert one["refused"]["message"] == "Action has already been accepted."
    assert one["refused"]["data"]["httpStatus"] == 500
    assert [call["status"] for call in one["wire"]] == [200, 200, 500]
    assert {call["path"] for call in one["wire"]} == {
        "/events/event.actions.register.accept",
        "/events/event.actions.register.reject",
    }
    (row,) = one["found"]["results"]
    assert one["found"]["total"] == 1
    assert row["legalStatuses"]["REGISTERED"]["registrationNumber"] == "2026BNODE02"


def test_a_202_may_be_rejected_and_then_not_accepted(seen: dict[str, Any], profile: Profile) -> None:
    one = seen["rejected"]
    assert _of(one["rejected"], "REGISTER") == ["Requested", "Rejected"]
    assert "register:rejected" in flags(one["rejected"], profile)
    assert one["repeated"]["actions"] == one["rejected"]["actions"]
    assert one["late"]["message"] == "Action has already been rejected."
    assert one["late"]["data"] | {"stack": ""} == {
        "code": "BAD_REQUEST",
        "httpStatus": 400,
        "path": "event.actions.register.accept",
        "stack": "",
    }


def test_a_400_rejects_and_a_500_leaves_it_pending(seen: dict[str, Any], profile: Profile) -> None:
    assert _of(seen["no"]["value"], "REGISTER") == ["Requested", "Rejected"]
    failed = seen["broken"]["outcome"]
    assert failed["message"] == "Unexpected failure from country config action confirmation API"
    assert (failed["data"]["code"], failed["data"]["httpStatus"]) == ("INTERNAL_SERVER_ERROR", 500)
    # the browser asks again with the same transaction id: nothing is triggered (§1.4)
    assert _of(seen["broken"]["again"]["value"], "REGISTER") == ["Requested"]
    assert seen["broken"]["asked"] == 0


def test_a_death_is_confirmed_without_a_national_id(seen: dict[str, Any], profile: Profile) -> None:
    assert status(seen["death"]) == "REGISTERED"


@pytest.mark.requirement("OCRVS-RPC-03")
def test_a_batch_of_mixed_results_is_a_207(seen: dict[str, Any], profile: Profile) -> None:
    one = seen["batch"]
    (call,) = one["wire"]
    assert call["status"] == 207
    assert call["path"] == "/events/" + ",".join(["event.actions.register.accept"] * 3)
    assert one["malformed"]["data"]["code"] == "BAD_REQUEST"
    (issue,) = json.loads(one["malformed"]["message"])
    assert issue["path"] == ["registrationNumber"]
    # a record token's claims do not fit a foreign action; a system client is told that it is not there
    code = "NOT_FOUND" if profile is Profile.V2_1 else "FORBIDDEN"
    assert one["foreign"]["data"]["code"] == code
    accepted = one["accepted"]["value"]
    assert status(accepted) == "REGISTERED"
    assert "child.nid" not in declaration(accepted, profile=profile)
    (register,) = [a for a in accepted["actions"] if a["type"] == "REGISTER" and a["status"] == "Accepted"]
    # superjson loses `undefined` under a dotted key: core gets null, which removes the field (§3.4)
    assert register["declaration"] == {"child.nid": None}


@pytest.mark.requirement("OCRVS-RPC-01")
def test_queries_of_one_tick_travel_together(seen: dict[str, Any]) -> None:
    one = seen["batch"]
    (call,) = one["reading"]
    assert (call["method"], call["status"]) == ("GET", 207)
    assert call["path"] == "/events/event.get,event.get,event.config.get"
    assert one["unknown"]["data"]["httpStatus"] == 404
    assert one["unknown"]["message"].startswith("Event not found with ID: ")
    assert one["record"]["value"]["id"] == one["accepted"]["value"]["id"]
    assert {"birth", "death"} <= set(one["configs"])


def test_mistakes_are_told_in_the_clients_terms(seen: dict[str, Any], profile: Profile) -> None:
    wrong = seen["mistakes"]
    # hapi's 401 is no tRPC envelope: the client cannot read it (§2.5)
    assert wrong["nobody"]["message"] == "Unable to transform response from server"
    assert "data" not in wrong["nobody"]
    assert wrong["unknown"]["message"] == 'No procedure found on path "event.nope"'
    assert wrong["unknown"]["data"]["httpStatus"] == 404
    assert wrong["wrongMethod"]["data"]["code"] == "METHOD_NOT_SUPPORTED"
    assert wrong["badInput"]["data"]["code"] == "BAD_REQUEST"
    assert wrong["noInput"]["data"]["code"] == "BAD_REQUEST"
    (issue,) = json.loads(wrong["noInput"]["message"])
    assert issue["path"][0] == "query"
    assert wrong["userConfirms"]["data"]["code"] == "FORBIDDEN"


def test_single_calls_and_overridden_methods_are_answered_too(seen: dict[str, Any]) -> None:
    ways = seen["ways"]
    assert ways["created"] == ways["read"] == ways["again"]
    assert all("batch=" not in call["search"] for call in ways["single"])
    assert [call["method"] for call in ways["single"]] == ["POST", "GET", "GET"]
    assert [(call["method"], call["status"]) for call in ways["posted"]] == [("POST", 200)]
