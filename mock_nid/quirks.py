"""What OpenCRVS's mock of MOSIP does in its own way, as one choice: MOSIP's, or the mock's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Quirks:
    """The defaults are MOSIP's (contract mosip §4.4, §5.2, §5.6, §6)."""

    fixed_token: bool = False
    """The auth manager gives the text some-token in place of Keycloak's JWT."""
    any_packet: bool = False
    """Broken audits and schemaJson pass; MOSIP swallows such a packet (§2.2)."""
    alphabet: Literal["base64url", "base64"] = "base64url"
    """Of the sealed credential."""
    hub_roles: bool = True
    """The roles of subscribers and publishers are checked."""
    plain_subscribe_answer: bool = False
    intent_is_challenge: bool = False
    """Intent is verified by the challenge alone."""
    hub_trailing_slash: bool = True
    """The hub adds a slash to the callback."""
    hub_reserialise: bool = True
    """The hub writes blanks after : and , of what was published."""
    hub_link: bool = True
    """Deliveries have a Link header."""
    event_extras: bool = True
    """The credential event has dataShareUri and data.proof."""
    ida_unknown: str = "IDA-MLC-018"
    """What is said of a number that nobody has."""
    token_on_mismatch: bool = False
    """An authToken although nothing matched."""
    names_in_order: bool = False
    """Names are compared as they stand; MOSIP takes their words in any order."""
    esignet_lenient: bool = False
    """eSignet looks at no assertion, and takes claims as a list with commas."""


MOSIP = Quirks()
UPSTREAM_MOCK = Quirks(
    fixed_token=True,
    any_packet=True,
    alphabet="base64",
    hub_roles=False,
    plain_subscribe_answer=True,
    intent_is_challenge=True,
    hub_trailing_slash=False,
    hub_reserialise=False,
    hub_link=False,
    event_extras=False,
    ida_unknown="IDA-MLC-002",
    token_on_mismatch=True,
    names_in_order=True,
    esignet_lenient=True,
)
