"""Requests of ID authentication, as two published clients wrote them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.wire_mosip.known import CLIENT_CERTIFICATE, IDA_CERTIFICATE, IDA_KEY, MOSIP
from wire.mosip import ida, ida_signature

CAPTURED = [
    pytest.param(request, id=f"{client} {kind}")
    for client, requests in MOSIP["captured_clients"].items()
    if client != "note"
    for kind, request in requests.items()
]


@pytest.mark.parametrize("request_", CAPTURED)
def test_what_the_published_clients_really_send_opens(request_: dict[str, Any]) -> None:
    headers = {name.lower(): value for name, value in request_["headers"].items()}
    body = request_["body"].encode()
    ida_signature.verify_request(headers["signature"], body, registered=CLIENT_CERTIFICATE)
    read, raw = ida.read_request(body)
    if read.id == ida.REQUEST_IDS["otp"]:
        assert read.otp_channels == ("email",)
    else:
        block = ida.open_request(raw, IDA_KEY, IDA_CERTIFICATE)
        assert block["timestamp"].endswith("Z")
