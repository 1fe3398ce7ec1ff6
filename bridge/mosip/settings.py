"""Settings of the ID system's side: MOSIP, its hub and credentials, leniencies, ID authentication, eSignet.

The names are those of the upstream mediator (contract mosip §11.3) where it has one.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, field_validator

from bridge.mosip.addresses import ESIGNET_PATHS, PATHS, completed
from wire.addresses import base_address, bracketed, http_address
from wire.environment import (
    MAY_BE_EMPTY,
    Address,
    AddressOrOff,
    BaseAddress,
    EnvironmentSettings,
    Seconds,
    TextOrOff,
    Words,
    WordsOrNone,
)

_MOSIP, _ESIGNET = "http://127.0.0.1:20240", "http://127.0.0.1:20260"
_SECRET = "abcdeABCDE123456"
_FIVE_DIGITS = "^[0-9]{1,5}$"
SCHEMA_VERSIONS = ("0.1", "0.100", "0.5", "0.500")
"""Under which MOSIP and its mediators know the ID schema that is shipped (contract mosip §2.2, §11.7)."""
Password = Annotated[SecretStr, MAY_BE_EMPTY]


def _beside(name: str, variable: str) -> Any:
    """A setting whose address is that of the ID system on this machine, at the usual path."""
    base = _ESIGNET if name in ESIGNET_PATHS else _MOSIP
    return Field(base + {**PATHS, **ESIGNET_PATHS}[name][0], alias=variable)


class IdSystemSettings(EnvironmentSettings):
    """Where the ID system is, who we are there, and what we let pass."""

    # MOSIP
    mosip_url: BaseAddress = Field(_MOSIP, alias="MOSIP_URL")
    """Base of all MOSIP addresses that are not given by themselves."""
    mosip_auth_url: Address = _beside("mosip_auth_url", "MOSIP_AUTH_URL")
    """Auth manager: log-in with client id and secret."""
    mosip_app_id: str = Field("admin", alias="MOSIP_AUTH_CLIENT_APP_ID")
    """Application id of that log-in."""
    packet_client_id: str = Field("mosip-regproc-client", alias="MOSIP_PACKET_AUTH_CLIENT_ID")
    """Client that sends packets and asks for their status."""
    packet_client_secret: SecretStr = Field(SecretStr(_SECRET), alias="MOSIP_PACKET_AUTH_CLIENT_SECRET")
    """Its secret."""
    websub_client_id: str = Field("crvs-partner", alias="MOSIP_WEBSUB_AUTH_CLIENT_ID")
    """Client that subscribes at the hub."""
    websub_client_secret: SecretStr = Field(SecretStr(_SECRET), alias="MOSIP_WEBSUB_AUTH_CLIENT_SECRET")
    """Its secret."""
    preregistration_url: Address = Field(
        "http://127.0.0.1:20240/preregistration/v1/applications/prereg", alias="MOSIP_PREREGISTRATION_URL"
    )
    """Pre-registration: applications, where the country's policy has them."""
    preregistration_documents_url: BaseAddress = Field(
        "http://127.0.0.1:20240/preregistration/v1/documents", alias="MOSIP_PREREGISTRATION_DOCUMENTS_URL"
    )
    """Documents of applications, where the country's mapping sends some."""
    preregistration_client_id: str = Field(
        "mosip-prereg-client", alias="MOSIP_PREREGISTRATION_AUTH_CLIENT_ID"
    )
    """Client that applies for older children, where the country's policy says so."""
    preregistration_client_secret: SecretStr = Field(
        SecretStr(_SECRET), alias="MOSIP_PREREGISTRATION_AUTH_CLIENT_SECRET"
    )
    """Its secret."""
    create_packet_url: Address = _beside("create_packet_url", "MOSIP_CREATE_PACKET_URL")
    """Packet manager."""
    process_packet_url: Address = _beside("process_packet_url", "MOSIP_PROCESS_PACKET_URL")
    """Registration processor: starts the packet's way."""
    status_url: AddressOrOff = _beside("status_url", "MOSIP_STATUS_URL")
    """External status, polled; empty text switches polling off."""
    transaction_url: AddressOrOff = _beside("transaction_url", "MOSIP_TRANSACTION_URL")
    """Why a packet failed; the packet id is appended."""
    identity_url: BaseAddress = _beside("identity_url", "MOSIP_IDENTITY_URL")
    """ID repository: identities."""
    vid_url: BaseAddress = _beside("vid_url", "MOSIP_VID_URL")
    """ID repository: VIDs."""
    uin_url: Address = _beside("uin_url", "MOSIP_UIN_URL")
    """UIN generator, of the synchronous mode."""
    hub_url: Address = _beside("hub_url", "MOSIP_WEBSUB_HUB_URL")
    """WebSub hub."""
    hub_secret: SecretStr = Field(SecretStr("mosip-websub-secret"), alias="MOSIP_WEBSUB_SECRET")
    """Shared with the hub at the subscription; signs its deliveries."""
    topic: str = Field("crvs-partner/CREDENTIAL_ISSUED", alias="MOSIP_WEBSUB_TOPIC")
    """Topic of issued credentials."""
    workflow_topic: TextOrOff = Field(
        "REGISTRATION_PROCESSOR_WORKFLOW_COMPLETED_EVENT", alias="MOSIP_WEBSUB_WORKFLOW_TOPIC"
    )
    """Tells of processed, rejected and failed packets; empty text: not subscribed."""
    acknowledge_topic: TextOrOff = Field("CREDENTIAL_STATUS_UPDATE", alias="MOSIP_WEBSUB_ACKNOWLEDGE_TOPIC")
    """Where received credentials are acknowledged; empty text: nowhere."""
    callback_url: Address | None = Field(None, alias="MOSIP_WEBSUB_CALLBACK_URL")
    """How the hub reaches us; default: this host and PORT."""
    callback_key: bool = Field(True, alias="BRIDGE_CALLBACK_KEY")
    """The hub is told a callback with an unguessable last part: only its own questions count; off for a hub
    that takes no such address: then a delivery shows that it is subscribed.
    """
    resubscribe_seconds: Seconds = Field(6 * 3600.0, alias="MOSIP_WEBSUB_RENEW_SECONDS")
    """How often the subscriptions are renewed, in seconds."""
    packet_source: str = Field("CRVS1", alias="MOSIP_PACKET_SOURCE")
    """CRVS1; OPENCRVS for older ones."""
    schema_version: str = Field("0.1", alias="MOSIP_SCHEMA_VERSION")
    """Version of the ID schema that packets name."""
    center_id: str = Field("10001", pattern=_FIVE_DIGITS, alias="MOSIP_CENTER_ID")
    """Registration centre in packets, five digits."""
    machine_id: str = Field("10004", pattern=_FIVE_DIGITS, alias="MOSIP_MACHINE_ID")
    """Machine in packets, five digits."""
    officer_id: str = Field("crvs_officer", alias="MOSIP_OFFICER_ID")
    """Officer whom packets name when they bring no meta info of their own."""
    packet_id_style: Literal["rid", "prefix"] = Field("rid", alias="BRIDGE_PACKET_ID")
    """rid: 29 digits, unguessable; prefix: the mediator's 15 digits."""
    transaction_id_prefix: str = Field("10001", pattern="^[0-9]{1,19}$", alias="TRANSACTION_ID_PREFIX")
    """First digits of packet ids in the style prefix."""
    language: str = Field("eng", pattern="^[a-z]{3}$", alias="MOSIP_LANGUAGE")
    """ISO 639-3 language of packet values: one, of three letters."""
    national_id_key: str = Field("VID", alias="MOSIP_VERIFIABLE_CREDENTIAL_NATIONAL_ID_KEY")
    """Which subject key is the national ID."""
    p12_path: Path | None = Field(None, alias="DECRYPT_P12_FILE_PATH")
    """Partner key that opens credentials; default: key folder."""
    p12_password: Password = Field(SecretStr("mosip123"), alias="DECRYPT_P12_FILE_PASSWORD")
    """Password of that file."""
    verification_methods: Words = Field(
        ("http://127.0.0.1:20240/.well-known/public-key.json",), alias="MOSIP_VERIFIABLE_CREDENTIAL_ALLOWLIST"
    )
    """Key URLs that may sign credentials, comma-separated; a real MOSIP names its own."""
    context_files: Words = Field((), alias="MOSIP_VERIFIABLE_CREDENTIAL_CONTEXTS")
    """The issuer's own mosip-context.json, as URL=FILE,URL=FILE; what is not given is MOSIP's stock file at
    the issuers of the allowed keys. No other context is believed.
    """
    well_known_url: AddressOrOff = _beside("well_known_url", "MOSIP_WELL_KNOWN_URL")
    """Where the allowed key documents are fetched from; empty text: from their own URLs."""
    data_share_hosts: WordsOrNone = Field(("127.0.0.1", "localhost"), alias="MOSIP_DATA_SHARE_HOSTS")
    """Where credentials may be fetched from, with our log-in: HOST or HOST:PORT, by https, or as MOSIP's
    other addresses there are reached.
    """

    # leniencies towards other partners and older versions: all off, each named in the log at start
    allow_unsigned: bool = Field(False, alias="BRIDGE_ALLOW_UNSIGNED_DELIVERIES")
    """Deliveries without the hub's signature: anybody could send them."""
    allow_jcs: bool = Field(False, alias="BRIDGE_ALLOW_JCS_PROOF")
    """Proofs as the OpenCRVS mock of MOSIP makes them."""
    allow_zero_thumbprint: bool = Field(False, alias="BRIDGE_ALLOW_ZERO_THUMBPRINT")
    """Sealed credentials whose thumbprint is all zeros, as that mock's."""
    allow_old_sealing: bool = Field(False, alias="BRIDGE_ALLOW_OLD_SEALING")
    """Sealed credentials in the layouts of older MOSIP versions."""
    allow_death_credential: bool = Field(False, alias="BRIDGE_ALLOW_DEATH_CREDENTIAL")
    """A credential completes a death, as at that mock; MOSIP sends none."""
    allow_plain_topic: bool = Field(False, alias="BRIDGE_ALLOW_PLAIN_TOPIC")
    """Credentials under CREDENTIAL_ISSUED, without the partner."""
    allow_euin: bool = Field(False, alias="BRIDGE_ALLOW_EUIN")
    """Credentials without proof (type euin)."""

    allow_unsigned_ida: bool = Field(False, alias="BRIDGE_ALLOW_UNSIGNED_IDA")
    """Answers of ID authentication without a signature."""

    allow_esignet_mock: bool = Field(False, alias="BRIDGE_ALLOW_ESIGNET_MOCK")
    """Userinfo as the OpenCRVS mock of eSignet signs it: with our own key, without kid."""

    # ID authentication and eSignet
    esignet_url: AddressOrOff = Field(_ESIGNET, alias="ESIGNET_URL")
    """Base of all eSignet addresses that are not given by themselves."""
    ida_url: BaseAddress = _beside("ida_url", "IDA_AUTH_URL")
    """ID authentication."""
    ida_domain_uri: str = Field("https://mosip.example", alias="IDA_AUTH_DOMAIN_URI")
    """Domain that requests to it name."""
    partner_api_key: SecretStr = Field(SecretStr("123456"), alias="PARTNER_APIKEY")
    """API key there."""
    partner_misp_key: SecretStr = Field(SecretStr("MISP-LK-EXAMPLE"), alias="PARTNER_MISP_LK")
    """Licence key of the MISP there."""
    partner_id: str = Field("crvs-partner", alias="PARTNER_ID")
    """Partner id there."""
    ida_certificate: Path | None = Field(None, alias="ENCRYPT_CERT_PATH")
    """PEM certificate that requests are sealed for; default: key folder."""
    ida_sign_certificate: Path | None = Field(None, alias="IDA_SIGN_CERT_PATH")
    """PEM certificate under which ID authentication signs its answers, or roots above it; default: key
    folder, when ENCRYPT_CERT_PATH is not given either.
    """
    sign_p12_path: Path | None = Field(None, alias="SIGN_P12_FILE_PATH")
    """Key that signs requests; default: key folder."""
    sign_p12_password: Password = Field(SecretStr("mosip123"), alias="SIGN_P12_FILE_PASSWORD")
    """Password of that file."""
    esignet_token_url: AddressOrOff = _beside("esignet_token_url", "ESIGNET_TOKEN_URL")
    """eSignet: token."""
    esignet_userinfo_url: AddressOrOff = _beside("esignet_userinfo_url", "ESIGNET_USERINFO_URL")
    """eSignet: userinfo."""
    esignet_jwks_url: AddressOrOff = _beside("esignet_jwks_url", "ESIGNET_JWKS_URL")
    """eSignet: keys that sign its answers."""
    oidp_key: Path | None = Field(None, alias="OIDP_CLIENT_PRIVATE_KEY_PATH")
    """PEM, or base64 of a JWK; default: key folder."""

    @field_validator("verification_methods")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(base_address(each) for each in value)

    @field_validator("data_share_hosts")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for host in value:
            if any(sign in host for sign in "/@?# "):
                raise ValueError("these are hosts, as datashare.example, without scheme and path")
            http_address(f"https://{bracketed(host)}")
        return tuple(host.lower() for host in value)

    @field_validator("schema_version")
    @classmethod
    def _a_version(cls, value: str) -> str:
        if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value) is None:
            raise ValueError(f"a number is due, as 0.1, not {value!r}")
        return value

    @classmethod
    def completed(cls, told: dict[str, Any]) -> dict[str, Any]:
        return completed(told)
