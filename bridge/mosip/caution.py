"""What is said at start about settings that are right in a rehearsal and wrong in a country.

Leniencies, secrets that everybody knows, keys that were made for tests: by name, never by value.
"""

from __future__ import annotations

from collections.abc import Iterable

import structlog
from pydantic import SecretStr

from bridge.mosip.addresses import PATHS, foreign, missing
from bridge.settings import Settings
from bridge.starting import CannotStart

_KEY_FILES = ("p12_path", "sign_p12_path", "ida_certificate", "oidp_key")
"""Settings of keys that fall back to the folder of test keys."""

_PASSWORD_OF = {"p12_password": "p12_path", "sign_p12_password": "sign_p12_path"}
"""A password is in use only when its file is."""


def leniencies(settings: Settings) -> list[str]:
    """Environment names of the leniencies that are on."""
    fields = type(settings).model_fields
    return _named(name for name in fields if name.startswith("allow_") and getattr(settings, name))


def default_secrets(settings: Settings) -> list[str]:
    """Environment names of the secrets in use that still have the value that this kit is published with."""
    return _named(
        name
        for name, field in type(settings).model_fields.items()
        if isinstance(field.default, SecretStr)
        and getattr(settings, name) == field.default
        and (name not in _PASSWORD_OF or getattr(settings, _PASSWORD_OF[name]) is not None)
    )


def borrowed_keys(settings: Settings) -> list[str]:
    """Environment names of the keys that were not given, so that self-made test keys are used."""
    return _named(name for name in _KEY_FILES if getattr(settings, name) is None)


def published(settings: Settings) -> list[str]:
    """Environment names of the secrets and keys that everybody knows or that were made for tests, and that a
    peer on another machine would be met with.
    """
    if settings.rehearsal:
        return []
    ida, esignet = foreign(settings.ida_url), foreign(settings.esignet_token_url)
    mosip = any(foreign(getattr(settings, name)) for name in PATHS)
    known = default_secrets(settings) if mosip else []
    if not ida:
        of_ida = ("partner_api_key", "partner_misp_key", "sign_p12_password")
        known = [name for name in known if name not in _named(of_ida)]
    used = {"p12_path": mosip, "sign_p12_path": ida, "ida_certificate": ida, "oidp_key": esignet}
    return known + [
        name for name in borrowed_keys(settings) if name in _named(k for k, on in used.items() if on)
    ]


def complete(settings: Settings) -> None:
    """CannotStart when an address is missing beside those of real hosts: it would be on this machine."""
    if names := _named(missing(settings)):
        raise CannotStart(
            f"settings {', '.join(names)} are missing: the others name hosts that are not this machine"
        )


def refuse(settings: Settings) -> None:
    """CannotStart when a real host would be met with published secrets or test keys."""
    if names := published(settings):
        raise CannotStart(
            f"settings {', '.join(names)} have published values or test keys, and the ID system is not this "
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
