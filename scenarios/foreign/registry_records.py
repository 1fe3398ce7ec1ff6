"""What is asked of a foreign OpenCRVS about records: those that do not exist, queues, and repeated calls."""

from __future__ import annotations

from typing import Any

from scenarios.foreign.checklist import Checklist
from scenarios.foreign.registry import CONFIRMS, COUNTS, FORMS, ONCE, OPENS, RegistryStage, said
from scenarios.story import Need
from testbed.browser import resolved
from wire.opencrvs.procedures import (
    EVENT_CREATE,
    EVENT_GET,
    EVENT_SEARCH,
    accept_input,
    action_procedure,
    event_get_input,
    reject_input,
)
from wire.opencrvs.profiles import Profile
from wire.opencrvs.scopes import ACCEPT_ACTION, REJECT_ACTION
from wire.opencrvs.trpc import TRPCError

RECORD_CHECKS = Checklist("OpenCRVS", "opencrvs")


@RECORD_CHECKS.check(
    title="An unknown record can be neither read, nor accepted, nor rejected",
    learns="A bridge confirms with ids that it has stored. After a restored backup or at the wrong OpenCRVS "
    "they are unknown, and the answer must say so.",
    good="Answers 404 to who may confirm and 403 to who may not; and 400 to what is no confirmation at all.",
    means="The bridge would take a confirmation for done that reached no record, or try for ever.",
    needs=(Need.TOKEN,),
)
async def crvs_unknown_record(stage: RegistryStage) -> None:
    uuid = stage.world.chance.uuid
    event, action = uuid(), uuid()
    found = await stage.query(EVENT_GET, event_get_input(event, stage.profile))
    old = stage.profile is Profile.V1_9
    statuses = {404} if await stage.holds("record.read") and not old else {403, 404}
    _refused(stage, "reading an unknown record", found, statuses, shows="OCRVS-STA-11")
    for verb, scope, value in (
        (
            "accept",
            ACCEPT_ACTION,
            accept_input(
                event_id=event,
                action_id=action,
                transaction_id=uuid(),
                declaration={},
                registration_number=f"REHEARSAL{stage.world.chance.alphanumeric(6)}",
            ),
        ),
        ("reject", REJECT_ACTION, reject_input(event_id=event, action_id=action, transaction_id=uuid())),
    ):
        procedure = action_procedure("REGISTER", "accept" if verb == "accept" else "reject")
        found = await stage.mutation(procedure, value)
        statuses = {404} if await _may_confirm(stage, scope) else {403}
        _refused(stage, f"{verb} of an unknown record", found, statuses, shows="OCRVS-ACC-05")
        found = await stage.mutation(procedure, {**value, "eventId": "not-an-id"})
        _refused(stage, f"{verb} with an id that is none", found, {400, 403}, shows="OCRVS-ACC-01")


async def _may_confirm(stage: RegistryStage, scope: str) -> bool:
    # before 2.1 only a record's own token confirms, and for another record it is refused before anybody looks
    return stage.profile.client_confirms and not await stage.of_person() and await stage.holds(scope)


def _refused(stage: RegistryStage, what: str, found: Any, statuses: set[int], shows: str) -> None:
    error = found if isinstance(found, TRPCError) else None
    wanted = " or ".join(map(str, sorted(statuses)))
    stage.expect(CONFIRMS, what, error is not None, "a refusal", said(found), shows)
    if error is not None:
        right = error.enveloped and error.http_status in statuses
        stage.expect(FORMS, what, right, f"{wanted} in tRPC's envelope", said(found), shows)


