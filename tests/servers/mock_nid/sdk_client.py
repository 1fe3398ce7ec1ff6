"""Run by an environment that holds PyPI's mosip-auth-sdk, never by ours: asks what its arguments say.

argv: one JSON object {url, keys, password}; answers one JSON object a line on standard output.
"""

from __future__ import annotations

import json
import logging
import sys
from types import SimpleNamespace
from typing import Any

from mosip_auth_sdk import MOSIPAuthenticator  # type: ignore[import-not-found]
from mosip_auth_sdk.models import DemographicsModel  # type: ignore[import-not-found]


def main() -> None:
    given = json.loads(sys.argv[1])
    keys, password = given["keys"], given["password"]
    config = SimpleNamespace(
        mosip_auth=SimpleNamespace(
            timestamp_format="%Y-%m-%dT%H:%M:%S",
            ida_auth_version="1.0",
            ida_auth_request_demo_id="mosip.identity.auth",
            ida_auth_request_kyc_id="mosip.identity.kyc",
            ida_auth_request_otp_id="mosip.identity.otp",
            ida_auth_env="Staging",
            authorization_header_constant="Authorization",
            partner_apikey="123456",
            partner_misp_lk="MISP-LK-EXAMPLE",
            partner_id="crvs-partner",
        ),
        mosip_auth_server=SimpleNamespace(
            ida_auth_domain_uri="https://mosip.example", ida_auth_url=f"{given['url']}/idauthentication/v1"
        ),
        crypto_encrypt=SimpleNamespace(
            symmetric_key_size=256,
            symmetric_nonce_size=128,
            symmetric_gcm_tag_size=128,
            encrypt_cert_path=f"{keys}/ida-partner.cert.pem",
            decrypt_p12_file_path=f"{keys}/partner.p12",
            decrypt_p12_file_password=password,
        ),
        crypto_signature=SimpleNamespace(
            algorithm="RS256",
            sign_p12_file_path=f"{keys}/ida-client.p12",
            sign_p12_file_password=password,
        ),
        logging=SimpleNamespace(log_file_path="", log_format="", loglevel="ERROR"),
    )
    client = MOSIPAuthenticator(config=config, logger=logging.getLogger("sdk"))

    def person(name: str = "Amara Okonjo", dob: str = "1991/02/28") -> Any:
        return DemographicsModel(name=[{"language": "eng", "value": name}], dob=dob)

    def auth(uin: str, data: Any) -> Any:
        answer = client.auth(individual_id=uin, individual_id_type="UIN", demographic_data=data, consent=True)
        return answer.json()

    said: dict[str, Any] = {
        "match": auth("4238670978", person()),
        "wrong name": auth("4238670978", person(name="Amara Mensah")),
        "wrong date": auth("4238670978", person(dob="1991/03/01")),
        "unknown": auth("3467045314", person()),
    }
    kyc = client.kyc(
        individual_id="4238670978", individual_id_type="UIN", demographic_data=person(), consent=True
    ).json()
    said["kyc"] = kyc
    said["identity"] = client.decrypt_response(kyc)
    sent = client.genotp(
        individual_id="4238670978", individual_id_type="UIN", txn_id="1234509876", email=True, phone=True
    )
    said["otp sent"] = sent.json()
    said["otp"] = client.auth(
        individual_id="4238670978",
        individual_id_type="UIN",
        otp_value="111111",
        txn_id="1234509876",
        consent=True,
    ).json()
    print(json.dumps(said))


if __name__ == "__main__":
    main()
