"""A setting that nothing reads is a promise that nobody keeps."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import bridge
from bridge.mosip.settings import IdSystemSettings
from bridge.settings import Settings

FOLDER = Path(bridge.__file__).parent
DEFINED_IN = ("settings.py", "settings_nid.py")
BASES = {"mosip_url", "esignet_url"}
"""Read by name, where the addresses that were not given are moved below them."""


def read_names() -> Iterator[str]:
    """`settings.X`, `self._settings.X`; and `self.X` in the settings' own properties."""
    for path in FOLDER.rglob("*.py"):
        owners = {"self"} if path.name in DEFINED_IN else {"settings", "_settings"}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                owner = node.value
                name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", None)
                if name in owners:
                    yield node.attr


def test_every_setting_is_read_somewhere() -> None:
    unread = set(Settings.model_fields) - set(read_names()) - BASES
    assert unread == set(), f"settings that do nothing: {sorted(unread)}"


def test_the_bases_move_other_addresses() -> None:
    for base in BASES:
        default = IdSystemSettings.model_fields[base].default
        moved = Settings.model_validate({base: "http://127.0.0.1:9"})
        below = [n for n, f in Settings.model_fields.items() if str(f.default).startswith(f"{default}/")]
        assert below and all(str(getattr(moved, name)).startswith("http://127.0.0.1:9/") for name in below)
