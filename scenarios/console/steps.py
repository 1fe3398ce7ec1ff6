"""From what the journals saw to steps that a person can read. Pure.

A step has a key and parameters; the words are in `texts/`. `minor` steps are the machinery (tokens,
subscriptions, keys): they are drawn only when somebody asks for them, unless they go wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from scenarios.reports.words import meaning
from scenarios.stage.exchange_watcher import told
from scenarios.story import Actor
from testbed.journal import Exchange
from wire.words import names
from wire.world import parse_timestamp

Kind = Literal["message", "reply", "note", "time", "check"]

ACTOR_IDS = {
    Actor.REGISTRAR: "registrar",
    Actor.OPENCRVS: "opencrvs",
    Actor.BRIDGE: "bridge",
    Actor.NID: "nid",
    Actor.OPERATOR: "operator",
    Actor.STRANGER: "stranger",
    Actor.DIRECTOR: "director",
}
"""Short names of the actors, as the page, its texts and its stylesheet use them; in the order of columns."""


@dataclass(frozen=True)
class Step:
    """One line of the diagram.

    `key` names its texts: `step.<key>` (short, in the diagram) and `says.<key>` (the whole sentence).
    `status` is the HTTP status, None for no answer or for steps that are no exchange. `record` is the
    OpenCRVS id that it belongs to.
    """

    at: str
    kind: Kind
    sender: str
    receiver: str
    key: str
    params: Mapping[str, Any] = field(default_factory=dict)
    status: int | None = None
    good: bool = True
    minor: bool = False
    injected: tuple[str, ...] = ()
    record: str | None = None
    wire: str = ""
    """Method and path, for those who want to know."""
    sent: str = ""
    got: str = ""
    """The bodies, as the journal masked them, their beginning."""
    number: int = 0

    def as_json(self) -> dict[str, Any]:
        """As the page has it: the parties under shorter names."""
        shown = asdict(self)
        return {"from": shown.pop("sender"), "to": shown.pop("receiver"), **shown}


@dataclass(frozen=True)
class Known:
    """What ids mean: event, action, tracking and packet ids, numbers; each → (event id, name)."""

    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def of(self, records: tuple[str, ...]) -> tuple[str | None, str]:
        for record in records:
            if record in self.names:
                return self.names[record]
        return None, ""


_KEYS = {
    "event.create": "create",
    "event.actions.declare.request": "declare",
    "event.actions.validate.request": "validate",
    "event.actions.register.request": "register",
    "event.actions.register.accept": "accept",
    "event.actions.register.reject": "reject",
    "event.actions.reject.request": "reject-declaration",
    "event.actions.assignment.assign": "assign",
    "event.actions.assignment.unassign": "unassign",
    "packet.create": "packet",
    "createPacket": "packet",
    "packet.process": "process",
    "workflowinstance": "process",
    "hub.subscribe": "subscribe",
    "hub.publish": "acknowledge",
    "auth.token": "token",
    "clientidsecretkey": "token",
    "status.search": "status",
    "identity.create": "identity",
    "uin.generate": "uin",
}
"""Operation of a journal → the texts' key."""

_MINOR = frozenset(
    names("""
        create declare validate assign unassign subscribe intent token acknowledge other login
        trigger.other status delivery.processed
    """)
)
_REPLIES = frozenset({"declare", "validate", "register"})
"""Requests of a registrar: the click is a step of its own, so what the journal saw is drawn as the answer."""

_UNSEEN = frozenset(
    names("""
        event.get event.search user.get workqueue.config.list workqueue.count event.config.get
        locations.list ping
    """)
)
"""Readings that change nothing; the console itself reads this way."""

_DELIVERIES = {
    "credential issued": "delivery.issued",
    "processed": "delivery.processed",
    "rejected": "delivery.refused",
    "failed": "delivery.refused",
    "paused": "delivery.paused",
}


BODY = 3000
"""Characters of a body that the page shows: whoever needs more reads the journal."""


def is_seen(exchange: Exchange) -> bool:
    """Whether the exchange is a step at all."""
    return exchange.operation not in _UNSEEN


