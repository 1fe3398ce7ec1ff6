"""Web addresses as settings give them: read, checked, taken apart. Pure."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

_NO_HOST = re.compile(r"[^\w.:%-]")
_PORTS = {"http": 80, "https": 443}
_FORBIDDEN = re.compile(r"[\s\"'<>\\^`{|}\x00-\x1f\x7f]")


def http_address(text: str) -> str:
    """The address, when it is one of http or https with a host; ValueError says what is wrong with it."""
    if (wrong := _FORBIDDEN.search(text)) is not None:
        raise ValueError(f"an address cannot hold {wrong[0]!r}")
    if not text.startswith(("http://", "https://")):
        raise ValueError("an address begins with http:// or https://")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"this is no address: {error}") from None
    if not host:
        raise ValueError("the address names no host")
    if "@" in parts.netloc:
        raise ValueError("an address is written into logs: no user's name and password in it")
    if (wrong := _NO_HOST.search(host)) is not None:
        raise ValueError(f"the name of a host cannot hold {wrong[0]!r}")
    if port == 0:
        raise ValueError("nothing can be called on port 0")
    if parts.fragment or text.endswith("#"):
        raise ValueError("an address that is called has no part after #")
    return text


def base_address(text: str) -> str:
    """An address to which paths are appended: without slashes at its end."""
    if "?" in http_address(text):
        raise ValueError("paths are appended to this address: no part after ?")
    return text.rstrip("/")


def or_empty(text: str) -> str:
    """An address, or nothing."""
    return http_address(text) if text else ""


def host_of(address: str) -> str:
    """The host of an address, an IPv6 one without its brackets."""
    return urlsplit(address).hostname or ""


def origin_of(address: str) -> str:
    """Scheme, host and port, as a browser writes it: without the usual port, in small letters."""
    parts = urlsplit(address)
    port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{bracketed(parts.hostname or '')}{port}"


def bracketed(host: str) -> str:
    """The host as it stands in an address: IPv6 in brackets."""
    return f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host


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
    return f"http://{bracketed(called)}:{port}"
