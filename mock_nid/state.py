"""What survives a restart: people, packets, registrations, applications, subscriptions. A store.

One JSON file, written whole and moved into place, at most once a moment: many changes become one writing.
"""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mock_nid.hub.subscriptions import Directory, Subscription
from mock_nid.identities.people import Identities, people_from
from mock_nid.packets.registrations import StoredPacket, registration_from
from mock_nid.packets.registry import Registry
from mock_nid.preregistration.applications import Application, application_from
from mock_nid.processing.manual_verification import Case, IdentityChange
from wire.world import World

VERSION = 3
MOMENT = 0.05


class StateFileWrong(Exception):
    """The state file cannot be read; the message names it and what to do."""


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
        if self._path is None or not self._path.exists():
            return
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            if kept["version"] != VERSION:
                raise ValueError(f"version {kept['version']} is not {VERSION}")
            people = people_from(kept["people"])
            packets = [StoredPacket(**row) for row in kept["packets"]]
            registrations = [registration_from(row) for row in kept["registrations"]]
            cases = [Case(**{**row, "wish": IdentityChange(row["wish"])}) for row in kept["cases"]]
            applications = [application_from(row) for row in kept["applications"]]
            subscriptions = [Subscription(**row) for row in kept["subscriptions"]]
        except (ValueError, KeyError, TypeError) as wrong:
            raise StateFileWrong(
                f"{self._path} cannot be read ({wrong}); move it away, or name another state_file"
            ) from wrong
        self._people.persons |= people.persons
        self._people.vids |= people.vids
        self._people.by_registration |= people.by_registration
        self._people.by_handle |= people.by_handle
        self._people.reserved |= people.reserved
        self.cases |= {case.number: case for case in cases}
        self.applications |= {one.id: one for one in applications}
        for packet in packets:
            self._registry.keep_packet(packet)
        for registration in registrations:
            self._registry.keep(registration)
        for subscription in subscriptions:
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
        path, content = self._path, self._content()
        if path is None:
            return
        try:
            await self._world.offload(_write, path, content)
        except OSError:
            self._dirty = True  # what a full disk did not take is written with the next change
            raise

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._path is not None:
            await self._save()

    def _content(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "people": self._people.stored(),
            "packets": [asdict(packet) for packet in self._registry.packets.values()],
            "registrations": [registration.stored() for registration in self._registry],
            "cases": [case.shown() for case in self.cases.values()],
            "applications": [asdict(one) for one in self.applications.values()],
            "subscriptions": [asdict(one) for one in self._directory.subscriptions.values()],
        }


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(path.suffix + ".draft")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(content, file)
    draft.replace(path)
