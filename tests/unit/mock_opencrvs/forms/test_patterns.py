"""Patterns of a country config mean what they mean in JavaScript; node says what that is in `other_tools`."""

from __future__ import annotations

import pytest

from mock_opencrvs.forms.patterns import BadPattern, compiled
from tests.unit.mock_opencrvs.patterns import CASES


@pytest.mark.parametrize(("pattern", "text", "expected"), CASES)
def test_a_pattern_is_read_as_ecmascript(pattern: str, text: str, expected: bool) -> None:
    assert bool(compiled(pattern).search(text)) is expected


@pytest.mark.parametrize("pattern", ["[a-z", "(", "\\q", "\\", "a{2,1}", "\\p{Script=Nowhere}", "\\u{zz}"])
def test_what_is_no_pattern_is_told(pattern: str) -> None:
    with pytest.raises(BadPattern, match="is no regular expression"):
        compiled(pattern)
