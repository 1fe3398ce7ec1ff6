"""One-time passwords: sent to nobody, kept per person, good for three minutes (contract mosip §6.6). Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mock_nid.ida.faults import refused
from mock_nid.identities.people import Person

LIFE = timedelta(seconds=180)
FLOOD = 5
FLOOD_WINDOW = timedelta(seconds=60)
WRONG_TRIES = 5
CHANNELS = ("EMAIL", "PHONE")


@dataclass
class _Sent:
    code: str
    transaction: str
    id_type: str
    partner: str
    at: datetime
    used: bool = False


@dataclass
class Otps:
    """What was sent to whom, and how often they got it wrong."""

    sent: dict[str, _Sent] = field(default_factory=dict)
    requests: dict[str, list[datetime]] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)

    def clear(self) -> None:
        self.sent.clear()
        self.requests.clear()
        self.wrong.clear()

    def send(
        self,
        person: Person,
        transaction: str,
        id_type: str,
        partner: str,
        channels: tuple[str, ...],
        now: datetime,
    ) -> dict[str, str | None]:
        """Make an OTP; returns the masked addresses. IdaRefused with OTA-001, 002, 008, 009."""
        if not channels:
            raise refused("IDA-OTA-008")
        for channel in channels:
            if channel.upper() not in CHANNELS:
                raise refused("IDA-OTA-009", channel)
        recent = [at for at in self.requests.get(person.uin, []) if now - at < FLOOD_WINDOW]
        if len(recent) >= FLOOD:
            raise refused("IDA-OTA-001")
        wanted = {channel.upper() for channel in channels}
        phone = person.text("phone") if "PHONE" in wanted else None
        email = person.text("email") if "EMAIL" in wanted else None
        if not phone and not email:
            raise refused("IDA-OTA-002")
        self.requests[person.uin] = [*recent, now]
        self.sent[person.uin] = _Sent(person.otp, transaction, id_type, partner, now)
        return {
            "maskedMobile": _masked(phone, 4) if phone else None,
            "maskedEmail": _masked_email(email) if email else None,
        }

    def check(
        self, person: Person, code: str, transaction: str, id_type: str, partner: str, now: datetime
    ) -> None:
        """IdaRefused when the code is not the one that was sent for this transaction."""
        if self.wrong.get(person.uin, 0) >= WRONG_TRIES:
            raise refused("IDA-OTA-007")
        sent = self.sent.get(person.uin)
        if sent is None or sent.used:
            raise refused("IDA-OTA-012")
        if sent.transaction != transaction:
            raise refused("IDA-OTA-005")
        if sent.id_type != id_type:
            raise refused("IDA-OTA-010")
        if sent.partner != partner:
            raise refused("IDA-OTA-011")
        if now - sent.at > LIFE:
            raise refused("IDA-OTA-003")
        if sent.code != code:
            self.wrong[person.uin] = self.wrong.get(person.uin, 0) + 1
            raise refused("IDA-OTA-004")
        sent.used = True
        self.wrong.pop(person.uin, None)


def _masked(text: str, shown: int) -> str:
    return "X" * max(len(text) - shown, 0) + text[-shown:]


def _masked_email(text: str) -> str:
    name, _, host = text.partition("@")
    return f"{name[:1]}{'X' * max(len(name) - 2, 1)}{name[-1:]}@{host}"
