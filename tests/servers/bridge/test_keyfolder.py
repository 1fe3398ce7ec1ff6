"""Test keys of the folder: made anew when a crash left them empty."""

from __future__ import annotations

from pathlib import Path

from wire.keyfolder import KeyFolder


def test_an_empty_test_key_is_made_anew(tmp_path: Path) -> None:
    KeyFolder(tmp_path).ensure()
    (tmp_path / "partner.key.pem").write_bytes(b"")
    assert KeyFolder(tmp_path).ensure()["partner"].private_key.key_size == 2048
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".new")] == []
