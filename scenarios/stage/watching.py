"""Follows the mocks' journals while a story is played and tells each exchange in plain words.

The journals see every exchange of a rehearsal: all of the bridge's calls go to a mock or come from one.
"""

from __future__ import annotations

from collections.abc import Iterable

from scenarios.events import Exchanged, Lane, Listener
from testbed.journal import Exchange, Journal
from wire.background import Loop
from wire.world import Clock, parse_timestamp

_SERVERS = {"mock_opencrvs": Lane.OPENCRVS, "mock_nid": Lane.NID, "national_id": Lane.NID}

WORDS = {
    "event.create": "creates a record",
    "event.get": "opens the record",
    "event.search": "asks for records",
    "event.actions.assignment.assign": "takes the record",
    "event.actions.assignment.unassign": "gives the record back",
    "event.actions.declare.request": "declares",
    "event.actions.validate.request": "validates",
    "event.actions.register.request": "clicks Register",
    "event.actions.register.accept": "accepts the registration",
    "event.actions.register.reject": "rejects the registration",
    "event.actions.reject.request": "rejects the declaration",
    "event.actions.correction.request.request": "asks for a correction",
    "event.actions.correction.approve.request": "approves the correction",
    "event.actions.correction.approve.accept": "accepts the correction",
    "event.actions.correction.approve.reject": "rejects the correction",
    "event.actions.custom.request": "asks for a custom action",
    "packet.create": "creates a packet",
    "createPacket": "creates a packet",
    "packet.process": "starts the processing",
    "workflowinstance": "starts the processing",
    "status.search": "asks how the packet stands",
    "hub.subscribe": "subscribes",
    "hub.unsubscribe": "unsubscribes",
    "hub.publish": "publishes",
    "hub.deliver": "delivers",
    "hub.denied": "denies the subscription",
    "hub.register": "registers a topic",
    "auth.token": "asks for a token",
    "auth.authenticate": "logs in",
    "auth.verifyCode": "gives the code",
    "auth.well-known": "fetches the public key",
    "well-known.public-key": "fetches the issuer's key",
    "user.get": "reads the own profile",
    "workqueue.config.list": "reads the queues",
    "status.external": "asks how the packet stands",
    "identity.read": "reads the identity",
    "vid.list": "reads the VIDs",
    "transactions": "asks why",
    "clientidsecretkey": "asks for a token",
    "identity.create": "creates the identity",
    "uin.generate": "asks for a UIN",
}
"""Operation of a journal → what a reader should see. An operation without words is shown as it is."""

_ALREADY = "already"
"""In the reason of a denial that is none: the hub refuses to subscribe twice whoever is subscribed."""

_OUT_INTENT = frozenset({"hub.subscribe", "hub.unsubscribe"})

_BRIDGE_CALLS = (".accept", ".reject")
"""Last parts of the procedures that confirm: the country's server calls them, not the registrar."""


def told(exchange: Exchange) -> Exchanged:
    """An exchange of a journal as an event: who spoke to whom, and in which words."""
    here = _SERVERS.get(exchange.server, Lane.DIRECTOR)
    if exchange.direction == "out":
        sender, receiver = here, Lane.BRIDGE
    else:
        sender, receiver = _caller(exchange, here), here
    return Exchanged(
        at=parse_timestamp(exchange.at),
        sender=sender,
        receiver=receiver,
        what=_words(exchange),
        status=exchange.status,
        target=f"{exchange.method} {exchange.target}",
        request=exchange.request,
        response=exchange.response,
        injected=exchange.faults,
        note=exchange.note,
        records=exchange.records,
    )


def _caller(exchange: Exchange, here: Lane) -> Lane:
    if here is Lane.NID:
        return Lane.BRIDGE
    operation = exchange.operation
    confirms = operation.endswith(_BRIDGE_CALLS) and not operation.endswith("actions.reject")
    return Lane.BRIDGE if confirms or _asks_for_key(exchange) else Lane.REGISTRAR


def _asks_for_key(exchange: Exchange) -> bool:
    """What only the country's server does: fetch the public key, log in as a system client, exchange."""
    return "well-known" in exchange.target or exchange.target.split("?")[0].endswith("/token")


def _words(exchange: Exchange) -> str:
    operation = exchange.operation
    if operation.startswith("trigger."):
        return f"asks about {operation.removeprefix('trigger.')}"
    if exchange.direction == "out" and operation in _OUT_INTENT:
        return "checks the intent to " + operation.removeprefix("hub.")
    if operation == "hub.denied" and _ALREADY in exchange.target:
        return "says that it is subscribed already"
    if operation == "hub.deliver":
        return f"delivers: {meaning(exchange.request)}"
    return WORDS.get(operation, operation)


def meaning(body: str) -> str:
    """What a delivery says, read from its (masked) body."""
    for sign, words in (
        ("/CREDENTIAL_ISSUED", "credential issued"),
        ('"CREDENTIAL_ISSUED"', "credential issued"),
        ('"resultCode": "PROCESSED"', "processed"),
        ('"resultCode": "REJECTED"', "rejected"),
        ('"resultCode": "FAILED"', "failed"),
        ("PAUSED_FOR_ADDITIONAL_INFO", "paused"),
    ):
        if sign in body or sign.replace(": ", ":") in body:
            return words
    return "message"


class Watcher:
    """Tells the exchanges of some journals as they come; close it to stop.

    What cannot be told is left out, and said in the log: the story goes on.
    """

    def __init__(self, journals: Iterable[Journal], listener: Listener, clock: Clock) -> None:
        self._loops = [
            Loop(f"journal {number}", clock, _Following(journal, listener).round)
            for number, journal in enumerate(journals)
        ]
        for loop in self._loops:
            loop.start()

    async def close(self) -> None:
        for loop in self._loops:
            await loop.close()


class _Following:
    """One journal, and how far it was told."""

    def __init__(self, journal: Journal, listener: Listener) -> None:
        self._journal, self._listener, self._told = journal, listener, 0

    async def round(self) -> float:
        async for exchange in self._journal.follow(after=self._told):
            self._told = exchange.number
            self._listener(told(exchange))
        return 0.0