@RECORD_CHECKS.check(
    title="The counts of the workqueues are what their lists hold",
    learns="“In external validation” is where a registrar finds what waits for the ID system. A wrong count "
    "hides records that wait in silence.",
    good="Counts what it lists, for every queue of the user, and refuses queues of others.",
    means="Records wait where nobody sees them: the search index and the queues' queries do not agree.",
    needs=(Need.TOKEN, Need.USER),
)
async def crvs_workqueues(stage: RegistryStage) -> None:
    listed = await stage.query("workqueue.config.list")
    stage.expect(OPENS, "workqueue.config.list", isinstance(listed, list), "the user's queues", said(listed))
    me = await stage.query("user.get", (await stage.claims()).get("sub"))
    stage.expect(OPENS, "user.get", isinstance(me, dict), "the user's own profile", said(me))
    if not isinstance(listed, list) or not isinstance(me, dict):
        return
    for config in listed:
        slug, query = config["slug"], resolved(config["query"], me)
        before = await stage.query("workqueue.count", [{"slug": slug, "query": query}])
        page = await stage.query(EVENT_SEARCH, {"query": query, "limit": 1, "offset": 0})
        after = await stage.query("workqueue.count", [{"slug": slug, "query": query}])
        wrong = next((one for one in (before, page, after) if isinstance(one, TRPCError)), None)
        if wrong is not None:
            stage.expect(OPENS, f"the queue {slug}", False, "count and list", said(wrong))
            continue
        # people work meanwhile: the list's total lies between the two counts
        low, high = sorted((before.get(slug, -1), after.get(slug, -1)))
        right = low <= page["total"] <= high
        seen = f"counted {before.get(slug)}, listed {page['total']}, counted {after.get(slug)}"
        stage.expect(
            COUNTS, f"the queue {slug}", right, "as many counted as listed", seen, shows="OCRVS-QUE-02"
        )
    strange = [{"slug": "a-queue-of-nobody", "query": {"type": "and", "clauses": [{"eventType": "birth"}]}}]
    found = await stage.query("workqueue.count", strange)
    refused = isinstance(found, TRPCError) and found.code == "FORBIDDEN"
    stage.expect(
        OPENS, "a queue that is not the user's", refused, "403 FORBIDDEN", said(found), shows="OCRVS-QUE-03"
    )


@RECORD_CHECKS.check(
    title="The same transaction id makes one record",
    learns="Every client tries again after a lost answer. Only the transaction id keeps that from making two "
    "records of one child.",
    good="Answers the second call with the record of the first, and makes another for another id.",
    means="A call that is repeated after a lost answer makes a second record.",
    needs=(Need.TOKEN, Need.CHANGES),
)
async def crvs_transactions(stage: RegistryStage) -> None:
    if not await stage.holds("record.create"):
        stage.tells("The token has no scope record.create: this cannot be looked at")
        return
    chance = stage.world.chance
    first_id, second_id = f"rehearsal-{chance.uuid()}", f"rehearsal-{chance.uuid()}"
    value = {"type": "birth", "transactionId": first_id, **await _place(stage)}
    made = [
        await stage.mutation(EVENT_CREATE, {**value, "transactionId": one})
        for one in (first_id, first_id, second_id)
    ]
    wrong = next((one for one in made if isinstance(one, TRPCError)), None)
    stage.expect(OPENS, EVENT_CREATE, wrong is None, "a record", said(wrong))
    if wrong is not None:
        return
    first, again, other = (one["id"] for one in made)
    stage.expect(
        ONCE,
        "the same transaction id",
        first == again,
        "the same record",
        f"{first} and {again}",
        shows="OCRVS-STA-02",
    )
    stage.expect(ONCE, "another transaction id", first != other, "another record", f"{first} twice")
    await _clear_away(stage, {one["id"]: one["trackingId"] for one in made})


async def _place(stage: RegistryStage) -> dict[str, str]:
    """Where a system client creates: 2.0 asks for a location of it, and refuses one of a person (§4.2)."""
    if stage.profile is Profile.V1_9 or await stage.of_person():
        return {}
    places = await stage.query("locations.list")
    if not isinstance(places, list) or not places:
        stage.expect(OPENS, "locations.list", False, "at least one location", said(places))
        return {}
    return {"createdAtLocation": str(places[0]["id"])}


async def _clear_away(stage: RegistryStage, made: dict[str, str]) -> None:
    """Delete the drafts again; who may not says which are left."""
    left = [
        tracking
        for event, tracking in made.items()
        if isinstance(await stage.mutation("event.delete", {"eventId": event}), TRPCError)
    ]
    gone = f"The {len(made)} empty records are deleted again"
    stage.tells(f"Left behind, empty, because this token may not delete: {', '.join(left)}" if left else gone)
