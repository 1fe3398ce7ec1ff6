"""Credential documents, for hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.unit.wire_mosip.known import BASE, CONTEXTS, NOW
from wire.mosip import canonical, credentials, plain_quads
from wire.mosip.contexts import Contexts

texts = st.text(max_size=20)
known_names = st.sampled_from(
    ["UIN", "VID", "dateOfBirth", "email", "phone", "fullName", "gender", "dob", "em"]
)


free_names = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,12}", fullmatch=True)


plain_subjects = st.dictionaries(st.one_of(known_names, free_names), texts, max_size=5)


def document(subject: dict[str, Any], base: str = BASE) -> dict[str, Any]:
    return credentials.verifiable_credential(
        base=base,
        registration_id="100013575019284",
        credential_id="b7907dd4-f667-4a37-9639-792d65b678ea",
        attributes=subject,
        now=NOW,
    )


def both_ways(vc: dict[str, Any], contexts: Contexts = CONTEXTS) -> tuple[str | None, str]:
    return plain_quads.credential_quads(vc, contexts), canonical.credential_quads(
        vc, contexts, shortcut=False
    )
