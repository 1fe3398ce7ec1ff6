"""Settings that are each right, and do not go together. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bridge.mosip import production_checks
from bridge.mosip.addresses import CALLED, ESIGNET_PATHS, PATHS, foreign, missing
from bridge.mosip.settings import SCHEMA_VERSIONS
from bridge.settings import Settings
from scenarios.doctor.findings import Finding, finding
from scenarios.doctor.names import ProgramKind
from scenarios.doctor.sources import ProcessEnvironment
from scenarios.doctor.values import Configuration
from wire.addresses import host_of, is_loopback, origin_of
from wire.mosip.languages import tags

_CORES_PATIENCE = 15.0
"""Seconds that a country config's caller waits (contract mosip §11.1)."""
_CALLBACK = "/websub/callback"
_WHOLE = {**PATHS, **ESIGNET_PATHS}
_BASES = ("identity_url", "vid_url", "well_known_url")
_SHARED = ("MOSIP_WEBSUB_SECRET", "MOSIP_WEBSUB_TOPIC", "MOSIP_WEBSUB_CALLBACK_URL")
"""What both ends of a hub must know alike."""


def alias(name: str) -> str:
    """The variable of a field."""
    return str(Settings.model_fields[name].alias)


def together(
    reading: Configuration, source: ProcessEnvironment, program: ProgramKind, now: datetime
) -> Iterator[Finding]:
    """Everything that can be told without asking anybody."""
    for one in _all(reading, source, program, now):
        yield replace(one, where=f"{one.where} in {source.name}")


def _all(
    reading: Configuration, source: ProcessEnvironment, program: ProgramKind, now: datetime
) -> Iterator[Finding]:
    yield from _addresses(reading, source, program)
    yield from _callback(reading, program)
    yield from _partner(reading)
    yield from _secrets(reading, source, program)
    yield from _store(reading, source, program)
    yield from _time_and_language(reading, program, now)
    yield from _neighbours(reading, source)
    if program is ProgramKind.BRIDGE:
        yield from _ours(reading.settings, reading)


def _given(reading: Configuration, *names: str) -> bool:
    """Whether these fields were given by their own variables, and can be used."""
    return all(alias(name) in reading.values and alias(name) not in reading.broken for name in names)


def _addresses(reading: Configuration, source: ProcessEnvironment, program: ProgramKind) -> Iterator[Finding]:
    settings = reading.settings
    told = [name for name in (*CALLED, "mosip_url", "esignet_url") if _given(reading, name)]
    abroad = [name for name in told if foreign(getattr(settings, name))]
    here = [name for name in told if name not in abroad and getattr(settings, name)]
    if abroad and here:
        yield finding("ADDRESS-LOOPBACK", map(alias, here))
    lost = [name for name in missing(settings) if alias(name) not in reading.broken]
    if program is ProgramKind.BRIDGE and source.whole and lost:
        yield finding("ADDRESS-MISSING", map(alias, lost))
    for name in told:
        address = str(getattr(settings, name))
        if not address:
            continue
        if public(host_of(address)) and address.startswith("http://"):
            yield finding("ADDRESS-PLAIN-HTTP", alias(name), host_of(address))
        usual = _WHOLE.get(name)
        if usual and name not in _BASES and urlsplit(address).path in ("", "/"):
            yield finding("ADDRESS-WITHOUT-PATH", alias(name), f"MOSIP serves it at {usual[0]}")
    for each in settings.data_share_hosts if _given(reading, "data_share_hosts") else ():
        hubs = not is_loopback(host_of(settings.hub_url))
        if hubs and is_loopback(each):
            yield finding("ADDRESS-LOOPBACK", "MOSIP_DATA_SHARE_HOSTS", each)


def public(host: str) -> bool:
    """Whether a host is reached over networks of others: no name of one part, none of a cluster, no private
    address.
    """
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith(
            (".local", ".localhost", ".internal", ".svc", ".lan", ".test")
        )


def _callback(reading: Configuration, program: ProgramKind) -> Iterator[Finding]:
    settings = reading.settings
    url = settings.callback_url
    if url is None or not _given(reading, "callback_url"):
        return
    parts, named = urlsplit(url), "MOSIP_WEBSUB_CALLBACK_URL"
    if foreign(settings.hub_url) and is_loopback(host_of(url)):
        yield finding("CALLBACK-LOOPBACK", named, f"the hub is {host_of(settings.hub_url)}")
    elif parts.path.rstrip("/") != _CALLBACK and not foreign(url):
        yield finding("CALLBACK-PATH", named, f"the path is {parts.path or 'empty'}, not {_CALLBACK}")
    elif not foreign(url) and _given(reading, "port") and settings.port not in (0, parts.port or 80):
        yield finding("CALLBACK-PORT", f"{named}, PORT", f"{parts.port or 80} and {settings.port}")
    elif foreign(url) and not parts.path.rstrip("/").endswith("callback"):
        yield finding("CALLBACK-PATH", named, f"the path is {parts.path or 'empty'}, not {_CALLBACK}")
    elif foreign(url) and _given(reading, "host") and is_loopback(settings.host):
        yield finding("LISTENS-ON-LOOPBACK", "HOST, MOSIP_WEBSUB_CALLBACK_URL", settings.host)
    if _given(reading, "host") and not foreign(url) and not settings.host.startswith("0.0.0.0"):
        six, called = ":" in settings.host, ":" in host_of(url)
        numbers = called or host_of(url).replace(".", "").isdigit()
        if numbers and six is not called and settings.host != "::":
            yield finding("IPV6-MIXED", "HOST, MOSIP_WEBSUB_CALLBACK_URL")
    if program is ProgramKind.MEDIATOR and settings.host.startswith("["):
        yield finding("HOST-BRACKETS", "HOST")


