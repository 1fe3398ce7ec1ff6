"""Topics and subscriptions, rights, and the form of a subscription request. Pure.

Contract mosip §4.1–4.4 (mosip/websub `hub_service.bal`, `modules/security/security.bal`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from mock_nid.auth.iam import Caller
from mock_nid.errors import HubError
from wire.mosip import hub as wire_hub

MODES = ("subscribe", "unsubscribe", "register", "deregister", "publish")
NO_MODE = "The request does not include valid `hub.mode` form param."
NO_COOKIE = "Http header does not exist"
NO_TOKEN = "Authorization token cannot be found"


@dataclass(frozen=True)
class Subscription:
    """One callback that listens to one topic. `secret` signs what is delivered."""

    topic: str
    callback: str
    secret: str | None
    subscriber: str
    since: str

    @property
    def key(self) -> tuple[str, str]:
        return wire_hub.store_name(self.topic), self.callback

    def shown(self) -> dict[str, Any]:
        """For the admin API; the secret stays."""
        row = asdict(self)
        del row["secret"]
        return row


@dataclass
class Directory:
    """Who is subscribed to what."""

    topics: dict[str, str] = field(default_factory=dict)
    subscriptions: dict[tuple[str, str], Subscription] = field(default_factory=dict)

    def register(self, topic: str) -> bool:
        """Make a topic; False when it is there already."""
        if wire_hub.store_name(topic) in self.topics:
            return False
        self.topics[wire_hub.store_name(topic)] = topic
        return True

    def deregister(self, topic: str) -> bool:
        return self.topics.pop(wire_hub.store_name(topic), None) is not None

    def add(self, subscription: Subscription) -> None:
        self.register(subscription.topic)
        self.subscriptions[subscription.key] = subscription

    def remove(self, topic: str, callback: str) -> Subscription | None:
        return self.subscriptions.pop((wire_hub.store_name(topic), callback), None)

    def find(self, topic: str, callback: str) -> Subscription | None:
        return self.subscriptions.get((wire_hub.store_name(topic), callback))

    def listeners(self, topic: str) -> list[Subscription]:
        """Those who get a message on this topic, oldest subscription first."""
        key = wire_hub.store_name(topic)
        return [one for (name, _), one in self.subscriptions.items() if name == key]


def may_subscribe(caller: Caller, topic: str) -> bool:
    """Role and, for a partner's topic, that the partner is the caller itself."""
    return caller.everything or wire_hub.may(topic, "subscribe", caller.roles, caller.user_id)


def may_publish(caller: Caller, topic: str) -> bool:
    return caller.everything or wire_hub.may(topic, "publish", caller.roles, caller.user_id)


def demand(form: Mapping[str, str], name: str) -> str:
    """A parameter that must be there; HubError 400 otherwise."""
    value = form.get(name, "")
    if not value:
        raise HubError(400, f"Empty value found for parameter '{name}'")
    return value


def delivery_target(callback: str, *, trailing_slash: bool) -> str:
    """The callback, with the slash that the hub's client adds to its path."""
    path, mark, query = callback.partition("?")
    if trailing_slash and not path.endswith("/"):
        path += "/"
    return f"{path}{mark}{query}"
