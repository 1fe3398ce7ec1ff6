"""What this machine can do at all: the yardstick beside every figure."""

from __future__ import annotations

from time import process_time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey


def private_operations_per_second(key: RSAPrivateKey, seconds: float = 2.0) -> float:
    """RSA-2048 signatures per second of processor time, whoever else is at work."""
    begun = process_time()
    count = 0
    while process_time() - begun < seconds:
        key.sign(b"x" * 64, PKCS1v15(), hashes.SHA256())
        count += 1
    return count / (process_time() - begun)
