"""A person as OpenID claims (contract mosip §9.4; id-authentication `KycServiceImpl`). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mock_nid.identities.people import Person
from testbed.names import languages

TEXTS: Mapping[str, str] = {"name": "fullName", "gender": "gender"}
SUPPORTED = (
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "address",
    "gender",
    "birthdate",
    "picture",
    "email",
    "phone_number",
    "individual_id",
    "phone_number_verified",
    "registration_type",
    "updated_at",
    "verified_claims",
)
PICTURE = (
    "data:image/jpeg;base64,"
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////"
    "////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA="
)


def claims_of(
    person: Person,
    wanted: Iterable[str],
    *,
    subject: str,
    individual_id: str,
    locales: Sequence[str] = ("en",),
) -> dict[str, Any]:
    """`sub` and the consented claims that the person has.

    One locale: plain names; several: `name#en`, `name#fr`. Given, middle and family name are offered, which
    real deployments seldom map.
    """
    made: dict[str, Any] = {"sub": subject}
    for name in wanted:
        made.update(_claim(person, name, individual_id, locales))
    return made


def _claim(person: Person, name: str, individual_id: str, locales: Sequence[str]) -> dict[str, Any]:
    if name in TEXTS:
        return _localised(person, name, TEXTS[name], locales)
    if name in ("given_name", "middle_name", "family_name"):
        part = _name_part(person, name)
        return {name: part} if part else {}
    if name == "address":
        address = _address(person)
        return {"address": address} if address else {}
    single = {
        "birthdate": person.text("dateOfBirth"),
        "email": person.text("email"),
        "phone_number": person.text("phone"),
        "individual_id": individual_id,
        "phone_number_verified": bool(person.text("phone")) or None,
        "registration_type": "L1",
        "picture": PICTURE,
        "updated_at": 1735689600,
    }.get(name)
    return {} if single is None else {name: single}


def _localised(person: Person, name: str, attribute: str, locales: Sequence[str]) -> dict[str, Any]:
    texts, tags = {}, {code: tag for tag, code in languages().items()}
    for language in person.languages(attribute):
        tag = tags.get(language, language)
        if tag in locales or language in locales:
            texts[tag] = person.text(attribute, language)
    if not texts:
        first = person.text(attribute)
        return {name: first} if first else {}
    if len(texts) == 1:
        return {name: next(iter(texts.values()))}
    return {f"{name}#{tag}": text for tag, text in texts.items()}


def _name_part(person: Person, name: str) -> str | None:
    words = (person.text("fullName") or "").split()
    if not words:
        return None
    if name == "given_name":
        return words[0]
    if name == "family_name":
        return words[-1] if len(words) > 1 else None
    return " ".join(words[1:-1]) or None


def _address(person: Person) -> dict[str, str]:
    parts = {
        "street_address": person.text("addressLine1"),
        "locality": person.text("city"),
        "region": person.text("region") or person.text("province"),
        "postal_code": person.text("postalCode"),
    }
    return {name: value for name, value in parts.items() if value}
