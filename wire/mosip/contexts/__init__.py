"""The JSON-LD contexts that a credential names, shipped: nothing is ever fetched. Pure.

The files are our own and small: they map the terms that MOSIP's credentials use to their published IRIs
(W3C credentials v1, W3ID security v2 and v3, ODRL, MOSIP). Source: contract mosip §5.3, §5.4.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast

from wire.mosip import well_known

_KEPT = 64
_NOTHING = object()
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
        return f"no context document for {self.args[0]}: give it by its URL, contexts are never fetched"


@dataclass(frozen=True, eq=False)
class Contexts:
    """Context documents by URL: the shipped ones, and `extra` for a deployment's own.

    Any `…/.well-known/mosip-context.json` that is not in `extra` is answered with the stock file, its
    vocabulary being `<base>/mosip#`, plus `extra_terms`. A real deployment whose file differs, or whose
    vocabulary has another host, gives its file in `extra`.
    """

    extra: Mapping[str, Any] = field(default_factory=dict)
    extra_terms: tuple[str, ...] = ()
    _cache: dict[str, Any] = field(default_factory=dict, repr=False)

    def document(self, url: str) -> Mapping[str, Any]:
        """The document at `url`; ContextUnknown when there is none."""
        return cast("Mapping[str, Any]", self.remember(url, lambda: self._find(url)))

    def remember(self, key: str, make: Callable[[], Any]) -> Any:
        """What `make` gave for `key`, kept; URLs come from outside, so only so many are kept."""
        found = self._cache.get(key, _NOTHING)
        if found is _NOTHING:
            found = make()
            if len(self._cache) >= _KEPT:
                self._cache.clear()
            self._cache[key] = found
        return found

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

    def _find(self, url: str) -> Any:
        if url in self.extra:
            return self.extra[url]
        if url in _FILES:
            return _shipped(_FILES[url])
        if url.endswith(well_known.CONTEXT_PATH):
            return well_known.mosip_context(url.removesuffix(well_known.CONTEXT_PATH), self.extra_terms)
        raise ContextUnknown(url)


SHIPPED = Contexts()
"""The shipped documents alone."""


@cache
def _shipped(name: str) -> Any:
    return json.loads((_FOLDER / name).read_text(encoding="utf-8"))
