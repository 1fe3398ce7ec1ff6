"""What a credential must look like before a signature over its quads means anything. Pure.

MOSIP signs the meaning (RDF quads), not the text. Whoever holds a credential could keep the signed quads
under other names and write forged values beside them: by a context of his own, by full IRIs as names, or by a
type that switches the issuer's names off. Such a document verifies and reads wrongly. So: the types are
MOSIP's, every context is a known document, and no name is an IRI or a keyword. The rest means what it says.

Blank nodes that refer to each other make canonicalising take for ever, so attributes may hold flat objects
(language values) and nothing deeper.
Source: contract mosip §5.3, §5.4, §11.2 (the mediator's schema asks for the same contexts and types).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wire.mosip.contexts import Contexts, ContextUnknown
from wire.mosip.credentials import CREDENTIALS_V1, SECURITY_PREFIX, TYPES


def fault(credential: Mapping[str, Any], contexts: Contexts) -> str | None:
    """What is not of the shape that MOSIP issues; None when all is."""
    if credential.get("type") != list(TYPES):
        return f"its type must be {' and '.join(TYPES)}"
    subject = credential.get("credentialSubject")
    if (
        not isinstance(subject, Mapping)
        or not _is_iri(subject.get("id"))
        or not _is_iri(credential.get("id"))
    ):
        return "the credential and its one subject must have an IRI as id"
    return _context_fault(credential.get("@context"), contexts) or _content_fault(credential, subject)


def _context_fault(context: Any, contexts: Contexts) -> str | None:
    if not isinstance(context, list) or not context or context[0] != CREDENTIALS_V1:
        return f"its first context must be {CREDENTIALS_V1}"
    for entry in context[1:]:
        if isinstance(entry, str):
            try:
                contexts.document(entry)
            except ContextUnknown as error:
                return str(error)
        elif entry != SECURITY_PREFIX:
            return "it brings a context of its own"
    return None


def _content_fault(credential: Mapping[str, Any], subject: Mapping[str, Any]) -> str | None:
    parts = {name: value for name, value in credential.items() if name not in ("@context", "proof", "type")}
    del parts["credentialSubject"]
    for name, value in [*parts.items(), *subject.items()]:
        if _is_odd(name):
            return f"the name {name!r} is a keyword or an IRI"
        for inner, entry in _flat(value):
            if inner is not None and _is_odd(inner):
                return f"the name {inner!r} is a keyword or an IRI"
            if isinstance(entry, Mapping | list):
                return f"{name!r} holds more than texts and flat objects"
            if isinstance(entry, str) and entry.startswith("_:"):
                return f"{name!r} refers to a blank node"
    return None


def _flat(value: Any) -> Iterator[tuple[str | None, Any]]:
    """The innermost values of an attribute with their names: of a text, an object, or a list of either."""
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, Mapping):
            yield from entry.items()
        else:
            yield None, entry


def _is_odd(name: str) -> bool:
    return name.startswith("@") or ":" in name


def _is_iri(value: Any) -> bool:
    return isinstance(value, str) and ":" in value and not value.startswith("_:")
