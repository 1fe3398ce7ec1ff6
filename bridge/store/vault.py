"""Secrets at rest: record tokens, packets and national IDs are stored encrypted.

AES-256-GCM; the stored form is `version(1) | key id(4) | nonce(12) | ciphertext+tag`, bound to the row by its
id as associated data, so that a value copied to another row does not open. The first key encrypts, all
decrypt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bridge.errors import BridgeError
from wire.world import Chance

_VERSION = b"\x01"


class VaultClosed(BridgeError):
    """A stored secret cannot be opened: its key is not among the configured keys, or the value was
    altered.
    """


class Vault:
    """Encrypts and opens the secret columns. `keys` are passphrases or random texts of at least 16
    characters.
    """

    def __init__(self, keys: Sequence[str], chance: Chance) -> None:
        if not keys or any(len(key) < 16 for key in keys):
            raise ValueError(
                "BRIDGE_ENCRYPTION_KEYS needs at least one key of 16 or more characters; the first encrypts, "
                "all decrypt (put a new key first to rotate)"
            )
        self._ciphers: dict[bytes, AESGCM] = {}
        for key in keys:
            digest = hashlib.sha256(b"opencrvs-nid-bridge store\0" + key.encode()).digest()
            self._ciphers[hashlib.sha256(digest).digest()[:4]] = AESGCM(digest)
        self.newest = next(iter(self._ciphers))
        """Id of the key that encrypts."""
        self._chance = chance

    def seal(self, plain: str | bytes | None, row: str) -> bytes | None:
        """`plain` as it is stored for the row; None stays None."""
        if plain is None:
            return None
        data = plain.encode() if isinstance(plain, str) else plain
        nonce = self._chance.bytes(12)
        sealed = self._ciphers[self.newest].encrypt(nonce, data, row.encode())
        return _VERSION + self.newest + nonce + sealed

    def open(self, stored: bytes | None, row: str) -> bytes | None:
        """What `seal` was given, as bytes; VaultClosed when no key fits."""
        if stored is None:
            return None
        stored = bytes(stored)
        cipher = self._ciphers.get(stored[1:5])
        if stored[:1] != _VERSION or cipher is None:
            raise VaultClosed(f"no configured key opens what is stored for {row}; add the old key back")
        try:
            return cipher.decrypt(stored[5:17], stored[17:], row.encode())
        except InvalidTag as broken:
            raise VaultClosed(f"what is stored for {row} was altered") from broken

    def reseal(self, stored: bytes, row: str) -> bytes | None:
        """The same under the newest key."""
        return self.seal(self.open(stored, row), row)

    def current(self, stored: bytes | None) -> bool:
        """Whether the value is under the newest key (rotation is done when all are)."""
        return stored is None or bytes(stored)[1:5] == self.newest

    @property
    def rotates(self) -> bool:
        """Whether there are older keys beside the newest."""
        return len(self._ciphers) > 1