def step_of(exchange: Exchange, known: Known) -> Step:
    """An exchange as a step, in the direction in which the news goes."""
    shown = told(exchange)
    key = key_of(exchange)
    event_id, name = known.of(exchange.records)
    good = exchange.status is not None and exchange.status < 400
    refusal = key == "trigger.register" and exchange.status == 400
    sender, receiver = ACTOR_IDS[shown.sender], ACTOR_IDS[shown.receiver]
    kind: Kind = "message"
    if key in _REPLIES:
        kind, sender, receiver = "reply", receiver, sender
    params: dict[str, Any] = {"who": name}
    if exchange.status is not None:
        params["status"] = exchange.status
    return Step(
        at=exchange.at,
        kind=kind,
        sender=sender,
        receiver=receiver,
        key=_with_outcome(key, exchange, good),
        params=params,
        status=exchange.status,
        good=good or refusal,
        minor=key in _MINOR and (good or key == "delivery.processed") and not exchange.faults,
        injected=exchange.faults,
        record=event_id,
        wire=f"{exchange.method} {_path(exchange.target)}",
        sent=exchange.request[:BODY],
        got=(exchange.response or exchange.note)[:BODY],
    )


_WITH_OUTCOME = frozenset(
    names("""
        trigger.register register token accept reject packet process delivery.issued delivery.refused
    """)
)
"""Keys whose sentence depends on how it ended."""


def _with_outcome(key: str, exchange: Exchange, good: bool) -> str:
    if key in _WITH_OUTCOME:
        return f"{key}.{_outcome(key, exchange, good)}"
    # what the machinery wanted matters less than that it did not get it
    return key if good else f"other.{_outcome(key, exchange, good)}"


def _outcome(key: str, exchange: Exchange, good: bool) -> str:
    if key == "trigger.register" and exchange.status in (200, 202, 400):
        return {200: "yes", 202: "later", 400: "no"}[exchange.status]
    if key == "register" and exchange.status == 409:
        return "refused"
    if exchange.status is None:
        return "silence"
    return "done" if good else "failed"


def key_of(exchange: Exchange) -> str:
    """The texts' key of an exchange, without its outcome."""
    operation = exchange.operation
    if operation.startswith("trigger."):
        return "trigger.register" if operation == "trigger.REGISTER" else "trigger.other"
    if operation == "hub.deliver":
        return _DELIVERIES.get(meaning(exchange.request), "other")
    if operation == "hub.subscribe" and exchange.direction == "out":
        return "intent"
    if "externalstatus" in exchange.target:
        return "status"
    if operation in ("auth.authenticate", "auth.verifyCode"):
        return "login"
    return _KEYS.get(operation, "other")


def _path(target: str) -> str:
    """The path without scheme, host and query."""
    rest = target.split("://", 1)[-1]
    return ("/" + rest.split("/", 1)[1] if "://" in target and "/" in rest else target).split("?", 1)[0]


def note(
    at: str, actor: str, key: str, *, record: str | None = None, good: bool = True, **params: Any
) -> Step:
    """Something that a person or a system did, which is no exchange."""
    return Step(at, "note", actor, actor, key, params, good=good, record=record)


def click(at: str, key: str, record: str | None, **params: Any) -> Step:
    """What the registrar does on the screen of OpenCRVS."""
    return Step(at, "message", "registrar", "opencrvs", key, params, record=record)


def forged(at: str, record: str, who: str, status: int | None, *, taken: bool) -> Step:
    """What a stranger sent to the bridge; good is what a bridge refuses."""
    key = "forged.taken" if taken else "forged.refused"
    return Step(at, "message", "stranger", "bridge", key, {"who": who}, status, good=not taken, record=record)


def moved(at: str, seconds: float) -> Step:
    """The clock was moved."""
    unit, many = ("days", seconds / 86400) if seconds >= 86400 else ("hours", seconds / 3600)
    many = int(many) if many == int(many) else round(many, 1)
    return Step(
        at, "time", "director", "director", f"time.{unit if many != 1 else unit[:-1]}", {"many": many}
    )


def in_order(happened: list[Exchange | Step]) -> list[Exchange | Step]:
    """Exchanges of several journals, and steps, by time; what is simultaneous keeps its order."""
    return sorted(happened, key=lambda one: parse_timestamp(one.at))


def every_key() -> set[str]:
    """All keys that `step_of` can give: the texts must have a sentence for each."""
    plain = {
        *_KEYS.values(),
        *_DELIVERIES.values(),
        "trigger.register",
        "trigger.other",
        "intent",
        "login",
        "other",
    }
    keys = plain - _WITH_OUTCOME
    for key in plain & _WITH_OUTCOME:
        keys |= {f"{key}.{end}" for end in ("done", "failed", "silence")}
    keys -= {"trigger.register.done"}
    keys |= {"other.failed", "other.silence"}
    return keys | {"register.refused"} | {f"trigger.register.{end}" for end in ("yes", "later", "no")}
