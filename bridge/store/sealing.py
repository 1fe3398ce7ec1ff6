"""A registration's secrets as its sealed columns, and back."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from bridge.registration import Amendment, PacketContent, RecordFile, Secrets
from bridge.store.sessions import Row
from bridge.store.vault import Vault, VaultClosed
from wire.redaction import hide, hide_private


class Sealing:
    """Each value is bound to its row and column."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def columns(self, id: str, secrets: Secrets) -> dict[str, bytes | None]:
        """All secret columns of the registration; None where there is nothing."""
        plain = {
            "token": secrets.token,
            "packet": secrets.packet,
            "national_id": secrets.national_id,
            "delivery": secrets.delivery,
            "document": secrets.document,
            "amendment": secrets.amendment if secrets.amendment != Amendment() else None,
            "verdicts": secrets.verdicts or None,
        }
        return {name: self.column(id, name, value) for name, value in plain.items()}

    def column(self, id: str, name: str, value: Any) -> bytes | None:
        if value is None:
            return None
        text = as_text(value) if isinstance(value, PacketContent | Amendment | Mapping) else value
        return self._vault.seal(text, f"{id}/{name}")

    def opened(self, id: str, row: Row, names: Collection[str]) -> Secrets:
        """The named ones; what they hold is kept out of the log from here on. `unreadable` says why they
        cannot be opened.
        """
        try:
            opened = {name: self._vault.open(row[name], f"{id}/{name}") for name in names}
        except VaultClosed as closed:
            return Secrets(unreadable=str(closed))
        token, packet, national_id = (opened.get(name) for name in ("token", "packet", "national_id"))
        amendment, verdicts = opened.get("amendment"), opened.get("verdicts")
        hide(*(value.decode() for value in (token, national_id) if value))
        sent = _packet(json.loads(packet)) if packet else None
        if sent is not None:
            hide_private(dict(sent.fields))
        return Secrets(
            token=token.decode() if token else None,
            packet=sent,
            national_id=national_id.decode() if national_id else None,
            delivery=opened.get("delivery"),
            document=opened.get("document"),
            amendment=Amendment(**json.loads(amendment)) if amendment else Amendment(),
            verdicts=json.loads(verdicts) if verdicts else {},
        )


def as_text(value: PacketContent | Amendment | Mapping[str, Any]) -> str:
    """A packet, an amendment or verdicts as they are stored."""
    told = value if isinstance(value, Mapping) else vars(value)
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), default=vars)


def _packet(stored: dict[str, Any]) -> PacketContent:
    return PacketContent(**stored | {"files": tuple(RecordFile(**file) for file in stored.get("files", ()))})
