"""Secrets at rest."""

from __future__ import annotations

import pytest

from bridge.store.vault import Vault, VaultClosed
from wire.world import World

CHANCE = World.virtual().chance
OLD, NEW = "old-key-of-sixteen", "new-key-of-sixteen"


def test_what_is_sealed_opens_and_does_not_show() -> None:
    vault = Vault([NEW], CHANCE)
    sealed = vault.seal("a record token", "row/token")
    assert sealed is not None and b"record" not in sealed
    assert vault.open(sealed, "row/token") == b"a record token"
    assert vault.seal(None, "row/token") is vault.open(None, "row/token") is None


def test_rotation_opens_with_the_old_and_seals_with_the_new() -> None:
    before = Vault([OLD], CHANCE).seal("t", "r")
    rotated = Vault([NEW, OLD], CHANCE)
    assert rotated.open(before, "r") == b"t" and not rotated.current(before)
    assert rotated.current(rotated.seal("t", "r"))
    with pytest.raises(VaultClosed, match="add the old key back"):
        Vault([NEW], CHANCE).open(before, "r")


def test_value_copied_to_another_row_or_altered_does_not_open() -> None:
    vault = Vault([NEW], CHANCE)
    sealed = vault.seal("t", "r")
    assert sealed is not None
    with pytest.raises(VaultClosed):
        vault.open(sealed, "another")
    with pytest.raises(VaultClosed):
        vault.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "r")


def test_short_keys_are_refused() -> None:
    with pytest.raises(ValueError, match="16"):
        Vault(["short"], CHANCE)
