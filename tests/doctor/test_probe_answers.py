"""One answer by itself: an envelope, a page."""

from __future__ import annotations

import pytest

from scenarios.doctor.probe_answers import ProbeAnswer
from tests.doctor.test_heard import ENVELOPE, answer


@pytest.mark.parametrize(
    ("body", "codes", "enveloped"),
    [
        (ENVELOPE, ["KER-ATH-401"], True),
        (b'{"errors":null}', [], True),
        (b"{}", [], False),
        (b"no JSON", [], False),
    ],
)
def test_an_envelope_is_known_by_its_fields(body: bytes, codes: list[str], enveloped: bool) -> None:
    said = answer(200, body)
    assert [fault.code for fault in said.faults] == codes
    assert said.is_enveloped is enveloped and not said.is_page
    assert not ProbeAnswer(None, "refused").is_enveloped and not ProbeAnswer(None, "refused").is_page
