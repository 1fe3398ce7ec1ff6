"""Who may do what: clients of the auth manager, partners of ID authentication, relying parties.

Pure but for `load_clients`.

The table lies in `data/clients.yaml` and can be replaced by a file of the country's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from testbed.files import from_yaml
from wire.mosip.keys import KeyUnusable, public_key

DEFAULT_FILE = Path(__file__).parent.parent / "data" / "clients.yaml"


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class KeycloakClient(_Row):
    """A confidential client in Keycloak; the hub knows it by its id alone."""

    id: str
    secret: str
    roles: tuple[str, ...] = ()


class Misp(_Row):
    key: str
    status: str = "ACTIVE"


class AuthPartner(_Row):
    id: str
    status: str = "ACTIVE"


class PartnerPolicy(_Row):
    demo: str = "allowed"
    otp: str = "allowed"
    kyc: bool = True


class ApiKey(_Row):
    key: str
    status: str = "ACTIVE"
    policy: PartnerPolicy = PartnerPolicy()


class Ida(_Row):
    misp: tuple[Misp, ...] = ()
    partners: tuple[AuthPartner, ...] = ()
    api_keys: tuple[ApiKey, ...] = ()


def _key_in(file: Any) -> RSAPublicKey | None:
    try:
        return None if file is None else public_key(Path(file).read_bytes())
    except (OSError, TypeError, KeyUnusable) as wrong:
        raise ValueError(f"{file}: {wrong}") from wrong


class RelyingParty(_Row):
    """A client of eSignet. `public_key` is a PEM file; without it the key folder's `oidp-client` is meant."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    id: str
    name: str
    redirect_uris: tuple[str, ...]
    public_key: Annotated[RSAPublicKey | None, BeforeValidator(_key_in)] = None

    def allows(self, redirect_uri: str) -> bool:
        """Whether one of them is this URI, or an Ant pattern that takes it, as eSignet's matcher reads it."""
        return any(one == "*" or _ant(one).fullmatch(redirect_uri) for one in self.redirect_uris)


_ANT = {"/**": "(?:/.*)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@cache
def _ant(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(/\*\*|\*\*|\*|\?)", pattern)
    return re.compile("".join(_ANT.get(part, re.escape(part)) for part in parts))


class _File(_Row):
    clients: tuple[KeycloakClient, ...]
    app_ids: tuple[str, ...]
    audiences: Mapping[str, tuple[str, ...]]
    ida: Ida = Ida()
    relying_parties: tuple[RelyingParty, ...] = Field(default=())


@dataclass(frozen=True)
class Clients:
    """All of them, found by id."""

    clients: Mapping[str, KeycloakClient]
    app_ids: frozenset[str]
    audiences: Mapping[str, frozenset[str]]
    ida: Ida
    relying_parties: Mapping[str, RelyingParty]


def load_clients(path: Path | None) -> Clients:
    """The table from a YAML file. FileWrong says what is wrong with it."""
    parsed = from_yaml(path or DEFAULT_FILE, _File, DEFAULT_FILE)
    return Clients(
        clients={client.id: client for client in parsed.clients},
        app_ids=frozenset(parsed.app_ids),
        audiences={service: frozenset(ids) for service, ids in parsed.audiences.items()},
        ida=parsed.ida,
        relying_parties={party.id: party for party in parsed.relying_parties},
    )
