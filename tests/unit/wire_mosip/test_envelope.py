"""Envelopes and errors in all the forms that MOSIP writes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wire_mosip.known import NOW
from wire.mosip import envelope
from wire.mosip.envelope import EnvelopeFault


@pytest.mark.parametrize("body", [{}, {"errors": None}, {"errors": []}])
def test_null_absent_and_empty_are_no_errors(body: dict[str, Any]) -> None:
    assert envelope.errors_of(body) == []


@pytest.mark.parametrize("body", [None, [], "text", 1])
def test_a_body_that_is_no_object_is_no_success(body: Any) -> None:
    with pytest.raises(envelope.EnvelopeBroken):
        envelope.errors_of(body)


def test_the_three_forms_of_an_error_are_read() -> None:
    fault = EnvelopeFault("X-1", "why", action="do this", registration_id="1")
    assert envelope.errors_of({"errors": [envelope.error_item(fault)]}) == [EnvelopeFault("X-1", "why")]
    assert envelope.errors_of({"errors": [envelope.ida_error_item(fault)]}) == [
        EnvelopeFault("X-1", "why", action="do this")
    ]
    assert envelope.errors_of({"errors": [envelope.status_error_item(fault)]}) == [
        EnvelopeFault("X-1", "why", registration_id="1")
    ]


@pytest.mark.parametrize("errors", [["text"], {"errorCode": "X"}, [None], "text", 7])
def test_errors_of_no_known_form_are_still_errors(errors: Any) -> None:
    assert envelope.errors_of({"errors": errors})


def test_requests_and_answers_have_the_kernels_fields_in_its_order() -> None:
    request = envelope.request_envelope({"a": 1}, now=NOW, metadata={})
    assert list(request) == ["id", "version", "requesttime", "metadata", "request"]
    assert request["requesttime"] == "2025-04-11T07:57:43.134Z"
    assert "metadata" not in envelope.request_envelope({}, now=NOW)
    answer = envelope.failure(EnvelopeFault("KER-PUT-006", "no provider"), now=NOW)
    assert answer == {
        "id": None,
        "version": None,
        "responsetime": "2025-04-11T07:57:43.134Z",
        "metadata": None,
        "response": None,
        "errors": [{"errorCode": "KER-PUT-006", "message": "no provider"}],
    }
    assert envelope.response_envelope(None, now=NOW)["errors"] is None
    assert envelope.response_envelope(None, now=NOW, errors=[])["errors"] == []


def test_a_doubled_body_is_read_once() -> None:
    body = b'{"errors":[{"errorCode":"KER-ATH-401","message":"Authentication Failed"}]}'
    assert envelope.parse_body(body + body) == envelope.parse_body(body)


@pytest.mark.parametrize("raw", [b"", b"<html>", b"[1]", b'"x"', b"\xff\xfe", b"{", b"[" * 100_000])
def test_bodies_that_are_no_object_are_named(raw: bytes) -> None:
    with pytest.raises(envelope.EnvelopeBroken):
        envelope.parse_body(raw)


@given(st.binary(max_size=50))
def test_any_bytes_are_an_object_or_broken(raw: bytes) -> None:
    try:
        assert isinstance(envelope.parse_body(raw), dict)
    except envelope.EnvelopeBroken:
        return
