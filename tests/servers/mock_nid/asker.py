"""A partner that asks ID authentication."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.servers.mock_nid.actors import Stage
from tests.unit.wire_mosip.known import otp_request
from tests.unit.wire_mosip.requests import header_of, sdk_request
from wire.keyfolder import KeyFolder
from wire.mosip import ida

PARTNER = ida.Partner("MISP-LK-EXAMPLE", "crvs-partner", "123456", "https://mosip.example")
AMARA = {
    "name": [{"language": "eng", "value": "Amara Okonjo"}],
    "dob": "1991/02/28",
    "gender": [{"language": "eng", "value": "female"}],
}


class Asker:
    """Builds and signs requests with the key folder's keys; each part can be spoilt."""

    def __init__(self, stage: Stage, keys: Path) -> None:
        self.stage, self.keys = stage, KeyFolder(keys)

    async def ask(
        self,
        individual_id: str = "4238670978",
        demographics: dict[str, Any] | None = None,
        *,
        partner: ida.Partner = PARTNER,
        service: str = "auth",
        id_type: str = "UIN",
        otp: str = "",
        transaction: str = "4821907365",
        change: dict[str, Any] | None = None,
        headers: dict[str, str | None] | None = None,
        late: float = 0,
        style: str = "node",
        x5c: str = "pem",
        signer: str = "ida-client",
    ) -> Any:
        world = self.stage.world
        now = world.clock.now() - timedelta(seconds=late)
        name: Any = service.partition("/")[0]
        if service == "otp":
            body = otp_request(individual_id, transaction, now, id_type)
        else:
            written = sdk_request if style == "python" or otp else ida.auth_request
            body = written(
                individual_id=individual_id,
                demographics=AMARA if demographics is None and not otp else demographics or {},
                partner=partner,
                certificate=self.keys["ida-partner"].certificate,
                transaction_id=transaction,
                now=now,
                chance=world.chance,
                individual_id_type=id_type,
                **({"otp": otp} if otp else {}),
            )
            if name == "kyc":
                change = {"id": ida.REQUEST_IDS["kyc"], **(change or {})}
        if change is not None:
            body = json.dumps({**json.loads(body), **change}).encode()
        pair = self.keys[signer]
        sent: dict[str, str | None] = {
            "signature": header_of(body, pair.private_key, pair.certificate, x5c),
            "Authorization": "Authorization",
            "Content-Type": "application/json",
            **(headers or {}),
        }
        status, answer, response = await self.stage.client.call(
            "POST",
            f"/idauthentication/v1/{service}{partner.path()}",
            data=body,
            headers={name: value for name, value in sent.items() if value is not None},
        )
        assert status == 200
        assert "response-signature" in response.headers
        return answer


def codes(answer: Any) -> list[str]:
    return [item["errorCode"] for item in answer["errors"] or []]
