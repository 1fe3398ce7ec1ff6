"""Requests of ID authentication."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.wire_mosip.known import (
    IDA_CERTIFICATE,
    NOW,
    chance,
)
from wire.mosip import ida

PARTNER = ida.Partner("MISP", "crvs-partner", "123456", "https://mosip.example")
WHO = ida.demographics(
    name=({"language": "eng", "value": "Amara Okonjo"},),
    dob="1991/02/28",
    gender=({"language": "eng", "value": "female"},),
)


def build(**changes: Any) -> bytes:
    given_: dict[str, Any] = {
        "individual_id": "4238670978",
        "demographics": WHO,
        "partner": PARTNER,
        "certificate": IDA_CERTIFICATE,
        "transaction_id": ida.transaction_id(chance()),
        "now": NOW,
        "chance": chance(),
    }
    return ida.auth_request(**(given_ | changes))


def _raw(**changes: Any) -> dict[str, Any]:
    return {**json.loads(build()), **changes}
