"""The subscriptions at the hub, kept alive: made, confirmed, renewed, made anew when the secret changed.

Contract mosip §4. A challenge is answered only for a request of ours that is pending, and to whoever asks: it
proves nothing. What proves is the key in the callback's path, which the hub alone was told, or a delivery.
The hub being down at the start is no reason to die: it is tried until it works.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

import structlog

from bridge.calls.channels import Channels
from bridge.calls.retry import Backoff
from bridge.errors import BridgeError
from bridge.mosip.answers import hub_failure
from bridge.mosip.login import Login
from bridge.nid import NidDown
from bridge.settings import Settings
from bridge.store.lanes import StoreClosed
from bridge.store.subscriptions import Subscription
from bridge.store.subscriptions import Subscriptions as Kept
from wire.background import Loop
from wire.mosip import hub
from wire.mosip.hub import Intent
from wire.world import World

_KEY = re.compile(r"/([0-9a-f]{32})$")
_PENDING = timedelta(minutes=5)
_ANSWER_SECONDS = 60.0
_BACKOFF = Backoff(first=2.0, longest=300.0)
_RENEW_AT = 0.5
"""Part of a lease after which it is renewed: a first try that fails leaves time for others."""


class IntentRefused(BridgeError):
    """A challenge for nothing that we asked for; it is not answered."""


class Subscriptions:
    """One loop per topic. `alive` tells readiness whether deliveries can come."""

    def __init__(
        self, settings: Settings, world: World, kept: Kept, login: Login, channels: Channels
    ) -> None:
        self._settings, self._world, self._kept, self._login = settings, world, kept, login
        self._channels = channels
        self._secret = settings.hub_secret.get_secret_value()
        self._callback = ""
        self._callbacks: dict[str, str] = {}
        self._keyed: dict[str, str] = {}
        self._news: dict[str, asyncio.Event] = {}
        self._loops: dict[str, Loop] = {}
        self._failures: dict[str, int] = {}
        # a challenge that names no topic can only be told apart when one request is under way
        self._turn = asyncio.Semaphore(1 if settings.allow_plain_topic else 2)
        self.alive: dict[str, datetime | None] = {}
        self._lease: dict[str, int | None] = {}
        """Seconds that the hub announced when it asked for our intent."""
        self._log = structlog.get_logger("bridge.mosip.subscription")

    @property
    def topics(self) -> Sequence[str]:
        return [topic for topic in (self._settings.topic, self._settings.workflow_topic) if topic]

    def start(self, callback: str) -> None:
        """Begin; `callback` is the URL that the hub is told."""
        self._callback = _plain(callback)
        for topic in self.topics:
            key = hmac.digest(self._secret.encode(), f"callback {topic}".encode(), "sha256").hex()[:32]
            self._keyed |= {key: topic} if self._settings.callback_key else {}
            self._callbacks[topic] = _below(callback, key) if self._settings.callback_key else callback
            self._news[topic] = asyncio.Event()
            self.alive[topic] = self._lease[topic] = None
            loop = Loop(
                f"subscription {topic}", self._world.clock, partial(self._keep, topic), ends=(StoreClosed,)
            )
            self._loops[topic] = loop
            loop.start()

    async def close(self) -> None:
        for loop in self._loops.values():
            await loop.close()

    @property
    def standing(self) -> dict[str, bool]:
        """By topic: whether deliveries can come: it was shown, and its loop looks after it."""
        return {
            topic: loop.runs and loop.trouble is None and self.alive[topic] is not None
            for topic, loop in self._loops.items()
        }

    async def _keep(self, topic: str) -> float:
        """One round; returns the seconds until the next."""
        wait: float | None = None
        try:
            trouble = await self._round(topic)
        except NidDown as down:
            trouble, wait = down.failure.words, down.failure.wait
            self._channels.failed(f"hub: {topic}", down.failure)
        if trouble is None:
            self._failures[topic] = 0
            self._channels.worked(f"hub: {topic}")
            return self._renew_after(topic)
        failures = self._failures[topic] = self._failures.get(topic, 0) + 1
        self.alive[topic] = None
        self._log.warning("not subscribed", topic=topic, why=trouble, attempts=failures)
        return max(wait or 0.0, _BACKOFF.wait(failures, self._world.chance.random()))

    def _renew_after(self, topic: str) -> float:
        """Seconds: as the settings say, but within the lease that the hub announced."""
        lease, usual = self._lease[topic], self._settings.resubscribe_seconds
        return min(usual, lease * _RENEW_AT) if lease else usual

    async def _round(self, topic: str) -> str | None:
        """Subscribe or renew; None when the subscription stands."""
        known = await self._kept.of(topic)
        stood = known is not None and known.confirmed_at is not None
        ours = stood and known is not None and known.secret_print == self._print(self._callbacks[topic])
        if known is not None and stood and not ours and _plain(known.callback) == self._callback:
            # the hub keeps the old secret, and delivers under the old key, while that stands (§4.4)
            await self._ask(topic, "unsubscribe", known.callback)
        trouble = await self._ask(topic, "subscribe")
        after = await self._kept.of(topic)
        self._lease[topic] = after.lease_seconds if after else None
        if trouble is None and after is not None and after.confirmed_at is not None:
            if self._settings.callback_key:  # else anybody may have asked: a delivery will show it
                self.alive[topic] = self._world.clock.now()
            self._log.info("subscribed", topic=topic)
            return None
        reason = (after.denied_reason if after else None) or trouble or "the hub did not verify our intent"
        if "already registered" in reason:
            if ours:
                self.alive[topic] = self._world.clock.now()
                return None
            await self._ask(topic, "unsubscribe")  # whose secret it has, nobody knows
            return "an older subscription stood; it is made anew"
        return reason

    async def _ask(self, topic: str, mode: str, callback: str | None = None) -> str | None:
        """Send the request and wait for the hub's challenge; None when it came."""
        async with self._turn:
            return await self._asked(topic, mode, callback or self._callbacks[topic])

    async def _asked(self, topic: str, mode: str, callback: str) -> str | None:
        now = self._world.clock.now()
        before, now_print = await self._kept.of(topic), self._print(callback)
        asked = Subscription(
            topic,
            callback,
            now_print,
            pending_mode=mode,
            pending_until=now + _PENDING,
            confirmed_at=before.confirmed_at if before and before.secret_print == now_print else None,
            lease_seconds=before.lease_seconds if before else None,
        )
        news = self._news[topic]
        news.clear()
        await self._kept.write(asked)
        form = hub.subscribe_form(topic, callback, self._secret, mode)
        answer = await self._login.call(
            "POST", self._settings.hub_url, body=form.encode(), content_type=hub.FORM
        )
        if (failure := hub_failure(answer, mode)) is not None:
            raise NidDown(failure)
        try:
            async with self._world.clock.timeout(_ANSWER_SECONDS):
                await news.wait()
        except TimeoutError:
            # behind a balancer the challenge may have reached another replica: the store knows
            known = await self._kept.of(topic)
            if known is None or not (known.pending_mode is None or _came(known)):
                return "the hub did not verify our intent"
        after = await self._kept.of(topic)
        return after.denied_reason if after is not None else "the subscription was forgotten"

    async def on_intent(self, intent: Intent, key: str | None = None) -> str:
        """The challenge to echo; IntentRefused when nothing of ours is pending.

        `key` is the last part of the path. Without the right one it is answered and changes nothing: what was
        asked stays answerable as long as the hub's own question can come.
        """
        topic = self._keyed.get(key or "", intent.topic)
        if intent.topic is None and not (intent.mode is None and self._settings.allow_plain_topic):
            raise IntentRefused("it names no topic")
        if topic is None:
            topic = await self._only_pending()
        if topic is None or intent.topic not in (topic, None):
            raise IntentRefused("no such request is pending")
        known = await self._kept.of(topic)
        if known is None or known.pending_mode is None or known.pending_until is None:
            raise IntentRefused("no such request is pending")
        if self._world.clock.now() > known.pending_until:
            raise IntentRefused("the request is too old")
        believed = key == _key_of(known.callback)
        if not believed and (key is not None or _came(known)):
            raise IntentRefused("the hub asks under another address")
        if intent.mode == "denied":
            if believed:
                await self._kept.write(replace(known, denied_reason=intent.reason or "denied"))
                self._tell(topic)
            return ""
        if intent.mode not in (known.pending_mode, None) or not intent.challenge:
            raise IntentRefused("the request is of another kind")
        if believed:
            subscribed = known.pending_mode == "subscribe"
            confirmed = self._world.clock.now() if subscribed else None
            lease = intent.lease_seconds if subscribed else known.lease_seconds
            answered = replace(known, confirmed_at=confirmed, denied_reason=None, lease_seconds=lease)
            await self._kept.write(answered)
            self._tell(topic)
        return intent.challenge

    def delivered(self, topic: str) -> None:
        """The hub has delivered on this topic, under its signature: the subscription stands."""
        if topic in self.alive and not self._settings.allow_unsigned:
            self.alive[topic] = self._world.clock.now()

    async def _only_pending(self) -> str | None:
        """The topic that an older hub means when it sends a challenge alone."""
        known = [await self._kept.of(topic) for topic in self.topics]
        pending = [(one.pending_until, one.topic) for one in known if one and one.pending_until]
        return max(pending)[1] if pending else None

    def _tell(self, topic: str) -> None:
        if topic in self._news:
            self._news[topic].set()

    def _print(self, callback: str) -> str:
        """What is kept of the secret: enough to see that it changed."""
        return hashlib.sha256(f"{callback}\0{self._secret}".encode()).hexdigest()[:16]


def _came(known: Subscription) -> bool:
    """Whether the hub's own question for the pending subscription has come."""
    return (
        known.pending_until is not None
        and known.confirmed_at is not None
        and known.confirmed_at >= known.pending_until - _PENDING
    )


def _key_of(callback: str) -> str | None:
    """The key in a callback's path; None when it has none."""
    found = _KEY.search(urlsplit(callback).path)
    return found[1] if found else None


def _plain(callback: str) -> str:
    """The callback without its key."""
    parts = urlsplit(callback)
    return parts._replace(path=_KEY.sub("", parts.path).rstrip("/")).geturl()


def _below(callback: str, key: str) -> str:
    """The callback with the key as the last part of its path."""
    parts = urlsplit(callback)
    return parts._replace(path=f"{parts.path.rstrip('/')}/{key}").geturl()
