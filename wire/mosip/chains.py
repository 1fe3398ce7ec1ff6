"""Whether a certificate was issued under one that is trusted. Pure.

Contract mosip §6.5, §15 row 1: `x5c` carries the signer's certificate first, then those above it (RFC 7515
§4.1.6).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature

_LONGEST = 8
"""More certificates than that are in no chain of MOSIP's."""


def holds(certificate: x509.Certificate, now: datetime) -> bool:
    """Whether it is valid at this time."""
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc


def leads_to(chain: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate], now: datetime) -> bool:
    """Whether the chain, the signer first, ends under a trusted one, each valid and issued by the next."""
    for certificate in chain[:_LONGEST]:
        if not holds(certificate, now):
            return False
        if any(holds(each, now) and issued(certificate, each) for each in trusted):
            return True
        at = chain.index(certificate) + 1
        if at == len(chain) or not issued(certificate, chain[at]):
            return False
    return False


def issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether `issuer` is an authority and signed the certificate."""
    try:
        if not issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, InvalidSignature, ValueError, TypeError):
        return False
    return True
