"""The stage of one story: what a script has in its hands, and the evidence at the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from scenarios.stage.credentials import CREDENTIALS, KNOWN_PERSON
from scenarios.story import Actor, NotPlayable, Unmet

# every script imports this module; whoever lists them has no use for servers, judge and asyncio
if TYPE_CHECKING:
    from mock_nid.packets.registrations import PacketRegistration
    from scenarios.judging.evidence import Evidence, Identity, SentDelivery, Unfinished
    from scenarios.judging.verdicts import Verdict
    from scenarios.stage.actors.administrator import Administrator
    from scenarios.stage.actors.bridge import BridgeActor
    from scenarios.stage.actors.civil_record import CivilRecord
    from scenarios.stage.actors.country import CountryActor
    from scenarios.stage.actors.id_system import IdSystemActor
    from scenarios.stage.actors.opencrvs import OpenCrvsActor
    from scenarios.stage.actors.operator import Operator
    from scenarios.stage.actors.questioner import Questioner
    from scenarios.stage.actors.registrar import Registrar
    from scenarios.stage.actors.stranger import Stranger
    from scenarios.stage.logbook import Logbook
    from scenarios.stage.pace import Condition
    from scenarios.stage.servers import Servers
    from scenarios.stage.timeline import Timeline
    from scenarios.story import Story
    from wire.opencrvs.profiles import Profile
    from wire.world import World

_REST = timedelta(days=40)
_QUIET = timedelta(minutes=2)
_GLANCE = timedelta(hours=6)
"""How often somebody looks at the operator's list."""


def days(count: float) -> timedelta:
    return timedelta(days=count)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


