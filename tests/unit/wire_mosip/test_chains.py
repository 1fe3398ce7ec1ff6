"""Which certificates are believed because of the authority above them (contract mosip §6.5, §15 row 1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.x509.oid import NameOID

from wire.mosip.chains import issued, leads_to

NOW = datetime(2026, 3, 2, tzinfo=UTC)
YEAR = timedelta(days=365)


@cache
def key(number: int) -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def made(
    name: str, number: int, issuer: str, signer: int, *, ca: bool | None, until: datetime = NOW + YEAR
) -> x509.Certificate:
    """A certificate for key `number`, signed by key `signer`."""

    def called(one: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)])

    builder = x509.CertificateBuilder(
        called(issuer), called(name), key(number).public_key(), number + 1, NOW - YEAR, until
    )
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    return builder.sign(key(signer), hashes.SHA256())


ROOT = made("root", 0, "root", 0, ca=True)
BELOW = made("below", 1, "root", 0, ca=True)
SIGNER = made("signer", 2, "below", 1, ca=False)
CHAINS: dict[str, tuple[list[Any], bool]] = {
    "through one between": ([SIGNER, BELOW], True),
    "with the root itself": ([SIGNER, BELOW, ROOT], True),
    "straight below": ([BELOW], True),
    "nobody between": ([SIGNER], False),
    "none": ([], False),
    "in another order": ([BELOW, SIGNER], True),
    "a stranger's": ([made("signer", 2, "root", 1, ca=False)], False),
    "by one who is no authority": ([made("forged", 1, "signer", 2, ca=False), SIGNER, BELOW], False),
    "by one who does not say so": (
        [made("forged", 2, "silent", 1, ca=False), made("silent", 1, "root", 0, ca=None)],
        False,
    ),
    "signer ran out": ([made("signer", 2, "root", 0, ca=False, until=NOW - timedelta(seconds=1))], False),
    "one between ran out": (
        [SIGNER, made("below", 1, "root", 0, ca=True, until=NOW - timedelta(days=1))],
        False,
    ),
    "endless": ([SIGNER] * 9, False),
}


@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_leads_to_the_trusted_one_or_not(name: str) -> None:
    chain, believed = CHAINS[name]
    assert leads_to(chain, [ROOT], NOW) is believed


def test_a_trusted_one_that_ran_out_vouches_for_nobody() -> None:
    old = made("root", 0, "root", 0, ca=True, until=NOW - timedelta(days=1))
    assert not leads_to([BELOW], [old], NOW)
    assert leads_to([BELOW], [old, ROOT], NOW)
    assert not leads_to([SIGNER, BELOW], [], NOW)


def test_only_an_authority_issues() -> None:
    assert issued(BELOW, ROOT) and not issued(ROOT, BELOW) and not issued(BELOW, SIGNER)
