"""The registrar: plays over OpenCRVS's own API what a person does on screen (contract opencrvs §2.4, §4)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from scenarios.actors.civil_record import CivilRecord, Reader
from scenarios.actors.http import Answer, Line
from scenarios.desk import Desk
from scenarios.events import Lane
from scenarios.families import BOYS, GIRLS, Declaration, birth, death
from wire.opencrvs import tokens
from wire.opencrvs.javascript import UNDEFINED
from wire.opencrvs.profiles import Profile

QUEUE = "in-external-validation"


class NotDone(Exception):
    """Something that a story takes for granted (a log-in, a declaration) did not work."""


class Registrar:
    """Logged in as one user. `declares_…` and `registers` tell the story as they go."""

    NO_FATHER: ClassVar[dict[str, Any]] = {
        **dict.fromkeys(
            (
                "father__name",
                "father__dob",
                "father__nationality",
                "father__idType",
                "father__nid",
                "father__addressSameAs",
                "father__occupation",
            )
        ),
        "father__detailsNotAvailable": True,
        "father__reason": "The father is not known",
    }
    """Changes of a declaration whose father is not known."""

    def __init__(
        self,
        desk: Desk,
        line: Line,
        gateway: str,
        profile: Profile,
        reader: Reader,
        *,
        username: str = "k.mweene",
        password: str = "test",
        token: str | None = None,
    ) -> None:
        self._desk, self._line, self._reader = desk, line, reader
        self._gateway, self._base, self._profile = gateway, f"{gateway}/events", profile
        self._username, self._password = username, password
        self._token = token
        self._user_id = ""
        self.records: list[CivilRecord] = []
        self._queues: list[tuple[str, str, Any]] = []

    async def logs_in(self) -> None:
        """With user name, password and the code of a development installation."""
        if self._token is None:
            first = await self._line.json(
                "POST",
                f"{self._gateway}/auth/authenticate",
                {"username": self._username, "password": self._password},
            )
            if not first.ok:
                raise NotDone(f"{self._username} cannot log in: {first.status} {first.text[:200]}")
            second = await self._line.json(
                "POST", f"{self._gateway}/auth/verifyCode", {"nonce": first.json()["nonce"], "code": "000000"}
            )
            if not second.ok:
                raise NotDone(f"{self._username}'s code is refused: {second.status} {second.text[:200]}")
            self._token = str(second.json()["token"])
        self._user_id = str(tokens.peek(self._token)["sub"])

    @property
    def token(self) -> str:
        """The token of the last log-in."""
        if self._token is None:
            raise NotDone(f"{self._username} is not logged in")
        return self._token

    async def _logged_in(self) -> str:
        """The token; a person whose log-in has run out logs in again."""
        now = self._desk.world.clock.now().timestamp()
        if self._token is None or tokens.peek(self._token)["exp"] <= now + 60:
            self._token = None
            await self.logs_in()
        return str(self._token)

    async def declares_birth(self, **changes: Any) -> CivilRecord:
        """A birth of a family drawn by chance; `changes` replaces form values (`child__name={…}`)."""
        world = self._desk.world
        return await self.declares(birth(world.chance, world.clock.now().date(), **changes))

    async def declares_births(self, many: int) -> list[CivilRecord]:
        """Births of as many families, with names that occur once."""
        world, taken = self._desk.world, {record.name for record in self.records}
        births: list[CivilRecord] = []
        while len(births) < many:
            made = birth(world.chance, world.clock.now().date())
            if made.name in taken:
                twin = {**made.values["child.name"], "middlename": world.chance.choice(GIRLS + BOYS)}
                twin["firstname"] += f"-{world.chance.choice(GIRLS + BOYS)}"
                made = replace(made, values={**made.values, "child.name": twin})
            if made.name not in taken:
                taken.add(made.name)
                births.append(await self.declares(made))
        return births

    async def declares_death(self, national_id: str | None, **changes: Any) -> CivilRecord:
        world = self._desk.world
        made = death(world.chance, world.clock.now().date(), national_id=national_id, **changes)
        return await self.declares(made)

    async def declares(self, declaration: Declaration) -> CivilRecord:
        """Create the record, fill the form in, and declare; in 1.9 also validate. Raises NotDone."""
        if not self._user_id:
            await self.logs_in()
        created = await self._do(
            "event.create", {"type": declaration.event_type, "transactionId": self._uuid()}
        )
        document = self._must(created, "create the record")
        record = CivilRecord(document["id"], document["trackingId"], declaration, self._profile, self._reader)
        self._desk.says(Lane.REGISTRAR, f"declares {record.what} ({record.tracking_id})")
        form = {
            "declaration": dict(declaration.values),
            "annotation": dict(declaration.annotation),
        }
        self._must(await self._act(record, "declare", form), "declare")
        if self._profile is Profile.V1_9:
            await self.takes(record)
            self._must(await self._act(record, "validate", self._review(record)), "validate")
        self.records.append(record)
        return record

    async def takes(self, record: CivilRecord) -> Answer:
        """Assign the record to oneself, as the screen does before any change."""
        return await self._do(
            "event.actions.assignment.assign",
            {
                "eventId": record.event_id,
                "transactionId": self._uuid(),
                "type": "ASSIGN",
                "assignedTo": self._user_id,
            },
        )

    async def gives_back(self, record: CivilRecord) -> None:
        """Unassign the record from oneself."""
        self._desk.says(Lane.REGISTRAR, f"gives {record.what} back")
        value = {"eventId": record.event_id, "transactionId": self._uuid()}
        self._must(await self._do("event.actions.assignment.unassign", value), "give the record back")

    async def registers(self, record: CivilRecord) -> Answer:
        """Click Register. OpenCRVS answers when the country's server has answered it."""
        self._desk.says(Lane.REGISTRAR, f"registers {record.what}")
        self._must(await self.takes(record), "take the record")
        return await self._desk.answered(self._act(record, "register", self._review(record)))

    def _review(self, record: CivilRecord) -> dict[str, Any]:
        """What the review page adds: 1.9 wants its comment and signature with every step."""
        if self._profile is Profile.V1_9:
            return {"annotation": dict(record.declaration.annotation)}
        return {}

    async def registers_all(self, records: Sequence[CivilRecord]) -> list[Answer]:
        """Click Register on all of them at the same time, and wait for every answer."""
        self._desk.says(Lane.REGISTRAR, f"registers {len(records)} records at the same time")

        async def one(record: CivilRecord) -> Answer:
            self._must(await self.takes(record), "take the record")
            return await self._act(record, "register", self._review(record))

        async def everyone() -> list[Answer]:
            return list(await asyncio.gather(*map(one, records)))

        return await self._desk.answered(everyone())

    async def mends_and_registers(self, record: CivilRecord) -> Answer:
        """After a rejection: declare again if the declaration was sent back, then register."""
        if "rejected" in await record.flags():
            self._must(await self.takes(record), "take the record")
            form = {
                "declaration": dict(record.declaration.values),
                "annotation": dict(record.declaration.annotation),
            }
            action = "validate" if self._profile is Profile.V1_9 else "edit"
            self._must(await self._act(record, action, form), action)
        return await self.registers(record)

    async def corrects(self, record: CivilRecord, values: dict[str, Any]) -> None:
        """Ask for a correction of a registered record, and approve it."""
        self._desk.says(Lane.REGISTRAR, f"corrects {record.what}: {', '.join(values)}")
        self._must(await self.takes(record), "take the record")
        asked = await self._act(record, "correction.request", {"declaration": values})
        document = self._must(asked, "ask for a correction")
        request = next(
            row["id"]
            for row in reversed(document["actions"])
            if row["type"] == "REQUEST_CORRECTION" and row["status"] == "Accepted"
        )
        self._must(await self.takes(record), "take the record")
        approved = self._act(record, "correction.approve", {"requestId": request})
        self._must(await self._desk.answered(approved), "approve the correction")

    async def retries(self, record: CivilRecord) -> Answer:
        """What the browser's outbox does after an error: the same request again, same transaction id."""
        self._desk.says(Lane.REGISTRAR, "’s browser sends the same request again")
        again = {**self._review(record), "transactionId": record.transactions["register"]}
        return await self._desk.answered(self._act(record, "register", again))

    async def opens(self, record: CivilRecord) -> Answer:
        """Open the record on the screen."""
        value: Any = record.event_id if self._profile is Profile.V1_9 else {"eventId": record.event_id}
        return await self._line.query(self._base, await self._logged_in(), "event.get", value)

    async def queue(self, slug: str = QUEUE) -> list[str]:
        """Event ids in one of the registrar's workqueues, as the screen lists them."""
        clause = await self._queue_clause(slug)
        found = await self._line.query(
            self._base, await self._logged_in(), "event.search", {"query": clause, "limit": 100, "offset": 0}
        )
        return [row["id"] for row in self._must(found, f"open the queue {slug}")["results"]]

    async def queue_counts(self) -> list[tuple[str, str, int]]:
        """Every workqueue of the user as (slug, name, count), asked as the browser asks (§7.2)."""
        if not self._queues:
            listed = await self._line.query(
                self._base, await self._logged_in(), "workqueue.config.list", UNDEFINED
            )
            for queue in self._must(listed, "read the queues"):
                name, query = queue["name"]["defaultMessage"], await self._mine(queue["query"])
                self._queues.append((queue["slug"], name, query))
        asked = [{"slug": slug, "query": query} for slug, _, query in self._queues]
        counted = await self._line.query(self._base, await self._logged_in(), "workqueue.count", asked)
        counts = self._must(counted, "count the queues")
        return [(slug, name, counts.get(slug, 0)) for slug, name, _ in self._queues]

    async def _queue_clause(self, slug: str) -> Any:
        listed = self._must(
            await self._line.query(self._base, await self._logged_in(), "workqueue.config.list", UNDEFINED),
            "read the queues",
        )
        config = next((queue for queue in listed if queue["slug"] == slug), None)
        if config is None:
            raise NotDone(f"OpenCRVS has no workqueue {slug!r}")
        return await self._mine(config["query"])

    async def _mine(self, query: Any) -> Any:
        """The query with `{"$userField": …}` replaced by the user's own value, as the browser does (§7.1)."""
        if isinstance(query, dict):
            if set(query) == {"$userField"}:
                return (await self._profile_of_user())[query["$userField"]]
            return {key: await self._mine(value) for key, value in query.items()}
        if isinstance(query, list):
            return [await self._mine(value) for value in query]
        return query

    async def _profile_of_user(self) -> Any:
        found = await self._line.query(self._base, await self._logged_in(), "user.get", self._user_id)
        return self._must(found, "read the own user")

    async def _act(self, record: CivilRecord, action: str, more: dict[str, Any]) -> Answer:
        value = {"eventId": record.event_id, "transactionId": self._uuid(), **more}
        record.transactions[action] = value["transactionId"]
        return await self._do(f"event.actions.{action}.request", value)

    async def _do(self, path: str, value: Any) -> Answer:
        return await self._line.mutate(self._base, await self._logged_in(), path, value)

    def _must(self, answer: Answer, what: str) -> Any:
        if not answer.ok:
            raise NotDone(f"{self._username} could not {what}: {answer.status} {answer.error[:300]}")
        return answer.value

    def _uuid(self) -> str:
        return self._desk.world.chance.uuid()
