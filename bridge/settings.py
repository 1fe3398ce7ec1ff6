"""Settings of the bridge: the environment names that the upstream mediator reads, so that it drops in for it.

Contract mosip §11.3 for the mediator's names; `BRIDGE_…` and a few more are ours. Read from the
environment, a
TOML file (same names, any case), or keyword arguments by field name. Secrets never show in a repr.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import SettingsConfigDict

from bridge.country.folder import FARAJALAND
from bridge.country.numbering import DEFAULT_NUMBER, checked
from bridge.country.policy import Mode, Policy
from bridge.mosip.settings import IdSystemSettings
from bridge.pace import Pace
from bridge.registration import Destination
from wire.environment import MAY_BE_EMPTY, Address, BaseAddress, Seconds, WordsOrNone, words

_PACED = (
    Destination.NID,
    Destination.IDA,
    Destination.PAYMENTS,
    Destination.OPENCRVS,
    Destination.HUB,
)
_EVENT_TYPE = re.compile(r"[\w.-]+")


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
    trigger_port: Annotated[int | None, MAY_BE_EMPTY] = Field(
        3040, ge=0, le=65535, alias="BRIDGE_TRIGGER_PORT"
    )
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
    operators: SecretStr | None = Field(None, alias="BRIDGE_OPERATORS")
    """Credentials of operators who are named in what `bridge audit` tells, as amina=TOKEN,joseph=TOKEN; who
    uses BRIDGE_OPERATIONS_TOKEN is `operator`.
    """
    client_app_url: BaseAddress | None = Field(None, alias="CLIENT_APP_URL")
    """Origin whose pages may call the mediator's port from a browser; unset: none."""

    # how it decides
    country_folder: Path | None = Field(None, alias="BRIDGE_COUNTRY")
    """The country's own files: ways, packet fields, reasons; unset: Farajaland's."""
    mode: str = Field("async", alias="BRIDGE_MODE")
    """sync | async | async-after-sync-timeout; per event type as birth=sync,death=async."""
    sync_seconds: Seconds = Field(8.0, alias="BRIDGE_SYNC_SECONDS")
    """Time limit of a synchronous answer, in seconds."""
    forwarded: WordsOrNone = Field(("birth", "death"), alias="BRIDGE_FORWARDED")
    """Event types that go to the ID system."""
    child_under_years: Annotated[int | None, MAY_BE_EMPTY] = Field(10, ge=0, alias="BRIDGE_CHILD_UNDER_YEARS")
    """Births of children of this age and older are not forwarded."""
    verified_parent: bool = Field(False, alias="BRIDGE_VERIFIED_PARENT")
    """Forward births only when a parent is verified."""
    number_template: str = Field(DEFAULT_NUMBER, alias="BRIDGE_REGISTRATION_NUMBER")
    """Registration number, of {year} {letter} {trackingId} {eventType} {office}; counted with {sequence} or
    {sequence:04} instead of {trackingId}.
    """
    time_zone: str = Field("UTC", alias="BRIDGE_TIME_ZONE")
    """Time zone of the country, as Pacific/Tongatapu: numbers and ages go by its day."""
    office_codes: WordsOrNone = Field((), alias="BRIDGE_OFFICE_CODES")
    """{office} of an office, as ID=CODE,ID=CODE; of others: the last 8 signs of the id."""
    national_id_fields: WordsOrNone = Field(("birth=child.nid",), alias="BRIDGE_NATIONAL_ID_FIELDS")
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
    rate: WordsOrNone = Field((), alias="BRIDGE_RATE")
    """Registrations a second that each destination is given by all replicas together, as nid=20,opencrvs=50;
    nid, ida, payments, opencrvs, hub; one not named: no limit.
    """
    in_flight: WordsOrNone = Field((), alias="BRIDGE_IN_FLIGHT")
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

    @field_validator("trigger_port", mode="before")
    @classmethod
    def _not_opened(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator("child_under_years", mode="before")
    @classmethod
    def _no_limit(cls, value: Any) -> Any:
        return None if value in ("none", "off", "") else value

    @field_validator("mode")
    @classmethod
    def _known_mode(cls, value: str) -> str:
        _modes(value)
        return value

    @field_validator("national_id_fields")
    @classmethod
    def _pairs(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        pairs = [pair.split("=") for pair in value]
        if not all(len(pair) == 2 and all(pair) for pair in pairs):
            raise ValueError("each is an event type and a field, as birth=child.nid")
        return _each_once(value)

    @field_validator("forwarded")
    @classmethod
    def _types(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            _event_type(each)
        return value

    @field_validator("office_codes")
    @classmethod
    def _codes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(pair.partition("=")[2] for pair in value):
            raise ValueError("each is the id of an office and its code, as b3d1c2aa-…-00000000000f=IB")
        return _each_once(value)

    @field_validator("operators")
    @classmethod
    def _named(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is not None:
            pairs = [one.strip().partition("=") for one in value.get_secret_value().split(",")]
            if not all(re.fullmatch(r"[\w.@-]{1,80}", name) and len(token) >= 16 for name, _, token in pairs):
                raise ValueError("each is a name and a credential of 16 characters or more, as amina=TOKEN")
            general = info.data.get("operations_token")
            tokens = [token for _, _, token in pairs] + ([general.get_secret_value()] if general else [])
            if len(set(tokens)) != len(tokens):
                raise ValueError("two have the same credential: nobody could tell who of them did something")
        return value

    @field_validator("rate", "in_flight")
    @classmethod
    def _limits(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        known = [to.value for to in _PACED]
        for pair in value:
            name, _, number = pair.partition("=")
            form, least = (
                (r"\d{1,4}(\.\d{1,3})?", "0.001") if info.field_name == "rate" else (r"\d{1,4}", "1")
            )
            if name not in known or not re.fullmatch(form, number, re.ASCII) or float(number) <= 0:
                raise ValueError(
                    f"{pair!r}: a destination ({', '.join(known)}) and a {'' if '.' in least else 'whole '}"
                    f"number from {least} to 9999 without blanks, as nid=20"
                )
        return _each_once(value)

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(
                f"no time zone is called {value!r}; they are called as Pacific/Tongatapu"
            ) from None
        return value

    @field_validator("number_template")
    @classmethod
    def _numbers(cls, value: str) -> str:
        return checked(value)

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
            modes=_modes(self.mode),
            forwarded=frozenset(self.forwarded),
            child_under_years=self.child_under_years,
            verified_parent=self.verified_parent,
            corrections=self.corrections,
            country=self.country,
            number_template=self.number_template,
            zone=ZoneInfo(self.time_zone),
            office_codes=dict(pair.split("=", 1) for pair in self.office_codes),
            national_id_fields=dict(pair.split("=", 1) for pair in self.national_id_fields),
        )

    @property
    def operator_names(self) -> dict[str, str]:
        """Who has which bearer credential of /operations; none when they are off."""
        named = self.operators.get_secret_value().split(",") if self.operators else []
        found = {token.strip(): name.strip() for name, _, token in (one.partition("=") for one in named)}
        return found | (
            {self.operations_token.get_secret_value(): "operator"} if self.operations_token else {}
        )

    @property
    def paces(self) -> dict[Destination, Pace]:
        """By destination; those that have none are not limited."""
        rates, flights = (dict(pair.split("=", 1) for pair in given) for given in (self.rate, self.in_flight))
        return {
            to: Pace(float(rates[to]) if to in rates else None, int(flights[to]) if to in flights else None)
            for to in Destination
            if to in rates or to in flights
        }

    @property
    def store_url(self) -> str:
        return f"sqlite:///{self.sqlite_path}" if self.sqlite_path else self.database_url


def _each_once(pairs: tuple[str, ...]) -> tuple[str, ...]:
    names = [pair.partition("=")[0] for pair in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name!r} is given twice")
    return pairs


def _modes(text: str) -> dict[str, Mode]:
    """`sync` for all, or `birth=sync,death=async`; what is not named is async."""
    modes = {"*": Mode.ASYNC}
    parts = [part.strip().rpartition("=") for part in text.split(",")]
    _each_once(tuple(event_type.strip() or "*" for event_type, _, _ in parts))
    for event_type, _, mode in parts:
        try:
            modes[_event_type(event_type.strip() or "*")] = Mode(mode.strip())
        except ValueError:
            raise ValueError(
                f"{mode!r} is not a mode; BRIDGE_MODE is {' | '.join(Mode)}, or per event type as "
                "birth=sync,death=async"
            ) from None
    return modes


def _event_type(text: str) -> str:
    if text != "*" and _EVENT_TYPE.fullmatch(text) is None:
        raise ValueError(f"{text!r} is no type of event; several are parted by commas")
    return text
