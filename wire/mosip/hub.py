"""WebSub as MOSIP's hub speaks it: forms, intent queries, signatures and delivered bytes. Pure.

Source: contract mosip §4 (mosip/websub `hub_service.bal`, `security.bal`; Ballerina's websubhub library).
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, urlencode

SIGNATURE_HEADER = "X-Hub-Signature"
FORM = "application/x-www-form-urlencoded"
ACCEPTED = "hub.mode=accepted"
LEASE_SECONDS = 86400
METHODS = ("sha1", "sha256", "sha384", "sha512")

Reason = Literal["missing", "malformed", "method", "mismatch"]


class HubSignatureRefused(Exception):
    """A delivery's signature does not prove that the hub sent it; `reason` says what is wrong with it."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(f"{SIGNATURE_HEADER}: {reason}")


def signature(secret: str, body: bytes, method: str = "sha256") -> str:
    """The header's value, `sha256=` and lower-case hex of the HMAC over exactly these bytes."""
    if method not in METHODS:
        raise ValueError(f"the hub signs with one of {', '.join(METHODS)}, not {method!r}")
    return f"{method}={hmac.digest(secret.encode(), body, method).hex()}"


def verify_signature(header: str | None, secret: str, body: bytes) -> None:
    """Check the header over the received bytes, in constant time; SignatureRefused when it does not hold."""
    if not header:
        raise HubSignatureRefused("missing")
    method, equals, digest = header.strip().partition("=")
    if not equals or not digest:
        raise HubSignatureRefused("malformed")
    if method.lower() not in METHODS:
        raise HubSignatureRefused("method")
    expected = signature(secret, body, method.lower()).partition("=")[2]
    if not hmac.compare_digest(digest.strip().lower().encode(errors="surrogateescape"), expected.encode()):
        raise HubSignatureRefused("mismatch")


def subscribe_form(topic: str, callback: str, secret: str, mode: str = "subscribe") -> str:
    """The form body of a subscription; by `unsubscribe` of its end, which is needed before a new secret can
    be registered (§4.4).
    """
    return urlencode({"hub.mode": mode, "hub.topic": topic, "hub.callback": callback, "hub.secret": secret})


def publish_query(topic: str) -> str:
    """The query string of a publication; the content is the JSON body (§4.1)."""
    return urlencode({"hub.mode": "publish", "hub.topic": topic})


def parse_form(text: str) -> dict[str, str]:
    """A form body, a query string or a hub's reply as name -> value (the first of each name)."""
    fields: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        fields.setdefault(name, value)
    return fields


def denied(reason: str) -> str:
    """The body of a refusal, written raw as the hub does: `hub.mode=denied&hub.reason=…`."""
    return f"hub.mode=denied&hub.reason={reason}"


def refusal(status: int, body: str) -> str | None:
    """Why the hub refused; None when it did not. HTTP 200 may carry a refusal (§4.2)."""
    fields = parse_form(body.strip())
    if fields.get("hub.mode") == "denied":
        return fields.get("hub.reason") or "denied without a reason"
    if 200 <= status < 300:
        return None
    return f"HTTP {status}: {body.strip()[:200]}"


def intent_query(
    topic: str, challenge: str, *, mode: str = "subscribe", lease_seconds: int = LEASE_SECONDS
) -> str:
    """The query of an intent verification; values are written raw, not percent-encoded (§4.4)."""
    query = f"hub.mode={mode}&hub.topic={topic}&hub.challenge={challenge}"
    return f"{query}&hub.lease_seconds={lease_seconds}" if mode == "subscribe" else query


def denied_query(topic: str, reason: str) -> str:
    """The query that tells a subscriber that the hub refused afterwards; blanks stay raw (§4.4)."""
    return f"hub.mode=denied&hub.topic={topic}&hub.reason={reason}"


def join_query(callback: str, query: str) -> str:
    """The callback with a query appended, by `&` when it already has one."""
    return f"{callback}{'&' if '?' in callback else '?'}{query}"


@dataclass(frozen=True)
class Intent:
    """A hub's GET at the callback; OpenCRVS's mock sends the challenge alone, without mode and topic."""

    mode: str | None
    topic: str | None
    challenge: str | None
    lease_seconds: int | None
    reason: str | None


def read_intent(query: Mapping[str, str]) -> Intent:
    """The intent in a callback's query parameters."""
    lease = query.get("hub.lease_seconds", "")
    return Intent(
        mode=query.get("hub.mode"),
        topic=query.get("hub.topic"),
        challenge=query.get("hub.challenge"),
        lease_seconds=int(lease) if re.fullmatch(r"[0-9]{1,9}", lease) else None,
        reason=query.get("hub.reason"),
    )


def link_header(hub_url: str, topic: str) -> str:
    """The `Link` of a delivery; without the angle brackets that RFC 8288 wants (§4.5)."""
    return f'{hub_url}; rel="hub", {topic}; rel="self"'


def required_role(topic: str, action: Literal["subscribe", "publish"]) -> str:
    """The Keycloak role that an action on a topic needs (§4.3)."""
    _, slash, name = topic.rpartition("/")
    verb = action.upper()
    if not slash:
        return f"{verb}_{name}_GENERAL"
    return f"SUBSCRIBE_{name}_INDIVIDUAL" if action == "subscribe" else f"PUBLISH_{name}_ALL_INDIVIDUAL"


def may(topic: str, action: Literal["subscribe", "publish"], roles: Iterable[str], user: str) -> bool:
    """Whether a user with these roles may do it; a partner's topic is for that partner alone (§4.3)."""
    if required_role(topic, action) not in set(roles):
        return False
    partner, slash, _ = topic.rpartition("/")
    return not slash or action == "publish" or partner == user.removeprefix("service-account-")


def store_name(topic: str) -> str:
    """The name of the topic in the hub's store, where `a/b` and `a_b` collide (§4.3)."""
    return re.sub(r"[^A-Za-z0-9]", "_", topic)
