"""What a credential must look like before a signature over its quads means anything. Pure.

MOSIP signs the meaning (RDF quads), not the text. Whoever holds a credential could keep the signed quads
under other names and write forged values beside them: by a context of his own, by full IRIs as names, or by a
type that switches the issuer's names off. Such a document verifies and reads wrongly. So: the types are
MOSIP's, the contexts are the pinned ones in MOSIP's order, and no name is an IRI or a keyword. The rest means
what it says.

Blank nodes that refer to each other make canonicalising take for ever, so attributes may hold flat objects
(language values) and nothing deeper.
Source: contract mosip §5.3, §5.4, §11.2 (the mediator's schema asks for the same contexts and types).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from wire.mosip.contexts import Contexts
from wire.mosip.credentials import CREDENTIALS_V1, SECURITY_PREFIX, TYPES

MOST_VALUES = 256
"""Values in all lists of a credential: each language value is a blank node, and twice as many take more than
twice as long. MOSIP's identity has a dozen attributes in three languages.
"""
_NUMBER = re.compile(r"\b(?:[A-Za-z_]*[0-9]){4}\w*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s]")


def unknown_context(context: Any, contexts: Contexts) -> str | None:
    """What of a credential's `@context` is not W3C's, one of the given documents, and MOSIP's prefix; else
    None.
    """
    if not isinstance(context, list) or not context or context[0] != CREDENTIALS_V1:
        return f"the first must be {CREDENTIALS_V1}"
    if len(context) < 2 or not isinstance(context[1], str) or context[1] not in contexts.given:
        return f"the second is {_shown(context[1:2])}; known: {', '.join(contexts.given) or 'none'}"
    if context[2:] not in ([], [SECURITY_PREFIX]):
        return "it brings more contexts than MOSIP gives"
    return None


def fault(credential: Mapping[str, Any]) -> str | None:
    """What is not of the shape that MOSIP issues; None when all is."""
    if credential.get("type") != list(TYPES):
        return f"its type must be {' and '.join(TYPES)}"
    subject = credential.get("credentialSubject")
    if not isinstance(subject, Mapping) or not _is_iri(subject.get("id")):
        return "its one subject must have an IRI as id"
    if not _is_iri(credential.get("id")) or not _is_iri(credential.get("issuer")):
        return "its id and its issuer must be IRIs"
    return _proof_fault(credential.get("proof")) or _content_fault(credential, subject)


def _proof_fault(proof: Any) -> str | None:
    for name, value in proof.items() if isinstance(proof, Mapping) else ():
        if _is_odd(name) or not isinstance(value, str) or value.startswith("_:"):
            return f"the proof's {_shown(name)} is no text under a plain name"
    return None


def _content_fault(credential: Mapping[str, Any], subject: Mapping[str, Any]) -> str | None:
    parts = {name: value for name, value in credential.items() if name not in ("@context", "proof", "type")}
    del parts["credentialSubject"]
    values = [*parts.values(), *subject.values()]
    if sum(len(value) for value in values if isinstance(value, list)) > MOST_VALUES:
        return f"its lists hold more than {MOST_VALUES} values"
    for name, value in [*parts.items(), *subject.items()]:
        if _is_odd(name):
            return f"the name {_shown(name)} is a keyword or an IRI"
        for inner, entry in _flat(value):
            if inner is not None and _is_odd(inner):
                return f"the name {_shown(inner)} is a keyword or an IRI"
            if isinstance(entry, Mapping | list):
                return f"{_shown(name)} holds more than texts and flat objects"
            if isinstance(entry, str) and entry.startswith("_:"):
                return f"{_shown(name)} refers to a blank node"
    return None


def _flat(value: Any) -> Iterator[tuple[str | None, Any]]:
    """The innermost values of an attribute with their names: of a text, an object, or a list of either."""
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, Mapping):
            yield from entry.items()
        else:
            yield None, entry


def _shown(value: Any) -> str:
    """What a sender wrote, at a length for a log line, and without what may be a person's number."""
    text = repr(value) if isinstance(value, str) else str(value)
    return _NUMBER.sub("…", text)[:120]


def _is_odd(name: str) -> bool:
    return name.startswith("@") or ":" in name


def _is_iri(value: Any) -> bool:
    """Whether it is a URL: what has `://` after its scheme is never a prefix of a context and a name."""
    return isinstance(value, str) and _SCHEME.match(value) is not None
