"""Which JSON-LD contexts a credential may name: pinned by URL, read at start (contract mosip §5.3, §15)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bridge.country.folder import contexts_of
from bridge.settings import Settings
from bridge.starting import needs
from wire.foreign_json import read_json
from wire.mosip import canonical, well_known
from wire.mosip.contexts import Contexts
from wire.mosip.credentials import CREDENTIALS_V1

SETTING = "MOSIP_VERIFIABLE_CREDENTIAL_CONTEXTS"


def pinned(settings: Settings) -> Contexts:
    """MOSIP's stock document of every issuer of an allowed key, the country's, and those of the settings.
    CannotStart.
    """
    with needs("MOSIP_VERIFIABLE_CREDENTIAL_ALLOWLIST", "give the URLs of the issuers' keys"):
        bases = [well_known.base_of(method) for method in settings.verification_methods]
    stock = {well_known.context_url(base): well_known.mosip_context(base) for base in bases}
    with needs(SETTING, "give the URL that credentials name and the file that holds it, as URL=FILE"):
        own = contexts_of(settings.country) | dict(_read(pair) for pair in settings.context_files)
        contexts = Contexts(stock | own)
        for url in own:
            _try(url, contexts)
    return contexts


def _read(pair: str) -> tuple[str, Any]:
    url, _, path = pair.rpartition("=")
    if "://" not in url:
        raise ValueError(f"{pair!r} is no URL=FILE")
    document = read_json(Path(path).read_bytes())
    if not isinstance(document, dict) or "@context" not in document:
        raise ValueError(f"{path} is no context document: it has no @context")
    return url, document


def _try(url: str, contexts: Contexts) -> None:
    """NotCanonical when the document is no sound context, or names one that is not known here."""
    sample = {"@context": [CREDENTIALS_V1, url], "id": "http://x.example/1"}
    canonical.credential_quads(sample, contexts, shortcut=False)
