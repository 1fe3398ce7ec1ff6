"""Addresses that were not given: derived from those that were, or named as missing. Pure.

The environment of the upstream mediator (contract mosip §11.3) has no address for status, identities, keys of
eSignet and more; they lie beside those that it has. Nothing falls back to this machine beside a foreign host.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wire.addresses import host_of, is_loopback, or_empty, origin_of

_KEYS = "/.well-known"

PATHS: Mapping[str, tuple[str, ...]] = {
    "mosip_auth_url": ("/v1/authmanager/authenticate/clientidsecretkey",),
    "create_packet_url": ("/commons/v1/packetmanager/createPacket",),
    "process_packet_url": ("/registrationprocessor/v1/workflowmanager/workflowinstance",),
    "status_url": ("/registrationprocessor/v1/registrationstatus/externalstatus/search",),
    "transaction_url": ("/registrationprocessor/v1/registrationtransaction/search",),
    "identity_url": ("/idrepository/v1/identity",),
    "vid_url": ("/idrepository/v1/vid",),
    "uin_url": ("/v1/idgenerator/uin",),
    "hub_url": ("/websub/hub", "/hub/", "/hub"),
    "well_known_url": (_KEYS,),
    "ida_url": ("/idauthentication/v1/auth",),
}
"""Where MOSIP serves what below its base, the usual path first."""

ESIGNET_PATHS: Mapping[str, tuple[str, ...]] = {
    "esignet_token_url": ("/v1/esignet/oauth/v2/token", "/v1/esignet/oauth/token"),
    "esignet_userinfo_url": ("/v1/esignet/oidc/userinfo",),
    "esignet_jwks_url": ("/v1/esignet/oauth/.well-known/jwks.json",),
}

CALLED = (*PATHS, *ESIGNET_PATHS, "gateway_url", "public_key_url", "auth_url")
"""Where peers are. The list of keys names an issuer, which need not be called under that address."""
_ADDRESSES = {"mosip_url", "esignet_url", "gateway_url", "public_key_url", "auth_url", "callback_url"} | {
    *PATHS,
    *ESIGNET_PATHS,
}
_APPLICATIONS = "/preregistration/v1/applications/prereg"
_NEAREST = {"status_url": "process_packet_url", "transaction_url": "process_packet_url"}
"""Which address tells most about another: both are of one service."""
_TELLING = ("create_packet_url", "process_packet_url", "mosip_auth_url", "hub_url", "identity_url", "ida_url")
_MEDIATORS = frozenset(
    {"mosip_auth_url", "create_packet_url", "process_packet_url", "hub_url", "sqlite_path"}
)
"""What only the mediator's environment gives one by one; ours gives MOSIP_URL."""


def completed(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given by field name, and the addresses that follow from it; from wrong ones none do."""
    found = dict(given)
    told = {name: value for name, value in given.items() if name not in _ADDRESSES or _sound(value)}
    if as_mediator(told):
        # the country config that the mediator serves listens on that port itself
        found.setdefault("trigger_port", None)
        if foreign(told.get("callback_url")):
            found.setdefault("host", "0.0.0.0")
    _mosip(found, told)
    _esignet(found, told)
    _opencrvs(found, told)
    return found


def as_mediator(told: Mapping[str, Any]) -> bool:
    """Whether this is the environment of the upstream mediator, so that we stand in its place."""
    return "mosip_url" not in told and not _MEDIATORS.isdisjoint(told)


def missing(settings: Any) -> list[str]:
    """Field names of the addresses that nobody gave although another host was given: they would be on this
    machine.
    """
    given = settings.model_fields_set
    addresses = ["gateway_url", "public_key_url", "create_packet_url", "process_packet_url", "mosip_auth_url"]
    addresses += ["hub_url", "verification_methods"] + (["auth_url"] if settings.client_id else [])
    if not any(foreign(getattr(settings, name)) for name in CALLED if name in given):
        return []
    lost = [name for name in addresses if name not in given]
    unreachable = settings.callback_url is None and foreign(settings.hub_url)
    return [*lost, *(["callback_url"] if unreachable else [])]


def _mosip(found: dict[str, Any], told: Mapping[str, Any]) -> None:
    bases = {name: _base(str(told[name]), PATHS[name]) for name in _TELLING if told.get(name)}
    base = told.get("mosip_url") or next(iter(bases.values()), None)
    if "verification_methods" in told:
        # a list without a place of its own: the key documents are where the list says
        found.setdefault("well_known_url", "")
    if not base:
        return
    for name, paths in PATHS.items():
        near = None if "mosip_url" in told else bases.get(_NEAREST.get(name, ""))
        found.setdefault(name, str(near or base).rstrip("/") + paths[0])
    given = str(found.setdefault("preregistration_url", str(base).rstrip("/") + _APPLICATIONS))
    found.setdefault(
        "preregistration_documents_url", given.removesuffix("/applications/prereg") + "/documents"
    )
    found.setdefault("verification_methods", f"{str(base).rstrip('/')}{_KEYS}/public-key.json")
    found.setdefault("ida_domain_uri", origin_of(str(found["ida_url"])))
    hosts = {host_of(str(found[name])) for name in _TELLING if _sound(found[name])}
    if not all(is_loopback(host) for host in hosts):
        found.setdefault("data_share_hosts", ",".join(sorted(hosts)))


def _esignet(found: dict[str, Any], told: Mapping[str, Any]) -> None:
    base = told.get("esignet_url")
    if base is None:
        given = (name for name in ESIGNET_PATHS if told.get(name))
        base = next((_base(str(told[name]), ESIGNET_PATHS[name]) for name in given), None)
    if base is None and any(foreign(found[name]) for name in CALLED if name in found):
        base = ""  # nobody named an eSignet: there is none
    if base is None:
        return
    for name, paths in ESIGNET_PATHS.items():
        found.setdefault(name, base.rstrip("/") + paths[0] if base else "")


def _opencrvs(found: dict[str, Any], told: Mapping[str, Any]) -> None:
    """The auth service serves its key and gives tokens."""
    if told.get("public_key_url"):
        found.setdefault("auth_url", _base(str(told["public_key_url"]), (_KEYS, f"{_KEYS}/")))
    elif told.get("auth_url"):
        found.setdefault("public_key_url", str(told["auth_url"]).rstrip("/") + _KEYS)


def _base(address: str, paths: Iterable[str]) -> str:
    """What stands before a usual path; of an unusual address its origin."""
    for path in paths:
        if address.endswith(path):
            return address.removesuffix(path)
    return origin_of(address)


def _sound(address: Any) -> bool:
    try:
        or_empty(str(address or ""))
    except ValueError:
        return False
    return True


def foreign(address: Any) -> bool:
    """Whether an address, or one of several, is of another machine."""
    several = address.split(",") if isinstance(address, str) else list(address or ())
    hosts = (host_of(str(each).strip()) for each in several if _sound(str(each).strip()))
    return any(host and not is_loopback(host) for host in hosts)
