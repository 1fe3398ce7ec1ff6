"""The JSON-LD contexts that a credential names, shipped: nothing is ever fetched. Pure.

The files are our own and small: they map the terms that MOSIP's credentials use to their published IRIs
(W3C credentials v1, W3ID security v2 and v3, ODRL, MOSIP). Source: contract mosip §5.3, §5.4.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, cast

from wire.mosip import well_known

_FOLDER = Path(__file__).parent
_FILES = {
    "https://www.w3.org/2018/credentials/v1": "credentials-v1.json",
    "https://w3id.org/security/v1": "security.json",
    "https://w3id.org/security/v2": "security.json",
    "https://w3id.org/security/v3": "security.json",
    "https://w3id.org/security/v3-unstable": "security.json",
    "https://www.w3.org/ns/odrl.jsonld": "odrl.json",
    "http://www.w3.org/ns/odrl.jsonld": "odrl.json",
}


class ContextUnknown(LookupError):
    """A credential names a context that is neither shipped nor given; its URL is the argument."""

    def __str__(self) -> str:
        return (
            f"no context document for {self.args[0]!r:.200}: give it by its URL, contexts are never fetched"
        )


@dataclass(frozen=True, eq=False)
class Contexts:
    """Context documents by URL: W3C's, which are shipped, and `given`, those of the believed issuers.

    A URL is found or it is not: nothing of it ever becomes part of a document. `stock` makes the documents of
    issuers that keep MOSIP's own file; a country that extended it gives its document.
    """

    given: Mapping[str, Any]
    _cache: dict[str, Any] = field(default_factory=dict, repr=False)

    def document(self, url: str) -> Mapping[str, Any]:
        """The document at `url`; ContextUnknown when there is none."""
        if url in self.given:
            return cast("Mapping[str, Any]", self.given[url])
        if url in _FILES:
            return cast("Mapping[str, Any]", _shipped(_FILES[url]))
        raise ContextUnknown(url)

    def remember(self, key: str, make: Callable[[], Any]) -> Any:
        """What `make` gave for `key`, kept."""
        if key not in self._cache:
            self._cache[key] = make()
        return self._cache[key]

    def inlined(self, context: Any) -> Any:
        """`context` with every URL replaced by what its document holds, all the way down."""
        if isinstance(context, str):
            return self.inlined(self.document(context)["@context"])
        if isinstance(context, list):
            flat: list[Any] = []
            for entry in context:
                value = self.inlined(entry)
                flat.extend(value if isinstance(value, list) else [value])
            return flat
        return context


@lru_cache(maxsize=64)
def stock(*bases: str) -> Contexts:
    """MOSIP's own `mosip-context.json` of the issuers at `bases`."""
    return Contexts({well_known.context_url(base): well_known.mosip_context(base) for base in bases})


@cache
def _shipped(name: str) -> Any:
    return json.loads((_FOLDER / name).read_text(encoding="utf-8"))
