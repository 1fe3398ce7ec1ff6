"""Settings of the bridge: the environment names that the upstream mediator reads, so that it drops in for it.

Contract mosip §11.3 for the mediator's names; `BRIDGE_…` and a few more are ours. Read from the environment, a
TOML file (same names, any case), or keyword arguments by field name. Secrets never show in a repr.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bridge.policy import DEFAULT_NUMBER, Mode, Policy

_SECRET = "abcdeABCDE123456"
Words = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """Everything that can be set; `python -m bridge --help` lists it with the environment names."""

    model_config = SettingsConfigDict(
        extra="ignore", frozen=True, populate_by_name=True, env_ignore_empty=True
    )

    # where it listens
    host: str = Field("127.0.0.1", alias="HOST", description="Address to listen on, both ports.")
    port: int = Field(
        2024, ge=0, le=65535, alias="PORT", description="The mediator's API and the hub's callback."
    )
    trigger_port: int = Field(
        3040,
        ge=0,
        le=65535,
        alias="BRIDGE_TRIGGER_PORT",
        description="The country's server that OpenCRVS triggers.",
    )
    operations_token: SecretStr | None = Field(
        None,
        alias="BRIDGE_OPERATIONS_TOKEN",
        description="Bearer credential of /operations; unset: they are off.",
    )
    client_app_url: str | None = Field(
        None, alias="CLIENT_APP_URL", description="Origin that browsers may call from."
    )

    # how it decides
    mode: str = Field(
        "async",
        alias="BRIDGE_MODE",
        description="sync | async | async-after-sync-timeout; per event type as birth=sync,death=async.",
    )
    sync_seconds: float = Field(
        8.0, gt=0, alias="BRIDGE_SYNC_SECONDS", description="Time limit of a synchronous answer, in seconds."
    )
    forwarded: Words = Field(
        ("birth", "death"), alias="BRIDGE_FORWARDED", description="Event types that go to the ID system."
    )
    child_under_years: int | None = Field(
        10,
        alias="BRIDGE_CHILD_UNDER_YEARS",
        description="Births of children of this age and older are not forwarded.",
    )
    verified_parent: bool = Field(
        False, alias="BRIDGE_VERIFIED_PARENT", description="Forward births only when a parent is verified."
    )
    number_template: str = Field(
        DEFAULT_NUMBER,
        alias="BRIDGE_REGISTRATION_NUMBER",
        description="Registration number, of {year} {letter} {trackingId} {eventType}.",
    )
    national_id_fields: Words = Field(
        ("birth=child.nid",),
        alias="BRIDGE_NATIONAL_ID_FIELDS",
        description="Declaration field for the national ID, per event type; none named: none needed.",
    )
    reject_declaration: bool = Field(
        True,
        alias="BRIDGE_REJECT_DECLARATION",
        description="After a rejection also reject the declaration with the reason, where the token allows.",
    )
    corrections: bool = Field(
        True,
        alias="BRIDGE_CORRECTIONS",
        description="Corrections of births make a missing identity, or update it; off: they get 200.",
    )
    death_unknown: Literal["reject", "register"] = Field(
        "reject",
        alias="BRIDGE_DEATH_UNKNOWN_ID",
        description="Synchronous death of a national ID that the ID system does not know.",
    )

    # the store
    database_url: str = Field(
        "sqlite+aiosqlite:///bridge.db",
        alias="BRIDGE_DATABASE_URL",
        description="sqlite+aiosqlite:///FILE or postgresql+asyncpg://user:password@host/name.",
    )
    sqlite_path: str | None = Field(
        None,
        alias="SQLITE_DATABASE_PATH",
        description="The mediator's name for the SQLite file; used when set.",
    )
    encryption_keys: SecretStr | None = Field(
        None,
        alias="BRIDGE_ENCRYPTION_KEYS",
        description="Keys of stored secrets, comma-separated, newest first; unset: a file in the key folder.",
    )
    keys: Path = Field(
        Path(".rehearsal/keys"),
        alias="REHEARSAL_KEYS",
        description="Folder of test keys; missing ones are made.",
    )
    retention_days: float = Field(
        30.0, gt=0, alias="BRIDGE_RETENTION_DAYS", description="How long settled registrations stay listed."
    )

    # patience
    give_up_seconds: float = Field(
        3 * 86400.0,
        gt=0,
        alias="BRIDGE_GIVE_UP_SECONDS",
        description="Failing this long makes a record stuck.",
    )
    retry_first_seconds: float = Field(
        2.0, gt=0, alias="BRIDGE_RETRY_SECONDS", description="First wait; doubles."
    )
    retry_longest_seconds: float = Field(
        900.0, gt=0, alias="BRIDGE_RETRY_LONGEST_SECONDS", description="Longest wait between tries."
    )
    call_seconds: float = Field(
        20.0, gt=0, alias="BRIDGE_CALL_SECONDS", description="Time limit of every call out."
    )
    poll_after_seconds: float = Field(
        3600.0,
        gt=0,
        alias="BRIDGE_POLL_AFTER_SECONDS",
        description="Ask for the status of packets older than this.",
    )
    poll_longest_seconds: float = Field(
        6 * 3600.0,
        gt=0,
        alias="BRIDGE_POLL_LONGEST_SECONDS",
        description="Longest wait between status questions.",
    )
    grace_seconds: float = Field(
        300.0,
        gt=0,
        alias="BRIDGE_CREDENTIAL_GRACE_SECONDS",
        description="From PROCESSED to fetching the ID ourselves.",
    )
    stalled_seconds: float = Field(
        14 * 86400.0,
        gt=0,
        alias="BRIDGE_STALLED_SECONDS",
        description="No answer for this long makes a record stuck.",
    )
    expiry_warning_seconds: float = Field(
        86400.0,
        gt=0,
        alias="BRIDGE_EXPIRY_WARNING_SECONDS",
        description="Warn this long before a token runs out.",
    )
    concurrency: int = Field(
        16, ge=1, alias="BRIDGE_CONCURRENCY", description="Calls in flight per destination."
    )

    # OpenCRVS
    profile: Literal["1.9", "2.0", "2.1"] = Field(
        "2.0", alias="OPENCRVS_PROFILE", description="Which OpenCRVS this is: how confirmations authenticate."
    )
    gateway_url: str = Field(
        "http://127.0.0.1:7070", alias="OPENCRVS_GATEWAY_URL", description="OpenCRVS gateway."
    )
    public_key_url: str = Field(
        "http://127.0.0.1:4040/.well-known",
        alias="OPENCRVS_PUBLIC_KEY_URL",
        description="PEM that signs its tokens.",
    )
    auth_url: str = Field(
        "http://127.0.0.1:4040",
        alias="OPENCRVS_AUTH_URL",
        description="Token endpoint's base, for a system client.",
    )
    client_id: str | None = Field(
        None,
        alias="OPENCRVS_CLIENT_ID",
        description="System client that confirms when the record token cannot.",
    )
    client_secret: SecretStr | None = Field(None, alias="OPENCRVS_CLIENT_SECRET", description="Its secret.")
    confirmation: Literal["auto", "stored", "system", "stored-then-system"] = Field(
        "auto",
        alias="BRIDGE_CONFIRMATION",
        description="Credential of confirmations; auto: stored (1.9, 2.0), then system when a client is set; 2.1 system.",
    )

    # MOSIP
    mosip_url: str = Field(
        "http://127.0.0.1:20240",
        alias="MOSIP_URL",
        description="Base of all MOSIP addresses that are not given by themselves.",
    )
    mosip_auth_url: str = Field(
        "http://127.0.0.1:20240/v1/authmanager/authenticate/clientidsecretkey",
        alias="MOSIP_AUTH_URL",
        description="Auth manager: log-in with client id and secret.",
    )
    mosip_app_id: str = Field(
        "admin", alias="MOSIP_AUTH_CLIENT_APP_ID", description="Application id of that log-in."
    )
    packet_client_id: str = Field(
        "mosip-regproc-client",
        alias="MOSIP_PACKET_AUTH_CLIENT_ID",
        description="Client that sends packets and asks for their status.",
    )
    packet_client_secret: SecretStr = Field(
        SecretStr(_SECRET), alias="MOSIP_PACKET_AUTH_CLIENT_SECRET", description="Its secret."
    )
    websub_client_id: str = Field(
        "crvs-partner", alias="MOSIP_WEBSUB_AUTH_CLIENT_ID", description="Client that subscribes at the hub."
    )
    websub_client_secret: SecretStr = Field(
        SecretStr(_SECRET), alias="MOSIP_WEBSUB_AUTH_CLIENT_SECRET", description="Its secret."
    )
    create_packet_url: str = Field(
        "http://127.0.0.1:20240/commons/v1/packetmanager/createPacket",
        alias="MOSIP_CREATE_PACKET_URL",
        description="Packet manager.",
    )
    process_packet_url: str = Field(
        "http://127.0.0.1:20240/registrationprocessor/v1/workflowmanager/workflowinstance",
        alias="MOSIP_PROCESS_PACKET_URL",
        description="Registration processor: starts the packet's way.",
    )
    status_url: str = Field(
        "http://127.0.0.1:20240/registrationprocessor/v1/registrationstatus/externalstatus/search",
        alias="MOSIP_STATUS_URL",
        description="External status, polled; empty text switches polling off.",
    )
    transaction_url: str = Field(
        "http://127.0.0.1:20240/registrationprocessor/v1/registrationtransaction/search",
        alias="MOSIP_TRANSACTION_URL",
        description="Why a packet failed; the packet id is appended.",
    )
    identity_url: str = Field(
        "http://127.0.0.1:20240/idrepository/v1/identity",
        alias="MOSIP_IDENTITY_URL",
        description="ID repository: identities.",
    )
    vid_url: str = Field(
        "http://127.0.0.1:20240/idrepository/v1/vid",
        alias="MOSIP_VID_URL",
        description="ID repository: VIDs.",
    )
    uin_url: str = Field(
        "http://127.0.0.1:20240/v1/idgenerator/uin",
        alias="MOSIP_UIN_URL",
        description="UIN generator, of the synchronous mode.",
    )
    hub_url: str = Field(
        "http://127.0.0.1:20240/websub/hub", alias="MOSIP_WEBSUB_HUB_URL", description="WebSub hub."
    )
    hub_secret: SecretStr = Field(
        SecretStr("mosip-websub-secret"),
        alias="MOSIP_WEBSUB_SECRET",
        description="Shared with the hub at the subscription; signs its deliveries.",
    )
    topic: str = Field(
        "crvs-partner/CREDENTIAL_ISSUED",
        alias="MOSIP_WEBSUB_TOPIC",
        description="Topic of issued credentials.",
    )
    workflow_topic: str = Field(
        "REGISTRATION_PROCESSOR_WORKFLOW_COMPLETED_EVENT",
        alias="MOSIP_WEBSUB_WORKFLOW_TOPIC",
        description="Tells of processed, rejected and failed packets; empty text: not subscribed.",
    )
    acknowledge_topic: str = Field(
        "CREDENTIAL_STATUS_UPDATE",
        alias="MOSIP_WEBSUB_ACKNOWLEDGE_TOPIC",
        description="Where received credentials are acknowledged; empty text: nowhere.",
    )
    callback_url: str | None = Field(
        None,
        alias="MOSIP_WEBSUB_CALLBACK_URL",
        description="How the hub reaches us; default: this host and PORT.",
    )
    resubscribe_seconds: float = Field(
        6 * 3600.0,
        gt=0,
        alias="MOSIP_WEBSUB_RENEW_SECONDS",
        description="How often the subscriptions are renewed, in seconds.",
    )
    packet_source: str = Field(
        "CRVS1", alias="MOSIP_PACKET_SOURCE", description="CRVS1; OPENCRVS for older ones."
    )
    schema_version: str = Field(
        "0.1", alias="MOSIP_SCHEMA_VERSION", description="Version of the ID schema that packets name."
    )
    center_id: str = Field(
        "10001", alias="MOSIP_CENTER_ID", description="Registration centre in packets, five digits."
    )
    machine_id: str = Field("10004", alias="MOSIP_MACHINE_ID", description="Machine in packets, five digits.")
    officer_id: str = Field("crvs_officer", alias="MOSIP_OFFICER_ID", description="Officer in packets.")
    packet_id_style: Literal["rid", "prefix"] = Field(
        "rid",
        alias="BRIDGE_PACKET_ID",
        description="rid: 29 digits, unguessable; prefix: the mediator's 15 digits.",
    )
    transaction_id_prefix: str = Field(
        "10001", alias="TRANSACTION_ID_PREFIX", description="First digits of packet ids in the style prefix."
    )
    language: str = Field("eng", alias="MOSIP_LANGUAGE", description="ISO 639-3 language of packet values.")
    national_id_key: str = Field(
        "VID",
        alias="MOSIP_VERIFIABLE_CREDENTIAL_NATIONAL_ID_KEY",
        description="Which subject key is the national ID.",
    )
    p12_path: Path | None = Field(
        None,
        alias="DECRYPT_P12_FILE_PATH",
        description="Partner key that opens credentials; default: key folder.",
    )
    p12_password: SecretStr = Field(
        SecretStr("mosip123"), alias="DECRYPT_P12_FILE_PASSWORD", description="Password of that file."
    )
    verification_methods: Words = Field(
        ("https://api-internal.mosip.example/.well-known/public-key.json",),
        alias="MOSIP_VERIFIABLE_CREDENTIAL_ALLOWLIST",
        description="Key URLs that may sign credentials, comma-separated.",
    )
    well_known_url: str = Field(
        "http://127.0.0.1:20240/.well-known",
        alias="MOSIP_WELL_KNOWN_URL",
        description="Where the allowed key documents are fetched from; empty text: from their own URLs.",
    )
    data_share_hosts: Words = Field(
        ("127.0.0.1", "localhost"),
        alias="MOSIP_DATA_SHARE_HOSTS",
        description="Hosts that credentials may be fetched from.",
    )

    # leniencies towards other partners and older versions: all off, each named in the log at start
    allow_unsigned: bool = Field(
        False,
        alias="BRIDGE_ALLOW_UNSIGNED_DELIVERIES",
        description="Deliveries without the hub's signature: anybody could send them.",
    )
    allow_jcs: bool = Field(
        False, alias="BRIDGE_ALLOW_JCS_PROOF", description="Proofs as the OpenCRVS mock of MOSIP makes them."
    )
    allow_zero_thumbprint: bool = Field(
        False,
        alias="BRIDGE_ALLOW_ZERO_THUMBPRINT",
        description="Sealed credentials whose thumbprint is all zeros, as that mock's.",
    )
    allow_old_sealing: bool = Field(
        False,
        alias="BRIDGE_ALLOW_OLD_SEALING",
        description="Sealed credentials in the layouts of older MOSIP versions.",
    )
    allow_death_credential: bool = Field(
        False,
        alias="BRIDGE_ALLOW_DEATH_CREDENTIAL",
        description="A credential completes a death, as at that mock; MOSIP sends none.",
    )
    allow_plain_topic: bool = Field(
        False,
        alias="BRIDGE_ALLOW_PLAIN_TOPIC",
        description="Credentials under CREDENTIAL_ISSUED, without the partner.",
    )
    allow_euin: bool = Field(
        False, alias="BRIDGE_ALLOW_EUIN", description="Credentials without proof (type euin)."
    )

    allow_unsigned_ida: bool = Field(
        False,
        alias="BRIDGE_ALLOW_UNSIGNED_IDA",
        description="Answers of ID authentication without a signature.",
    )

    # ID authentication and eSignet
    esignet_url: str = Field(
        "http://127.0.0.1:20260",
        alias="ESIGNET_URL",
        description="Base of all eSignet addresses that are not given by themselves.",
    )
    ida_url: str = Field(
        "http://127.0.0.1:20240/idauthentication/v1/auth",
        alias="IDA_AUTH_URL",
        description="ID authentication.",
    )
    ida_domain_uri: str = Field(
        "https://mosip.example", alias="IDA_AUTH_DOMAIN_URI", description="Domain that requests to it name."
    )
    partner_api_key: str = Field("123456", alias="PARTNER_APIKEY", description="API key there.")
    partner_misp_key: SecretStr = Field(
        SecretStr("MISP-LK-EXAMPLE"), alias="PARTNER_MISP_LK", description="Licence key of the MISP there."
    )
    partner_id: str = Field("crvs-partner", alias="PARTNER_ID", description="Partner id there.")
    ida_certificate: Path | None = Field(
        None,
        alias="ENCRYPT_CERT_PATH",
        description="PEM certificate that requests are sealed for; default: key folder.",
    )
    sign_p12_path: Path | None = Field(
        None, alias="SIGN_P12_FILE_PATH", description="Key that signs requests; default: key folder."
    )
    sign_p12_password: SecretStr = Field(
        SecretStr("mosip123"), alias="SIGN_P12_FILE_PASSWORD", description="Password of that file."
    )
    esignet_token_url: str = Field(
        "http://127.0.0.1:20260/v1/esignet/oauth/v2/token",
        alias="ESIGNET_TOKEN_URL",
        description="eSignet: token.",
    )
    esignet_userinfo_url: str = Field(
        "http://127.0.0.1:20260/v1/esignet/oidc/userinfo",
        alias="ESIGNET_USERINFO_URL",
        description="eSignet: userinfo.",
    )
    esignet_jwks_url: str = Field(
        "http://127.0.0.1:20260/v1/esignet/oauth/.well-known/jwks.json",
        alias="ESIGNET_JWKS_URL",
        description="eSignet: keys that sign its answers.",
    )
    oidp_key: Path | None = Field(
        None,
        alias="OIDP_CLIENT_PRIVATE_KEY_PATH",
        description="PEM, or base64 of a JWK; default: key folder.",
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", alias="BRIDGE_LOG_LEVEL")

    @field_validator(
        "forwarded", "national_id_fields", "verification_methods", "data_share_hosts", mode="before"
    )
    @classmethod
    def _comma_list(cls, value: Any) -> Any:
        return (
            tuple(part.strip() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @model_validator(mode="before")
    @classmethod
    def _addresses_from_their_base(cls, values: Any) -> Any:
        """Move the addresses that were not given to the base that was."""
        for base in ("mosip_url", "esignet_url") if isinstance(values, dict) else ():
            default = cls.model_fields[base].default
            given = values.get(str(cls.model_fields[base].alias), values.get(base, default))
            for name, field in cls.model_fields.items():
                if (
                    name not in values
                    and field.alias not in values
                    and str(field.default).startswith(f"{default}/")
                ):
                    values = values | {name: str(given).rstrip("/") + field.default.removeprefix(default)}
        return values

    @field_validator("child_under_years", mode="before")
    @classmethod
    def _no_limit(cls, value: Any) -> Any:
        return None if value in ("none", "off") else value

    @field_validator("mode")
    @classmethod
    def _known_mode(cls, value: str) -> str:
        _modes(value)
        return value

    @field_validator("number_template")
    @classmethod
    def _number_has_the_tracking_id(cls, value: str) -> str:
        if "{trackingId}" not in value:
            raise ValueError("the registration number needs {trackingId}, or two records get the same number")
        value.format(year=2026, letter="B", trackingId="ABC123", eventType="birth")
        return value

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Settings from a TOML file; a variable of the environment wins over the file."""
        with path.open("rb") as file:
            values = tomllib.load(file)
        by_alias = {str(field.alias).lower(): name for name, field in cls.model_fields.items()}
        named = {by_alias.get(key.lower(), key.lower()): value for key, value in values.items()}
        unknown = sorted(set(named) - set(cls.model_fields))
        if unknown:
            raise ValueError(f"{path}: no setting is called {', '.join(unknown)}")
        given = cls().model_fields_set
        return cls(**{name: value for name, value in named.items() if name not in given})

    @property
    def policy(self) -> Policy:
        fields = dict(pair.split("=", 1) for pair in self.national_id_fields)
        return Policy(
            modes=_modes(self.mode),
            forwarded=frozenset(self.forwarded),
            child_under_years=self.child_under_years,
            verified_parent=self.verified_parent,
            number_template=self.number_template,
            national_id_fields=fields,
        )

    @property
    def leniencies(self) -> tuple[str, ...]:
        """The environment names of the leniencies that are on."""
        return tuple(
            str(field.alias)
            for name, field in type(self).model_fields.items()
            if name.startswith("allow_") and getattr(self, name)
        )

    @property
    def store_url(self) -> str:
        return f"sqlite+aiosqlite:///{self.sqlite_path}" if self.sqlite_path else self.database_url


def _modes(text: str) -> dict[str, Mode]:
    """`sync` for all, or `birth=sync,death=async`; what is not named is async."""
    modes = {"*": Mode.ASYNC}
    for part in text.split(","):
        event_type, _, mode = part.strip().rpartition("=")
        try:
            modes[event_type.strip() or "*"] = Mode(mode.strip())
        except ValueError:
            raise ValueError(
                f"{mode!r} is not a mode; BRIDGE_MODE is {' | '.join(Mode)}, or per event type as birth=sync,death=async"
            ) from None
    return modes
