"""What survives a restart: people, packets, registrations, applications, subscriptions. A store.

One JSON file, written whole and moved into place, at most once a moment: many changes become one writing.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from mock_nid.hub.subscriptions import Directory, Subscription
from mock_nid.identities.people import Identities, Person, Vid
from mock_nid.packets.registrations import PacketRegistration, StoredPacket
from mock_nid.packets.registry import Registry
from mock_nid.preregistration.applications import Application
from mock_nid.processing.manual_verification import Case
from wire.world import World

MOMENT = 0.05


class StateFileWrong(Exception):
    """The state file cannot be read; the message names it and what to do."""


@dataclass(frozen=True)
class KeptPeople:
    persons: list[Person]
    vids: list[Vid]
    reserved: list[str]


@dataclass(frozen=True)
class Kept:
    """What the file holds."""

    people: KeptPeople
    packets: list[StoredPacket]
    registrations: list[PacketRegistration]
    cases: list[Case]
    applications: list[Application]
    subscriptions: list[Subscription]
    version: Literal[3] = 3


@cache
def _kept_as() -> TypeAdapter[Kept]:
    """How it is written and read; made at the first need, since most servers have no file."""
    return TypeAdapter(Kept)


class StateFile:
    """Loads and saves; does nothing without a file."""

    def __init__(
        self, path: Path | None, world: World, registry: Registry, people: Identities, directory: Directory
    ) -> None:
        self._path, self._world = path, world
        self._registry, self._people, self._directory = registry, people, directory
        self.cases: dict[int, Case] = {}
        self.applications: dict[str, Application] = {}
        self._task: asyncio.Task[None] | None = None
        self._dirty = False

    def load(self) -> None:
        if self._path is None:
            return
        try:
            if not self._path.exists():  # tried now, not at the first change
                _write(self._path, _kept_as().dump_json(self._content()))
            kept = _kept_as().validate_json(self._path.read_bytes())
        except (OSError, ValidationError) as error:
            if isinstance(error, OSError):
                why = str(error.strerror)
            else:
                first = error.errors()[0]
                why = ": ".join(filter(None, (".".join(map(str, first["loc"])), first["msg"])))
            raise StateFileWrong(
                f"{self._path} cannot be used ({why}); move it away, or choose another MOCK_NID_STATE_FILE"
            ) from None
        for person in kept.people.persons:
            self._people.add(person)
        self._people.vids |= {one.vid: one for one in kept.people.vids}
        self._people.reserved |= set(kept.people.reserved)
        self.cases |= {case.number: case for case in kept.cases}
        self.applications |= {one.id: one for one in kept.applications}
        for packet in kept.packets:
            self._registry.keep_packet(packet)
        for registration in kept.registrations:
            self._registry.keep(registration)
        for subscription in kept.subscriptions:
            self._directory.add(subscription)

    def changed(self) -> None:
        """Something worth keeping has changed."""
        if self._path is None:
            return
        self._dirty = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._soon())

    async def _soon(self) -> None:
        while self._dirty:
            await self._world.clock.sleep(MOMENT)
            await self._save()

    async def _save(self) -> None:
        self._dirty = False
        if self._path is None:
            return
        content = _kept_as().dump_json(self._content())
        try:
            await self._world.offload(_write, self._path, content)
        except OSError:
            self._dirty = True  # what a full disk did not take is written with the next change
            raise

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._path is not None:
            await self._save()

    def _content(self) -> Kept:
        people = self._people
        return Kept(
            KeptPeople([*people.persons.values()], [*people.vids.values()], sorted(people.reserved)),
            packets=[*self._registry.packets.values()],
            registrations=[*self._registry],
            cases=[*self.cases.values()],
            applications=[*self.applications.values()],
            subscriptions=[*self._directory.subscriptions.values()],
        )


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(path.suffix + ".draft")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    draft.replace(path)
