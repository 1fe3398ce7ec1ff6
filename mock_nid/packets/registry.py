"""All registrations of the processor, by packet id or certificate number. A store; it decides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from mock_nid.packets.registrations import PacketRegistration, StoredPacket


@dataclass
class Registry:
    """Packets that were created, and registrations whose workflow was started."""

    packets: dict[str, StoredPacket] = field(default_factory=dict)
    registrations: dict[str, PacketRegistration] = field(default_factory=dict)
    by_certificate: dict[str, str] = field(default_factory=dict)

    def keep_packet(self, packet: StoredPacket) -> None:
        """A packet as created; a later one of the same id replaces it until its workflow starts."""
        self.packets[packet.registration_id] = packet

    def keep(self, registration: PacketRegistration) -> PacketRegistration:
        self.registrations[registration.id] = registration
        number = registration.packet.certificate_number
        if number:
            self.by_certificate[number] = registration.id
        return registration

    def find(self, key: str) -> PacketRegistration | None:
        """By packet id or certificate number."""
        return self.registrations.get(key) or self.registrations.get(self.by_certificate.get(key, ""))

    def __iter__(self) -> Iterator[PacketRegistration]:
        return iter(tuple(self.registrations.values()))

    def clear(self) -> None:
        self.packets.clear()
        self.registrations.clear()
        self.by_certificate.clear()
