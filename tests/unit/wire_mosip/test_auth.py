"""The token's way: asked for, handed over, found again."""

from __future__ import annotations

from typing import Any

import pytest

from wire.mosip import auth
from wire.mosip.fields import FieldBroken


@pytest.mark.parametrize(
    ("header", "spring", "vertx", "hub"),
    [
        (auth.cookie("abc"), "abc", "abc", "abc"),
        ("Authorization=abc; other=1", "abc", "abc", "abc"),
        ("other=1; Authorization=abc", "abc", "other=1", "abc"),
        ("X-Authorization=abc", "abc", "X-abc", None),
        ("other=1", None, None, None),
        ("", None, None, None),
        (None, None, None, None),
    ],
)
def test_each_reader_finds_the_token_in_its_own_way(
    header: str | None, spring: str | None, vertx: str | None, hub: str | None
) -> None:
    assert auth.spring_token(header) == spring
    assert auth.vertx_token(header) == vertx
    assert auth.hub_token(header) == hub


@pytest.mark.parametrize("token", ["\udcff", "a\nb", "é", " ", ""])
def test_a_token_that_no_header_carries_back_is_none(token: str) -> None:
    assert auth.handed_over(f"Bearer {token}", []) is None
    assert auth.handed_over(None, [f"Authorization={token}; Path=/"]) is None


def test_the_token_is_handed_over_in_a_cookie() -> None:
    assert auth.set_cookie("a.b.c") == "Authorization=a.b.c; Max-Age=6000000; Path=/; HttpOnly"
    assert auth.handed_over(None, ["x=1", f"{auth.set_cookie('a.b.c')}; Secure"]) == "a.b.c"
    assert auth.handed_over("Bearer a.b.c", ["x=1"]) == "a.b.c"
    assert auth.handed_over(None, []) is None


@pytest.mark.parametrize("body", [{}, {"request": None}, {"request": []}])
def test_a_login_without_its_request_is_named(body: Any) -> None:
    with pytest.raises(FieldBroken) as broken:
        auth.read_token_request(body)
    assert f"{broken.value.path} {broken.value.why}" == "request must not be null"