def _partner(reading: Configuration) -> Iterator[Finding]:
    settings = reading.settings
    if swapped(reading):
        yield finding("PARTNER-SWAPPED", "PARTNER_ID, PARTNER_MISP_LK")
    topic = settings.topic
    if not _given(reading, "topic"):
        return
    partner, slash, kind = topic.rpartition("/")
    if not slash:
        if not settings.allow_plain_topic:
            yield finding(
                "TOPIC-WITHOUT-PARTNER",
                "MOSIP_WEBSUB_TOPIC",
                f"{settings.partner_id}/{topic}"
                if _given(reading, "partner_id") and not swapped(reading)
                else "PARTNER/CREDENTIAL_ISSUED",
            )
    elif kind != "CREDENTIAL_ISSUED":
        yield finding("TOPIC-UNKNOWN", "MOSIP_WEBSUB_TOPIC", f"{kind} is no topic of credentials")
    elif _given(reading, "partner_id") and not swapped(reading) and partner != settings.partner_id:
        yield finding(
            "TOPIC-OF-ANOTHER", "MOSIP_WEBSUB_TOPIC, PARTNER_ID", f"{partner} is not {settings.partner_id}"
        )


def swapped(reading: Configuration) -> bool:
    """Whether the partner's id looks like the licence key, and the key like an id or the topic's partner."""
    if not _given(reading, "partner_id", "partner_misp_key"):
        return False
    id, key = reading.settings.partner_id, reading.settings.partner_misp_key.get_secret_value()
    partner = reading.settings.topic.rpartition("/")[0]
    client = reading.settings.websub_client_id
    if key in {partner, client} and id not in {partner, client} and key:
        return True
    licence = re.compile(r"[A-Za-z0-9]{32,}|MISP-LK-.+", re.I)
    return bool(licence.fullmatch(id)) and not licence.fullmatch(key)


def _secrets(reading: Configuration, source: ProcessEnvironment, program: ProgramKind) -> Iterator[Finding]:
    settings = reading.settings
    known = [name for name in production_checks.published(settings) if not name.endswith("PATH")]
    by_default = program is ProgramKind.BRIDGE and source.whole
    known = [name for name in known if name not in reading.broken and (by_default or name in reading.values)]
    if known:
        yield finding("SECRET-PUBLISHED", known)
    if reading.settings.rehearsal and any(map(foreign_public, (getattr(settings, name) for name in CALLED))):
        yield finding("REHEARSAL-ABROAD", "BRIDGE_REHEARSAL")
    leniencies = [name for name in production_checks.leniencies(settings) if name in reading.values]
    if leniencies and foreign(settings.mosip_auth_url):
        yield finding("LENIENCY", leniencies)
    secret = settings.hub_secret.get_secret_value()
    if _given(reading, "hub_secret") and secret and len(secret) < 8:
        yield finding("SECRET-SHORT", "MOSIP_WEBSUB_SECRET")


def foreign_public(address: object) -> bool:
    return foreign(address) and public(host_of(str(address)))


def _store(reading: Configuration, source: ProcessEnvironment, program: ProgramKind) -> Iterator[Finding]:
    settings = reading.settings
    both = _given(reading, "sqlite_path", "database_url")
    if both:
        yield finding("SETTING-CONTRADICTS", "SQLITE_DATABASE_PATH, BRIDGE_DATABASE_URL", "the first is used")
    url = settings.store_url
    named = "SQLITE_DATABASE_PATH" if settings.sqlite_path else "BRIDGE_DATABASE_URL"
    if named == "BRIDGE_DATABASE_URL" and program is ProgramKind.MEDIATOR:
        return
    if not url.startswith("sqlite:///"):
        if not re.match(r"postgresql(\+asyncpg)?://[^/]+/\w", url):
            yield finding("STORE-UNKNOWN", named, url.partition(":")[0])
        elif is_loopback(host_of(url)) and source.mounts is not None:
            yield finding("ADDRESS-LOOPBACK", named)
        return
    path = url.removeprefix("sqlite:///")
    if path in ("", ":memory:") or "mode=memory" in path:
        yield finding("STORE-IN-MEMORY", named)
    elif source.mounts is not None:
        inside = Path("/", path) if path.startswith("/") else Path("/data", path)
        if not any(inside.is_relative_to(mount) for mount in source.mounts):
            yield finding("STORE-WITHOUT-VOLUME", named, path)
    elif _given(reading, "sqlite_path" if settings.sqlite_path else "database_url"):
        folder = Path(path).parent
        if not folder.is_dir():
            yield finding("STORE-WITHOUT-FOLDER", named, f"{folder} is not there")


