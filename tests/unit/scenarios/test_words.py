"""The words for what passes on the wire."""

from __future__ import annotations

import pytest

from mock_nid.seams import SEAMS
from scenarios.reports.words import words as words_of
from scenarios.stage.exchange_watcher import told
from testbed.journal import Exchange


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("Subscriber+has+already+registered+with+the+Hub", "says that it is subscribed already"),
        ("Subscriber%20has%20already%20registered%20with%20the%20Hub", "says that it is subscribed already"),
        ("Topic+%5Ba%5D+is+not+registered+with+the+Hub", "denies the subscription"),
        ("", "denies the subscription"),
    ],
)
def test_a_denial_that_is_none_is_not_told_as_one(reason: str, words: str) -> None:
    exchange = Exchange(
        number=1,
        at="2026-03-02T08:00:00.000Z",
        server="mock_nid",
        direction="out",
        operation="hub.denied",
        method="GET",
        target=f"/websub/callback?hub.mode=denied&hub.topic=a&hub.reason={reason}",
        status=200,
    )
    assert words_of(told(exchange)) == words


@pytest.mark.parametrize(
    "operation",
    [
        *(SEAMS.keys() - {"credential"}),  # a fault strikes before the call is known more exactly
        "status.history",
        "ida.auth",
        "vid.read",
        "application.create",
        "application.document",
        "event.actions.edit.request",
        "event.actions.custom.accept",
        "upload",
        "presigned-url",
        "file",
    ],
)
def test_a_call_is_told_in_words(operation: str) -> None:
    exchange = Exchange(
        number=1,
        at="2026-03-02T08:00:00.000Z",
        server="mock_nid",
        direction="in",
        operation=operation,
        method="GET",
        target="/",
        status=200,
    )
    assert words_of(told(exchange)) != operation
