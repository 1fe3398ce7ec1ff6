"""Waits until a foreign bridge answers and is subscribed, tells what it waits for, and learns how it works.

A bridge that does not subscribe is no reason to stop: what it does instead is found by one registration.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from scenarios.foreign.hooks import NotThere, answers_now
from scenarios.stage.pace import RealPace
from scenarios.stage.servers import Servers
from scenarios.stage.setup import registrar_at
from scenarios.story import Unmet
from wire.http.client import HttpClient
from wire.mosip import topics
from wire.opencrvs import state
from wire.world import World

_TELL_SECONDS = 5.0
_SECOND_SECONDS = 15.0
"""A bridge may subscribe its second topic a while after the first."""
_STEP = 0.2

Teller = Callable[[str], None]


@dataclass(frozen=True)
class Arrival:
    """One wait for one bridge. `seconds`: the longest, by `--patience`."""

    mocks: Servers
    world: World
    addresses: tuple[str, ...]
    seconds: float
    tell: Teller
    whereabouts: str

    async def answers(self, line: HttpClient) -> None:
        """NotThere when one of its addresses does not answer."""
        for url in dict.fromkeys(self.addresses):
            if await self._until(partial(answers_now, line, url, self.seconds), self.seconds, "it to answer"):
                continue
            raise NotThere(
                f"the bridge at {url} does not answer within {self.seconds:g} s (--patience); "
                f"start it with these addresses. {self.whereabouts}"
            )

    async def subscribes(self) -> bool:
        """Whether it is subscribed within the time; of two topics the second one is waited for as well."""
        first = "it to subscribe at the hub"
        if not await self._until(self._subscribed, self.seconds, first):
            self.tell(
                f"The bridge has not subscribed within {self.seconds:g} s (--patience). {self._why_not()}"
            )
            return False
        second = "a subscription to rejections, too"
        await self._until(self._both, min(_SECOND_SECONDS, self.seconds), second)
        return True

    @property
    def asked(self) -> bool:
        """Whether it has asked the hub for a subscription at all."""
        journal = self.mocks.nid.journal
        return any(one.operation == "hub.subscribe" and one.direction == "in" for one in journal)

    async def waits_for_answers(self) -> bool:
        """Whether it answers a registration 202 and goes on later: one birth is registered to see it."""
        pace = RealPace(self.world)
        try:
            async with (
                self.world.clock.timeout(self.seconds),
                registrar_at(self.mocks.opencrvs, self.world, pace) as registrar,
            ):
                birth = await registrar.declares_birth()
                answer = await registrar.registers(birth)
                # as the click left it: a bridge that is quick is through when it is looked at again
                return not answer.ok or "register:requested" in state.flags(answer.value, birth.profile)
        except (Unmet, TimeoutError):
            return True  # what is wrong with it the stories will tell

    async def _subscribed(self) -> bool:
        return bool(self.mocks.nid.subscriptions.subscriptions)

    async def _both(self) -> bool:
        named = {one.topic for one in self.mocks.nid.subscriptions.subscriptions.values()}
        return topics.WORKFLOW_COMPLETED in named and len(named) > 1

    def _why_not(self) -> str:
        journal = list(self.mocks.nid.journal)
        asked = [one for one in journal if one.operation == "hub.subscribe"]
        wished = [one for one in asked if one.direction == "in"]
        back = [one for one in asked if one.direction == "out"]
        if back:
            last = back[-1]
            said = "no answer" if last.status is None else f"{last.status} and {last.response[:80]!r}"
            return (
                f"It asked, and the hub asked back at {last.target.split('?')[0]}: the answer was {said}, "
                "and the "
                "body is to be hub.challenge and nothing else."
            )
        if wished:
            return f"It asked, and the hub refused: {wished[-1].status} {wished[-1].response[:120]}"
        return (
            f"It did not ask at {self.mocks.nid.url}/websub/hub; start it after this command, or again. "
            "It is judged for what it does without."
        )

    async def _until(self, condition: Callable[[], object], seconds: float, what: str) -> bool:
        """Ask again and again; every few seconds say what is waited for."""
        clock, waited = self.world.clock, 0.0
        limit, said = clock.now() + timedelta(seconds=seconds), clock.now()
        while not await condition():  # type: ignore[misc]
            now = clock.now()
            if now >= limit:
                return False
            if now - said >= timedelta(seconds=_TELL_SECONDS):
                waited, said = waited + _TELL_SECONDS, now
                self.tell(f"Waiting for {what}: {waited:g} of {seconds:g} s (--patience).")
            await clock.sleep(_STEP)
        return True