@dataclass(repr=False)  # asyncio's runners write a task's result out in every test
class Stage:
    """What a script has in its hands."""

    timeline: Timeline
    profile: Profile
    servers: Servers
    registrar: Registrar
    id_system: IdSystemActor
    opencrvs: OpenCrvsActor
    bridge: BridgeActor
    operator: Operator
    administrator: Administrator
    stranger: Stranger
    questioner: Questioner
    country: CountryActor
    logbook: Logbook
    known_person: str = KNOWN_PERSON
    """National ID of an adult whom the ID system knows."""
    before_judging: Callable[[], None] = lambda: None
    """Fetches what must be read last, e.g. a foreign bridge's log file."""
    found_crashed: Callable[[], Awaitable[str]] | None = None
    """Looks whether a bridge that is not ours has crashed."""
    most: int | None = None
    """With how many records at once this stage plays at most; None: as many as the story has."""

    @property
    def world(self) -> World:
        return self.timeline.world

    # the director's words

    async def check(
        self, text: str, condition: Condition | bool, seen: str = "", shows: str = "", means: str = ""
    ) -> None:
        """Something that must be so now. `shows`: ids of the requirements that it is a look at; `means`: what
        it says of the bridge that it is not so.
        """
        await self.timeline.check(text, condition, seen, shows, means)

    async def until(
        self, text: str, condition: Condition, within: timedelta, shows: str = "", means: str = ""
    ) -> None:
        """Let time go until it is so. `shows` and `means`: as those of a check."""
        await self.timeline.until(text, condition, within, shows=shows, means=means)

    def needs(self, offered: bool, lacks: str) -> None:
        """Whether the bridge does what the story is about: another may not, and then it is not played."""
        if not offered:
            raise NotPlayable(f"not offered: {lacks}")

    async def comes_about(self, condition: Condition, within: timedelta) -> bool:
        """Let time go until it is so; whether it was. Nobody is blamed when it was not."""
        return await self.timeline.pace.until(condition, within)

    async def until_stuck(self, record: CivilRecord, within: timedelta, shows: str = "") -> Unfinished:
        """Let time go until the bridge lists the record as stuck, and return the list's line."""
        stuck = self.operator.finds_stuck(record)
        await self.timeline.until("the bridge lists the record as stuck", stuck, within, _GLANCE, shows)
        return await self.operator.entry(record)

    async def until_named(self, record: CivilRecord, within: timedelta, shows: str = "") -> Unfinished:
        """Let time go until the bridge's list names what the record waits for, and return the list's line."""
        named = self.operator.finds_named(record)
        await self.timeline.until("the bridge names the trouble", named, within, _GLANCE, shows)
        return await self.operator.entry(record)

    async def until_still(self, record: CivilRecord) -> None:
        """Let time go until a record stays as it is: a bridge may need two calls for one thing."""
        pace, before = self.timeline.pace, None
        while (now := await record.document()) != before:
            before = now
            await pace.until(lambda: False, pace.breath)

    async def passes(self, span: timedelta) -> None:
        """Let this much time go."""
        await self.timeline.passes(span)

    def tells(self, text: str, who: Actor = Actor.DIRECTOR) -> None:
        self.timeline.says(who, text)

    def up_to(self, many: int) -> int:
        """How many records a story of so many plays with on this stage: see `rehearse run --full`."""
        return many if self.most is None else min(many, self.most)

    @property
    def ours(self) -> bool:
        """Whether the bridge is ours, with a clock and settings that a story may change."""
        return self.servers.bridge_settings is not None

    @property
    def record_tokens(self) -> bool:
        """Whether the bridge acts in the registrar's name: only then a rejection has a reason."""
        return self.profile.record_token

    # what can be seen

    def packets_of(self, record: CivilRecord) -> list[PacketRegistration]:
        """The packets at the ID system that ask for this person."""
        return self.id_system.packets_of(record.name)

    def asked_about(self, record: CivilRecord) -> list[Identity]:
        """What the ID system was asked about this person: packets, and identities made at once."""
        from scenarios.judging.evidence import same_name

        wanted = same_name(record.name)
        return [one for one in self._identities() if same_name(one.name) == wanted]

    def asked_under(self, number: str | None) -> list[Identity]:
        """What the ID system was asked under a certificate's number."""
        return [one for one in self._identities() if one.certificate_number == number]

    def _identities(self) -> tuple[Identity, ...]:
        from scenarios.judging import gathering

        nid = self.servers.nid
        return tuple(gathering.identities_in(nid.registrations, nid.people))

    def packet_of(self, record: CivilRecord) -> PacketRegistration:
        """The one packet of this person; Unmet when there is none."""
        found = self.packets_of(record)
        if not found:
            raise Unmet(f"the ID system has no packet of {record.what}")
        return found[-1]

    def acceptances_tried(self) -> int:
        """How often OpenCRVS was asked to accept, whatever it answered."""
        journal = self.servers.opencrvs.journal
        return sum(one.direction == "in" and one.operation.endswith(".accept") for one in journal)

    def deliveries(self, record: CivilRecord) -> list[SentDelivery]:
        """What the hub sent about this record, genuine, whether it arrived or not."""
        from scenarios.judging import gathering

        packets = {packet.id for packet in self.packets_of(record)}
        genuine, _ = gathering.messages_in(self.servers.nid.journal.facts)
        return [one for one in genuine if one.registration_id in packets and one.means == "issued"]

    def told_of(self, record: CivilRecord) -> Callable[[], bool]:
        """The question whether the hub has sent a credential for this record, or left it out."""

        def told() -> bool:
            packets = self.packets_of(record)
            return bool(packets) and self.id_system.tried(packets[-1])

        return told

    def waits(self, record: CivilRecord) -> Callable[[], Awaitable[bool]]:
        """The question whether a record waits, or waited until the ID system spoke: real time runs on."""

        async def waiting() -> bool:
            if await record.is_waiting():
                return True
            packets = {packet.id for packet in self.packets_of(record)}
            return any(one.said.packet in packets for one in self.servers.nid.journal.facts)

        return waiting

    def all_registered(self, records: Sequence[CivilRecord]) -> Callable[[], Awaitable[bool]]:
        """The question whether every one of these is registered."""
        waiting = list(records)

        async def registered() -> bool:
            while waiting and await waiting[-1].is_registered():
                waiting.pop()
            return not waiting

        return registered

    # what befalls them all

    async def clock_is_wrong(self, who: Actor, by: timedelta) -> None:
        """The clock of OpenCRVS, bridge or ID system is fast from now on (negative: slow; zero: right).

        A clock that is put back shows times again. So much time goes first, and a minute, that these were of
        no interest.
        """
        from scenarios.stage.pace import spoken

        clock = self.servers.clocks[who]
        if clock.error > by:
            await self.passes(clock.error - by + minutes(1))
        fast = "fast" if by > timedelta() else "slow"
        self.tells(f"’s clock is {spoken(abs(by))} {fast}" if by else "’s clock is put right", who)
        clock.is_wrong_by(by)

    # the engine's side

    async def play(self, story: Story) -> None:
        await story.play(self)

    async def crash(self) -> str:
        """How the bridge was found crashed; empty when it was not."""
        return await self.found_crashed() if self.found_crashed is not None else ""

    async def rest(self) -> None:
        """Mend everything, then let time go until the bridge has nothing left but stuck records."""
        self.opencrvs.calm()
        self.id_system.calm()
        await self.servers.start_bridge()
        await self.timeline.pace.until(self._at_rest, _REST, every=_GLANCE)
        await self.timeline.pace.passes(_QUIET)

    async def _at_rest(self) -> bool:
        from wire.opencrvs import state

        if self.operator.unseen:
            return not any(state.pending_actions(event) for event in self.servers.opencrvs.records)
        return all(waiting.stuck for waiting in await self.operator.entries())

    def unseen(self) -> dict[str, str]:
        """What of the evidence cannot be looked at on this stage, and why."""
        hidden = {"waiting": self.operator.unseen, "log": self.logbook.unseen}
        return {part: why for part, why in hidden.items() if why}

    async def verdicts(self) -> tuple[Verdict, ...]:
        from scenarios.judging.promises import judge

        return judge(await self.evidence())

    async def evidence(self) -> Evidence:
        """Everything that the judge may look at, as it is now."""
        from scenarios.judging import gathering
        from scenarios.judging.evidence import Evidence, Secret

        self.before_judging()
        servers = self.servers
        opencrvs, nid, clocks = servers.opencrvs, servers.nid, servers.clocks
        shown_there, shown_at_nid = clocks[Actor.OPENCRVS].corrected, clocks[Actor.NID].corrected
        records = tuple(gathering.record_of(one, self.profile, shown_there) for one in opencrvs.records)
        identities = self._identities()
        genuine, forged = gathering.messages_in(nid.journal.facts, shown_at_nid)
        genuine += gathering.messages_in(book.facts)[0] if (book := self.country.payments) is not None else []
        return Evidence(
            at=self.world.clock.now(),
            records=records,
            questions=tuple(gathering.questions_in(opencrvs.journal.of("trigger."), shown_there)),
            identities=identities,
            deliveries=tuple(genuine),
            forgeries=(*forged, *self.stranger.forgeries),
            waiting=tuple(await self.operator.entries()),
            decisions=tuple(self.operator.decisions),
            log=self.logbook.written,
            unseen=self.unseen(),
            secrets=(*gathering.secrets_of(records, identities), *(Secret(*one) for one in CREDENTIALS)),
        )
