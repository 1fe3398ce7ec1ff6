"""A sample of the country's declarations through its mapping, against the ID schema.

What packet manager swallows: it answers 200 with `response: null`, and nobody hears of the packet again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bridge.country.packet_fields import NotMappable, Unfit, packet_fields, process_of
from bridge.settings import Settings
from scenarios.doctor.findings import Finding, finding
from wire.entry import CannotBegin
from wire.mosip import packets, schema
from wire.mosip.fields import FieldBroken

_SAMPLES = Path(__file__).parent / "data" / "declarations.json"


def samples(path: Path | None) -> Mapping[str, Any]:
    """Declarations by event type: of the file, or one of each kind of ours. CannotBegin."""
    content = document(path or _SAMPLES)
    if not isinstance(content, dict):
        raise CannotBegin(f"{path} holds no declaration")
    kind = content.get("type")
    if isinstance(kind, str) and isinstance(content.get("declaration"), dict):
        return {kind: content["declaration"]}
    if "request" in content or "requestFields" in content or "fields" in content:
        return {"": content}
    if any("." in key for key in content):
        return {"death" if any(key.startswith("deceased.") for key in content) else "birth": content}
    return content


def document(path: Path) -> Any:
    """A JSON file. CannotBegin."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CannotBegin(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise CannotBegin(f"{path} is no JSON") from None


def judged(declarations: Mapping[str, Any], settings: Settings) -> Iterator[Finding]:
    """Packets that MOSIP would refuse or swallow, and event types that nothing is said about."""
    country = settings.country
    name = country.name if settings.country_folder else "the mapping"
    for kind in settings.forwarded:
        try:
            process_of(kind, country)
        except NotMappable as error:
            yield finding("EVENT-UNMAPPED", f"BRIDGE_FORWARDED: {kind}", str(error))
        except (OSError, ValueError, LookupError, TypeError) as error:
            yield finding("MAPPING-UNREADABLE", name, type(error).__name__)
            return
    for kind, declaration in declarations.items():
        if not kind:
            yield from _packet(declaration)
            continue
        if kind not in settings.forwarded:
            continue
        where = f"{name}, a declaration of {kind}"
        try:
            fields = packet_fields(
                kind,
                declaration,
                number="2026TESTNUMBER",
                schema_version=settings.schema_version,
                language=settings.language,
                country=country,
            )
            process = process_of(kind, country)
        except (Unfit, NotMappable) as error:
            yield finding("PACKET-UNFIT", where, str(error))
            continue
        except (LookupError, TypeError, AttributeError) as error:
            yield finding("MAPPING-UNREADABLE", where, f"{type(error).__name__}: {error}")
            continue
        yield from _faults(process, fields, where)


def _faults(process: str, fields: Mapping[str, str], where: str) -> Iterator[Finding]:
    wrong = schema.faults(process, fields)
    if wrong:
        yield finding("PACKET-UNFIT", where, "; ".join(f"{one.field}: {one.why}" for one in wrong[:4]))


def _packet(content: Mapping[str, Any]) -> Iterator[Finding]:
    """A body of createPacket, or what a country config gives to the mediator."""
    where = "the packet"
    inner, none = content.get("request"), dict[str, Any]()
    held = inner if isinstance(inner, dict) else content
    fields = held.get("fields", held.get("requestFields"))
    if not isinstance(fields, dict):
        yield finding("PACKET-UNFIT", where, "it has no fields")
        return
    meta = held.get("metaInfo")
    values = fields | (meta if isinstance(meta, dict) else none)
    texts = [name for name, value in values.items() if isinstance(value, dict | list)]
    if texts:
        yield finding("PACKET-NOT-TEXT", where, ", ".join(texts[:6]))
        return
    if "request" in content:
        try:
            fault = packets.swallowed_fault(packets.read_packet(content))
        except FieldBroken as broken:
            yield finding("PACKET-UNFIT", where, str(broken))
            return
        if fault is not None:
            yield finding("PACKET-SWALLOWED", where, fault.message)
            return
    process = str(held.get("process") or ("CRVS_DEATH" if "deathCertificateNumber" in fields else "CRVS_NEW"))
    shown = {
        name: str(value)
        for name, value in fields.items()
        if value is not None and name != "deathCertificateNumber"
    }
    yield from _faults(process, shown, where)
