"""Which records are forwarded, in which mode, under which number."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bridge.country import COUNTRIES
from bridge.country.policy import Mode, Policy, age
from bridge.settings import Settings

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("born", "forwarded"),
    [
        ("2026-02-20", True),
        ("2016-03-03", True),
        ("2016-03-02", False),
        ("1990-01-01", False),
        ("soon", True),
        (None, True),
    ],
)
def test_child_that_turns_ten_today_is_not_forwarded(born: str | None, forwarded: bool) -> None:
    assert (Policy().why_not_forwarded("birth", {"child.dob": born}, TODAY) is None) is forwarded


@pytest.mark.parametrize(
    ("status", "forwarded"), [("verified", True), ("authenticated", True), ("failed", False), (None, False)]
)
def test_a_parent_may_have_to_be_verified(status: str | None, forwarded: bool) -> None:
    policy = Policy(verified_parent=True)
    assert (policy.why_not_forwarded("birth", {"father.verified": status}, TODAY) is None) is forwarded


def test_death_without_a_national_id_and_other_events_are_not_forwarded() -> None:
    assert Policy().why_not_forwarded("death", {}, TODAY)
    assert Policy().why_not_forwarded("death", {"deceased.nid": "2760938145"}, TODAY) is None
    assert Policy().why_not_forwarded("marriage", {}, TODAY)


@given(st.dates(date(1990, 1, 1), date(2030, 12, 31)), st.dates(date(1990, 1, 1), date(2030, 12, 31)))
def test_age_grows_by_one_on_the_birthday(born: date, today: date) -> None:
    if today >= born:
        years = age(born, today)
        assert years >= 0
        assert (born.year + years, born.month, born.day) <= (today.year, today.month, today.day)
        assert (born.year + years + 1, born.month, born.day) > (today.year, today.month, today.day)


def test_number_has_year_letter_and_tracking_id() -> None:
    new_year = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    assert Policy().number("birth", "K7QX2M", new_year) == "2026BK7QX2M"
    assert Policy().number("death", "K7QX2M", new_year) == "2026DK7QX2M"
    assert Policy(number_template="{trackingId}/{year}").number("birth", "A", new_year) == "A/2026"


def test_days_and_years_are_the_countrys() -> None:
    """At 19:00 UTC of the year's last day it is a new year in Tonga already, and still the old one in Samoa
    of America.
    """
    now = datetime(2026, 12, 31, 19, 0, tzinfo=UTC)
    tonga, pago = (Settings(time_zone=f"Pacific/{name}").policy for name in ("Tongatapu", "Pago_Pago"))
    assert tonga.number("birth", "K7QX2M", now) == "2027BK7QX2M"
    assert pago.number("birth", "K7QX2M", now) == "2026BK7QX2M"
    born = {"child.dob": "2017-01-01"}  # ten on the day that has begun in Tonga
    assert tonga.why_not_forwarded("birth", born, tonga.today(now)) is not None
    assert pago.why_not_forwarded("birth", born, pago.today(now)) is None
    assert Settings().policy.number("birth", "K7QX2M", now) == "2026BK7QX2M"


@pytest.mark.parametrize("name", ["Tonga", "+13:00", "../etc/passwd", "Pacific/Atlantis"])
def test_an_unknown_time_zone_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="BRIDGE_TIME_ZONE"):
        Settings.model_validate({"BRIDGE_TIME_ZONE": name})


def test_modes_per_event_type() -> None:
    policy = Settings(mode="birth=sync,death=async-after-sync-timeout").policy
    assert policy.mode("birth") is Mode.SYNC
    assert policy.mode("death") is Mode.ASYNC_AFTER_SYNC_TIMEOUT
    assert policy.mode("other") is Mode.ASYNC


@pytest.mark.parametrize("wrong", [{"mode": "maybe"}, {"number_template": "{year}"}, {"port": 70000}])
def test_wrong_settings_are_refused_at_the_start(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings(**wrong)


def test_settings_take_the_mediators_names_and_a_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENCRVS_GATEWAY_URL", "http://gateway:7070")
    monkeypatch.setenv("MOSIP_URL", "http://mosip:1/")
    monkeypatch.setenv("MOSIP_WEBSUB_HUB_URL", "http://hub:9/hub")
    settings = Settings()
    assert settings.gateway_url == "http://gateway:7070"
    assert settings.create_packet_url == "http://mosip:1/commons/v1/packetmanager/createPacket"
    assert settings.hub_url == "http://hub:9/hub"


def test_secrets_do_not_show_in_a_repr() -> None:
    assert "abcdeABCDE123456" not in repr(Settings(client_secret="abcdeABCDE123456"))


UGANDA = COUNTRIES / "uganda"


@pytest.mark.parametrize(
    ("born", "sent"),
    [("2026-01-02", True), ("2025-06-03", True), ("2025-06-02", False), ("2024-01-01", False)],
)
def test_a_child_older_than_nine_months_is_not_sent(born: str, sent: bool) -> None:
    policy = Policy(country=UGANDA)
    why_not = policy.why_not_forwarded("birth", {"child.dob": born}, date(2026, 3, 2))
    assert (why_not is None) is sent
