"""Settings of the mock National ID system: environment `MOCK_NID_…`, a TOML file, or keyword arguments.

What a MOSIP deployment decides by property file is one field here. The default is what MOSIP's own
sources and stock configuration do; `style="upstream-mock"` turns several at once, and `quirks`, to what the
OpenCRVS mock of MOSIP does (contract mosip §12.3).
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import SettingsConfigDict

from mock_nid.quirks import MOSIP as MOSIP_QUIRKS
from mock_nid.quirks import UPSTREAM_MOCK as UPSTREAM_QUIRKS
from mock_nid.quirks import Quirks
from testbed.delays import parse_delay
from testbed.names import FARAJALAND, Locale
from wire.environment import BaseAddress, EnvironmentSettings, Words
from wire.mosip import topics


def _pairs(words: tuple[str, ...]) -> tuple[str, ...]:
    for word in words:
        if word.count("/") != 1 or not all(word.split("/")):
            raise ValueError(f"{word!r} is no SOURCE/PROCESS, such as CRVS1/CRVS_NEW")
    return words


def _delay(value: Any) -> str:
    """Seconds, or a delay to draw them from."""
    parse_delay(value)
    return str(value)


class Style(StrEnum):
    MOSIP = "mosip"
    UPSTREAM_MOCK = "upstream-mock"


UPSTREAM_MOCK: dict[str, Any] = {
    "stage_checks": "none",
    "proof": "jcs",
    "thumbprint": "zero",
    "vid_digits": 10,
    "death_outcome": "credential",
    "credential_topic": "plain",
    "hub_sign": False,
    "ida_checks": "lenient",
    "esignet_generation": "1.5",
}
"""What `style="upstream-mock"` sets, unless the field was given by name (contract mosip §4.4, §5.2, §5.6)."""


class Settings(EnvironmentSettings):
    """All settings of `mock_nid`; each is also an environment variable `MOCK_NID_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="MOCK_NID_", extra="forbid", frozen=True)

    # where it listens
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = Field(20240, ge=0, le=65535)
    """Port of all MOSIP services; 0 takes a free one."""
    esignet_port: int = Field(20260, ge=0, le=65535)
    """Port of eSignet; 0 takes a free one."""
    allowed_hosts: Words = ()
    """Further names under which /admin may be called, comma-separated, beside localhost and plain addresses.
    """
    public_url: BaseAddress | None = None
    """How others reach this server; written into data-share links and hub Link headers."""
    esignet_public_url: BaseAddress | None = None
    """eSignet's issuer, when it is behind a proxy."""
    seed: int | None = None
    """Same seed, same UINs, VIDs and ids. Unset: the system's chance."""
    locale: Locale = FARAJALAND
    """The country's: well-known people also have a name in its language, which ID authentication takes. See
    `MOCK_OPENCRVS_LOCALE`.
    """
    state_file: Path | None = None
    """JSON file in which people, packets and subscriptions survive a restart."""

    # keys and partners
    keys: Path = Path(".rehearsal/keys")
    """Folder of test keys; missing ones are made."""
    partner_certificate: Path | None = None
    """PEM certificate that credentials are sealed for; default: `partner` of the key folder."""
    clients_file: Path | None = None
    """YAML with clients, secrets, roles, partners; default: data/clients.yaml."""
    people_file: Path | None = None
    """YAML with well-known people; default: data/people.yaml."""
    partner_id: str = "crvs-partner"
    """Partner that receives credentials."""

    # how it behaves
    style: Style = Style.MOSIP
    """mosip = the real thing; upstream-mock = OpenCRVS's mock of it."""
    default_plan: str = "issue"
    """issue | reject[:reason] | fail[:code] | stall, `@seconds`, or weights issue=8,reject=2."""
    processing_seconds: Annotated[str, BeforeValidator(_delay)] = "5"
    """How long a packet takes from workflow instance to its outcome: seconds, or uniform:LOW,HIGH,
    lognormal:MEDIAN,SIGMA, list:S,S.
    """
    accepted_processes: Annotated[Words, AfterValidator(_pairs)] = (
        "OPENCRVS/OPENCRVS_NEW",
        "OPENCRVS/CRVS_NEW",
        "OPENCRVS/CRVS_DEATH",
        "OPENCRVS/CRVS_UPDATE",
        "CRVS1/CRVS_NEW",
        "CRVS1/CRVS_DEATH",
        "CRVS1/CRVS_UPDATE",
    )
    """SOURCE/PROCESS pairs that the packet manager has a provider for (contract mosip §2.5)."""
    token_seconds: int = Field(3600, gt=0)
    """Life of an auth manager token."""
    sticky_cookie: bool = False
    """A load balancer's cookie comes before the auth manager's own."""
    stage_checks: Literal["stock", "mediator", "none"] = "mediator"
    """stock: the ID schema's patterns, MOSIP's mandatory attributes and operator gate; mediator: the same,
    but what packets of OpenCRVS's mediator lack may be missing (IDSchemaVersion, address parts, an operator);
    none: every packet passes.
    """
    infant_years: int = Field(5, ge=0)
    """Age from which CRVS_NEW fails: the packet is no infant's."""
    demo_dedupe: bool = False
    """Reject a birth that equals an earlier person in name, birth date, gender, guardian."""

    # credentials
    credential_type: Literal["vercred", "euin"] = "vercred"
    proof: Literal["urdna2015", "jcs"] = "urdna2015"
    """What the credential's proof signs."""
    thumbprint: Literal["real", "zero"] = "real"
    sealing: Literal["VER_R2", "legacy"] = "VER_R2"
    """Layout of the sealed credential."""
    vid_digits: Literal[16, 10] = 16
    """10: random digits as OpenCRVS's mock gives."""
    subject_attributes: Words = ("VID", "birthCertificateNumber")
    """Which attributes the partner's policy shares."""
    data_share: bool = False
    """Share by link (dataShareUri) in place of inline."""
    issuer_url: BaseAddress | None = None
    """Base of issuer, public-key.json and mosip-context.json inside credentials; default: public_url."""
    death_outcome: Literal["completed_event_only", "credential"] = "completed_event_only"
    deactivate_on_death: bool = False
    """Also deactivate the UIN of a processed CRVS_DEATH."""
    handles: Words = ("birthCertificateNumber@brn",)
    """field@postfix: by which handles a person is known (`individualIdType: HANDLE`), case ignored; Uganda's
    is UIN@nin.
    """
    identity_events: bool = False
    """The partner's topics DEACTIVATE_ID and REMOVE_ID say what became of identities. MOSIP tells its own
    authentication partners; a civil registry hears nothing unless it was made one.
    """
    reactivation: bool = False
    """The desk of manual verification also reactivates. MOSIP advises to register the child anew."""
    credential_topic: Literal["partner", "plain"] = "partner"
    """Topic of credentials: <partner>/CREDENTIAL_ISSUED; or CREDENTIAL_ISSUED, on which stock MOSIP publishes
    nothing.
    """

    # hub
    hub_denied_status: Literal[500, 403] = 500
    """Status when a subscription is refused."""
    hub_lease_seconds: int = Field(86400, gt=0)
    """Announced to subscribers."""
    hub_lease_enforced: bool = False
    """A subscription ends with its lease, and asking again renews it, as WebSub says; MOSIP's own hub never
    ends one.
    """
    hub_sign: bool = True
    """Send X-Hub-Signature."""
    hub_retry_http_errors: bool = False
    """Retry after an HTTP error status; the real hub does not."""
    hub_lose_neighbours: bool = True
    """After a failed delivery skip the rest of the batch."""
    hub_consumers: int = Field(1, ge=1)
    """Consumers a subscription, as many replicas of a hub have: each delivers one after the other, all of
    them at once.
    """
    hub_retries: int = Field(3, ge=0)
    """Retries after a connection failure or time-out."""
    hub_retry_seconds: float = Field(3.0, ge=0)
    """First wait between retries; doubles, at most 20."""
    hub_timeout_seconds: float = Field(60.0, gt=0)
    """Time limit of one delivery."""

    # ID authentication
    ida_checks: Literal["strict", "lenient"] = "strict"
    """lenient: signature and time unchecked."""
    ida_client_certificate: Path | None = None
    """PEM certificate registered for the partner's request signature."""
    ida_x5c: Literal["lenient", "strict"] = "lenient"
    """strict refuses line breaks in x5c."""
    ida_deactivated: str = Field("IDA-MLC-022", pattern="^IDA-[A-Z]{3}-\\d{3}$")
    """What is said of a deactivated UIN. Uganda has a code of its own, IDA-MLC-032: a dead mother is still a
    mother.
    """
    ida_dates: str = "%Y/%m/%d"
    """How dates of birth are written, as strftime does; several, comma-separated."""

    # eSignet
    esignet_generation: Literal["1.5", "1.6", "1.7"] = "1.7"
    """1.5: jti optional; 1.6: jti required; 1.7: jti unique and the newer error table."""
    esignet_odd_keys: bool = False
    """The key set also holds keys of other kinds, without `kid`, and damaged ones."""
    esignet_userinfo: Literal["jws", "jwe"] = "jws"

    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @classmethod
    def completed(cls, told: dict[str, Any]) -> dict[str, Any]:
        """Fill what the style decides; a field given by name wins over the style."""
        return {**UPSTREAM_MOCK, **told} if told.get("style") == Style.UPSTREAM_MOCK else told

    @property
    def quirks(self) -> Quirks:
        return UPSTREAM_QUIRKS if self.style is Style.UPSTREAM_MOCK else MOSIP_QUIRKS

    @property
    def topic_of_credentials(self) -> str:
        plain = self.credential_topic == "plain"
        return topics.CREDENTIAL_ISSUED if plain else topics.partner_topic(self.partner_id)

    @property
    def processes(self) -> frozenset[tuple[str, str]]:
        """The accepted (source, process) pairs."""
        pairs = (entry.partition("/") for entry in self.accepted_processes)
        return frozenset((source, process) for source, _, process in pairs)
