"""The registrar at the screen of OpenCRVS: logged in, with workqueues and their counts. Edge."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from scenarios.actors.registrar import NotDone, Registrar
from scenarios.console.reading import Reader, Unreachable
from scenarios.console.systems import Systems
from scenarios.desk import Desk
from scenarios.pace import RealPace
from wire.opencrvs import tokens
from wire.world import World

USERNAME = "k.mweene"
_MARGIN = timedelta(hours=1)


class Screen:
    """One user. Days pass quickly here, so the log-in is made anew before its token runs out."""

    def __init__(self, systems: Systems, reader: Reader, world: World) -> None:
        self._systems, self._reader, self._world = systems, reader, world
        # the clock belongs to the people in the room: waiting for an answer must not move it
        self._desk = Desk(world, RealPace(world, shared=False), lambda event: None)
        self._registrar: Registrar | None = None
        self._until = world.clock.now()
        self._configs: list[dict[str, Any]] = []

    async def registrar(self) -> Registrar:
        """Logged in; NotDone when OpenCRVS does not let us in."""
        now = self._world.clock.now()
        if self._registrar is None or now + _MARGIN > self._until:
            fresh = Registrar(
                self._desk,
                self._reader.line,
                self._systems.opencrvs,
                self._systems.profile,
                self._reader.document,
                username=USERNAME,
            )
            await fresh.logs_in()
            claims = tokens.peek(fresh.token)
            self._until = now + timedelta(seconds=float(claims["exp"]) - float(claims["iat"]))
            self._registrar = fresh
        return self._registrar

    async def queues(self) -> list[dict[str, Any]]:
        """`[{"slug", "name", "count"}]`, asked as the browser asks (contract opencrvs §7.2)."""
        try:
            registrar = await self.registrar()
        except NotDone as error:
            raise Unreachable("opencrvs", str(error)) from error
        if not self._configs:
            self._configs = await self._query(registrar, "workqueue.config.list", None)
            user_id = str(tokens.peek(registrar.token)["sub"])
            user = await self._query(registrar, "user.get", user_id)
            for config in self._configs:
                config["query"] = filled_in(config["query"], user)
        asked = [{"slug": config["slug"], "query": config["query"]} for config in self._configs]
        counts = await self._query(registrar, "workqueue.count", asked)
        return [
            {
                "slug": config["slug"],
                "name": config["name"]["defaultMessage"],
                "count": counts.get(config["slug"], 0),
            }
            for config in self._configs
        ]

    async def _query(self, registrar: Registrar, path: str, value: Any) -> Any:
        answer = await self._reader.line.query(
            f"{self._systems.opencrvs}/events", registrar.token, path, value
        )
        if not answer.ok:
            raise Unreachable("opencrvs", f"{path}: {answer.error[:200]}")
        return answer.value


def filled_in(query: Any, user: Any) -> Any:
    """The query with every `{"$userField": name}` replaced by the user's own value."""
    if isinstance(query, dict):
        if set(query) == {"$userField"}:
            return user[query["$userField"]]
        return {key: filled_in(value, user) for key, value in query.items()}
    if isinstance(query, list):
        return [filled_in(value, user) for value in query]
    return query
