"""The port to the ID system: all that the bridge asks of one, and how its answers come in.

BRIDGE_ID_SYSTEM chooses who is behind it. `bridge/mosip` is shipped; another ID system is one class of this
shape (docs/how-to/another-id-system.md).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib import import_module
from typing import Protocol

from aiohttp import web

from bridge.calls.channels import Channels
from bridge.calls.failure import Failed, Failure, FailureKind
from bridge.country.people import PersonAsked, PersonVerdict
from bridge.errors import BridgeError, Refusal
from bridge.opencrvs.token_checker import TokenChecker
from bridge.registration import PacketContent, RecordFile, Registration
from bridge.settings import Settings
from bridge.starting import CannotStart, in_a_line
from bridge.store.store import Store
from wire.world import World

# -- what it says ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Yes:
    """The person has this national ID. `said`: for the history. `receipt`: what to acknowledge when
    the record is settled.
    """

    national_id: str
    said: str = "the ID system said yes"
    receipt: str | None = None


@dataclass(frozen=True)
class Done:
    """It has done what it was asked, and tells no national ID: of a death, of a change, or not here."""

    said: str = "the ID system is done"
    receipt: str | None = None


@dataclass(frozen=True)
class No:
    """It will not. `code` is its own, and becomes words by the country's `reasons.json`."""

    code: str
    said: str = "ID system: {code}"


@dataclass(frozen=True)
class NotYet:
    """No answer yet; `said`: where the packet stands, for the history."""

    said: str = "ID system: no answer"


Answer = Yes | Done | No


class NidDown(Failed):
    """The ID system gave no usable answer; the same call may succeed later."""


class NidRefused(Failed):
    """The ID system took the call and will not take this content, now or later. `code` is its own."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(Failure(FailureKind.RECORD, f"{code} {message}".strip(), code))
        self.code = code


class NotBelieved(BridgeError):
    """What came is not what it should be; nothing may change because of it. The reason holds no secret."""


# -- how its answers come in ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Delivery:
    """Something that the ID system sent by itself, and that was proven to be its.

    `id` is the same at every repetition; `channel` names the way it came, `packet_id` whom it is about;
    `body` is stored where it cannot be read now.
    """

    id: str
    channel: str
    packet_id: str
    body: bytes = b""
    broadcast: bool = False
    """Whether it goes to everybody, so that one about nobody of ours is no news."""


class Taken(StrEnum):
    """What a delivery came to; in every case it is stored, and need not be sent again."""

    ISSUED = "issued"
    REFUSED = "refused"
    NOTED = "noted"
    REPEATED = "repeated"
    IGNORED = "ignored"


class DeliveryRefused(Refusal):
    """The delivery was not taken and changed nothing. `status` is what the sender gets."""


Reading = Callable[[Registration], Awaitable[Answer | NotYet]]
"""Reads a delivery when its registration is known: NotBelieved, or NidDown when it cannot be read now."""


class Inbox(Protocol):
    """Where an ID system hands over what it was sent."""

    async def take(self, delivery: Delivery, read: Reading) -> Taken:
        """Durably taken when this returns; DeliveryRefused when `read` does not believe it."""


# -- what is asked of it --------------------------------------------------------------------------------


class IdSystem(ABC):
    """An ID system. All calls have a time limit and raise NidDown or NidRefused.

    Made inside the running loop; what it needs besides it reads from settings of its own. CannotStart when it
    is not set up.
    """

    def __init__(self, settings: Settings, world: World, store: Store, channels: Channels) -> None:
        self._settings, self._world = settings, world

    @abstractmethod
    def new_packet_id(self) -> str:
        """An id that nobody can guess."""

    @abstractmethod
    async def submit(
        self, registration: Registration, packet: PacketContent, created: Callable[[], Awaitable[None]]
    ) -> None:
        """Hand the packet over; returns when the ID system has taken it and works on it.

        `created` is awaited when the packet is there but its processing could not be started: then
        `registration.step` is `created` at the next try. A repetition of what it already has counts as done.
        """

    async def apply(self, packet: PacketContent) -> str:
        """Apply for somebody who has to come to a registration centre; the number of the application. One
        that has no applications leaves this out.
        """
        raise NidRefused("no-applications", "this ID system takes no applications")

    async def attach(self, application: str, file: RecordFile, content: bytes) -> None:
        """Add a document to an application; a repetition takes the place of the first."""
        raise NidRefused("no-documents", "this ID system takes no documents with an application")

    @abstractmethod
    async def ask_now(self, registration: Registration, packet: PacketContent) -> Answer:
        """Ask synchronously. A repetition of a question gives the same answer, and no second person."""

    @abstractmethod
    async def standing(self, packet_ids: Sequence[str]) -> Mapping[str, Answer | NotYet]:
        """Where packets stand; ids that are not told are waiting."""

    def asks_now(self, process: str) -> bool:
        """Whether it is asked synchronously about this: to make an identity, to end one; else submitted."""
        return process in ("CRVS_NEW", "CRVS_DEATH")

    def routes(self, answers: Inbox, tokens: TokenChecker) -> Iterable[web.RouteDef]:
        """Its handlers on the mediator's port, for what it sends and what else the country asks of it."""
        return ()

    def start(self, address: str) -> None:
        """The bridge listens: `address` is where the routes are reached."""
        return

    async def stop(self) -> None:
        """End what it does by itself; calls that are under way go on until `close`."""
        return

    async def open(self, registration: Registration, body: bytes) -> Answer | NotYet:
        """Read a delivery that was stored because it could not be read when it came."""
        raise NotBelieved("this ID system sends nothing that has to be opened later")

    async def why(self, packet_id: str) -> str | None:
        """A code that says more than its no did; None when there is none."""
        return None

    async def recover(self, packet_id: str) -> str | None:
        """The national ID of a packet that is done, fetched because it never came; None: not to be had."""
        return None

    async def verify(self, person: PersonAsked) -> PersonVerdict:
        """Whether this person is who the record says. One that cannot say leaves this out: a country's policy
        that verifies people is then refused at the start.
        """
        raise NidRefused("no-verification", "this ID system verifies nobody")

    async def acknowledge(self, receipt: str) -> None:
        """Tell it that its answer arrived and took effect."""
        return

    @property
    def secrets(self) -> Iterable[str]:
        """Those of its own settings: no line of the log may hold one."""
        return ()

    @property
    def listening(self) -> Mapping[str, bool]:
        """By channel: whether deliveries can come."""
        return {}

    @property
    def certificates(self) -> Mapping[str, datetime]:
        """When the certificates in use run out, by the setting that gives each."""
        return {}

    async def close(self) -> None:
        """End what is under way."""
        return


SHIPPED = {"mosip": "bridge.mosip.system:Mosip"}
"""By its name in BRIDGE_ID_SYSTEM."""


def chosen(name: str) -> type[IdSystem]:
    """The class that BRIDGE_ID_SYSTEM names: a shipped one, or MODULE:CLASS. CannotStart."""
    module, _, kind = SHIPPED.get(name, name).partition(":")
    try:
        found = getattr(import_module(module), kind)
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        raise CannotStart(
            f"setting BRIDGE_ID_SYSTEM: {name} cannot be loaded ({in_a_line(error)}); it is one of "
            f"{', '.join(SHIPPED)}, or the MODULE:CLASS of another ID system"
        ) from error
    if not (isinstance(found, type) and issubclass(found, IdSystem)):
        raise CannotStart(f"setting BRIDGE_ID_SYSTEM: {name} is no class of bridge.nid.IdSystem")
    return found
