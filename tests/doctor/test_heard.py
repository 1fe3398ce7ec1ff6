"""What was heard: pages for people, envelopes, a proxy's trouble and silence are told apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from scenarios.doctor.heard import WHY, Heard
from scenarios.doctor.probe_answers import ProbeAnswer, ProbeResults
from scenarios.doctor.sources import ProcessEnvironment
from scenarios.doctor.values import read
from wire.http.client import Answer

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
ENVELOPE = b'{"response":null,"errors":[{"errorCode":"KER-ATH-401","message":"x"}]}'


def answer(
    status: int = 200, body: bytes = b"", kind: str = "application/json", **headers: str
) -> ProbeAnswer:
    return ProbeAnswer(Answer(status, CIMultiDictProxy(CIMultiDict({"Content-Type": kind, **headers})), body))


def heard(facts: ProbeResults, **values: str) -> Heard:
    source = ProcessEnvironment("a.env", values)
    return Heard(facts, read(source), source, [], NOW)


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        (answer(200, ENVELOPE), []),
        (answer(404, ENVELOPE), []),
        (answer(404, b'{"message":"no Route matched"}'), ["ADDRESS-NOT-FOUND"]),
        (answer(405), ["ADDRESS-NOT-FOUND"]),
        (answer(200, b"<!DOCTYPE html><title>Log in</title>"), ["ADDRESS-HTML"]),
        (answer(200, b"  <html>", "text/plain"), ["ADDRESS-HTML"]),
        (answer(200, b"x", "text/html; charset=utf-8"), ["ADDRESS-HTML"]),
        # a page that a proxy writes about its service's trouble is no page for people
        (answer(502, b"<html>", "text/html"), ["SERVICE-TROUBLE"]),
        (answer(500, b"<html>", "text/html"), []),
        *((ProbeAnswer(None, why), [kind]) for why, kind in WHY.items()),
        (ProbeAnswer(None, "never heard of"), ["ADDRESS-SILENT"]),
    ],
)
def test_what_answers_at_an_address(said: ProbeAnswer, kinds: list[str]) -> None:
    looked = heard(ProbeResults(said={"identity_url": said}), MOSIP_URL="https://mosip.example")
    found = list(looked.path("identity_url"))
    assert [one.kind.id for one in found] == kinds
    assert all(one.where == "MOSIP_URL in a.env" for one in found), "the variable that was given is named"


def test_an_address_without_a_path_is_told_elsewhere() -> None:
    said = {"identity_url": answer(404)}
    looked = heard(ProbeResults(said=said), MOSIP_IDENTITY_URL="https://mosip.example/")
    assert looked.pathless("identity_url") and not list(looked.path("identity_url"))


@pytest.mark.parametrize(
    ("ahead", "told"),
    [(0, None), (30, None), (-30, None), (300, "theirs is +5 min"), (-7200, "theirs is -120 min")],
)
def test_a_clock_that_is_off(ahead: int, told: str | None) -> None:
    date = format_datetime(NOW + timedelta(seconds=ahead), usegmt=True)
    facts = ProbeResults(origins={"https://mosip.example": answer(Date=date)})
    found = list(heard(facts, MOSIP_URL="https://mosip.example").clock())
    assert [one.detail for one in found] == ([] if told is None else [told])


def test_a_date_that_is_none_says_nothing() -> None:
    facts = ProbeResults(origins={"https://mosip.example": answer(Date="soon")})
    assert not list(heard(facts, MOSIP_URL="https://mosip.example").clock())
