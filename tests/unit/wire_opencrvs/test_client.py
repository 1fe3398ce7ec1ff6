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
    error = trpc.read(status, content_type, body.encode())
    assert isinstance(error, TRPCError)
    assert not error.enveloped
    assert (error.code, error.http_status) == (code, status)
    assert words in error.message


def test_a_single_error_object_is_read() -> None:
    status, body = trpc.render_failure(TRPCError("UNSUPPORTED_MEDIA_TYPE", "no"))
    error = trpc.read(status, "application/json", body)
    assert (error.code, error.enveloped) == ("UNSUPPORTED_MEDIA_TYPE", True)


def test_a_missing_item_is_told() -> None:
    error = trpc.read(200, "application/json", b"[]")
    assert (error.code, error.enveloped) == ("PARSE_ERROR", False)


@pytest.mark.parametrize(
    "body", [b'[{"result":{"data":{"json":null,"meta":{"values":["undefined"]}}}}]', b'[{"result":{}}]']
)
def test_void_results_and_results_without_data(body: bytes) -> None:
    assert trpc.read(200, None, body) is UNDEFINED


_inputs = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text() | st.just(UNDEFINED),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_characters=".\\")), inner, max_size=3)
    ),
)
_paths = st.sampled_from(["event.get", "event.create"])


@given(_paths, _inputs)
def test_a_mutation_is_read_as_it_was_sent(path: str, value: Any) -> None:
    target, body = trpc.mutation(path, value)
    url = urlsplit(target)
    (call,) = trpc.parse_calls("POST", url.path[1:], dict(parse_qsl(url.query)), body).calls
    assert call == ProcedureCall(path, value)


@given(_paths, _inputs)
def test_a_query_is_read_as_it_was_sent(path: str, value: Any) -> None:
    url = urlsplit(trpc.query_url(path, value))
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    (call,) = trpc.parse_calls("GET", url.path[1:], query).calls
    assert call == ProcedureCall(path, value)


@given(_inputs)
def test_a_result_is_read_as_it_was_given(value: Any) -> None:
    status, body = trpc.render([trpc.ResultItem(value)])
    assert (status, trpc.read(status, None, body)) == (200, value)


@given(
    st.integers(100, 599),
    st.binary(max_size=40) | st.text(alphabet='[]{}":,0result.datajsonmeta', max_size=40).map(str.encode),
)
def test_any_answer_at_all_is_read_without_a_crash(status: int, body: bytes) -> None:
    trpc.read(status, None, body)
