"""A dict that does not grow beyond its bound."""

from __future__ import annotations

from testbed.latest import Latest


def test_what_was_put_in_first_falls_out_and_what_is_put_in_again_is_the_latest() -> None:
    kept: Latest[str, int] = Latest(2)
    for name, value in (("a", 1), ("b", 2), ("a", 3), ("c", 4)):
        kept[name] = value
    assert list(kept.items()) == [("a", 3), ("c", 4)]
