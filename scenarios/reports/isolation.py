"""Words of another direction in a line of ours: set apart, so that what stands beside them keeps its place.

Without that a bracket or a number after an Arabic name is drawn before it (FSI and PDI of Unicode Annex 9).
"""

from __future__ import annotations

import re

_RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff"
_RUN = re.compile(f"[{_RIGHT_TO_LEFT}](?:[{_RIGHT_TO_LEFT}\u200c\u200d '.-]*[{_RIGHT_TO_LEFT}])?")


def isolated(text: str) -> str:
    """The same text with every run of right-to-left words between FSI and PDI."""
    return _RUN.sub("\u2068\\g<0>\u2069", text)
