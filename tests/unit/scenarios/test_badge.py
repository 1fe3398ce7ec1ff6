"""A badge of a result."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from scenarios.reports.badge import badge


@pytest.mark.parametrize(
    ("counts", "words", "colour"),
    [
        ((40, 0, 2), "40 of 42 met", "#17703a"),
        ((40, 1, 1), "1 broken, 40 of 42 met", "#b3261e"),
        ((0, 0, 9), "0 of 9 met", "#5a6675"),
    ],
)
def test_a_badge_says_of_how_many_it_speaks(counts: tuple[int, int, int], words: str, colour: str) -> None:
    drawn = badge("2.0", *counts)
    root = ElementTree.fromstring(drawn)
    assert words in [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert colour in drawn
