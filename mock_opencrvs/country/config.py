"""What core fetches from the country's own server: event configurations, workqueues, roles (contract §1.6).

Only with `fetch_country_config`. Events and workqueues once, at the first need, as in production; roles at
each log-in. A server that cannot be read is a clear 500: nothing is made up in its place.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from mock_opencrvs.country.trigger import Trigger
from mock_opencrvs.directory.people import Role, UserDirectory
from mock_opencrvs.forms.config import EventForm, Forms, read_form
from mock_opencrvs.forms.defaults import filled_workqueue
from wire.opencrvs.profiles import Profile
from wire.opencrvs.trpc import TRPCError

_PATHS_1_9 = {"events": "/events", "workqueues": "/workqueue", "roles": "/roles"}
_PATHS_2 = {"events": "/config/events", "workqueues": "/config/workqueues", "roles": "/config/roles"}
_SECONDS = 15.0


class CountryConfigUnreadable(Exception):
    """The country server did not give a configuration; the text names the URL and what came."""


@dataclass
class CountryConfig:
    """The configuration side of the country server; `load` is cheap once it has succeeded.

    What it reads replaces what `forms`, `workqueues` and `people` hold; unless `fetched`, they stay.
    """

    trigger: Trigger
    forms: Forms
    workqueues: list[dict[str, Any]]
    people: UserDirectory
    fetched: bool
    _loaded: bool = False
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def load(self, token: str) -> None:
        """Take over events and workqueues, once; TRPCError 500 when they cannot be read."""
        if self._loaded or not self.fetched:
            return
        async with self._turn:
            if self._loaded:
                return
            profile = self.people.profile
            try:
                events = await self._fetch("events", f"Bearer {token}")
                # the doubled word is upstream's
                queues = await self._fetch("workqueues", f"Bearer Bearer {token}")
                forms = {form.type: form for form in (_form(event, profile) for event in events)}
            except CountryConfigUnreadable as error:
                raise TRPCError("INTERNAL_SERVER_ERROR", str(error)) from None
            self.forms.clear()
            self.forms.update(forms)
            self.workqueues[:] = [filled_workqueue(queue, profile) for queue in queues]
            self._loaded = True

    async def load_roles(self) -> None:
        """Take over the roles, as at every log-in; CountryConfigUnreadable when they cannot be read."""
        if not self.fetched:
            return
        rows = await self._fetch("roles", None)
        roles: dict[str, Role] = {}
        for row in rows:
            scopes = row.get("scopes")
            if not isinstance(row.get("id"), str) or not isinstance(scopes, list):
                raise CountryConfigUnreadable("a role of the country config lacks id or scopes")
            roles[row["id"]] = Role(row["id"], _label(row), tuple(str(scope) for scope in scopes))
        self.people.roles = roles

    async def _fetch(self, what: str, authorization: str | None) -> list[dict[str, Any]]:
        path = (_PATHS_1_9 if self.people.profile is Profile.V1_9 else _PATHS_2)[what]
        answer = await self.trigger.get(f"config.{what}", path, authorization, _SECONDS)
        url = urljoin(self.trigger.base_url, path)
        if answer.status is None:
            raise CountryConfigUnreadable(f"{url} could not be reached: {answer.why}")
        try:
            found = json.loads(answer.body)
        except (ValueError, RecursionError):
            found = None
        if (
            answer.status != 200
            or not isinstance(found, list)
            or not all(isinstance(one, dict) for one in found)
        ):
            raise CountryConfigUnreadable(f"{url} answered {answer.status} and no list of configurations")
        return found


def _form(config: dict[str, Any], profile: Profile) -> EventForm:
    try:
        return read_form(config, profile)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        text = f"the event configuration {config.get('id')!r} of the country config cannot be read: {error!r}"
        raise CountryConfigUnreadable(text) from None


def _label(row: dict[str, Any]) -> str:
    label = row.get("label")
    return str(label.get("defaultMessage", row["id"])) if isinstance(label, dict) else str(row["id"])
