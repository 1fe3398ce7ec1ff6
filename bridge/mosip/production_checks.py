"""What is said at start about settings that are right in a rehearsal and wrong in a country.

Leniencies, secrets that everybody knows, keys that were made for tests: by name, never by value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import structlog
from cryptography import x509
from pydantic import SecretStr

from bridge.mosip.addresses import CALLED, foreign, missing
from bridge.settings import Settings
from bridge.starting import CannotStart
from wire.addresses import bracketed
from wire.keyfolder import is_for_tests

_KEY_FILES = ("p12_path", "sign_p12_path", "ida_certificate", "oidp_key")
"""Settings of keys that fall back to the folder of test keys."""

_PUBLISHED = frozenset(
    {"mosip-rehearsal-secret", "rehearsal-operator", "aaaaaAAAAAbbbbbBBBBBcccccCCCCCdddddDDDDD"}
)
"""Secrets that compose.yaml and the mediator are published with (contract mosip §11.3)."""

_ONLY_BY = {
    "ida_url": {
        *("partner_api_key", "partner_misp_key", "sign_p12_password"),
        *("sign_p12_path", "ida_certificate", "ida_sign_certificate"),
    },
    "esignet_token_url": {"oidp_key"},
}
"""What one service alone is met with."""

_PASSWORD_OF = {"p12_password": "p12_path", "sign_p12_password": "sign_p12_path"}
"""A password is in use only when its file is."""


def leniencies(settings: Settings) -> list[str]:
    """Environment names of the leniencies that are on."""
    fields = type(settings).model_fields
    return _named(name for name in fields if name.startswith("allow_") and getattr(settings, name))


def default_secrets(settings: Settings) -> list[str]:
    """Environment names of the secrets in use that have a value that this kit is published with, its own or
    another one's.
    """
    fields = type(settings).model_fields
    defaults = [field.default for field in fields.values() if isinstance(field.default, SecretStr)]
    known = _PUBLISHED | {default.get_secret_value() for default in defaults}
    return _named(
        name
        for name in fields
        if isinstance(value := getattr(settings, name), SecretStr)
        and value.get_secret_value() in known
        and (name not in _PASSWORD_OF or getattr(settings, _PASSWORD_OF[name]) is not None)
        and (name != "preregistration_client_secret" or settings.policy.rules.application)
    )


def borrowed_keys(settings: Settings) -> list[str]:
    """Environment names of the keys that were not given, or in the key folder: self-made test keys."""
    folder = settings.keys.resolve()
    given = {name: getattr(settings, name) for name in _KEY_FILES}
    return _named(name for name, path in given.items() if path is None or path.resolve().parent == folder)


def published(settings: Settings) -> list[str]:
    """Environment names of the secrets and keys that everybody knows or that were made for tests, when a peer
    is on another machine; without those of a service that is on this one, or not there.
    """
    return met(settings, [*default_secrets(settings), *borrowed_keys(settings)])


def met(settings: Settings, names: Iterable[str]) -> list[str]:
    """Those of the environment names that count: none when all peers are here, or this is a rehearsal."""
    shares = (f"https://{bracketed(host)}" for host in settings.data_share_hosts)
    peers = [*(getattr(settings, name) for name in CALLED), *shares]
    if settings.rehearsal or not any(map(foreign, peers)):
        return []
    here = [name for url, used in _ONLY_BY.items() if not foreign(getattr(settings, url)) for name in used]
    return [name for name in names if name not in _named(here)]


def complete(settings: Settings) -> None:
    """CannotStart when an address is missing beside those of real hosts: it would be on this machine."""
    if names := _named(missing(settings)):
        raise CannotStart(
            f"not given: {', '.join(names)}; the other settings name hosts that are not this machine"
        )


def refuse(settings: Settings) -> None:
    """CannotStart when a real host would be met with published secrets or test keys."""
    _refuse(published(settings))


def refuse_copies(settings: Settings, held: Mapping[str, Sequence[x509.Certificate]]) -> None:
    """CannotStart when a real host would be met with a test key that was given by file."""
    copies = [name for name, several in held.items() if any(map(is_for_tests, several))]
    _refuse(met(settings, copies))


def _refuse(names: Sequence[str]) -> None:
    if names:
        raise CannotStart(
            f"settings {', '.join(names)} have published values or test keys, and not every peer is on this "
            "machine; give your own, or say that this is a rehearsal with BRIDGE_REHEARSAL=true"
        )


def warn(settings: Settings) -> None:
    """One line for each kind; each leniency has one of its own."""
    log = structlog.get_logger("bridge")
    for name in leniencies(settings):
        log.warning("leniency is on", setting=name)
    if secrets := default_secrets(settings):
        log.warning("default secrets are in use; everybody knows them", settings=secrets)
    if keys := borrowed_keys(settings):
        log.warning("self-made test keys are in use", settings=keys, folder=str(settings.keys))
    if settings.ida_certificate is not None and settings.ida_sign_certificate is None:
        log.warning("answers of ID authentication cannot be believed", setting="IDA_SIGN_CERT_PATH")
    if not settings.esignet_token_url:
        log.info("there is no eSignet", setting="ESIGNET_TOKEN_URL")


def _named(names: Iterable[str]) -> list[str]:
    return [str(Settings.model_fields[name].alias) for name in names]
