"""Scopes in both grammars (contract §7.3, §2.3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.opencrvs import scopes
from wire.opencrvs.profiles import Profile
from wire.opencrvs.scopes import Scope

V1_9, V2_0, V2_1 = Profile


@pytest.mark.parametrize(
    ("text", "name", "options"),
    [
        ("record.read", "record.read", {}),
        ("record.register[event=birth|death]", "record.register", {"event": ("birth", "death")}),
        ("search[event=birth,access=all]", "search", {"event": ("birth",), "access": ("all",)}),
        ("workqueue[id=assigned-to-you|recent]", "workqueue", {"id": ("assigned-to-you", "recent")}),
        ("type=record.register&event=birth,death", "record.register", {"event": ("birth", "death")}),
        ("type=record.confirm-registration", "record.confirm-registration", {}),
        (
            "type=record.register&event=birth&placeOfEvent=administrativeArea",
            "record.register",
            {"event": ("birth",), "placeOfEvent": ("administrativeArea",)},
        ),
        ("event=birth&type=record.read", "event=birth&type=record.read", {}),
        ("type=user.read&role=A%20B", "user.read", {"role": ("A B",)}),
        ("", "", {}),
        ("odd[", "odd[", {}),
        ("type=", "", {}),
        ("x[]", "x", {}),
    ],
)
def test_parse(text: str, name: str, options: dict[str, tuple[str, ...]]) -> None:
    assert scopes.parse(text) == Scope(name, options)


@pytest.mark.parametrize(
    ("scope", "in_1_9", "in_2_0"),
    [
        (Scope("record.read"), "record.read", "type=record.read"),
        (
            Scope("record.register", {"event": ("birth", "death")}),
            "record.register[event=birth|death]",
            "type=record.register&event=birth,death",
        ),
        (
            Scope("workqueue", {"ids": ("recent", "in-external-validation")}),
            "workqueue[ids=recent|in-external-validation]",
            "type=workqueue&ids=recent,in-external-validation",
        ),
        (
            Scope("search", {"event": ("birth",), "access": ("all",)}),
            "search[event=birth,access=all]",
            "type=search&event=birth&access=all",
        ),
    ],
)
def test_both_grammars_say_the_same(scope: Scope, in_1_9: str, in_2_0: str) -> None:
    assert scopes.parse(in_1_9) == scopes.parse(in_2_0) == scope


@given(st.text(max_size=30))
def test_any_text_parses(text: str) -> None:
    assert isinstance(scopes.parse(text).name, str)


HELD_2 = [
    "type=record.register&event=birth",
    "type=record.read",
    "type=workqueue&ids=recent,in-external-validation",
]
HELD_1 = ["record.register[event=birth]", "record.read", "workqueue[id=recent|in-external-validation]"]


@pytest.mark.parametrize("held", [HELD_1, HELD_2])
def test_allows(held: list[str]) -> None:
    assert scopes.allows(held, "record.register")
    assert scopes.allows(held, "record.register", event_type="birth")
    assert not scopes.allows(held, "record.register", event_type="death")
    assert scopes.allows(held, "record.read", event_type="death")
    assert not scopes.allows(held, "record.reg")
    assert not scopes.allows(held, "register")
    assert not scopes.allows([], "record.read")
    assert scopes.allows_workqueue(held, "in-external-validation")
    assert not scopes.allows_workqueue(held, "external")
    assert not scopes.allows_workqueue(["workqueue", "type=workqueue"], "recent")


def test_with_a_profile_the_other_grammar_grants_nothing() -> None:
    assert scopes.allows(HELD_1, "record.register", profile=V1_9)
    assert not scopes.allows(HELD_1, "record.register", profile=V2_0)
    assert scopes.allows(HELD_2, "record.register", profile=V2_0)
    assert not scopes.allows(HELD_2, "record.register", profile=V1_9)


def test_a_record_token_inherits_reading_and_rejecting_2_0() -> None:
    held = [
        "type=record.search&event=birth,death",
        "type=record.read&event=birth,death",
        "type=record.register&event=birth,death",
        "type=record.reject&event=birth,death",
        "type=record.reject-something",
        "record.read",
    ]
    assert scopes.copied_to_record_token(held, V2_0) == [
        "type=record.confirm-registration",
        "type=record.reject-registration",
        "type=record.read&event=birth,death",
        "type=record.reject&event=birth,death",
        "record.read",
    ]


def test_a_record_token_inherits_reading_and_rejecting_1_9() -> None:
    held = [
        "record.read",
        "record.register",
        "record.confirm-registration",
        "search[event=birth,access=all]",
        "record.read[event=birth|death]",
        "record.declared.reject[event=birth|death]",
    ]
    assert scopes.copied_to_record_token(held, V1_9) == [
        "record.confirm-registration",
        "record.reject-registration",
        "record.read",
        "record.read[event=birth|death]",
        "record.declared.reject[event=birth|death]",
    ]
