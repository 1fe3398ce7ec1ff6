"""Runs in the environment of `mosip-auth-sdk` alone: calls its public methods, prints what came back.

Standard input: {"url", "authorization", "keys": folder, "calls": [{"what": auth|kyc|otp, …}]}; out: a list of
{"status", "headers", "text", "body", "identity"?}.
"""

import json
import logging
import sys
from types import SimpleNamespace

from mosip_auth_sdk import MOSIPAuthenticator
from mosip_auth_sdk.models import DemographicsModel


def authenticator(task: dict) -> MOSIPAuthenticator:
    keys = task["keys"]
    return MOSIPAuthenticator(
        config=SimpleNamespace(
            mosip_auth=SimpleNamespace(
                timestamp_format="%Y-%m-%dT%H:%M:%S",
                ida_auth_version="1.0",
                ida_auth_request_demo_id="mosip.identity.auth",
                ida_auth_request_kyc_id="mosip.identity.kyc",
                ida_auth_request_otp_id="mosip.identity.otp",
                ida_auth_env="Staging",
                authorization_header_constant=task["authorization"],
                partner_apikey="123456",
                partner_misp_lk="MISP-LK-EXAMPLE",
                partner_id="crvs-partner",
            ),
            mosip_auth_server=SimpleNamespace(
                ida_auth_domain_uri="https://mosip.example", ida_auth_url=task["url"]
            ),
            crypto_encrypt=SimpleNamespace(
                symmetric_key_size=256,
                symmetric_nonce_size=128,
                symmetric_gcm_tag_size=128,
                encrypt_cert_path=f"{keys}/ida-partner.cert.pem",
                decrypt_p12_file_path=f"{keys}/partner.p12",
                decrypt_p12_file_password="mosip123",
            ),
            crypto_signature=SimpleNamespace(
                algorithm="RS256",
                sign_p12_file_path=f"{keys}/ida-client.p12",
                sign_p12_file_password="mosip123",
            ),
        ),
        logger=logging.getLogger("sdk"),
    )


def ask(sdk: MOSIPAuthenticator, call: dict):
    who = {"individual_id": call["id"], "individual_id_type": call.get("type", "UIN")}
    if "transaction" in call:
        who["txn_id"] = call["transaction"]
    if call["what"] == "otp":
        return sdk.genotp(**who, email=call.get("email", False), phone=call.get("phone", False))
    given = call.get("demographics")
    return getattr(sdk, call["what"])(
        **who,
        demographic_data=DemographicsModel(**given) if given else None,
        otp_value=call.get("otp", ""),
        consent=call.get("consent", True),
    )


def main() -> None:
    task = json.load(sys.stdin)
    sdk = authenticator(task)
    told = []
    for call in task["calls"]:
        response = ask(sdk, call)
        headers = {name.lower(): value for name, value in response.headers.items()}
        one = {"status": response.status_code, "headers": headers}
        one |= {"text": response.text, "body": response.json()}
        if call["what"] == "kyc" and one["body"]["response"].get("kycStatus"):
            one["identity"] = sdk.decrypt_response(one["body"])
        told.append(one)
    json.dump(told, sys.stdout)


main()
