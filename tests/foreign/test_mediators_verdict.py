"""The page about the real mediator says what its recorded verdict says, and no more."""

from __future__ import annotations

import re

import pytest

from scenarios.library import stories
from scenarios.requirements import requirements
from tests.kit import ROOT
from tests.known import recording

PAGE = (ROOT / "docs" / "how-to" / "upstream-mediator.md").read_text(encoding="utf-8")
TABLE = re.findall(r"^\| (.+?) \| (`.+?`) \| (`.+?`) \|$", PAGE, re.M)
VERDICT = recording("mediator-1.9.2-verdict")


@pytest.mark.parametrize(("fault", "named_by", "asked"), TABLE, ids=[row[0][:40] for row in TABLE])
def test_each_fault_of_the_page_was_named(fault: str, named_by: str, asked: str) -> None:
    names, ids = re.findall(r"`(\w+)`", named_by), re.findall(r"`([\w-]+)`", asked)
    assert {VERDICT["stories"][name] for name in names} == {"failed"}
    assert set(names) <= {story.name for story in stories()}
    for one in ids:
        assert one in requirements()
        assert set(names) & set(VERDICT["broken"][one]), f"{one} was not broken by these"


def test_nothing_that_was_broken_is_left_out() -> None:
    told = {one for _, _, asked in TABLE for one in re.findall(r"`([\w-]+)`", asked)}
    assert len(TABLE) == 15
    assert VERDICT["broken"].keys() - told <= {"FIELD-END-01", "MOSIP-HUB-15"}
