"""What the client of tRPC makes of answers, whoever wrote them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.opencrvs import trpc
from wire.opencrvs.javascript import UNDEFINED
from wire.opencrvs.trpc import ProcedureCall, TRPCError

GATEWAY_401 = {"statusCode": 401, "error": "Unauthorized", "message": "Missing authentication"}


@pytest.mark.parametrize(
    ("status", "content_type", "body", "code", "words"),
    [
        (401, "application/json", json.dumps(GATEWAY_401), "UNAUTHORIZED", "Missing authentication"),
        (401, "application/octet-stream", json.dumps(GATEWAY_401), "UNAUTHORIZED", "Missing authentication"),
        (
            402,
            None,
            '{"statusCode":402,"error":"Rate limit exceeded","message":"Too many requests within a minute."}',
            "PAYMENT_REQUIRED",
            "Too many requests",
        ),
        (502, "text/html", "<html>Bad gateway</html>", "BAD_GATEWAY", "text/html"),
        (503, None, "", "SERVICE_UNAVAILABLE", "no content type"),
        (404, "application/json", '{"statusCode":404,"error":"Not Found"}', "NOT_FOUND", "Not Found"),
        (418, None, "{}", "INTERNAL_SERVER_ERROR", "418"),
        (200, "text/html", "<html>a log-in page</html>", "PARSE_ERROR", "200"),
        (200, "application/json", '{"ok":true}', "PARSE_ERROR", "200"),
        (200, "application/json", '[{"result":5}]', "PARSE_ERROR", "200"),
        (200, "application/json", "null", "PARSE_ERROR", "200"),
        (500, "application/json", '[{"error":{"json":null}}]', "INTERNAL_SERVER_ERROR", "500"),
        (
            200,
            "application/json",
            '[{"result":{"data":{"json":1,"meta":{"values":["x"]}}}}]',
            "PARSE_ERROR",
            "x",
        ),
    ],
)
def test_what_is_no_trpc_is_told_as_what_it_is(
    status: int, content_type: str | None, body: str, code: str, words: str
) -> None:
    for error in trpc.read(status, content_type, body.encode(), calls=2)[:1]:
        assert isinstance(error, TRPCError)
        assert not error.enveloped
        assert (error.code, error.http_status) == (code, status)
        assert words in error.message


def test_a_single_error_object_answers_every_call() -> None:
    status, body = trpc.render_failure(TRPCError("UNSUPPORTED_MEDIA_TYPE", "no"))
    got = trpc.read(status, "application/json", body, calls=2)
    assert [(error.code, error.enveloped) for error in got] == [("UNSUPPORTED_MEDIA_TYPE", True)] * 2


def test_missing_items_are_told() -> None:
    got = trpc.read(200, "application/json", b'[{"result":{"data":{"json":1}}}]', calls=2)
    assert got[0] == 1
    assert (got[1].code, got[1].enveloped) == ("PARSE_ERROR", False)


def test_void_results_and_results_without_data() -> None:
    body = b'[{"result":{"data":{"json":null,"meta":{"values":["undefined"]}}}},{"result":{}}]'
    assert trpc.read(200, None, body, calls=2) == [UNDEFINED, UNDEFINED]


_inputs = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text() | st.just(UNDEFINED),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_characters=".\\")), inner, max_size=3)
    ),
)
_calls = st.lists(
    st.builds(ProcedureCall, st.sampled_from(["event.get", "event.create"]), _inputs), min_size=1, max_size=12
)


@given(_calls)
def test_a_mutation_is_read_as_it_was_sent(calls: list[ProcedureCall]) -> None:
    target, body = trpc.mutations(calls)
    url = urlsplit(target)
    assert list(trpc.parse_calls("POST", url.path[1:], dict(parse_qsl(url.query)), body).calls) == calls


@given(_calls)
def test_a_query_is_read_as_it_was_sent(calls: list[ProcedureCall]) -> None:
    url = urlsplit(trpc.queries(calls))
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    assert list(trpc.parse_calls("GET", url.path[1:], query).calls) == calls


@given(_inputs)
def test_a_result_is_read_as_it_was_given(value: Any) -> None:
    status, body = trpc.render([trpc.ResultItem(value)])
    assert (status, trpc.read(status, None, body)) == (200, [value])


@given(
    st.integers(100, 599),
    st.binary(max_size=40) | st.text(alphabet='[]{}":,0result.datajsonmeta', max_size=40).map(str.encode),
)
def test_any_answer_at_all_is_read_without_a_crash(status: int, body: bytes) -> None:
    assert len(trpc.read(status, None, body, calls=3)) == 3
