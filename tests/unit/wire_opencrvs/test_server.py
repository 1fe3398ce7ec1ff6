"""tRPC on both sides, against what the real server answered (tests/vectors/opencrvs.json)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.unit.wire_opencrvs.known import named, tagged
from wire.opencrvs import ecma, trpc
from wire.opencrvs.declarations import without_nulls
from wire.opencrvs.javascript import UNDEFINED
from wire.opencrvs.trpc import ProcedureCall, TRPCError

KINDS = {
    "event.get": "query",
    "event.create": "mutation",
    "event.missing": "query",
    "event.avatar": "query",
    "event.fail": "query",
    "event.crash": "query",
    "event.bare": "query",
}


def procedure(call: ProcedureCall) -> Any:
    """The generator's procedures, in its order of checks."""
    if call.path in ("event.get", "event.create"):
        if call.fault:
            raise call.fault
        return {"got": tagged(call.input)}
    if call.path == "event.fail":
        raise TRPCError("CONFLICT", "You are not assigned to this event")
    if call.path == "event.bare":
        raise TRPCError("FORBIDDEN")
    if call.path == "event.crash":
        raise TRPCError("INTERNAL_SERVER_ERROR", "boom")
    return UNDEFINED if call.path == "event.missing" else {"avatar": UNDEFINED}


def serve(method: str, target: str, body: bytes | None, content_type: str | None) -> tuple[int, bytes]:
    url = urlsplit(target)
    try:
        batch = trpc.parse_calls(
            method, url.path, dict(parse_qsl(url.query)), body, content_type=content_type
        )
    except TRPCError as error:
        return trpc.render_failure(error)
    items: list[Any] = []
    for call in batch.calls:
        try:
            if call.path not in KINDS:
                raise trpc.unknown_procedure(call.path)
            trpc.check_method(method, KINDS[call.path], call.path)
            items.append(trpc.ResultItem(procedure(call)))
        except TRPCError as error:
            items.append(trpc.error_item(error, call.path))
    return trpc.render(items, batched=batch.batched)


@pytest.mark.parametrize("case", named("http"), ids=lambda case: case["name"])
def test_answers_as_the_real_server(case: dict[str, Any]) -> None:
    body = None if case["body"] is None else case["body"].encode()
    status, answer = serve(case["method"], case["target"], body, case["contentType"])
    assert (status, answer.decode()) == (case["status"], case["answer"])


def test_in_production_a_500_says_nothing_and_others_have_no_stack() -> None:
    crash = trpc.error_item(
        TRPCError("INTERNAL_SERVER_ERROR", "secret"), "event.get", stack="s", production=True
    )
    absent = trpc.error_item(
        TRPCError("NOT_FOUND", "Action not found."), "event.get", stack="s", production=True
    )
    status, body = trpc.render([crash, absent])
    assert status == 207
    assert body.decode() == (
        '[{"error":{"json":{"message":"Internal server error","code":-32603,'
        '"data":{"code":"INTERNAL_SERVER_ERROR","httpStatus":500}}}},'
        '{"error":{"json":{"message":"Action not found.","code":-32004,'
        '"data":{"code":"NOT_FOUND","httpStatus":404,"path":"event.get"}}}}]'
    )


def test_a_stack_stands_before_the_path() -> None:
    item = trpc.error_item(TRPCError("NOT_FOUND", "Action not found."), "p", stack="TRPCError: …")
    assert list(item.shape["data"]) == ["code", "httpStatus", "stack", "path"]


def test_results_beyond_json_are_annotated() -> None:
    day = datetime(2026, 3, 2, tzinfo=UTC)
    status, body = trpc.render([trpc.ResultItem({"at": day, "n": float("inf"), "z": -0.0})])
    assert status == 200
    assert json.loads(body)[0]["result"]["data"] == {
        "json": {"at": "2026-03-02T00:00:00.000Z", "n": "Infinity", "z": "-0"},
        "meta": {"values": {"at": ["Date"], "n": ["number"], "z": ["number"]}},
    }


def test_a_zero_that_only_looks_negative_is_plain() -> None:
    _, body = trpc.render([trpc.ResultItem({"text": "-0.0", "n": 1.0})])
    assert body == b'[{"result":{"data":{"json":{"text":"-0.0","n":1}}}}]'


@pytest.mark.parametrize(
    ("method", "kind", "allowed"),
    [("GET", "query", True), ("POST", "query", True), ("POST", "mutation", True), ("GET", "mutation", False)],
)
def test_methods_of_queries_and_mutations(method: str, kind: str, allowed: bool) -> None:
    if allowed:
        trpc.check_method(method, kind, "event.get")
    else:
        with pytest.raises(TRPCError, match="Unsupported GET-request to mutation procedure") as refused:
            trpc.check_method(method, kind, "event.get")
        assert (refused.value.code, refused.value.http_status) == ("METHOD_NOT_SUPPORTED", 405)


def test_queries_and_mutations_do_not_mix() -> None:
    trpc.check_kinds(["query", "query"])
    with pytest.raises(TRPCError, match="Cannot mix procedure types in call: query, mutation"):
        trpc.check_kinds(["query", "mutation"])


def test_the_deepest_body_that_is_read_can_be_answered_and_folded() -> None:
    deep: Any = {"x": UNDEFINED, "n": 1.0}
    for _ in range(ecma.MAX_DEPTH - 3):
        deep = {"a": deep}
    _, body = trpc.mutation("event.create", deep)
    (call,) = trpc.parse_calls("POST", "event.create", {"batch": "1"}, body).calls
    assert call.fault is None
    assert trpc.render([trpc.ResultItem(call.input)])[0] == 200
    assert without_nulls(call.input)


def test_a_deeper_body_is_the_callers_fault() -> None:
    body = b'{"0":{"json":' + b"[" * 5000 + b"]" * 5000 + b"}}"
    (call,) = trpc.parse_calls("POST", "event.create", {"batch": "1"}, body).calls
    assert call.fault is not None
    assert call.fault.code == "BAD_REQUEST"
