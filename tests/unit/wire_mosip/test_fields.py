"""JSON of others: a value of the right shape, or an error that names the field."""

from __future__ import annotations

from typing import Any

import pytest

from wire.mosip.fields import FieldBroken, mapping, optional_text, text


@pytest.mark.parametrize("value", [None, "", 5, ["x"]])
def test_a_text_that_is_due_is_named_with_its_path(value: Any) -> None:
    with pytest.raises(FieldBroken, match=r"^event\.id: a text is due$") as broken:
        text({"id": value}, "id", "event")
    assert broken.value.path == "event.id"
    with pytest.raises(FieldBroken, match=r"^id: "):
        text({}, "id")
    assert text({"id": "x"}, "id") == "x"


@pytest.mark.parametrize(
    ("held", "read"), [({}, None), ({"a": None}, None), ({"a": ""}, None), ({"a": "x"}, "x")]
)
def test_a_text_that_may_lack(held: dict[str, Any], read: str | None) -> None:
    assert optional_text(held, "a") == read


@pytest.mark.parametrize("value", [0, False, [], {}])
def test_what_may_lack_may_not_be_something_else(value: Any) -> None:
    with pytest.raises(FieldBroken, match=r"^b\.a: a text is due$"):
        optional_text({"a": value}, "a", "b")


@pytest.mark.parametrize("value", [None, "x", [], 1])
def test_an_object_is_due(value: Any) -> None:
    with pytest.raises(FieldBroken, match=r"^request: an object is due$"):
        mapping(value, "request")
    assert mapping({"a": 1}, "request") == {"a": 1}
