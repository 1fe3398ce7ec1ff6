"""The timeline of a story: where it says what happens, checks it, and lets time go."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from scenarios.events import Checked, Exchanged, Listener, TimePassed, Told
from scenarios.stage.pace import Condition, StoryPace, holds, spoken
from scenarios.story import Actor, NeverHappened, Unmet
from wire.http.client import HttpClient, Reply
from wire.world import World

T = TypeVar("T")

_WORTH_TELLING = timedelta(minutes=1)
_ANSWER_LIMIT = timedelta(hours=2)


@dataclass(frozen=True)
class Timeline:
    """What every actor shares: the world, the pace of time, and the ear of the listeners."""

    world: World
    pace: StoryPace
    listener: Listener

    def says(self, who: Actor, text: str) -> None:
        """Tell what somebody does, in plain words."""
        self.listener(Told(self.world.clock.now(), who, text))

    async def check(
        self, text: str, condition: Condition | bool, seen: str = "", shows: str = "", means: str = ""
    ) -> None:
        """Something that must be so now. Raises Unmet, with what was seen and what that means, else.

        `shows`: ids of the requirements that it is a look at, with blanks between.
        """
        met = condition if isinstance(condition, bool) else await holds(condition)
        self.found(text, met, seen, shows)
        if not met:
            raise Unmet(f"expected: {text}" + (f"; seen: {seen}" if seen else ""), means)

    async def until(
        self,
        text: str,
        condition: Condition,
        within: timedelta,
        every: timedelta | None = None,
        shows: str = "",
        means: str = "",
    ) -> None:
        """Let time go until it is so. Raises NeverHappened when `within` passes without it."""
        since = self.world.clock.now()
        met = await self.pace.until(condition, within, every)
        self._passed(since)
        waited = spoken(self.pace.granted(within))
        seen = "" if met else f"not within {waited}"
        self.found(text, met, seen, shows)
        if not met:
            raise NeverHappened(f"expected within {waited}: {text}", means)

    def found(self, text: str, met: bool, seen: str, shows: str = "") -> None:
        """Tell what a look came to; the story goes on either way."""
        self.listener(Checked(self.world.clock.now(), text, met, "" if met else seen, tuple(shows.split())))

    async def passes(self, span: timedelta) -> None:
        """Let this much time go."""
        since = self.world.clock.now()
        await self.pace.passes(span)
        self._passed(since)

    async def answered(self, doing: Coroutine[Any, Any, T], within: timedelta = _ANSWER_LIMIT) -> T:
        """Let time go until a request that somebody waits for is answered."""
        since = self.world.clock.now()
        try:
            return await self.pace.finish(doing, within)
        finally:
            self._passed(since)

    async def decided(self, click: Coroutine[Any, Any, T]) -> T:
        """As `answered`, of a click for which OpenCRVS asks the country's server."""
        try:
            return await self.answered(click)
        except NeverHappened as never:
            raise self._silent(never) from never

    async def at_once(self, doing: Coroutine[Any, Any, T], without: str) -> T:
        """The answer to what takes no time of the story. Raises NeverHappened, with what it was `without`."""
        try:
            return await self.pace.at_once(doing, _ANSWER_LIMIT)
        except NeverHappened as never:
            waits = "OpenCRVS answers an action when the country's server has answered its trigger"
            raise self._silent(NeverHappened(f"{without}: {never}; {waits}")) from never

    def _silent(self, never: NeverHappened) -> NeverHappened:
        self.found("the country's server answers when it is asked", False, str(never), shows="OCRVS-TRG-19")
        return never

    async def posts(
        self, line: HttpClient, who: Actor, what: str, url: str, body: bytes, headers: Mapping[str, str]
    ) -> Reply:
        """What somebody sends to the bridge, and waits for its answer to."""
        reply = await self.answered(line.reply("POST", url, body=body, headers=headers))
        target, said = f"POST {urlsplit(url).path}", reply.text[:1000]
        now = self.world.clock.now()
        self.listener(Exchanged(now, who, Actor.BRIDGE, what, reply.status, target=target, response=said))
        return reply

    def _passed(self, since: datetime) -> None:
        now = self.world.clock.now()
        if now - since >= _WORTH_TELLING:
            self.listener(TimePassed(now, since))
