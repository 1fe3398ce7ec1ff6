"""The short way to canonical N-Quads for credentials of plain texts; no JSON-LD library. Pure.

When all values are texts there are no blank nodes in a credential, and canonicalising is writing the quads
in order (contract mosip §5.4). `credential_quads` returns None for everything that it does not recognise to
the letter, and the caller takes the long way; tests compare both ways on generated credentials.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from wire.mosip.contexts import Contexts

_CREDENTIALS_V1 = "https://www.w3.org/2018/credentials/v1"
_SEC = {"sec": "https://w3id.org/security#"}
_KEYS = {"@context", "type", "id", "issuer", "issuanceDate", "credentialSubject"}
_TYPES = ["VerifiableCredential", "MOSIPVerifiableCredential"]
_CREDENTIAL = "https://www.w3.org/2018/credentials#"
_RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_DATE_TIME = "<http://www.w3.org/2001/XMLSchema#dateTime>"
_SECURITY = "https://w3id.org/security#"
_PROOF_KEYS = {"type", "created", "proofPurpose", "verificationMethod"}

_IRI = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_TEXT = re.compile(r"[^\x00-\x1f\x7f\"\\\ud800-\udfff]*")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_COMPACT = re.compile(r"([A-Za-z][A-Za-z0-9_]*):([A-Za-z][A-Za-z0-9_]*)")


def credential_quads(document: Mapping[str, Any], contexts: Contexts) -> str | None:
    """The canonical N-Quads of a credential without its proof; None when the long way is needed."""
    if set(document) != _KEYS or document["type"] != _TYPES:
        return None
    url = _context_url(document["@context"])
    subject = document["credentialSubject"]
    ids = (document["id"], document["issuer"])
    if url is None or not isinstance(subject, Mapping) or not all(map(_is_iri, (*ids, subject.get("id")))):
        return None
    if not _is_text(document["issuanceDate"]):
        return None
    terms = _Terms.of(url, contexts)
    if terms is None:
        return None
    attributes = terms.attributes(subject)
    if attributes is None:
        return None
    node, about = f"<{ids[0]}>", f"<{subject['id']}>"
    quads = {
        f"{node} {_RDF_TYPE} <{_CREDENTIAL}VerifiableCredential> .\n",
        f"{node} <{_CREDENTIAL}credentialSubject> {about} .\n",
        f'{node} <{_CREDENTIAL}issuanceDate> "{document["issuanceDate"]}"^^{_DATE_TIME} .\n',
        f"{node} <{_CREDENTIAL}issuer> <{ids[1]}> .\n",
        *(f'{about} <{iri}> "{value}" .\n' for iri, value in attributes),
    }
    return "".join(sorted(quads))


def proof_quads(proof: Mapping[str, Any]) -> str | None:
    """The canonical N-Quads of a proof without `jws`; None when the long way is needed."""
    if set(proof) != _PROOF_KEYS:
        return None
    if proof["type"] != "RsaSignature2018" or proof["proofPurpose"] != "assertionMethod":
        return None
    if not _is_text(proof["created"]) or not _is_iri(proof["verificationMethod"]):
        return None
    return (
        f'_:c14n0 <http://purl.org/dc/terms/created> "{proof["created"]}"^^{_DATE_TIME} .\n'
        f"_:c14n0 {_RDF_TYPE} <{_SECURITY}RsaSignature2018> .\n"
        f"_:c14n0 <{_SECURITY}proofPurpose> <{_SECURITY}assertionMethod> .\n"
        f"_:c14n0 <{_SECURITY}verificationMethod> <{proof['verificationMethod']}> .\n"
    )


class _Terms:
    """What the contexts of a credential say about attribute names: plain ones, and all that mean anything."""

    def __init__(self, plain: Mapping[str, str], known: frozenset[str]) -> None:
        self._plain = plain
        self._known = known

    @classmethod
    def of(cls, url: str, contexts: Contexts) -> _Terms | None:
        found: _Terms | None = contexts.remember(
            f"terms of {url}", lambda: cls._read(contexts.inlined([_CREDENTIALS_V1, url, _SEC]))
        )
        return found

    @classmethod
    def _read(cls, inlined: list[Any]) -> _Terms | None:
        """The table of terms; None when a context does more than map names (a vocabulary, a language, …)."""
        definitions: dict[str, list[Any]] = {}
        for position, context in enumerate(inlined):
            if not isinstance(context, Mapping):
                return None
            for name, definition in context.items():
                if name == "@version" or (name == "@protected" and position == 0):
                    continue
                if name.startswith("@"):
                    return None
                definitions.setdefault(name, []).append(definition)
        single = {name: found[0] for name, found in definitions.items() if len(found) == 1}
        prefixes = {
            name: value
            for name, value in single.items()
            if isinstance(value, str) and _is_iri(value) and value.endswith(("#", "/"))
        }
        plain = {name: iri for name, value in single.items() if (iri := _plain_iri(value, prefixes))}
        return cls(plain, frozenset(_names(inlined)))

    def attributes(self, subject: Mapping[str, Any]) -> list[tuple[str, str]] | None:
        """IRI and text of each attribute that the contexts know; None when one is not plain."""
        found = []
        for name, value in subject.items():
            if name == "id":
                continue
            if name in self._plain:
                if not _is_text(value):
                    return None
                found.append((self._plain[name], value))
            elif name in self._known or not _NAME.fullmatch(name):
                return None  # it means something that is not plain; a name that means nothing is not signed
        return found


def _plain_iri(definition: Any, prefixes: Mapping[str, str]) -> str | None:
    """The IRI of a term whose value is nothing but a text."""
    if isinstance(definition, str):
        match = _COMPACT.fullmatch(definition)
        return prefixes[match[1]] + match[2] if match and match[1] in prefixes else None
    if not isinstance(definition, Mapping) or not set(definition) <= {"@id", "@context"}:
        return None
    scoped = definition.get("@context", {})
    if not isinstance(scoped, Mapping) or any(name.startswith("@") for name in scoped):
        return None
    iri = definition.get("@id")
    return iri if isinstance(iri, str) and _is_iri(iri) else None


def _names(context: Any) -> set[str]:
    """Every name that is defined anywhere in a context."""
    if isinstance(context, list):
        return set().union(*map(_names, context))
    if isinstance(context, Mapping):
        return set(context).union(*(_names(value) for value in context.values()))
    return set()


def _context_url(context: Any) -> str | None:
    if not isinstance(context, list) or len(context) != 3:
        return None
    url = context[1]
    return url if context[0] == _CREDENTIALS_V1 and isinstance(url, str) and context[2] == _SEC else None


def _is_iri(value: Any) -> bool:
    return isinstance(value, str) and _IRI.fullmatch(value) is not None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and _TEXT.fullmatch(value) is not None
