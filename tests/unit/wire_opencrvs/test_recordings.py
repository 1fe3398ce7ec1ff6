"""Every exchange that the real toolkit client had (recordings/toolkit-requests.json)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.known import recording
from tests.unit.wire_opencrvs.known import tagged
from wire.opencrvs import trpc
from wire.opencrvs.javascript import UNDEFINED, URL, BigInt, JSError, JSMap, JSSet, RegExp
from wire.opencrvs.trpc import ProcedureCall, TRPCError

CASES: dict[str, Any] = recording("toolkit-requests")["cases"]

EVENT = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
ACTION = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
DAY = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
ACCEPT = "event.actions.register.accept"
DECLARE = "event.actions.declare.request"


def epoch() -> datetime:
    """A new object each time: the recorded client did not share its dates."""
    return datetime(1970, 1, 1, tzinfo=UTC)


def transaction(number: int) -> str:
    return f"mosip-interop-00000000-0000-4000-8000-{number:012}"


def acceptance(number: int, registration: str, declaration: dict[str, Any], **over: Any) -> dict[str, Any]:
    return {
        "transactionId": transaction(number),
        "eventId": EVENT,
        "actionId": ACTION,
        "registrationNumber": registration,
        "declaration": declaration,
    } | over


def declared(**fields: Any) -> dict[str, Any]:
    return {"eventId": EVENT, "transactionId": transaction(7), **fields}


SHARED = {"k": 1}
NAME = {"firstname": "A", "surname": "B", "middlename": UNDEFINED}

SENT: dict[str, list[list[ProcedureCall]]] = {
    "event.get (string id, 1.9 style)": [[ProcedureCall("event.get", EVENT)]],
    "event.get (object, 2.0 style)": [[ProcedureCall("event.get", {"eventId": EVENT, "waitFor": True})]],
    "event.create": [[ProcedureCall("event.create", {"transactionId": transaction(1), "type": "birth"})]],
    "event.actions.declare.request": [
        [
            ProcedureCall(
                DECLARE,
                {
                    "eventId": EVENT,
                    "transactionId": transaction(2),
                    "declaration": {
                        "child.name": {"firstname": "Žofia", "surname": "O'Neil 李"},
                        "child.dob": "2026-01-02",
                        "child.age": 1.5,
                        "a.null": None,
                        "a.bool": True,
                    },
                    "annotation": {},
                },
            )
        ]
    ],
    "event.actions.register.request": [
        [
            ProcedureCall(
                "event.actions.register.request",
                {
                    "eventId": EVENT,
                    "transactionId": transaction(3),
                    "declaration": {},
                    "keepAssignment": True,
                },
            )
        ]
    ],
    "event.actions.register.reject": [
        [
            ProcedureCall(
                "event.actions.register.reject",
                {
                    "eventId": EVENT,
                    "actionId": "11111111-1111-4111-8111-111111111111",
                    "transactionId": transaction(4),
                },
            )
        ]
    ],
    "event.actions.register.accept (as mosip-api birth: nid set)": [
        [ProcedureCall(ACCEPT, acceptance(5, "2026BABC123", {"child.nid": "1234567890"}))]
    ],
    "event.actions.register.accept (as mosip-api death: nid undefined)": [
        [ProcedureCall(ACCEPT, acceptance(6, "2026DABC123", {"child.nid": UNDEFINED}))]
    ],
    "input with undefined, Date, null, NaN, Set, Map, BigInt, RegExp, nested": [
        [
            ProcedureCall(
                DECLARE,
                declared(
                    u=UNDEFINED,
                    d=DAY,
                    n=None,
                    nan=float("nan"),
                    inf=float("inf"),
                    negz=-0.0,
                    arr=[UNDEFINED, epoch(), 1],
                    set=JSSet([1, "a"]),
                    map=JSMap([["k", epoch()]]),
                    big=BigInt(123),
                    re=RegExp("a.b", "gi"),
                    url=URL("http://x.test/p?q=1"),
                    err=JSError("boom"),
                    nested={"a.b": epoch(), "u": UNDEFINED, "deep": {"x\\y": UNDEFINED}},
                ),
            )
        ]
    ],
    "input with dotted intermediate key (child.name.middlename undefined) and dotted leaf Date": [
        [ProcedureCall(DECLARE, declared(declaration={"child.name": NAME, "child.dob": DAY}))]
    ],
    "input with the same object referenced twice and a plain Date": [
        [ProcedureCall(DECLARE, declared(a=SHARED, b=SHARED, when=DAY, gone=UNDEFINED))]
    ],
    "input undefined (query without input)": [[ProcedureCall("event.get")]],
    "batch: two mutations in one tick": [
        [
            ProcedureCall(ACCEPT, acceptance(8, "2026BABC123", {"child.nid": "1234567890"})),
            ProcedureCall(ACCEPT, acceptance(9, "2026BABC123", {"child.nid": UNDEFINED})),
        ]
    ],
    "batch: two queries in one tick": [
        [
            ProcedureCall("event.get", EVENT),
            ProcedureCall("event.get", "22222222-2222-4222-8222-222222222222"),
        ]
    ],
    "batch: mixed success and failure (second has foreign actionId)": [
        [
            ProcedureCall(ACCEPT, acceptance(8, "2026BABC123", {})),
            ProcedureCall(
                ACCEPT, acceptance(9, "2026BABC123", {}, actionId="33333333-3333-4333-8333-333333333333")
            ),
        ]
    ],
    "one query and one mutation in one tick (not batched together)": [
        [ProcedureCall("event.get", EVENT)],
        [ProcedureCall("event.create", {"transactionId": transaction(1), "type": "death"})],
    ],
    "error: invalid input (eventId not a uuid)": [
        [ProcedureCall(ACCEPT, acceptance(1, "x", {}, eventId="nope"))],
    ],
    "error: unknown procedure": [[ProcedureCall("event.actions.nosuch.accept", {"a": 1})]],
}

LOST_ON_THE_WAY: dict[str, Any] = {
    "event.actions.register.accept (as mosip-api death: nid undefined)": acceptance(
        6, "2026DABC123", {"child.nid": None}
    ),
    "input with undefined, Date, null, NaN, Set, Map, BigInt, RegExp, nested": declared(
        u=UNDEFINED,
        d=DAY,
        n=None,
        nan=float("nan"),
        inf=float("inf"),
        negz=-0.0,
        arr=[UNDEFINED, epoch(), 1],
        set=JSSet([1, "a"]),
        map=JSMap([["k", epoch()]]),
        big=BigInt(123),
        re=RegExp("a.b", "gi"),
        url="http://x.test/p?q=1",
        err=JSError("boom"),
        nested={"a.b": "1970-01-01T00:00:00.000Z", "u": UNDEFINED, "deep": {"x\\y": UNDEFINED}},
    ),
    "input with dotted intermediate key (child.name.middlename undefined) and dotted leaf Date": declared(
        declaration={"child.name": NAME, "child.dob": "2026-01-02T03:04:05.678Z"}
    ),
}
"""What the server sees where it is not what was sent: dotted leaves and URLs (contract §3.4)."""

EXCHANGES = [
    pytest.param(name, calls, exchange, id=f"{name}:{number}")
    for name, sent in SENT.items()
    for number, (calls, exchange) in enumerate(zip(sent, CASES[name]["exchanges"], strict=True))
]


def test_every_recorded_case_is_played() -> None:
    assert set(SENT) == set(CASES)


@pytest.mark.parametrize(("name", "calls", "exchange"), EXCHANGES)
def test_we_send_the_clients_bytes(name: str, calls: list[ProcedureCall], exchange: dict[str, Any]) -> None:
    request = exchange["request"]
    if len(calls) > 1 or "same object" in name:  # batches no client of ours sends; nor do we name equals
        return
    if request["method"] == "GET":
        assert "/events" + trpc.query_url(calls[0].path, calls[0].input) == request["target"]
        return
    target, body = trpc.mutation(calls[0].path, calls[0].input)
    assert ("/events" + target, body.decode()) == (request["target"], request["body"])


@pytest.mark.parametrize(("name", "calls", "exchange"), EXCHANGES)
def test_we_read_what_the_client_sent(
    name: str, calls: list[ProcedureCall], exchange: dict[str, Any]
) -> None:
    request = exchange["request"]
    url = urlsplit(request["target"])
    batch = trpc.parse_calls(
        request["method"],
        url.path.removeprefix("/events/"),
        dict(parse_qsl(url.query)),
        request["body"].encode(),
        content_type=dict(request["headers"]).get("content-type"),
    )
    assert batch.batched
    assert [call.path for call in batch.calls] == [call.path for call in calls]
    assert [call.fault for call in batch.calls] == [None] * len(calls)
    expected = [LOST_ON_THE_WAY[name]] if name in LOST_ON_THE_WAY else [call.input for call in calls]
    if name.startswith("batch: two mutations"):
        expected[1] = expected[1] | {"declaration": {"child.nid": None}}
    assert [tagged(call.input) for call in batch.calls] == [tagged(value) for value in expected]


def read_each(response: dict[str, Any]) -> list[Any]:
    """What each call of a batch came to."""
    return [trpc.read(response["status"], None, json.dumps([item])) for item in json.loads(response["body"])]


@pytest.mark.parametrize(("name", "calls", "exchange"), EXCHANGES)
def test_we_see_what_the_client_saw(name: str, calls: list[ProcedureCall], exchange: dict[str, Any]) -> None:
    response = exchange["response"]
    got = read_each(response)
    assert len(got) == len(calls)
    saw = CASES[name]["client_saw"]
    position = CASES[name]["exchanges"].index(exchange)
    for number, value in enumerate(got):
        if "threw" in saw:
            assert_error(value, saw["threw"])
        elif isinstance(saw["result"], list):
            settled = saw["result"][number + position]
            if settled["status"] == "rejected":
                assert_error(value, settled["reason"])
            else:
                assert value == settled["value"]
        else:
            assert value == saw["result"]


def assert_error(error: Any, seen: dict[str, Any]) -> None:
    assert isinstance(error, TRPCError)
    assert error.enveloped
    assert error.message == seen["message"]
    assert error.data == seen["data"]
    assert (error.code, error.http_status) == (seen["data"]["code"], seen["data"]["httpStatus"])
    if "shape" in seen:
        assert error.number == seen["shape"]["code"]


@pytest.mark.parametrize(("name", "calls", "exchange"), EXCHANGES)
def test_we_answer_in_the_servers_bytes(
    name: str, calls: list[ProcedureCall], exchange: dict[str, Any]
) -> None:
    response = exchange["response"]
    items: list[Any] = []
    for call, got in zip(calls, read_each(response), strict=True):
        if isinstance(got, TRPCError):
            assert got.data is not None
            error = TRPCError(got.code, got.message)
            items.append(trpc.error_item(error, call.path, stack=got.data["stack"]))
        else:
            items.append(trpc.ResultItem(got))
    assert trpc.render(items) == (response["status"], response["body"].encode())
