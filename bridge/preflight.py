"""What is seen to before the bridge listens: the country's folder, stored secrets, who is behind it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import structlog
from pydantic import SecretStr

from bridge.country.faults import faults_of, idle_rules
from bridge.country.mappings import kinds_of
from bridge.nid import IdSystem
from bridge.setting_forms import SHARED
from bridge.settings import Settings
from bridge.starting import WRITABLE, CannotStart, needs
from bridge.store.store import Store
from bridge.store.vault import Vault
from wire.http.passing import Passing
from wire.keyfolder import KeyFolder
from wire.opencrvs.profiles import Profile
from wire.world import World

CORE_DEMANDS = ("/config/events", "/config/workqueues", "/config/roles", "/ping", "/triggers/user/…")
"""What core asks a country config for besides actions (contract opencrvs §0.4 row 22, §1.6)."""


def check_country(settings: Settings, make: type[IdSystem]) -> None:
    """CannotStart when the folder is wrong, or asks for what this bridge cannot do."""
    folder = settings.country
    profile = Profile(settings.profile)
    for fault in faults_of(folder, profile):
        raise CannotStart(f"setting BRIDGE_COUNTRY: {fault}")
    rules = settings.policy.rules
    if idle := list(idle_rules(folder, profile)):
        structlog.get_logger("bridge").warning("rules of the policy that do nothing", rules=idle)
    if unmapped := sorted(set(settings.forwarded) - kinds_of(folder)):
        raise CannotStart(
            f"setting BRIDGE_FORWARDED: packet_fields.json of {folder} has no mapping for "
            f"{', '.join(unmapped)}; add one, or do not forward such events"
        )
    if unruled := sorted(set(settings.forwarded) - {kind for kind, _ in rules.identities()}):
        raise CannotStart(
            f"setting BRIDGE_FORWARDED: policy.json of {folder} makes no identity of {', '.join(unruled)}; "
            "add a rule for REGISTER, or do not forward such events"
        )
    if rules.charges and settings.payments_url is None:
        raise CannotStart(
            f"setting BRIDGE_PAYMENTS_URL is missing: policy.json of {folder} asks for a payment"
        )
    if rules.application and make.apply is IdSystem.apply:
        raise CannotStart(
            f"setting BRIDGE_COUNTRY: policy.json of {folder} applies for older children, and the ID system "
            f"{settings.id_system} (BRIDGE_ID_SYSTEM) takes no applications"
        )
    if rules.verifies and make.verify is IdSystem.verify:
        raise CannotStart(
            f"setting BRIDGE_COUNTRY: policy.json of {folder} verifies people, and the ID system "
            f"{settings.id_system} (BRIDGE_ID_SYSTEM) verifies nobody"
        )


def passing_of(settings: Settings, world: World) -> Passing | None:
    """The way to the country's own server; without one the start says what core then misses."""
    if settings.trigger_port is None:
        return None
    if settings.country_config_url is None:
        structlog.get_logger("bridge").info(
            "no country config behind the bridge (BRIDGE_COUNTRY_CONFIG_URL): core asks for these elsewhere, "
            "or does not start",
            missing=list(CORE_DEMANDS),
        )
        return None
    told = urlsplit(settings.country_config_url)
    if told.port == settings.trigger_port and (told.hostname or "") in (
        settings.host,
        "localhost",
        "127.0.0.1",
    ):
        raise CannotStart(
            f"setting BRIDGE_COUNTRY_CONFIG_URL: {settings.country_config_url} is the bridge itself; give "
            "the country's own server another port, and this one to OpenCRVS (BRIDGE_TRIGGER_PORT)"
        )
    return Passing(
        "the country config",
        settings.country_config_url,
        world,
        settings.country_config_seconds,
        ca_file=settings.ca_file,
    )


async def check_encryption_keys(store: Store) -> None:
    """Say at once, not when the answer of the ID system comes, that a key is missing."""
    for registration in await store.listings.pending(limit=1):
        if (why := (await store.lookups.secrets(registration.id)).unreadable) is not None:
            structlog.get_logger("bridge").error(
                "stored secrets cannot be opened: add the old key to BRIDGE_ENCRYPTION_KEYS",
                registration=registration.id,
                why=why,
            )


def check_operators(settings: Settings) -> None:
    """CannotStart when the general credential is somebody's own; who asks the bridge gives it so."""
    general = settings.operations_token
    if general is not None and settings.operator_names[general.get_secret_value()] != "operator":
        raise CannotStart(f"setting BRIDGE_OPERATORS: BRIDGE_OPERATIONS_TOKEN and one of them: {SHARED}")


def secrets_of(settings: Settings) -> list[str]:
    """Every secret of the settings, lists taken apart, and the database's password."""
    given = [value.get_secret_value() for _, value in settings if isinstance(value, SecretStr)]
    passwords = re.findall(r"://[^/@]*?:([^@]*)@", settings.store_url)
    parts = [part.strip() for one in given for part in (one, *one.split(","))]
    return parts + list(settings.operator_names) + passwords


def open_vault(settings: Settings, world: World) -> Vault:
    """Under the keys of the settings. CannotStart when they cannot be had."""
    with needs("REHEARSAL_KEYS", WRITABLE):
        keys = encryption_keys(settings)
    try:
        return Vault(keys, world.chance)
    except ValueError as error:
        raise CannotStart(str(error)) from error


def encryption_keys(settings: Settings) -> list[str]:
    """The keys of stored secrets: those of the settings, or one that is made once in the key folder."""
    if settings.encryption_keys is not None:
        return [key.strip() for key in settings.encryption_keys.get_secret_value().split(",") if key.strip()]
    # not by the seed: it outlives the rehearsal, and the next one with the same seed is to go as the first
    return [KeyFolder(settings.keys).text("bridge-store.key", lambda: World.system().chance.bytes(32).hex())]
