"""How messages reach subscribers: intent checks, one queue a subscription, retries, losses. Flow.

Contract mosip §4.4, §4.5. A consumer delivers in the order of publication, in batches as the hub polls them;
a subscription has one, or as many as `hub_consumers` says.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout
from yarl import URL

from mock_nid.hub import messages
from mock_nid.hub.intents import LONGEST_WAIT, Intents
from mock_nid.hub.messages import Message
from mock_nid.hub.subscriptions import Directory, Subscription, delivery_target
from mock_nid.settings import Settings
from testbed.faults import FaultKind, Faults
from testbed.journal import Journal
from wire.background import Loop
from wire.world import World, parse_timestamp

BATCH = 3
"""Records that the hub polls together."""


class _Queue:
    """The messages that wait for one subscription, and its consumers."""

    def __init__(self, subscription: Subscription) -> None:
        self.subscription = subscription
        self.waiting: deque[Message] = deque()
        self.uncommitted: list[Message] = []
        self.arrived = asyncio.Event()
        self.consumers: list[Loop] = []

    def put(self, message: Message) -> None:
        self.waiting.append(message)
        self.arrived.set()

    def take(self, most: int) -> list[Message]:
        batch = [self.waiting.popleft() for _ in range(min(most, len(self.waiting)))]
        if not self.waiting:
            self.arrived.clear()
        return batch


class DeliveryQueues:
    """Carries what is published to those who listen."""

    def __init__(
        self,
        settings: Settings,
        world: World,
        journal: Journal,
        faults: Faults,
        directory: Directory,
        delivered: Callable[[Message], None],
        changed: Callable[[], None],
    ) -> None:
        self._settings, self._world = settings, world
        self._journal, self._faults = journal, faults
        self._directory = directory
        self._delivered, self._changed = delivered, changed
        self._lines: dict[tuple[str, str], _Queue] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.hub_url = ""
        self._session: ClientSession
        self._intents: Intents

    async def start(self, hub_url: str) -> None:
        self.hub_url = hub_url
        self._session = ClientSession(timeout=ClientTimeout(total=None))
        self._intents = Intents(self._settings, self._world, self._journal, self._faults, self._session)
        for subscription in self._directory.subscriptions.values():
            self._open(subscription)

    async def close(self) -> None:
        tasks = list(self._tasks)
        for line in self._lines.values():
            for consumer in line.consumers:
                await consumer.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._lines.clear()
        await self._session.close()

    @property
    def waiting(self) -> int:
        """How many messages have been published and not yet tried."""
        return sum(len(line.waiting) for line in self._lines.values())

    # subscriptions

    def verify(self, subscription: Subscription) -> None:
        """Check the subscriber's intent in the background and subscribe it when it echoes the challenge."""
        self._spawn(self._subscribe(subscription))

    def leave(self, topic: str, callback: str) -> None:
        """Check the intent to unsubscribe in the background."""
        self._spawn(self._unsubscribe(topic, callback))

    async def _subscribe(self, subscription: Subscription) -> None:
        topic, callback = subscription.topic, subscription.callback
        self._directory.register(topic)
        stands = self._directory.find(topic, callback) and not self._settings.quirks.intent_is_challenge
        if stands and not self._settings.hub_lease_enforced:
            await self._intents.deny(topic, callback, "Subscriber has already registered with the Hub")
            return
        if await self._intents.confirmed("subscribe", topic, callback):
            self.add(subscription)

    async def _unsubscribe(self, topic: str, callback: str) -> None:
        if not self._directory.listeners(topic):
            await self._intents.deny(topic, callback, f"Topic [{topic}] is not registered with the Hub")
        elif self._directory.find(topic, callback) is None:
            reason = f"Could not find a valid subscriber for Topic [{topic}] and Callback [{callback}]"
            await self._intents.deny(topic, callback, reason)
        elif await self._intents.confirmed("unsubscribe", topic, callback):
            self.drop(topic, callback)

    def add(self, subscription: Subscription) -> None:
        """Subscribe without a check; a new subscription starts at the latest message."""
        if self._settings.hub_lease_enforced and subscription.key in self._lines:
            self._directory.add(subscription)
            self._lines[subscription.key].subscription = subscription
            self._changed()
            return
        self.drop(subscription.topic, subscription.callback)
        self._directory.add(subscription)
        self._open(subscription)
        self._changed()

    def drop(self, topic: str, callback: str) -> None:
        """End a subscription; what waited for it is gone."""
        gone = self._directory.remove(topic, callback)
        self._changed()
        line = self._lines.pop(gone.key, None) if gone else None
        for consumer in line.consumers if line is not None else ():
            consumer.stop()

    def drop_all(self) -> None:
        for one in list(self._directory.subscriptions.values()):
            self.drop(one.topic, one.callback)

    def _end_leases(self) -> None:
        now = self._world.clock.now()
        lease = timedelta(seconds=self._settings.hub_lease_seconds)
        for one in list(self._directory.subscriptions.values()):
            if parse_timestamp(one.since) + lease <= now:
                self.drop(one.topic, one.callback)

    def restart(self) -> int:
        """What a restart of the hub does: each position goes back to the last commit. Returns how many."""
        again = 0
        for line in self._lines.values():
            lost, line.uncommitted = line.uncommitted, []
            line.waiting.extendleft(reversed(lost))
            again += len(lost)
            if line.waiting:
                line.arrived.set()
        return again

    def _open(self, subscription: Subscription) -> None:
        line = _Queue(subscription)
        self._lines[subscription.key] = line
        for _ in range(self._settings.hub_consumers):
            consumer = Loop(f"hub {subscription.topic}", self._world.clock, partial(self._consume, line))
            line.consumers.append(consumer)
            consumer.start()

    # deliveries

    def publish(self, message: Message) -> int:
        """Hand a message to everybody who listens now; how many that are."""
        if self._settings.hub_lease_enforced:
            self._end_leases()
        lines = [self._lines[one.key] for one in self._directory.listeners(message.topic)]
        for line in lines:
            if message.hold > 0:
                self._spawn(self._later(line, message))
            else:
                line.put(message)
        return len(lines)

    async def _later(self, line: _Queue, message: Message) -> None:
        await self._world.clock.sleep(message.hold)
        line.put(message)

    async def _consume(self, line: _Queue) -> float:
        await line.arrived.wait()
        batch = line.take(BATCH)
        for place, message in enumerate(batch):
            if message.lost:
                self._lose(line, message, "lost on purpose")
            elif await self._deliver(line, message):
                line.uncommitted.clear()
            else:
                line.uncommitted.append(message)
                if self._settings.hub_lose_neighbours:
                    self._skip(line, batch[place + 1 :])
                    break
        return 0.0

    def _skip(self, line: _Queue, rest: list[Message]) -> None:
        for message in rest:
            line.uncommitted.append(message)
            self._lose(line, message, "skipped: an earlier delivery of the same batch failed")

    def _lose(self, line: _Queue, message: Message, why: str) -> None:
        self._note(message, line.subscription.callback, None, note=why)

    def _note(self, message: Message, target: str, status: int | None, **more: Any) -> None:
        """For the journal, with what the message says about whom."""
        self._journal.record(
            "out",
            "hub.deliver",
            "POST",
            target,
            status,
            records=message.records,
            faults=message.faults,
            said=message.said,
            **more,
        )

    async def _deliver(self, line: _Queue, message: Message) -> bool:
        settings, subscription = self._settings, line.subscription
        fault = self._faults.strike("hub.deliver", message.records)
        copies = 1
        if fault is not None:
            told = replace(message, faults=(*message.faults, str(fault)))
            message, copies = messages.struck(told, fault.kind)
        if message.lost:
            self._lose(line, message, "lost on purpose")
            return True
        body = message.body(reserialise=settings.quirks.hub_reserialise)
        if fault is not None and fault.kind is FaultKind.SLOW:
            await self._world.clock.sleep(fault.seconds)
        headers = messages.headers(
            message,
            body,
            hub_url=self.hub_url,
            secret=subscription.secret,
            sign=settings.hub_sign,
            link=settings.quirks.hub_link,
        )
        good = True
        for _ in range(copies):
            good = await self._post(subscription.callback, message, body, headers) and good
        return good

    async def _post(self, callback: str, message: Message, body: bytes, headers: dict[str, str]) -> bool:
        settings = self._settings
        target = delivery_target(callback, trailing_slash=settings.quirks.hub_trailing_slash)
        wait = settings.hub_retry_seconds
        for attempt in range(settings.hub_retries + 1):
            status = await self._send(target, message, body, headers)
            if status is not None and 200 <= status < 300:
                self._delivered(message)
                return True
            if status is not None and not settings.hub_retry_http_errors:
                return False
            if attempt < settings.hub_retries:
                await self._world.clock.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT)
        return False

    async def _send(self, target: str, message: Message, body: bytes, headers: dict[str, str]) -> int | None:
        sent = self._world.clock.now()
        try:
            async with (
                self._world.clock.timeout(self._settings.hub_timeout_seconds),
                self._session.post(
                    URL(target, encoded=True), data=body, headers=headers, allow_redirects=False
                ) as answer,
            ):
                text = await answer.read()
        except (ClientError, OSError, TimeoutError, ValueError) as error:
            why = f"no answer: {type(error).__name__}"
            self._note(message, target, None, request=body, sent=sent, note=why)
            return None
        self._note(message, target, answer.status, request=body, response=text, sent=sent)
        return answer.status

    # small things

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
