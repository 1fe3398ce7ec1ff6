"""Which settings there are, of which program, and which one a misspelt name means. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from enum import StrEnum

from bridge.settings import Settings
from scenarios.doctor.findings import Finding, finding
from wire.words import names


class ProgramKind(StrEnum):
    """Whose environment it is."""

    BRIDGE = "bridge"
    MEDIATOR = "mediator"


NEEDED = frozenset(
    names("""
        SQLITE_DATABASE_PATH CLIENT_APP_URL MOSIP_AUTH_URL MOSIP_PACKET_AUTH_CLIENT_ID
        MOSIP_PACKET_AUTH_CLIENT_SECRET MOSIP_WEBSUB_HUB_URL MOSIP_WEBSUB_SECRET MOSIP_WEBSUB_TOPIC
        MOSIP_WEBSUB_CALLBACK_URL MOSIP_VERIFIABLE_CREDENTIAL_ALLOWLIST MOSIP_WEBSUB_AUTH_CLIENT_ID
        MOSIP_WEBSUB_AUTH_CLIENT_SECRET ESIGNET_USERINFO_URL ESIGNET_TOKEN_URL OIDP_CLIENT_PRIVATE_KEY_PATH
        PARTNER_APIKEY PARTNER_MISP_LK PARTNER_ID IDA_AUTH_DOMAIN_URI IDA_AUTH_URL ENCRYPT_CERT_PATH
        DECRYPT_P12_FILE_PATH DECRYPT_P12_FILE_PASSWORD SIGN_P12_FILE_PATH SIGN_P12_FILE_PASSWORD
        MOSIP_CREATE_PACKET_URL MOSIP_PROCESS_PACKET_URL OPENCRVS_GATEWAY_URL
    """)
)
"""What the mediator has no default for outside development, and uses (contract mosip §11.3)."""

UNUSED = frozenset(
    names("""
        LOCALE OPENID_PROVIDER_CLAIMS MOSIP_BIRTH_WEBHOOK_URL MOSIP_DEATH_WEBHOOK_URL MOSIP_CENTER_ID
        MOSIP_MACHINE_ID
    """)
)
"""What version 1.9.2 does not start without although it could."""

_TAKEN = frozenset(
    names("""
        PORT HOST MOSIP_AUTH_CLIENT_APP_ID TRANSACTION_ID_PREFIX OPENCRVS_PUBLIC_KEY_URL OPENCRVS_AUTH_URL
        OPENCRVS_CLIENT_ID OPENCRVS_CLIENT_SECRET MOSIP_VERIFIABLE_CREDENTIAL_NATIONAL_ID_KEY
        MOSIP_WEBSUB_ERROR_CALLBACK_URL OPENCRVS_GRAPHQL_GATEWAY_URL ESIGNET_REDIRECT_URL
    """)
)
"""What it takes besides."""
MEDIATORS = NEEDED | UNUSED | _TAKEN
_OURS = frozenset(str(field.alias) for field in Settings.model_fields.values())
_BRIDGES = ("BRIDGE_", "OPENCRVS_PROFILE", "MOSIP_URL", "REHEARSAL_KEYS", "ESIGNET_URL")
_MANY = 8
"""So many of the mediator's names are not there by chance."""
_FAMILIES = names(
    "BRIDGE_ MOSIP_ OPENCRVS_ ESIGNET_ PARTNER_ IDA_ DECRYPT_P12 SIGN_P12 ENCRYPT_ OIDP_ SQLITE_ OPENID_"
)
_OF_OTHERS = frozenset(["MOSIP_API_URL", "MOSIP_API_USERINFO_URL", "MOSIP_INTEROP_URL", "MOSIP_API_VERSION"])
"""Of a country config beside it, or of who deploys it."""


def program(names: Collection[str]) -> ProgramKind:
    """Whose environment has these names: the mediator's has none of ours."""
    if any(name.startswith(_BRIDGES) for name in names):
        return ProgramKind.BRIDGE
    many = "SQLITE_DATABASE_PATH" in names or len(NEEDED & set(names)) >= _MANY
    return ProgramKind.MEDIATOR if many else ProgramKind.BRIDGE


def tell(given: Iterable[str]) -> bool:
    """Whether some are a bridge's or mediator's, and not such as every program may have (PORT)."""
    return any(name.upper().startswith(_FAMILIES) for name in set(given) - _OF_OTHERS)


def unknown(names: Iterable[str], of: ProgramKind, source: str) -> Iterator[Finding]:
    """Names that nothing reads: near ones are misspelt, those of a known family are told."""
    known = _OURS | MEDIATORS | {f"{name}_FILE" for name in _OURS} | _OF_OTHERS
    given = set(names)
    for name in sorted(given - known):
        upper = name.upper()
        if upper in known:
            if of is ProgramKind.MEDIATOR:
                yield finding(
                    "SETTING-MISSPELT", f"{name} in {source}", f"{upper} is meant: letters are capitals"
                )
            continue
        own = upper.startswith(_FAMILIES)
        near = get_close_matches(upper, sorted(known - given), 1, 0.84 if own else 0.9)
        if near:
            yield finding("SETTING-MISSPELT", f"{name} in {source}", f"{near[0]} is meant")
        elif own:
            yield finding("SETTING-UNKNOWN", f"{name} in {source}")


def misspelt_for(names: Iterable[str]) -> frozenset[str]:
    """The settings that misspelt names mean: not to be called missing as well."""
    return frozenset(
        one.detail.split(" ")[0]
        for one in unknown(names, ProgramKind.MEDIATOR, "")
        if " is meant" in one.detail
    )


def missing(values: Collection[str], source: str) -> Iterator[Finding]:
    """What the mediator does not start without."""
    lost = NEEDED - set(values) - {name.removesuffix("_FILE") for name in values} - misspelt_for(values)
    if lost:
        yield finding("SETTING-MISSING", f"{', '.join(sorted(lost))} in {source}")
    if "OPENCRVS_AUTH_URL" in values:
        return  # the newer line, whose list is another
    if "OPENCRVS_PUBLIC_KEY_URL" not in values and "OPENCRVS_PUBLIC_KEY_URL" not in misspelt_for(values):
        yield finding("SETTING-MISSING", f"OPENCRVS_PUBLIC_KEY_URL in {source}")
    if unused := UNUSED - set(values) - misspelt_for(values):
        yield finding("SETTING-WANTED", f"{', '.join(sorted(unused))} in {source}")
