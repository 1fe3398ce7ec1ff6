"""Canonical N-Quads (URDNA2015) of a credential and of its proof, as MOSIP's signer sees them. Pure.

Source: contract mosip §5.4 (ld-signatures-java `URDNA2015Canonicalizer`, verified on a live credential).
`MOSIPVerifiableCredential` is defined in no context and so is a relative IRI. Java drops that triple; PyLD
keeps it under a made-up base unless the base is None, and then no real proof would hold.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from wire.mosip import plain_quads
from wire.mosip.contexts import Contexts, ContextUnknown

SECURITY_V3 = "https://w3id.org/security/v3"
_W3C = Contexts({})

# PyLD keeps caches without a lock, and signing runs in threads
_pyld_lock = threading.Lock()


class NotCanonical(ValueError):
    """A document cannot be canonicalised: an unknown context, or broken JSON-LD."""


def credential_quads(credential: Mapping[str, Any], contexts: Contexts, *, shortcut: bool = True) -> str:
    """The N-Quads of a credential without its proof. `shortcut=False` always takes the library's way."""
    document = {name: value for name, value in credential.items() if name != "proof"}
    try:
        quads = plain_quads.credential_quads(document, contexts) if shortcut else None
        return quads if quads is not None else _urdna2015(document, contexts)
    except ContextUnknown as error:
        raise NotCanonical(str(error)) from error


def proof_quads(proof: Mapping[str, Any]) -> str:
    """The N-Quads of a proof without its `jws`, under the security context."""
    options = {name: value for name, value in proof.items() if name not in ("jws", "@context")}
    quads = plain_quads.proof_quads(options)
    return quads if quads is not None else _urdna2015({"@context": SECURITY_V3, **options}, _W3C)


def _urdna2015(document: Mapping[str, Any], contexts: Contexts) -> str:
    """Canonicalise with PyLD; contexts are put in place first, so that it has nothing to load."""
    from pyld import jsonld  # half a second to import, and seldom needed

    try:
        inlined = {**document, "@context": contexts.inlined(document.get("@context"))}
        with _pyld_lock:
            quads: str = jsonld.normalize(
                inlined,
                {
                    "algorithm": "URDNA2015",
                    "format": "application/n-quads",
                    "base": None,
                    "documentLoader": _refuse,
                },
            )
    except ContextUnknown as error:
        raise NotCanonical(str(error)) from error
    except (jsonld.JsonLdError, RecursionError, TypeError, ValueError, KeyError, AttributeError) as error:
        raise NotCanonical(f"not a canonicalisable document: {type(error).__name__}") from error
    return quads


def _refuse(url: str, options: Any) -> Any:
    raise ContextUnknown(url)
