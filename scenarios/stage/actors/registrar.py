"""The registrar of a story: what the browser script of mock_opencrvs does, told as it goes.

What goes over the wire is `testbed.browser`'s; here are the words, and answers instead of exceptions
(contract opencrvs §2.4, §4).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mock_opencrvs.families import Families, Family
from scenarios.stage.actors.civil_record import CivilRecord, Reader
from scenarios.stage.timeline import Timeline
from scenarios.story import Actor, Unmet
from testbed.browser import Browser
from testbed.gateway_session import LoginFailed
from testbed.names import FARAJALAND
from wire.http.client import HttpClient, NoAnswer
from wire.opencrvs.profiles import Profile
from wire.opencrvs.trpc import TRPCError

QUEUE = "in-external-validation"


class NotDone(Unmet):
    """Something that a story takes for granted (a log-in, a declaration) did not work."""


@dataclass(frozen=True)
class ClickResult:
    """What a click came to: a value, or an error in OpenCRVS's words; status None when no answer came."""

    status: int | None
    value: Any = None
    error: str = ""

    @property
    def ok(self) -> bool:
        return not self.error


OF_COUNTRY = "country config action confirmation"
"""Core's words when the country's server answers an error (contract opencrvs §1.2)."""


class Registrar:
    """Logged in as one user. `declares_…` and `registers` tell the story as they go."""

    def __init__(
        self,
        timeline: Timeline,
        http: HttpClient,
        gateway: str,
        profile: Profile,
        reader: Reader,
        *,
        username: str = "k.mweene",
        locale: str = FARAJALAND,
    ) -> None:
        self._timeline, self._profile, self._reader = timeline, profile, reader
        self._http, self._gateway = http, gateway
        who = {"username": username, "password": "test"}
        self._browser = Browser(gateway, timeline.world, **who, profile=profile, http=http, renews=True)
        self.families = Families(timeline.world, locale)
        """Who comes to the office: drawn from the world's chance."""
        self.records: list[CivilRecord] = []
        self.introduces: Callable[[Family], None] = lambda family: None
        """Makes the people of a family that comes to the office known, where a country has them verified."""
        self.explains: Callable[[str], str] = lambda error: error
        """Adds to an error of OpenCRVS what it does not tell a registrar."""
        self._queues: list[dict[str, Any]] = []

    async def logs_in(self) -> None:
        """With user name, password and the code of a development installation."""
        await self._must(self._browser.log_in(), "log in")

    def colleague(self, username: str) -> Registrar:
        """Another registrar, `t.banda` for one, who works at the office in Isamba."""
        way = self._timeline, self._http, self._gateway, self._profile, self._reader
        other = Registrar(*way, username=username)
        other.families = self.families  # whose names occur once in the whole story
        return other

    @property
    def token(self) -> str:
        """The token of the last log-in."""
        if self._browser.token is None:
            raise NotDone(f"{self._browser.username} is not logged in")
        return self._browser.token

    async def declares_birth(self, *, father: bool = True, **changes: Any) -> CivilRecord:
        """A birth of a family drawn by chance; `changes` replaces form values (`child__name={…}`)."""
        family = self.families.birth()
        family = (family if father else family.without_father()).changed(**changes)
        self.introduces(family)
        return await self.declares(family)

    async def registers_birth(self, **changes: Any) -> CivilRecord:
        """Declare a birth and click Register; what the click came to, the record shows."""
        birth = await self.declares_birth(**changes)
        await self.registers(birth)
        return birth

    async def declares_foundling(self) -> CivilRecord:
        """A birth of which neither parent is known."""
        return await self.declares(self.families.birth().of_unknown_parents())

    async def declares_births(self, many: int) -> list[CivilRecord]:
        """Births of as many families, with names that occur once."""
        return [await self.declares_birth() for _ in range(many)]

    async def declares_death(self, national_id: str | None, **changes: Any) -> CivilRecord:
        """A death of somebody with this national ID; None: without any."""
        family = self.families.death().with_national_id(national_id).changed(**changes)
        self.introduces(family)
        return await self.declares(family)

    async def registers_death(self, national_id: str | None) -> CivilRecord:
        """Declare a death and click Register."""
        death = await self.declares_death(national_id)
        await self.registers(death)
        return death

    async def declares(self, family: Family, *, validates: bool = True) -> CivilRecord:
        """Create the record, fill the form in, and declare; in 1.9 also validate, unless the story does that
        itself. Raises NotDone.
        """
        document = await self._must(self._browser.create(family.event_type), "create the record")
        record = CivilRecord(document["id"], document["trackingId"], family, self._profile, self._reader)
        self._timeline.says(Actor.REGISTRAR, f"declares {record.what} ({record.tracking_id})")
        await self._must(self._act(record, "declare", **_form(record)), "declare")
        if "declare:rejected" in await record.flags():
            self._stopped("declare: it answered 400, so that the record stays without its form")
        if self._profile is Profile.V1_9 and validates:
            await self._does(record, "validate", "validate", **self._review(record))
        self.records.append(record)
        return record

    async def scans(self, name: str, size: int = 1000) -> dict[str, str]:
        """Upload a scan of so many bytes; what a FILE field of the form gets. Raises NotDone."""
        self._timeline.says(Actor.REGISTRAR, f"uploads {name}")
        content = self._timeline.world.chance.bytes(size)
        told: dict[str, str] = await self._must(self._browser.upload(name, content), "upload")
        return told

    async def takes(self, record: CivilRecord) -> ClickResult:
        """Assign the record to oneself, as the screen does before any change."""
        return await self._answer(self._browser.assign(record.event_id))

    async def gives_back(self, record: CivilRecord) -> None:
        """In 2.1, which confirms nothing that somebody holds: after an error the registrar still does."""
        if self._profile is Profile.V2_1:
            self._timeline.says(Actor.REGISTRAR, f"gives {record.what} back")
            await self._must(self._browser.unassign(record.event_id), "give the record back")

    async def registers(self, record: CivilRecord) -> ClickResult:
        """Click Register. OpenCRVS answers when the country's server has answered it."""
        self._timeline.says(Actor.REGISTRAR, f"registers {record.what}")
        return await self._clicks(record, "register", **self._review(record))

    async def validates(self, record: CivilRecord) -> ClickResult:
        """Click Validate: an action of core in 1.9, one of the country's own since."""
        self._timeline.says(Actor.REGISTRAR, f"validates {record.what}")
        if self._profile is Profile.V1_9:
            return await self._clicks(record, "validate", **self._review(record))
        return await self._clicks(record, "custom", customActionType="VALIDATE_DECLARATION")

    async def asks_for(self, record: CivilRecord) -> ClickResult:
        """The first click at which a country verifies people that can be rejected later, too: Validate in
        1.9, Register since.
        """
        click = self.validates if self._profile is Profile.V1_9 else self.registers
        return await click(record)

    async def registers_all(self, records: Sequence[CivilRecord]) -> list[ClickResult]:
        """Click Register on all of them at the same time, and wait for every answer."""
        self._timeline.says(Actor.REGISTRAR, f"registers {len(records)} records at the same time")

        async def one(record: CivilRecord) -> ClickResult:
            await self._takes(record)
            return await self._answer(self._act(record, "register", **self._review(record)))

        async def everyone() -> list[ClickResult]:
            return list(await asyncio.gather(*map(one, records)))

        return await self._timeline.decided(everyone())

    async def mends(self, record: CivilRecord) -> None:
        """After a rejection: send the form again, as the family says now; in 1.9 also validate."""
        if self._profile is not Profile.V1_9:
            await self._does(record, "edit", "edit", **_form(record))
            return
        await self._takes(record)
        if await record.status() == "DECLARED":
            await self._must(self._act(record, "declare", **_form(record)), "declare again")
        await self._does(record, "validate", "validate", **_form(record))

    async def mends_and_registers(self, record: CivilRecord) -> ClickResult:
        """After a rejection: declare again if the declaration was sent back, then register."""
        if "rejected" in await record.flags():
            await self.mends(record)
        return await self.registers(record)

    async def corrects(self, record: CivilRecord, values: dict[str, Any]) -> None:
        """Ask for a correction of a registered record, and approve it."""
        self._timeline.says(Actor.REGISTRAR, f"corrects {record.what}: {', '.join(values)}")
        asked = "ask for a correction"
        document = await self._does(record, "correction.request", asked, declaration=values)
        request = next(
            row["id"]
            for row in reversed(document["actions"])
            if row["type"] == "REQUEST_CORRECTION" and row["status"] == "Accepted"
        )
        approved = await self._clicks(record, "correction.approve", requestId=request)
        self._value(approved, "approve the correction")

    async def retries(self, record: CivilRecord) -> ClickResult:
        """What the browser's outbox does after an error: the same request again, same transaction id."""
        self._timeline.says(Actor.REGISTRAR, "’s browser sends the same request again")
        same = record.transactions["register"]
        again = self._browser.act("register", record.event_id, transaction_id=same, **self._review(record))
        return await self._timeline.decided(self._answer(again))

    async def opens(self, record: CivilRecord) -> ClickResult:
        """Open the record on the screen."""
        return await self._answer(self._browser.get(record.event_id))

    async def queue(self, slug: str = QUEUE) -> list[str]:
        """Event ids in one of the registrar's workqueues, as the screen lists them."""
        page = await self._must(self._browser.queue(slug, limit=100), f"open the queue {slug}")
        return [row["id"] for row in page["results"]]

    async def queue_counts(self) -> list[tuple[str, str, int]]:
        """Every workqueue of the user as (slug, name, count), asked as the browser asks (§7.2)."""
        if not self._queues:
            self._queues = await self._must(self._browser.queues(), "read the queues")
        asked = [{"slug": queue["slug"], "query": queue["query"]} for queue in self._queues]
        counts = await self._must(self._browser.query("workqueue.count", asked), "count the queues")
        return [
            (queue["slug"], queue["name"]["defaultMessage"], counts.get(queue["slug"], 0))
            for queue in self._queues
        ]

    def _review(self, record: CivilRecord) -> dict[str, Any]:
        """What the review page adds: 1.9 wants its comment and signature with every step."""
        return {"annotation": dict(record.family.annotation)} if self._profile is Profile.V1_9 else {}

    async def _takes(self, record: CivilRecord) -> None:
        await self._must(self._browser.assign(record.event_id), "take the record")

    async def _clicks(self, record: CivilRecord, action: str, **more: Any) -> ClickResult:
        """A click about whose answer the story decides."""
        await self._takes(record)
        return await self._timeline.decided(self._answer(self._act(record, action, **more)))

    async def _does(self, record: CivilRecord, action: str, what: str, **more: Any) -> Any:
        """One that a story takes for granted. Raises NotDone."""
        await self._takes(record)
        return await self._must(self._act(record, action, **more), what)

    def _act(self, record: CivilRecord, action: str, **more: Any) -> Awaitable[Any]:
        transaction = record.transactions[action] = self._timeline.world.chance.uuid()
        return self._browser.act(action, record.event_id, transaction_id=transaction, **more)

    async def _answer(self, click: Awaitable[Any]) -> ClickResult:
        """An error that OpenCRVS or the network gives is an answer too. NotDone when nobody is let in."""
        try:
            return ClickResult(200, await click)
        except TRPCError as error:
            return ClickResult(error.http_status, None, self.explains(str(error)))
        except LoginFailed as error:
            raise NotDone(str(error)) from error
        except LookupError as error:
            return ClickResult(None, None, str(error.args[0]))
        except NoAnswer as none:
            return ClickResult(None, None, none.what)

    async def _must(self, click: Awaitable[Any], what: str) -> Any:
        without = f"{self._browser.username} could not {what}"
        return self._value(await self._timeline.at_once(self._answer(click), without), what)

    def _value(self, answer: ClickResult, what: str) -> Any:
        if not answer.ok:
            if OF_COUNTRY in answer.error:
                self._stopped(f"{what}: {answer.error[:300]}")
            raise NotDone(f"{self._browser.username} could not {what}: {answer.status} {answer.error[:300]}")
        return answer.value

    def _stopped(self, seen: str) -> None:
        self._timeline.found(
            "the country's server lets through what does not concern it", False, seen, shows="OCRVS-TRG-16"
        )


def _form(record: CivilRecord) -> dict[str, Any]:
    """The form as it is sent: values, comment and signature."""
    return {"declaration": dict(record.family.declaration), "annotation": dict(record.family.annotation)}
