"""Settings of the bridge: the environment names that the upstream mediator reads, so that it drops in for it.

Contract mosip §11.3 for the mediator's names; `BRIDGE_…` and a few more are ours. Read from the
environment, a
TOML file (same names, any case), or keyword arguments by field name. Secrets never show in a repr.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from bridge.calls.pace import Pace
from bridge.country.folder import FARAJALAND
from bridge.country.numbering import DEFAULT_NUMBER, checked
from bridge.country.policy import Policy
from bridge.mosip.settings import IdSystemSettings
from bridge.registration import Destination
from bridge.setting_forms import (
    EventTypes,
    FieldByEventType,
    Flights,
    Modes,
    NumberOrOff,
    OfficeCodes,
    Operators,
    PortOrEmpty,
    Rates,
    TimeZone,
    by_name,
    modes,
    named_operators,
    paces,
)
from wire.environment import Address, BaseAddress, Seconds, words

NumberTemplate = Annotated[str, AfterValidator(checked)]


class Settings(IdSystemSettings):
    """Everything that can be set; `python -m bridge --help` lists it with the environment names."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    id_system: str = Field("mosip", alias="BRIDGE_ID_SYSTEM")
    """The ID system: mosip, or MODULE:CLASS of another one, which has settings of its own."""

    # where it listens
    host: str = Field("127.0.0.1", alias="HOST")
    """Address to listen on, both ports."""
    port: int = Field(2024, ge=0, le=65535, alias="PORT")
    """The mediator's API and the hub's callback."""
    trigger_port: PortOrEmpty = Field(3040, ge=0, le=65535, alias="BRIDGE_TRIGGER_PORT")
    """The country's server that OpenCRVS triggers; empty, or not given beside the mediator's own addresses:
    not opened.
    """
    country_config_url: BaseAddress | None = Field(None, alias="BRIDGE_COUNTRY_CONFIG_URL")
    """The country's own server behind the bridge: it gets what the bridge does not decide, and may add a
    number and fields to what it does; unset: there is none.
    """
    country_config_seconds: Seconds = Field(60.0, alias="BRIDGE_COUNTRY_CONFIG_SECONDS")
    """How long it may take to begin an answer that is passed on, and to go on with it."""
    payments_url: BaseAddress | None = Field(None, alias="BRIDGE_PAYMENTS_URL")
    """The system that tells whether a fee is paid, where the country's policy asks for one."""
    payments_token: SecretStr | None = Field(None, alias="BRIDGE_PAYMENTS_TOKEN")
    """Bearer credential for it; unset: none is sent."""
    operations_token: SecretStr | None = Field(None, alias="BRIDGE_OPERATIONS_TOKEN")
    """Bearer credential of /operations; unset: they are off."""
    operators: Operators | None = Field(None, alias="BRIDGE_OPERATORS")
    """Credentials of operators who are named in what `bridge audit` tells, as amina=TOKEN,joseph=TOKEN; who
    uses BRIDGE_OPERATIONS_TOKEN is `operator`.
    """
    client_app_url: BaseAddress | None = Field(None, alias="CLIENT_APP_URL")
    """Origin whose pages may call the mediator's port from a browser; unset: none."""

    # how it decides
    country_folder: Path | None = Field(None, alias="BRIDGE_COUNTRY")
    """The country's own files: ways, packet fields, reasons; unset: Farajaland's."""
    mode: Modes = Field("async", alias="BRIDGE_MODE")
    """sync | async | async-after-sync-timeout; per event type as birth=sync,death=async."""
    sync_seconds: Seconds = Field(8.0, alias="BRIDGE_SYNC_SECONDS")
    """Time limit of a synchronous answer, in seconds."""
    forwarded: EventTypes = Field(("birth", "death"), alias="BRIDGE_FORWARDED")
    """Event types that go to the ID system."""
    child_under_years: NumberOrOff = Field(10, ge=0, alias="BRIDGE_CHILD_UNDER_YEARS")
    """Births of children of this age and older are not forwarded."""
    verified_parent: bool = Field(False, alias="BRIDGE_VERIFIED_PARENT")
    """Forward births only when a parent is verified."""
    number_template: NumberTemplate = Field(DEFAULT_NUMBER, alias="BRIDGE_REGISTRATION_NUMBER")
    """Registration number, of {year} {letter} {trackingId} {eventType} {office}; counted with {sequence} or
    {sequence:04} instead of {trackingId}.
    """
    time_zone: TimeZone = Field("UTC", alias="BRIDGE_TIME_ZONE")
    """Time zone of the country, as Pacific/Tongatapu: numbers and ages go by its day."""
    office_codes: OfficeCodes = Field((), alias="BRIDGE_OFFICE_CODES")
    """{office} of an office, as ID=CODE,ID=CODE; of others: the last 8 signs of the id."""
    national_id_fields: FieldByEventType = Field(("birth=child.nid",), alias="BRIDGE_NATIONAL_ID_FIELDS")
    """Declaration field for the national ID, per event type; none named: none needed."""
    reject_declaration: bool = Field(True, alias="BRIDGE_REJECT_DECLARATION")
    """After a rejection also reject the declaration with the reason, where the token allows."""
    corrections: bool = Field(True, alias="BRIDGE_CORRECTIONS")
    """Corrections of births make a missing identity, or update it; off: they get 200."""
    death_unknown: Literal["reject", "register"] = Field("reject", alias="BRIDGE_DEATH_UNKNOWN_ID")
    """Synchronous death of a national ID that the ID system does not know."""

    ca_file: Path | None = Field(None, alias="SSL_CERT_FILE")
    """PEM file of authorities under which https servers are believed, beside the system's."""

    # the store
    database_url: str = Field("sqlite:///bridge.db", alias="BRIDGE_DATABASE_URL")
    """sqlite:///FILE or postgresql+asyncpg://user:password@host/name."""
    sqlite_path: str | None = Field(None, alias="SQLITE_DATABASE_PATH")
    """The mediator's name for the SQLite file; used when set."""
    encryption_keys: SecretStr | None = Field(None, alias="BRIDGE_ENCRYPTION_KEYS")
    """Keys of stored secrets, comma-separated, newest first; unset: a file in the key folder."""
    rehearsal: bool = Field(False, alias="BRIDGE_REHEARSAL")
    """Published secrets and test keys may meet hosts other than this machine."""
    keys: Path = Field(Path(".rehearsal/keys"), alias="REHEARSAL_KEYS")
    """Folder of test keys; missing ones are made."""
    retention_days: float = Field(30.0, gt=0, le=36_500, alias="BRIDGE_RETENTION_DAYS")
    """How long settled registrations stay listed."""

    # patience
    give_up_seconds: Seconds = Field(3 * 86400.0, alias="BRIDGE_GIVE_UP_SECONDS")
    """Failing this long makes a record stuck."""
    retry_first_seconds: Seconds = Field(2.0, alias="BRIDGE_RETRY_SECONDS")
    """First wait; doubles."""
    retry_longest_seconds: Seconds = Field(900.0, alias="BRIDGE_RETRY_LONGEST_SECONDS")
    """Longest wait between tries."""
    call_seconds: Seconds = Field(20.0, alias="BRIDGE_CALL_SECONDS")
    """Time limit of every call out."""
    poll_after_seconds: Seconds = Field(3600.0, alias="BRIDGE_POLL_AFTER_SECONDS")
    """Ask for the status of packets older than this."""
    poll_longest_seconds: Seconds = Field(6 * 3600.0, alias="BRIDGE_POLL_LONGEST_SECONDS")
    """Longest wait between status questions."""
    grace_seconds: Seconds = Field(300.0, alias="BRIDGE_CREDENTIAL_GRACE_SECONDS")
    """From PROCESSED to fetching the ID ourselves."""
    stalled_seconds: Seconds = Field(14 * 86400.0, alias="BRIDGE_STALLED_SECONDS")
    """No answer for this long makes a record stuck."""
    expiry_warning_seconds: Seconds = Field(86400.0, alias="BRIDGE_EXPIRY_WARNING_SECONDS")
    """Warn this long before a token runs out."""
    concurrency: int = Field(16, ge=1, alias="BRIDGE_CONCURRENCY")
    """Calls in flight per destination."""
    rate: Rates = Field((), alias="BRIDGE_RATE")
    """Registrations a second that each destination is given by all replicas together, as nid=20,opencrvs=50;
    nid, ida, payments, opencrvs, hub; one not named: no limit.
    """
    in_flight: Flights = Field((), alias="BRIDGE_IN_FLIGHT")
    """The same for registrations at once, as nid=8; of one process no more than BRIDGE_CONCURRENCY."""
    lease_seconds: Seconds = Field(300.0, alias="BRIDGE_LEASE_SECONDS")
    """After this long the work of a replica that died is another's."""

    # OpenCRVS
    profile: Literal["1.9", "2.0", "2.1"] = Field("2.0", alias="OPENCRVS_PROFILE")
    """Which OpenCRVS this is: how confirmations authenticate."""
    gateway_url: BaseAddress = Field("http://127.0.0.1:7070", alias="OPENCRVS_GATEWAY_URL")
    """OpenCRVS gateway."""
    public_key_url: Address = Field("http://127.0.0.1:4040/.well-known", alias="OPENCRVS_PUBLIC_KEY_URL")
    """PEM that signs its tokens."""
    auth_url: BaseAddress = Field("http://127.0.0.1:4040", alias="OPENCRVS_AUTH_URL")
    """Token endpoint's base, for a system client."""
    client_id: str | None = Field(None, alias="OPENCRVS_CLIENT_ID")
    """System client that confirms when the record token cannot."""
    client_secret: SecretStr | None = Field(None, alias="OPENCRVS_CLIENT_SECRET")
    """Its secret."""
    confirmation: Literal["auto", "stored", "system", "stored-then-system"] = Field(
        "auto", alias="BRIDGE_CONFIRMATION"
    )
    """Credential of confirmations; auto: stored (1.9, 2.0), then system when a client is set; 2.1 system."""

    # what is told about it
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", alias="BRIDGE_LOG_LEVEL")
    otlp_url: BaseAddress | None = Field(None, alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    """Collector of OpenTelemetry traces, by OTLP over HTTP, as http://collector:4318 (extra traces); unset:
    no traces.
    """
    otlp_traces_url: Address | None = Field(None, alias="OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    """The same as a whole address, with the path; wins."""
    otlp_headers: SecretStr | None = Field(None, alias="OTEL_EXPORTER_OTLP_HEADERS")
    """Headers for the collector, as Authorization=Basic%20…,X-Scope-OrgID=crvs."""
    traces_exporter: str = Field("otlp", alias="OTEL_TRACES_EXPORTER")
    """none: no traces, whatever the collector is."""
    otel_disabled: bool = Field(False, alias="OTEL_SDK_DISABLED")
    """The same by true."""

    @property
    def country(self) -> Path:
        """The folder of the country's own files."""
        return self.country_folder or FARAJALAND

    @property
    def collector(self) -> str | None:
        """Where traces go to; None: none are made."""
        if self.otel_disabled or "otlp" not in words(self.traces_exporter):
            return None
        return self.otlp_traces_url or (self.otlp_url and f"{self.otlp_url}/v1/traces")

    @property
    def policy(self) -> Policy:
        return Policy(
            modes=modes(self.mode),
            forwarded=frozenset(self.forwarded),
            child_under_years=self.child_under_years,
            verified_parent=self.verified_parent,
            corrections=self.corrections,
            country=self.country,
            number_template=self.number_template,
            zone=ZoneInfo(self.time_zone),
            office_codes=by_name(self.office_codes),
            national_id_fields=by_name(self.national_id_fields),
        )

    @property
    def operator_names(self) -> dict[str, str]:
        """Who has which bearer credential of /operations; none when they are off."""
        named = named_operators(self.operators.get_secret_value()) if self.operators else []
        own = [("operator", self.operations_token.get_secret_value())] if self.operations_token else []
        return {token: name for name, token in (*own, *named)}

    @property
    def paces(self) -> dict[Destination, Pace]:
        """By destination; those that have none are not limited."""
        return paces(self.rate, self.in_flight)

    @property
    def store_url(self) -> str:
        return f"sqlite:///{self.sqlite_path}" if self.sqlite_path else self.database_url
