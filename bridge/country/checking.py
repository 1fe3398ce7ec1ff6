"""What a country's folder makes of a declaration: the packet, and what the ID schema says of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bridge.country.folder import schema_of
from bridge.country.packet_fields import NotMappable, Unfit, left_out, packet_fields, process_of
from wire.mosip import schema


def checked(folder: Path, kind: str, declaration: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """The packet's fields, and what is wrong with them: what is refused, what is left out."""
    try:
        fields = packet_fields(kind, declaration, number="2026BCHECK1", country=folder)
        process, lost = process_of(kind, folder), left_out(kind, declaration, fields, folder)
    except (Unfit, NotMappable) as error:
        return {}, [f"no packet is sent: {error}"]
    found = [
        f"{fault.field}: {fault.why}"
        for fault in schema.faults(process, fields, schema_json=schema_of(folder))
    ]
    return fields, [*found, *(f"{name}: left out, the ID schema refuses the value" for name in lost)]
