"""Whether a subscriber means what was asked in its name: challenges, denials (contract mosip §4.4). Edge."""

from __future__ import annotations

from aiohttp import ClientError, ClientSession
from yarl import URL

from mock_nid.settings import Settings
from testbed.faults import Fault, FaultKind, Faults
from testbed.journal import Journal
from wire.mosip.hub import denied_query, intent_query, join_query
from wire.world import World

TRIES = 3
FIRST_WAIT, LONGEST_WAIT = 3.0, 20.0


class Intents:
    """Asks callbacks over a session of the hub's."""

    def __init__(
        self, settings: Settings, world: World, journal: Journal, faults: Faults, session: ClientSession
    ) -> None:
        self._settings, self._world, self._session = settings, world, session
        self._journal, self._faults = journal, faults

    async def confirmed(self, mode: str, topic: str, callback: str) -> bool:
        """Whether the callback echoes the challenge, asked up to three times while it does not answer."""
        challenge = self._world.chance.uuid()
        if self._settings.quirks.intent_is_challenge:
            query = f"hub.challenge={challenge}"
        else:
            lease = self._settings.hub_lease_seconds
            query = intent_query(topic, challenge, mode=mode, lease_seconds=lease)
        fault = self._faults.strike("hub.intent", (topic,))
        if fault is not None and fault.kind is FaultKind.LOSE:
            self._note("hub.intent", "GET", join_query(callback, query), topic, "never sent", fault)
            return False
        wait = FIRST_WAIT
        for attempt in range(TRIES):
            answer = await self._get(join_query(callback, query), f"hub.{mode}", topic, fault)
            if answer is not None:
                return answer == challenge
            if attempt + 1 < TRIES:
                await self._world.clock.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT)
        return False

    async def deny(self, topic: str, callback: str, reason: str) -> None:
        """Tell the callback that its request was denied; what it answers changes nothing."""
        await self._get(join_query(callback, denied_query(topic, reason)), "hub.denied", topic, None)

    async def _get(self, url: str, operation: str, topic: str, fault: Fault | None) -> str | None:
        """The text of the callback's answer; None when no answer came."""
        told = (str(fault),) if fault else ()
        if self._session.closed:
            return None  # the hub has been stopped meanwhile
        try:
            async with self._world.clock.timeout(self._settings.hub_timeout_seconds):
                # the hub writes blanks and slashes raw; a blank alone must be escaped to be sent at all
                target = URL(url.replace(" ", "%20"), encoded=True)
                async with self._session.get(target, allow_redirects=False) as answer:
                    text = (await answer.read()).decode(errors="replace")
        except (ClientError, OSError, TimeoutError, ValueError) as error:
            self._note(operation, "GET", url, topic, f"no answer: {type(error).__name__}", fault)
            return None
        self._journal.record(
            "out", operation, "GET", url, answer.status, records=(topic,), response=text.encode(), faults=told
        )
        return text

    def _note(
        self, operation: str, method: str, url: str, topic: str, note: str, fault: Fault | None
    ) -> None:
        told = (str(fault),) if fault else ()
        self._journal.record("out", operation, method, url, None, records=(topic,), faults=told, note=note)
