"""A registration's secrets as columns."""

from __future__ import annotations

from bridge.registration import Amendment, PacketContent, Secrets
from bridge.store.rows import SECRET
from bridge.store.sealing import Sealing
from bridge.store.vault import Vault
from wire.world import World

SEALING = Sealing(Vault(["a key of sixteen"], World.virtual().chance))
ALL = Secrets(
    token="a token",
    packet=PacketContent({"fullName": "ชญา"}, {"name": "x"}, {}, [{"uuid": "1"}], None),
    national_id="2345678901",
    delivery=b"a delivery",
    document=b"{}",
    amendment=Amendment(number="2026B1"),
    verdicts={"mother": "no"},
)


def test_every_secret_survives_storage() -> None:
    columns = SEALING.columns("one", ALL)
    assert tuple(columns) == SECRET and None not in columns.values()
    assert SEALING.opened("one", columns, SECRET) == ALL


def test_what_is_not_there_takes_no_room() -> None:
    columns = SEALING.columns("one", Secrets())
    assert set(columns.values()) == {None}
    assert SEALING.opened("one", columns, SECRET) == Secrets()


def test_only_what_is_asked_for_is_opened() -> None:
    assert SEALING.opened("one", SEALING.columns("one", ALL), ["token"]) == Secrets(token="a token")


def test_columns_copied_to_another_registration_do_not_open() -> None:
    opened = SEALING.opened("another", SEALING.columns("one", ALL), ["token"])
    assert opened.unreadable and opened == Secrets(unreadable=opened.unreadable)
