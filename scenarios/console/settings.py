"""Settings of the console: environment `CONSOLE_…`, or keyword arguments."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from wire.environment import EnvironmentSettings, Words


class Settings(EnvironmentSettings):
    """All settings of the console; each is also an environment variable `CONSOLE_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="CONSOLE_", extra="forbid", frozen=True)

    host: str = "127.0.0.1"
    """Address to listen on; anything but loopback lets others play, too."""
    port: int = Field(8070, ge=0, le=65535)
    """Port of the page; 0 takes a free one."""
    allowed_hosts: Words = ()
    """Further names under which browsers may call the page, comma-separated."""
    poll_seconds: float = Field(1.5, gt=0)
    """How often the systems are looked at while a browser watches, in seconds."""
