"""Our log-in token goes to no other host, port or scheme than those that are allowed."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.mosip.shares import share_allowed
from bridge.settings import Settings

REAL = {"mosip_url": "https://mosip.example", "data_share_hosts": "share.example,api.example:8443"}
HERE = {"mosip_url": "http://127.0.0.1:20240"}


@pytest.mark.parametrize(
    ("settings", "url", "allowed"),
    [
        (REAL, "https://share.example/s/1", True),
        (REAL, "https://share.example:443/s/1", True),
        (REAL, "https://SHARE.example/s/1", True),
        (REAL, "http://share.example/s/1", False),
        (REAL, "http://share.example:443/s/1", False),
        (REAL, "https://share.example:8443/s/1", False),
        (REAL, "https://api.example:8443/s/1", True),
        (REAL, "https://api.example/s/1", False),
        (REAL, "http://api.example:8443/s/1", False),
        (REAL, "https://mosip.example/s/1", False),
        (REAL, "https://share.example.evil.example/s/1", False),
        (REAL, "https://share.example@evil.example/s/1", False),
        (REAL, "https://evil.example#share.example", False),
        (REAL, "https://x:y@share.example/s/1", False),
        (REAL, "https://share.example:0/s/1", False),
        (REAL, "https://share.example:99999/s/1", False),
        (REAL, "https://[share.example/s/1", False),
        (REAL, "ftp://share.example/s/1", False),
        (REAL, "//share.example/s/1", False),
        (REAL, "", False),
        (REAL, None, False),
        (HERE, "http://127.0.0.1:20240/s/1", True),
        (HERE, "http://localhost:20240/s/1", True),
        (HERE, "http://127.0.0.1:20241/s/1", False),
        (HERE, "http://127.0.0.1/s/1", False),
        (HERE | {"data_share_hosts": "127.0.0.1:20240"}, "http://127.0.0.1:20240/s", True),
        (HERE | {"data_share_hosts": "127.0.0.1:20241"}, "http://127.0.0.1:20241/s", False),
        (REAL | {"data_share_hosts": "[2001:db8::1]"}, "https://[2001:db8::1]/s", True),
        (REAL | {"data_share_hosts": "2001:db8::1"}, "https://[2001:db8::1]/s", True),
        (REAL | {"data_share_hosts": "[2001:db8::1]:8443"}, "https://[2001:db8::1]:8443/s", True),
        (REAL | {"data_share_hosts": "[2001:db8::1]"}, "http://[2001:db8::1]/s", False),
        (REAL | {"data_share_hosts": ""}, "https://share.example/s", False),
    ],
)
def test_only_the_allowed_origin(settings: dict[str, Any], url: str | None, allowed: bool) -> None:
    assert share_allowed(url, Settings(**settings)) is allowed
