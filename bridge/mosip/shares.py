"""Where a credential may be fetched from: our log-in token goes along, so to the right origin only. Pure."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from bridge.settings import Settings
from wire.addresses import bracketed, is_loopback

_PORTS = {"http": 80, "https": 443}
_MOSIP = ("mosip_url", "hub_url", "create_packet_url", "identity_url", "well_known_url")


def share_allowed(url: str | None, settings: Settings) -> bool:
    """Whether the link is of a host of MOSIP_DATA_SHARE_HOSTS, with its scheme and port.

    An entry is a host with its port, or a host: then its usual port. That is https; http only where one of
    MOSIP's other addresses, which gets the same token, is reached so.
    """
    link = _parts(url or "")
    if link is None or link.username is not None or link.password is not None:
        return False
    wanted = _origin(link)
    return any(wanted in _origins(entry, settings) for entry in settings.data_share_hosts)


def _origins(entry: str, settings: Settings) -> set[tuple[str, str, int]]:
    given = _parts(f"https://{bracketed(entry)}")
    if given is None:
        return set()
    scheme, host, port = _origin(given)
    known = [_parts(str(getattr(settings, name) or "")) for name in _MOSIP]
    near = [_origin(one) for one in known if one is not None]
    same = {
        (s, host, p)
        for s, h, p in near
        if (h == host or (is_loopback(h) and is_loopback(host))) and given.port in (None, p)
    }
    return {(scheme, host, port)} | same


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme]


def _parts(url: str) -> SplitResult | None:
    """The parts of a sound http(s) URL."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in _PORTS and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return parts if sound else None