def _time_and_language(reading: Configuration, program: ProgramKind, now: datetime) -> Iterator[Finding]:
    settings = reading.settings
    zone = reading.values.get("TZ", "")
    if zone:
        try:
            offset = now.astimezone(ZoneInfo(zone.lstrip(":"))).utcoffset()
        except (ValueError, OSError, LookupError):
            yield finding("TIME-ZONE", "TZ", f"no time zone is called {zone!r}")
        else:
            ours = now.astimezone(ZoneInfo(settings.time_zone)).utcoffset()
            if _given(reading, "time_zone") and offset != ours:
                yield finding("TIME-ZONES-DIFFER", "TZ, BRIDGE_TIME_ZONE")
    if _given(reading, "language") and tags(settings.language) == (settings.language,):
        yield finding(
            "LANGUAGE", "MOSIP_LANGUAGE", f"{settings.language!r} is no language that is known here"
        )
    version = settings.schema_version
    if program is ProgramKind.BRIDGE and settings.country_folder is None and version not in SCHEMA_VERSIONS:
        yield finding("SCHEMA-VERSION", "MOSIP_SCHEMA_VERSION", f"{version!r}")
    locale = reading.values.get("LOCALE", "")
    if locale and locale not in ("en", "fr"):
        yield finding("LOCALE", "LOCALE", f"{locale!r}")


def _neighbours(reading: Configuration, source: ProcessEnvironment) -> Iterator[Finding]:
    for other, values in source.neighbours.items():
        for name in _SHARED:
            mine, theirs = reading.values.get(name), values.get(name)
            if mine and theirs and mine != theirs and name not in reading.broken and "${" not in theirs:
                kind = "HUB-SECRETS-DIFFER" if name.endswith("SECRET") else "SERVICES-DISAGREE"
                yield finding(kind, name, f"service {other} has another")


def _ours(settings: Settings, reading: Configuration) -> Iterator[Finding]:
    lost = [n for n in ("client_id", "client_secret") if getattr(settings, n) is None]
    if len(lost) == 1 and alias(lost[0]) not in reading.broken:
        yield finding("CLIENT-HALF", alias(lost[0]))
    elif lost and settings.confirmation in ("system", "stored-then-system"):
        yield finding(
            "SETTING-CONTRADICTS",
            "BRIDGE_CONFIRMATION, OPENCRVS_CLIENT_ID",
            f"{settings.confirmation} confirms with a system client, and none is given",
        )
    elif lost and settings.profile == "2.1" and settings.confirmation == "auto":
        yield finding("CLIENT-MISSING", "OPENCRVS_CLIENT_ID, OPENCRVS_CLIENT_SECRET")
    if settings.confirmation == "stored" and settings.profile == "2.1":
        yield finding(
            "SETTING-CONTRADICTS",
            "BRIDGE_CONFIRMATION, OPENCRVS_PROFILE",
            "OpenCRVS 2.1 takes a system client's word only",
        )
    if settings.trigger_port is not None and settings.trigger_port == settings.port != 0:
        yield finding("SETTING-CONTRADICTS", "PORT, BRIDGE_TRIGGER_PORT", "both listen on one port")
    if settings.retry_first_seconds > settings.retry_longest_seconds:
        yield finding(
            "SETTING-CONTRADICTS",
            "BRIDGE_RETRY_SECONDS, BRIDGE_RETRY_LONGEST_SECONDS",
            "the first wait is longer than the longest",
        )
    if settings.sync_seconds >= _CORES_PATIENCE:
        yield finding("SYNC-TOO-LONG", "BRIDGE_SYNC_SECONDS", f"{settings.sync_seconds:g} s")
    if not settings.status_url and not settings.workflow_topic:
        yield finding("REJECTIONS-UNHEARD", "MOSIP_STATUS_URL, MOSIP_WEBSUB_WORKFLOW_TOPIC")
    unsent = [pair for pair in settings.national_id_fields if pair.split("=")[0] not in settings.forwarded]
    if unsent and _given(reading, "national_id_fields"):
        yield finding(
            "SETTING-CONTRADICTS",
            "BRIDGE_NATIONAL_ID_FIELDS, BRIDGE_FORWARDED",
            f"{unsent[0].split('=')[0]} is not forwarded",
        )


def origins(reading: Configuration) -> dict[str, list[str]]:
    """Origin → the variables that name it: those that were given, before what follows from them."""
    settings, found = reading.settings, dict[str, list[str]]()
    for name in CALLED:
        address = str(getattr(settings, name))
        if not address:
            continue
        given = [n for n in (name, "mosip_url", "esignet_url") if alias(n) in reading.values]
        own = [n for n in given if origin_of(str(getattr(settings, n) or "")) == origin_of(address)]
        found.setdefault(origin_of(address), []).append(alias(own[0] if own else name))
    return {origin: list(dict.fromkeys(names)) for origin, names in found.items()}
