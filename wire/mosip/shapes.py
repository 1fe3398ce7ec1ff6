"""What a credential must look like before a signature over its quads means anything. Pure.

MOSIP signs the meaning (RDF quads), not the text. Whoever holds a credential could keep the signed quads
under other names and write forged values beside them: by a context of his own, by full IRIs as names, or by a
type that switches the issuer's names off. Such a document verifies and reads wrongly. So: the types are
MOSIP's, every context is a known document, and no name is an IRI or a keyword. The rest means what it says.
Source: contract mosip §5.3, §5.4, §11.2 (the mediator's schema asks for the same contexts and types).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wire.mosip.contexts import Contexts, ContextUnknown
from wire.mosip.credentials import CREDENTIALS_V1, SECURITY_PREFIX, TYPES


def ambiguity(credential: Mapping[str, Any], contexts: Contexts) -> str | None:
    """What could make the document read otherwise than it was signed; None when there is nothing."""
    if credential.get("type") != list(TYPES):
        return f"its type must be {' and '.join(TYPES)}"
    context = credential.get("@context")
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
    for name, value in credential.items():
        if name not in ("@context", "proof") and (odd := _odd_name({name: value})) is not None:
            return f"the name {odd!r} is a keyword or an IRI"
    return None


def _odd_name(value: Any) -> str | None:
    if isinstance(value, list):
        return next((odd for entry in value if (odd := _odd_name(entry)) is not None), None)
    if isinstance(value, Mapping):
        for name, entry in value.items():
            if name.startswith("@") or ":" in name:
                return str(name)
            if (odd := _odd_name(entry)) is not None:
                return odd
    return None
