"""Web addresses as settings give them: read, checked, taken apart. Pure."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

_FORBIDDEN = re.compile(r"[\s\"'<>\\^`{|}\x00-\x1f\x7f]")


def http_address(text: str) -> str:
    """The address, when it is one of http or https with a host; ValueError says what is wrong with it."""
    if (wrong := _FORBIDDEN.search(text)) is not None:
        raise ValueError(f"an address cannot hold {wrong[0]!r}")
    if not text.startswith(("http://", "https://")):
        raise ValueError("an address begins with http:// or https://")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"this is no address: {error}") from None
    if not host:
        raise ValueError("the address names no host")
    if parts.fragment or text.endswith("#"):
        raise ValueError("an address that is called has no part after #")
    return text


def base_address(text: str) -> str:
    """An address to which paths are appended: without slashes at its end."""
    return http_address(text).rstrip("/")


def or_empty(text: str) -> str:
    """An address, or nothing."""
    return http_address(text) if text else ""


def host_of(address: str) -> str:
    """The host of an address, an IPv6 one without its brackets."""
    return urlsplit(address).hostname or ""


def origin_of(address: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def is_loopback(host: str) -> bool:
    """Whether the host is this machine itself, reached by nobody else."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def listening_address(host: str, port: int) -> str:
    """Where a server is called that listens on `host`; one that listens everywhere, on this machine."""
    called = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host.strip("[]"), host.strip("[]"))
    return f"http://[{called}]:{port}" if ":" in called else f"http://{called}:{port}"
