"""Settings of the mock OpenCRVS: environment `MOCK_OPENCRVS_…`, a TOML file, or keyword arguments.

The default is a development installation of OpenCRVS 2.0 with the MOSIP country config's fields.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from testbed.names import FARAJALAND, Locale
from wire.environment import Address, EnvironmentSettings, Words
from wire.opencrvs.profiles import Profile


class Settings(EnvironmentSettings):
    """All settings of `mock_opencrvs`; each is also an environment variable `MOCK_OPENCRVS_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="MOCK_OPENCRVS_", extra="forbid", frozen=True)

    # where it listens, and whom it asks
    host: str = "127.0.0.1"
    """Address to listen on."""
    gateway_port: int = Field(7070, ge=0, le=65535)
    """Port of the gateway; 0 takes a free one."""
    auth_port: int = Field(4040, ge=0, le=65535)
    """Port of the auth service; 0 takes a free one."""
    events_port: int | None = Field(None, ge=0, le=65535)
    """Port of the events service itself (core: 5555; 0 takes a free one), where the country's server makes
    its system clients. With it 2.1 calls the country's /trigger/system/ready at start, as core does. Unset:
    neither.
    """
    allowed_hosts: Words = ()
    """Further names under which /admin may be called, comma-separated, beside localhost and plain addresses.
    """
    country_config_url: Address = "http://127.0.0.1:3040"
    """The country's own server, asked at /trigger/events/…; a path in the URL is dropped."""
    profile: Profile = Profile.V2_0
    """Version of the protocol: 1.9, 2.0 or 2.1."""
    seed: int | None = None
    """Same seed, same ids and names, after a restart, too: then a bridge must forget its records as well.
    Unset: the system's chance.
    """
    locale: Locale = FARAJALAND
    """Whose names invented families have: `en`, `fr`, `es`, `pt`, `ar`, any other locale of Faker, or
    `en_ZM`, `en_UG`, `so_SO`, `to_TO`.
    """
    keys: Path = Path(".rehearsal/keys")
    """Folder of test keys; missing ones are made."""
    state_file: Path | None = None
    """SQLite file in which records, drafts and clients survive a restart. Unset: memory."""

    # what the country has configured
    mosip_fields: bool = True
    """child.nid and the *.verified fields of the MOSIP country config; false: stock Farajaland, where an
    accept that carries child.nid is written and then answered 500.
    """
    custom_flags: bool = False
    """2.0: the custom flags of Farajaland (validated, pending-first-certificate-issuance)."""
    deduplication: bool = True
    """Detect duplicates as the country config asks (§8.5)."""
    fetch_country_config: bool = False
    """Take events, workqueues and roles from the country config server at the first need, in place of the
    built-in ones.
    """

    # how core behaves
    production: bool = False
    """Mask the text of every 500, as NODE_ENV=production does."""
    two_factor: bool = False
    """Log-in codes are drawn and shown by GET /admin/codes only; false: always 000000."""
    check_invalid_token: bool = False
    """The gateway refuses tokens given to /invalidateToken."""
    rate_limit: int = Field(0, ge=0)
    """Log-in requests through the gateway per minute and user, 402 above (core: 10); 0: none."""
    user_token_seconds: int = Field(604_800, gt=0)
    """Life of a user token."""
    system_token_seconds: int = Field(600, gt=0)
    """Life of a system client's token."""
    record_token_seconds: int = Field(604_800, gt=0)
    """Life of the confirmation token of the trigger."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
