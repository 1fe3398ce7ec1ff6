"""The short way to a credential's quads agrees with the library's, or is not taken."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.wire_mosip.documents import (
    both_ways,
    document,
    free_names,
    known_names,
    plain_subjects,
    texts,
)
from tests.unit.wire_mosip.known import BASE, CONTEXTS
from wire.mosip import canonical, credentials, plain_quads, well_known
from wire.mosip.contexts import Contexts, stock

ISSUER = f"{BASE}/.well-known/controller.json"
LOCAL = "http://127.0.0.1:20240"


odd_names = st.sampled_from(
    [
        "language",
        "source",
        "uid",
        "status",
        "sec",
        "schema",
        "proof",
        "issuer",
        "holder",
        "rdf",
        "lang",
        "value",
    ]
)


strange_names = st.sampled_from(
    ["", "a b", "sec:x", "mosip:VID", "https://x.example/y", "@odd", "é", "type", "_:b"]
)
values = st.one_of(
    texts,
    st.sampled_from(
        ["", 'a "quote"', "back\\slash", "line\nbreak", "tab\t", "naïve ❤", "\x7f", "http://x.example/"]
    ),
    st.none(),
    st.booleans(),
    st.integers(-5, 10**12),
    st.lists(texts, max_size=2),
    st.just([{"language": "eng", "value": "Amara"}, {"language": "fra", "value": "Ama"}]),
)
subjects = st.dictionaries(st.one_of(known_names, free_names, odd_names, strange_names), values, max_size=5)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(subjects, st.sampled_from([BASE, LOCAL]))
def test_the_short_way_is_the_librarys_or_none(subject: dict[str, Any], base: str) -> None:
    vc, contexts = document(subject, base), stock(base)
    try:
        short = plain_quads.credential_quads(vc, contexts)
    except UnicodeEncodeError:
        raise AssertionError("the short way must not choke") from None
    try:
        long = canonical.credential_quads(vc, contexts, shortcut=False)
    except canonical.NotCanonical:
        assert short is None
        return
    assert short is None or short == long


@settings(max_examples=60, deadline=None)
@given(plain_subjects)
def test_the_short_way_is_taken_for_plain_texts(subject: dict[str, str]) -> None:
    plain = {name: "".join(c for c in value if c.isalnum() or c == " ") for name, value in subject.items()}
    plain = {
        name: value
        for name, value in plain.items()
        if name not in plain_quads._names(_all_contexts()) or name in KNOWN
    }
    short, long = both_ways(document(plain))
    assert short is not None and short == long


KNOWN = {"UIN", "VID", "dateOfBirth", "email", "phone", "fullName", "gender", "dob", "em"}


def _all_contexts() -> Any:
    return CONTEXTS.inlined(
        [credentials.CREDENTIALS_V1, well_known.context_url(BASE), dict(credentials.SECURITY_PREFIX)]
    )


@pytest.mark.parametrize(
    "change",
    [
        {"expirationDate": "2030-01-01T00:00:00Z"},
        {"issuer": {"id": ISSUER, "name": "x"}},
        {"type": ["VerifiableCredential"]},
        {"type": ["MOSIPVerifiableCredential", "VerifiableCredential"]},
        {"id": "urn:uuid:b7907dd4-f667-4a37-9639-792d65b678ea"},
        {"id": "relative/id"},
        {"issuanceDate": 'a"b'},
        {"@context": [credentials.CREDENTIALS_V1, {"VID": "https://x.example/VID"}]},
        {"@context": credentials.CREDENTIALS_V1},
    ],
    ids=str,
)
def test_other_documents_take_the_long_way(change: dict[str, Any]) -> None:
    vc = {**document({"VID": "4703420631835716"}), **change}
    assert plain_quads.credential_quads(vc, CONTEXTS) is None
    assert canonical.credential_quads(vc, CONTEXTS) == canonical.credential_quads(
        vc, CONTEXTS, shortcut=False
    )


@pytest.mark.parametrize(
    "extra",
    [
        {"@vocab": "https://x.example/"},
        {"@language": "en"},
        {"VID": {"@id": "https://x.example/VID", "@type": "@id"}},
        {"VID": "https://x.example/VID"},
        {"fullName": {"@id": "https://x.example/name", "@context": {"@language": "de"}}},
    ],
    ids=str,
)
def test_contexts_that_do_more_than_map_names_take_the_long_way(extra: dict[str, Any]) -> None:
    """…or the short way and the library still agree."""
    url = well_known.context_url(BASE)
    own = well_known.mosip_context(BASE)
    own["@context"].append(extra)
    contexts = Contexts({url: own})
    short, long = both_ways(document({"VID": "1", "fullName": "x", "odd": "y"}), contexts)
    assert short is None or short == long
