from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.redaction import MASK, hide, is_private, redact, redact_body, redact_text

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "name", ["child.nid", "UIN", "VID", "Authorization", "secretKey", "client_secret", "mother.nid"]
)
def test_these_fields_are_private(name: str) -> None:
    assert is_private(name)


@pytest.mark.parametrize("name", ["registrationId", "child.name", "trackingId", "status", "eventId"])
def test_these_fields_are_shown(name: str) -> None:
    assert not is_private(name)


def test_a_national_id_is_masked_at_any_depth_and_inside_json_text() -> None:
    shown = json.dumps(
        redact({"a": [{"declaration": {"child.nid": "6041872935"}}], "b": '{"UIN":"6041872935"}'})
    )
    assert "6041872935" not in shown
    assert MASK in json.loads(shown)["a"][0]["declaration"]["child.nid"]


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization={TOKEN};",
        "hub.mode=subscribe&hub.secret=mosip-websub-secret",
        "/idrepository/v1/identity/idvid/6041872935",
        "/idrepository/v1/vid/4703420631835716?type=all",
        "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----",
    ],
)
def test_secrets_in_free_text_are_masked(text: str) -> None:
    shown = redact_text(text)
    for secret in (TOKEN, "mosip-websub-secret", "6041872935", "4703420631835716", "MIIE"):
        assert secret not in shown


def test_registration_ids_and_uuids_stay_readable() -> None:
    text = "packet 10001100040004320250411090000 of event 5a1c2c0e-7a0f-4d51-9b7b-0b7f0f6d9a11"
    assert redact_text(text) == text


def test_a_body_that_is_no_json_is_shown_as_text() -> None:
    assert redact_body(b"hub.mode=accepted") == "hub.mode=accepted"


def test_a_very_deep_body_is_named_not_followed() -> None:
    assert "deeply nested" in redact_body(b"[" * 100_000)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("known-one", MASK),
        ("xknown-one", "xknown-one"),
        ("known-one7", "known-one7"),
        ("éknown-one known-one", f"é{MASK} {MASK}"),
        ("known-oneknown-one", "known-oneknown-one"),
        ("xknown-one,known-one", f"xknown-one,{MASK}"),
    ],
)
def test_a_known_value_is_masked_where_it_is_no_part_of_a_longer_word(text: str, shown: str) -> None:
    hide("known-one")
    assert redact_text(text) == shown


_texts = st.sampled_from(
    ["nid", "name", "UIN", "6041872935", "x 6041872935", TOKEN, "a=b&password=c", "Zoé", "known-one"]
)
_values = st.recursive(
    st.none() | st.booleans() | st.sampled_from([7, 6041872935, 1.5, ""]) | _texts | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_texts | st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(_values, st.booleans())
def test_a_body_is_masked_as_its_value_is_however_it_is_written(value: object, ascii_only: bool) -> None:
    hide("known-one")
    body = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert redact_body(body) == json.dumps(redact(value), ensure_ascii=False)
