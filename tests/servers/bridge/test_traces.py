"""One OpenTelemetry trace a registration, read by a collector on a socket; none where none is asked for."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from structlog.testing import capture_logs

from bridge.app import Running, start
from bridge.registration import State, Task
from bridge.settings import Settings
from bridge.traces import Traces
from tests.servers.bridge.asking import ask
from tests.servers.bridge.collector import Collector, Span
from tests.servers.bridge.conftest import BIRTH, DEATH, Stage, set_up
from tests.servers.bridge.offices import Office, office
from tests.servers.bridge.stubs import TOPIC
from tests.servers.bridge.test_confirmation import ACCEPT
from tests.servers.bridge.test_postgres import replicas
from tests.servers.bridge.test_restart import Hang
from tests.servers.bridge.test_work import said
from tests.servers.bridge.waiting import waiting
from wire.keyfolder import KeyFolder
from wire.world import World

__all__ = ["office", "replicas"]
_AGE = timedelta(hours=1)
CLOSED = "http://127.0.0.1:9"
"""Nobody listens there."""


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "20")
    collector = Collector()
    yield collector
    collector.close()


@pytest.fixture
async def stage(
    tmp_path: Path, keys: KeyFolder, collector: Collector, request: pytest.FixtureRequest
) -> AsyncIterator[Stage]:
    more = {"otlp_url": collector.url} | getattr(request, "param", {})
    stage = await set_up(tmp_path, keys, **more)
    yield stage
    await stage.close()


async def whole(stage: Stage, collector: Collector) -> list[Span]:
    """What came when the process has ended well, in order of the ends."""
    await stage.restart(kill=False)
    return collector.spans


def shape(spans: list[Span]) -> list[tuple[Any, ...]]:
    """Name, kind, status, and what a span says of its own."""
    return [
        (
            span.name,
            span.kind,
            span.status,
            {
                name.removeprefix("bridge."): value
                for name, value in span.attributes.items()
                if not name.startswith("opencrvs.") and not name.endswith(".id")
            },
        )
        for span in spans
    ]


async def test_one_trace_through_a_crash_from_trigger_to_acceptance(
    stage: Stage, collector: Collector
) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    assert (await stage.trigger(event))[0] == 202
    await stage.world.clock.settle()
    collector.until("submit nid")
    await stage.restart(kill=True)
    registration = await stage.of(event)
    hang, rid = Hang(stage), registration.packet_id
    stage.opencrvs.faults[ACCEPT] = [hang]
    body = stage.mosip.event(rid, stage.mosip.credential(rid))
    assert await stage.mosip.deliver(stage.callback, body) == 200
    await hang.reached.wait()
    collector.until("delivery received")
    await stage.restart(kill=True)
    assert (await stage.of(event)).state is State.CONFIRMED
    spans = await whole(stage, collector)

    trace = registration.id.replace("-", "")
    assert {span.trace for span in spans} == {trace}
    root = next(span for span in spans if span.name == "registration")
    assert (root.id, root.parent) == (trace[16:], "")
    assert {span.parent for span in spans if span is not root} == {root.id}
    assert len({span.id for span in spans}) == len(spans)
    (action,) = (each["id"] for each in event["actions"] if each["status"] == "Requested")
    for span in spans:
        assert span.resource["service.name"] == "crvs-bridge"
        assert {
            k: v for k, v in span.attributes.items() if k.startswith("opencrvs.") or k.endswith(".id")
        } == {
            "opencrvs.event.id": event["id"],
            "opencrvs.event.type": "birth",
            "opencrvs.action.id": action,
            "opencrvs.action.type": "REGISTER",
            "bridge.registration.id": registration.id,
            "bridge.packet.id": registration.packet_id,
        }
    assert shape(spans) == [
        ("QUEUED", "INTERNAL", "UNSET", {"state": "QUEUED", "mode": "async"}),
        ("trigger received", "SERVER", "UNSET", {"http.response.status_code": 202}),
        ("SUBMITTED", "INTERNAL", "UNSET", {"state": "SUBMITTED", "mode": "async"}),
        ("submit nid", "CLIENT", "UNSET", {"attempt": 1, "outcome": "done"}),
        ("ISSUED", "INTERNAL", "UNSET", {"state": "ISSUED", "mode": "async"}),
        ("delivery received", "CONSUMER", "UNSET", {"channel": TOPIC, "outcome": "issued"}),
        ("registration", "INTERNAL", "UNSET", {"state": "CONFIRMED", "mode": "async"}),
        ("confirm opencrvs", "CLIENT", "UNSET", {"attempt": 1, "outcome": "done"}),
        ("acknowledge hub", "CLIENT", "UNSET", {"attempt": 1, "outcome": "done"}),
    ]


async def test_what_arrives_at_another_replica_is_the_same_trace(
    replicas: tuple[Stage, Running], collector: Collector
) -> None:
    stage, second = replicas
    traced = Settings(**stage.settings, otlp_url=collector.url)
    await second.close()
    await stage.restart(otlp_url=collector.url)
    other = await start(traced, stage.world)
    await stage.world.clock.settle()
    event = await stage.submitted()
    rid = (await stage.of(event)).packet_id
    body = stage.mosip.event(rid, stage.mosip.credential(rid))
    assert await stage.mosip.deliver(f"{other.mediator_url}/websub/callback", body) == 200
    await stage.world.clock.settle()
    assert (await stage.of(event)).state is State.CONFIRMED
    await other.close()
    spans = await whole(stage, collector)
    assert len({span.trace for span in spans}) == 1
    assert {"trigger received", "delivery received", "registration"} <= set(collector.names)
    assert collector.names.count("registration") == 1


async def test_each_attempt_tells_its_outcome_and_why_it_waits(stage: Stage, collector: Collector) -> None:
    secret = "Chanda Natasha 5806319743540932"
    stage.mosip.faults["createPacket"] = [
        lambda: web.Response(status=503, text=secret),
        said(stage.world, "", message=f"{secret} requesttime"),
        said(stage.world, "KER-KPM-002", message=secret),
    ]
    event = await stage.submitted()
    await stage.world.clock.advance(60)
    spans = await whole(stage, collector)
    assert (await stage.of(event)).state is State.STUCK
    assert [each for each in shape(spans) if each[1] == "CLIENT" or each[2] == "ERROR"] == [
        (
            *("submit nid", "CLIENT", "ERROR"),
            {"attempt": 1, "outcome": "failed", "reason": "HTTP 503", "reason.kind": "transient"},
        ),
        (
            *("submit nid", "CLIENT", "ERROR"),
            {"attempt": 2, "outcome": "failed", "reason": "no code", "reason.kind": "transient"},
        ),
        (
            *("STUCK", "INTERNAL", "ERROR"),
            {"state": "STUCK", "mode": "async", "reason": "nid-refused-packet"},
        ),
        ("submit nid", "CLIENT", "UNSET", {"attempt": 3, "outcome": "done"}),
    ]
    assert "registration" not in collector.names, "it is not settled"


def broken() -> web.Response:
    words = {"message": "no place for Chanda Mulenga", "code": -32603}
    data = {"code": "INTERNAL_SERVER_ERROR", "httpStatus": 500, "path": ACCEPT}
    return web.json_response({"error": {"json": words | {"data": data}}}, status=500)


@pytest.mark.parametrize(
    ("fault", "outcome", "reason"),
    [
        (lambda: web.Response(status=502, text="<html>"), "failed", "HTTP 502"),
        (lambda: web.Response(status=429, headers={"Retry-After": "7"}), "failed", "HTTP 429"),
        (broken, "later", "untaken"),
    ],
    ids=["a proxy", "too many", "OpenCRVS itself"],
)
async def test_a_confirmation_that_waits(
    stage: Stage, collector: Collector, fault: Any, outcome: str, reason: str
) -> None:
    event = await stage.submitted()
    stage.opencrvs.faults[ACCEPT] = [fault]
    rid = (await stage.of(event)).packet_id
    await stage.deliver(stage.mosip.event(rid, stage.mosip.credential(rid)))
    await stage.world.clock.advance(60)
    tries = [span.attributes for span in await whole(stage, collector) if span.name == "confirm opencrvs"]
    assert [each["bridge.outcome"] for each in tries] == [outcome, "done"]
    assert (tries[0]["bridge.reason"], tries[0]["bridge.reason.kind"]) == (reason, "transient")
    assert "Chanda" not in json.dumps(tries)


@pytest.mark.parametrize("stage", [{"mode": "sync"}], indirect=True)
async def test_a_synchronous_answer_and_one_that_does_not_come(stage: Stage, collector: Collector) -> None:
    assert (await stage.trigger(stage.opencrvs.record("birth", BIRTH)))[0] == 200
    stage.mosip.faults["uin"] = [lambda: web.Response(status=503)]
    assert (await stage.trigger(stage.opencrvs.record("birth", BIRTH)))[0] == 503
    await stage.world.clock.advance(60)
    spans = await whole(stage, collector)
    done, waited = dict.fromkeys(span.trace for span in spans)
    assert [span.name for span in spans if span.trace == done] == [
        *("RECEIVED", "ask nid", "ISSUED", "trigger received", "registration")
    ]
    tries = [span.attributes for span in spans if span.trace == waited and span.name == "ask nid"]
    assert [(each["bridge.outcome"], each.get("bridge.reason")) for each in tries] == [
        *(("failed", "HTTP 503"), ("done", None))
    ]
    (trigger,) = (span for span in spans if span.trace == waited and span.name == "trigger received")
    assert trigger.attributes["http.response.status_code"] == 503


async def test_nothing_of_the_people_and_no_token_is_in_a_trace(stage: Stage, collector: Collector) -> None:
    stage.mosip.faults["workflowinstance"] = [said(stage.world, "X", message="Mulenga 5806319743540932")] * 2
    events = [await stage.submitted("birth"), await stage.submitted("death")]
    await stage.world.clock.advance(600)
    for event in events:
        rid = (await stage.of(event)).packet_id
        await stage.deliver(stage.mosip.event(rid, stage.mosip.credential(rid)))
        await stage.deliver(stage.mosip.ended(rid, "PROCESSED"))
    sent = json.dumps([span.attributes for span in await whole(stage, collector)])
    people = [value for each in (BIRTH, DEATH) for value in _texts(each) if len(value) > 3]
    assert len(people) > 20
    assert not [value for value in people if value in sent]
    assert "eyJ" not in sent and "5806319743540932" not in sent


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize(
    ("header", "links"),
    [
        (
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            [("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")],
        ),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", []),
        ("5806319743540932", []),
        ("", []),
    ],
)
async def test_the_trace_of_opencrvs_is_linked(
    stage: Stage, collector: Collector, header: str, links: list[tuple[str, str]]
) -> None:
    """The example of W3C Trace Context; what is none is none."""
    event = stage.opencrvs.record("birth", BIRTH)
    url = f"{stage.running.trigger_url}/trigger/events/birth/actions/REGISTER"
    headers = {"Authorization": f"Bearer {stage.opencrvs.token(event)}", "traceparent": header}
    async with ClientSession() as session, session.post(url, json=event, headers=headers) as answer:
        assert answer.status == 202
    spans = await whole(stage, collector)
    assert {span.name: span.links for span in spans if span.links} == (
        {"trigger received": links} if links else {}
    )
    assert len({span.trace for span in spans}) == 1


async def test_what_an_operator_decides_is_in_the_trace(stage: Stage, collector: Collector) -> None:
    event = await stage.submitted()
    await ask(stage, "POST", f"/operations/registrations/{event['id']}/reject", reason="Chanda is known.")
    await stage.world.clock.settle()
    spans = await whole(stage, collector)
    (root,) = (each[3] for each in shape(spans) if each[0] == "registration")
    assert root == {"state": "REJECTED", "mode": "async", "reason": "operator"}
    assert "Chanda" not in json.dumps([span.attributes for span in spans])


async def test_headers_names_and_samples_are_those_of_the_environment(
    tmp_path: Path, keys: KeyFolder, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "bridge-of-tonga")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.3")
    given = {"otlp_headers": "Authorization=Basic%20c2VjcmV0,X-Scope-OrgID=crvs"}
    settings = Settings(keys=keys.path, otlp_url=collector.url, **given)
    world = World.virtual()
    traces = Traces(settings, str(settings.collector), world)
    one = replace(waiting(1, world, State.SUBMITTED, _AGE), task=Task.SUBMIT)
    for _ in range(300):
        registration = replace(one, id=world.chance.uuid())
        traces.attempt(registration, world.clock.now(), "done", None)
        traces.reached(replace(registration, state=State.CONFIRMED))
    await traces.close()
    sent = [span.trace for span in collector.spans]
    assert 60 <= len(set(sent)) <= 120, "three of ten"
    assert len(sent) == 2 * len(set(sent)), "a trace is whole or not there"
    assert {span.resource["service.name"] for span in collector.spans} == {"bridge-of-tonga"}
    assert collector.headers[0]["authorization"] == "Basic c2VjcmV0"
    assert collector.headers[0]["x-scope-orgid"] == "crvs"
    assert "c2VjcmV0" not in repr(settings)


async def test_a_collector_that_never_answers_holds_up_no_end(
    keys: KeyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "3600")
    world = World.virtual()
    one = replace(waiting(1, world, State.SUBMITTED, _AGE), task=Task.SUBMIT, id=world.chance.uuid())
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = Settings(keys=keys.path, otlp_url=f"http://127.0.0.1:{silent.getsockname()[1]}")
        traces = Traces(settings, str(settings.collector), world)
        traces.attempt(one, world.clock.now(), "done", None)
        async with asyncio.timeout(25):  # the SDK by itself waits for thirty seconds
            await traces.close()
        silent.settimeout(60)
        asked, _ = silent.accept()
        asked.close()


@pytest.mark.parametrize("stage", [{"otlp_url": CLOSED}], indirect=True)
async def test_without_its_collector_all_goes_on_and_it_is_said_seldom(stage: Stage) -> None:
    with capture_logs() as lines:
        for _ in range(3):
            event = await stage.submitted()
            rid = (await stage.of(event)).packet_id
            await stage.deliver(stage.mosip.event(rid, stage.mosip.credential(rid)))
            assert (await stage.of(event)).state is State.CONFIRMED
            logging.getLogger("opentelemetry.sdk").warning("it is not there")
        await stage.restart(kill=False)
    told = [line for line in lines if "collector" in line]
    assert [line["event"] for line in told] == ["traces do not reach the collector"]
    assert told[0]["collector"] == f"{CLOSED}/v1/traces"


async def test_a_collector_that_is_busy_gets_them_again(stage: Stage, collector: Collector) -> None:
    collector.answers = [503]
    await stage.submitted()
    collector.until("submit nid")
    assert collector.answers == []


@pytest.mark.parametrize(
    ("variables", "collector"),
    [
        ({}, None),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel:4318"}, "http://otel:4318/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "https://otel/in/"}, "https://otel/in/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://otel/t"}, "http://otel/t"),
        (
            {
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://otel/t",
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://other",
            },
            "http://otel/t",
        ),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel:4318", "OTEL_TRACES_EXPORTER": "none"}, None),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel", "OTEL_TRACES_EXPORTER": "console,otlp"},
            "http://otel/v1/traces",
        ),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel:4318", "OTEL_SDK_DISABLED": "true"}, None),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, None),
    ],
    ids=str,
)
def test_the_usual_variables_say_where_to(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], collector: str | None
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert Settings().collector == collector


@pytest.mark.parametrize("url", [None, CLOSED], ids=["not asked for", "not installed"])
async def test_without_it_the_bridge_works(
    tmp_path: Path, keys: KeyFolder, monkeypatch: pytest.MonkeyPatch, url: str | None
) -> None:
    for name in [name for name in sys.modules if name.startswith(("opentelemetry", "bridge.traces"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with capture_logs() as lines:
        stage = await set_up(tmp_path, keys, otlp_url=url)
    event = await stage.submitted()
    assert (await stage.of(event)).state is State.SUBMITTED
    await stage.close()
    told = [line for line in lines if "traces" in line["event"]]
    assert len(told) == (url is not None)
    assert not told or "pip install 'opencrvs-nid-rehearsal[traces]'" in told[0]["remedy"]


async def test_people_are_verified_in_the_trace_and_not_named(office: Office, collector: Collector) -> None:
    await office.stage.restart(otlp_url=collector.url)
    status, _, event = await office.asks("VALIDATE")
    assert status == 200
    registration = await office.of(event)
    spans = await whole(office.stage, collector)
    tried = [span for span in spans if span.kind in ("CLIENT", "SERVER")]
    assert [(span.name, span.trace) for span in tried] == [
        ("verify ida", registration.id.replace("-", "")),
        ("trigger received", registration.id.replace("-", "")),
    ]
    assert tried[0].attributes["bridge.outcome"] == "done"
    sent = json.dumps([span.attributes for span in spans])
    assert not [value for value in _texts(BIRTH) if len(value) > 3 and value in sent]
