"""Base64 in all the forms that MOSIP's services write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.mosip import encoding


@given(st.binary(max_size=100), st.booleans())
def test_base64_is_read_in_all_forms(data: bytes, padded: bool) -> None:
    for text in (encoding.to_base64(data), encoding.to_base64url(data, padded=padded)):
        assert encoding.from_base64(text) == data
        assert encoding.from_base64("\n".join(text)) == data


@pytest.mark.parametrize("text", ["a", "ab=c", "a*b=", "äöü", "abc=====x"])
def test_what_is_not_base64_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="base64"):
        encoding.from_base64(text)
