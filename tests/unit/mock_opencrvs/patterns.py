"""Known answers: pattern, text, and whether `new RegExp(pattern, "u").test(text)`."""

ENGLISH_NAME = (
    "^[\\p{Script=Latin}0-9'.-]*(\\([\\p{Script=Latin}0-9'.-]+\\))?[\\p{Script=Latin}0-9'.-]*"
    "( [\\p{Script=Latin}0-9'.-]*(\\([\\p{Script=Latin}0-9'.-]+\\))?[\\p{Script=Latin}0-9'.-]*)*$"
)
"""Farajaland's rule for names (isValidEnglishName of the toolkit)."""

CASES: list[tuple[str, str, bool]] = [
    (ENGLISH_NAME, "Zoë O'Brien-Smith (Jr.)", True),
    (ENGLISH_NAME, "Muyunda  Siwale", True),
    (ENGLISH_NAME, "Иван", False),
    (ENGLISH_NAME, "Mary\n", False),
    ("^[0-9]{10}$", "8315604927", True),
    ("^[0-9]{10}$", "8315604927\n", False),
    ("^\\d+$", "١٢٣", False),
    ("^\\w+$", "naïve", False),
    ("^\\W$", "é", True),
    ("^[\\W]$", "é", True),
    ("^[^\\d\\s]+$", "abc", True),
    ("\\bab", "éab", True),
    ("a\\Bb", "ab", True),
    ("^\\s$", "\ufeff", True),
    ("^\\s$", "\x85", False),
    ("^[\\S]$", "\x85", True),
    ("^\\D$", "٣", True),
    ("^.$", "\u2028", False),
    ("^.$", "\x85", True),
    ("^.$", "😀", True),
    ("^[^]$", "\n", True),
    ("a[]", "a", False),
    ("^\\u{1F600}$", "😀", True),
    ("^\\u00e9\\x41$", "éA", True),
    ("^\\p{L}+$", "Ñandú", True),
    ("^\\P{Lu}$", "a", True),
    ("^(?<year>\\d{4})-\\k<year>$", "2026-2026", True),
    ("^(a)\\1$", "aa", True),
    ("(?<!x)y", "xy", False),
    ("^[a\\-z]$", "b", False),
    ("^[a&&b]$", "&", True),
    ("^[[a]$", "[", True),
    ("^\\/\\.\\$$", "/.$", True),
    ("^\\cJ$", "\n", True),
    ("^0(7|9)[0-9]{8}$", "0977412086", True),
]
