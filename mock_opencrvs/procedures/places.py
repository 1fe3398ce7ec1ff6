"""`locations.*`, `administrativeAreas.*`: looked up, seeded, and in 2.1 made and changed version by version.

Upstream: packages/events/src/router/{locations,administrative-areas}, and service of the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mock_opencrvs.auth.caller import Caller
from mock_opencrvs.directory.places import (
    AREA,
    BEGINNING,
    Location,
    Version,
    areas,
    choose_places,
    difference,
    offices_and_facilities,
    place_json,
    version_json,
)
from mock_opencrvs.events.checks import read_input
from mock_opencrvs.events.core import Core
from mock_opencrvs.zod import Boolean, Fields, IsoTime, ListOf, Nullable, OneOf, Optional, Shape, Text, Uuid
from wire.opencrvs.javascript import UNDEFINED
from wire.opencrvs.profiles import Profile
from wire.opencrvs.trpc import TRPCError

_SEEDERS = ("user.data-seeding", "config.update-all")
_STATUS = OneOf(("active", "inactive"))
_KINDS_1_9 = OneOf((AREA, "CRVS_OFFICE", "HEALTH_FACILITY"))
_CODE = Optional(Text(), nullable=True)


@dataclass(frozen=True)
class Places:
    """The procedures of one table."""

    name: str
    table: str
    parent: str
    is_area: bool

    def _own(self, core: Core) -> dict[str, Location]:
        found = core.people.places.values()
        if core.profile is Profile.V1_9:
            return {place.id: place for place in found}
        return {one.id: one for one in (areas if self.is_area else offices_and_facilities)(found)}

    def _shown(self, core: Core, place: Location) -> dict[str, Any]:
        return place_json(place, core.profile, core.world.timestamp())

    async def list(self, core: Core, caller: Caller, raw: Any) -> list[dict[str, Any]]:
        """All, or those that are asked for; in 1.9 areas stand among the offices."""
        old = core.profile is Profile.V1_9
        fields: dict[str, Shape] = {"isActive": Optional(Boolean())}
        if self.is_area:
            fields["ids"] = Optional(ListOf(Uuid()))
        else:
            fields["locationIds"] = Optional(ListOf(Uuid()))
            fields["locationType"] = Optional(_KINDS_1_9 if old else Text())
            if not old:
                fields["externalId"] = Optional(Text())
        wanted = read_input(core, Optional(Fields(fields)), raw)
        chosen = choose_places(
            self._own(core).values(), wanted if isinstance(wanted, dict) else {}, core.world.timestamp()
        )
        return [self._shown(core, place) for place in chosen]

    async def get(self, core: Core, caller: Caller, raw: Any) -> dict[str, Any]:
        wanted = read_input(core, Fields({"id": Uuid()}), raw)["id"]
        place = self._own(core).get(wanted)
        if place is None:
            raise TRPCError("INTERNAL_SERVER_ERROR", f"Location with id {wanted} not found")
        shown = self._shown(core, place)
        if core.profile is Profile.V2_0:
            del shown["externalId"]  # core does not select it here
        return shown

    async def set(self, core: Core, caller: Caller, raw: Any) -> Any:
        """Before 2.1: add or change, all or none, as those who seed an installation do."""
        caller.needs_scope(_SEEDERS)
        fields: dict[str, Shape] = {"id": Uuid(), "name": Text()}
        if core.profile is not Profile.V1_9:
            fields["externalId"] = _CODE
        fields |= {self.parent_in(core): Nullable(Uuid()), "validUntil": Nullable(IsoTime())}
        if not self.is_area:
            fields["locationType"] = Nullable(_KINDS_1_9 if core.profile is Profile.V1_9 else Text())
        rows = read_input(core, ListOf(Fields(fields), filled=True), raw)
        if len({row["id"] for row in rows}) < len(rows):
            raise _database("ON CONFLICT DO UPDATE command cannot affect row a second time")
        changed = {row["id"]: self._seeded(core, row) for row in rows}
        self._put(core, changed)
        return UNDEFINED

    def parent_in(self, core: Core) -> str:
        """What the parent is called in this profile."""
        return "parentId" if core.profile is Profile.V1_9 else self.parent

    def _seeded(self, core: Core, row: Mapping[str, Any]) -> Location:
        earlier = self._own(core).get(row["id"])
        kept = (earlier.external_id, earlier.valid_until) if earlier else (None, None)
        return Location(
            row["id"],
            row["name"],
            AREA if self.is_area else row["locationType"],
            kept[0] if row.get("externalId") is None else row["externalId"],
            row[self.parent_in(core)],
            kept[1] if row["validUntil"] is None else row["validUntil"],
        )

    def _put(self, core: Core, changed: Mapping[str, Location]) -> None:
        """Write them, if the database's constraints hold."""
        # as the database lists them: what was written last, last
        after = {key: one for key, one in core.people.places.items() if key not in changed} | dict(changed)
        codes = {p.external_id for p in self._own(core).values() if p.id not in changed and not p.changes}
        for place in changed.values():
            above = after.get(place.parent) if place.parent is not None else None
            if place.parent is not None and (above is None or above.kind != AREA):
                column = "parent_id" if self.parent_in(core) == "parentId" else "administrative_area_id"
                raise _database(
                    f'insert or update on table "{self.table}" violates foreign key constraint '
                    f'"{self.table}_{column}_fkey"'
                )
            if not place.changes and place.external_id is not None and place.external_id in codes:
                raise _database(
                    f'duplicate key value violates unique constraint "{self.table}_external_id_key"'
                )
            codes.add(place.external_id)
        core.people.places = after

    async def create(self, core: Core, caller: Caller, raw: Any) -> dict[str, Any]:
        """2.1: a new place with one version; the same call again changes nothing."""
        caller.needs_scope(["location.edit"])
        fields: dict[str, Shape] = {
            "id": Optional(Uuid()),
            "versionId": Optional(Uuid()),
            "name": Text(),
            "externalId": _CODE,
            self.parent: Nullable(Uuid()),
            **({} if self.is_area else {"locationType": Nullable(Text())}),
            "effectiveFrom": Optional(IsoTime("date"), lambda: BEGINNING),
            "status": Optional(_STATUS, lambda: "active"),
        }
        wanted = read_input(core, Fields(fields), raw)
        first = self._version(core, wanted)
        kind = AREA if self.is_area else wanted["locationType"]
        place_id = wanted.get("id") or core.world.chance.uuid()
        made = Location(place_id, first.name, kind, first.external_id, wanted[self.parent], changes=(first,))
        earlier = self._own(core).get(place_id)
        if earlier is not None:
            if self._same(earlier, made):
                return self._shown(core, earlier)
            raise TRPCError(
                "CONFLICT", f"{self.name} with id {place_id} already exists with different values"
            )
        self._code_is_free(core, first, place_id)
        if place_id in core.people.places:
            raise TRPCError("CONFLICT", f"A {self.name.lower()} with the same id already exists")
        self._put(core, {place_id: made})
        core.audit.write(caller, f"{self.router}.create", self._audited(made, first))
        return self._shown(core, made)

    @property
    def router(self) -> str:
        return "administrativeAreas" if self.is_area else "locations"

    def _audited(self, place: Location, version: Version) -> dict[str, Any]:
        kind = {} if self.is_area else {"locationType": place.kind}
        return {
            "id": place.id,
            "versionId": version.id,
            "name": version.name,
            "externalId": version.external_id,
            self.parent: place.parent,
            **kind,
            "effectiveFrom": version.effective_from,
            "status": version.status,
        }

    def _version(self, core: Core, wanted: Mapping[str, Any]) -> Version:
        return Version(
            wanted.get("versionId") or core.world.chance.uuid(),
            wanted.get("effectiveFrom") or core.world.timestamp()[:10],
            wanted["name"],
            wanted.get("externalId"),
            wanted["status"],
        )

    def _same(self, earlier: Location, made: Location) -> bool:
        same = replace(made.versions[0], id=earlier.versions[0].id) == earlier.versions[0]
        return same and (earlier.kind, earlier.parent) == (made.kind, made.parent)

    def _code_is_free(self, core: Core, version: Version, place_id: str) -> None:
        code = version.external_id
        if code is None:
            return
        others = (place for place in self._own(core).values() if place.id != place_id)
        if any(place.holds(code, version.effective_from) for place in others):
            text = f"An active {self.name.lower()} with externalId {code} already exists"
            raise TRPCError("CONFLICT", text)

    def _known(self, core: Core, place_id: str) -> Location:
        place = self._own(core).get(place_id)
        if place is None:
            raise TRPCError("NOT_FOUND", f"{self.name} with id {place_id} not found")
        return place

    async def update(self, core: Core, caller: Caller, raw: Any) -> dict[str, Any]:
        """2.1: the next version of a place, which the caller must have seen the last of."""
        caller.needs_scope(["location.edit"])
        fields: dict[str, Shape] = {
            "id": Uuid(),
            "versionId": Optional(Uuid()),
            "name": Text(),
            "externalId": _CODE,
            "status": _STATUS,
            "effectiveFrom": Optional(IsoTime("date")),
            "lastVersionId": Uuid(),
        }
        wanted = read_input(core, Fields(fields, strict=True), raw)
        new, place = self._version(core, wanted), self._known(core, wanted["id"])
        versions, last = place.versions, place.versions[-1]
        seen = [at for at, one in enumerate(versions) if one.id == wanted["lastVersionId"]]
        for at, one in enumerate(versions):
            if one.effective_from == new.effective_from:
                if seen == [at - 1] and replace(new, id=one.id) == one:
                    return self._shown(core, place)  # the same call again
                raise TRPCError(
                    "CONFLICT", f"A version with effectiveFrom {new.effective_from} already exists"
                )
        if any(one.id == new.id for one in versions):
            raise TRPCError("CONFLICT", f"A version with versionId {new.id} already exists")
        if wanted["lastVersionId"] != last.id:
            text = f"{self.name} was modified by another request — refresh and retry"
            raise TRPCError("CONFLICT", text)
        if new.effective_from <= last.effective_from:
            text = (
                f"effectiveFrom {new.effective_from} must be later than the latest version's effectiveFrom "
                f"{last.effective_from}"
            )
            raise TRPCError("UNPROCESSABLE_CONTENT", text)
        if new.external_id != last.external_id:
            self._code_is_free(core, new, place.id)
        changed = replace(place, changes=(*versions, new))
        core.people.places[place.id] = changed
        core.audit.write(
            caller,
            f"{self.router}.update",
            {
                **{k: v for k, v in self._audited(changed, new).items() if k not in _IDENTITY},
                "lastVersionId": last.id,
            },
            {"previousVersionId": last.id, "versionId": new.id, "changed": difference(last, new)},
        )
        return self._shown(core, changed)

    async def withdraw(self, core: Core, caller: Caller, raw: Any) -> dict[str, Any]:
        """2.1: take a version back that is not yet in effect."""
        caller.needs_scope(["location.edit"])
        wanted = read_input(core, Fields({"id": Uuid(), "versionId": Uuid()}), raw)
        place = self._known(core, wanted["id"])
        gone = next((one for one in place.versions if one.id == wanted["versionId"]), None)
        head = f"{self.name} with id {place.id}"
        if gone is None:
            raise TRPCError("NOT_FOUND", f"{head} has no version {wanted['versionId']}")
        if len(place.versions) == 1:
            raise TRPCError("CONFLICT", f"{head} has only one version — withdrawing it would leave none")
        if gone.effective_from <= core.world.timestamp()[:10]:
            raise TRPCError("CONFLICT", f"Version {gone.id} is already in effect and cannot be withdrawn")
        changed = replace(place, changes=tuple(one for one in place.versions if one is not gone))
        core.people.places[place.id] = changed
        summary = version_json(gone)
        del summary["versionId"]
        core.audit.write(caller, f"{self.router}.withdrawVersion", dict(wanted), summary)
        return self._shown(core, changed)


LOCATIONS = Places("Location", "locations", "administrativeAreaId", False)
AREAS = Places("Administrative area", "administrative_areas", "parentId", True)
_IDENTITY = ("administrativeAreaId", "parentId", "locationType")


async def hierarchy(core: Core, caller: Caller, raw: Any) -> list[str]:
    """Ids from the province down to the location."""
    wanted = read_input(core, Fields({"locationId": Uuid()}), raw)["locationId"]
    if wanted not in core.people.places:
        raise TRPCError("INTERNAL_SERVER_ERROR", "Output validation failed")
    return core.people.hierarchy(wanted)


def _database(text: str) -> TRPCError:
    """The database's word, which nobody catches."""
    return TRPCError("INTERNAL_SERVER_ERROR", text)
