"""The desk of manual verification: what a civil registry asks about an identity, and a person decides. Pure.

MOSIP's guide, exceptional scenarios (docs.mosip.io/1.2.0 … /mosip-crvs-integration/
integration-patterns-and-workflow/rare-scenarios): validated first, done only when a person approves, and by
default nobody tells the civil registry (contract mosip §15 row 18).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from mock_nid.identities.people import Identities, Person
from mock_nid.processing.lifetimes import DEATH, Lifetimes
from mock_nid.settings import Settings
from testbed.faults import Explained
from wire.world import World


class IdentityChange(Explained):
    """What can be asked."""

    DEACTIVATE = "deactivate", "the birth was registered wrongly: end the child's identity"
    REVERSE_DEATH = "reverse-death", "the person lives: take the mark of death away"
    REACTIVATE = "reactivate", "the deactivation was wrong: the identity counts again"


@dataclass(frozen=True)
class Case:
    """One request at the desk; `decision` is empty while nobody has decided."""

    number: int
    wish: IdentityChange
    uin: str
    reason: str
    asked_at: str
    name: str | None = None
    decision: str = ""
    decided_at: str | None = None

    def shown(self) -> dict[str, Any]:
        return asdict(self)


class ChangeRefused(Exception):
    """The desk does not take the request, or the case is not open; the message says why."""


@dataclass
class ManualVerification:
    """All cases, by number."""

    settings: Settings
    world: World
    people: Identities
    lifetimes: Lifetimes
    cases: dict[int, Case] = field(default_factory=dict)

    def ask(self, wish: IdentityChange, number: str, reason: str) -> Case:
        """A new case about whoever has this UIN or VID; ChangeRefused when it is none to look at."""
        person = self.people.anyone(number)
        if person is None:
            raise ChangeRefused("nobody has this number")
        self._must_fit(wish, person)
        if any(case.uin == person.uin and not case.decision for case in self.cases.values()):
            raise ChangeRefused("a request about this person is under review already")
        name = person.text("fullName")
        case = Case(len(self.cases) + 1, wish, person.uin, reason, self.world.timestamp(), name)
        self.cases[case.number] = case
        return case

    def decide(self, number: int, *, approve: bool) -> Case:
        """A person's word; only an approval changes anything."""
        case = self.cases.get(number)
        if case is None or case.decision:
            raise ChangeRefused(f"case {number} is not open")
        if approve:
            self._must_fit(case.wish, self.people.persons[case.uin])
            self._do(case)
        decision = "approved" if approve else "rejected"
        self.cases[number] = replace(case, decision=decision, decided_at=self.world.timestamp())
        return self.cases[number]

    def _must_fit(self, wish: IdentityChange, person: Person) -> None:
        active = person.status == "ACTIVATED"
        match wish:
            case IdentityChange.DEACTIVATE if not active:
                raise ChangeRefused(f"the identity is {person.status}")
            case IdentityChange.DEACTIVATE if not self.lifetimes.is_infant(person):
                raise ChangeRefused("only an infant's identity is deactivated for a wrong birth registration")
            case IdentityChange.REVERSE_DEATH if not any(person.identity.get(name) for name in DEATH):
                raise ChangeRefused("no death is noted for this person")
            case IdentityChange.REACTIVATE if not self.settings.reactivation:
                raise ChangeRefused("MOSIP does not reactivate by default: register the child anew")
            case IdentityChange.REACTIVATE if active or not self._deactivated_here(person.uin):
                raise ChangeRefused("this identity was not deactivated for a wrong birth registration")
            case _:
                pass

    def _deactivated_here(self, uin: str) -> bool:
        done = [case for case in self.cases.values() if case.uin == uin and case.decision == "approved"]
        return bool(done) and done[-1].wish is IdentityChange.DEACTIVATE

    def _do(self, case: Case) -> None:
        if case.wish is IdentityChange.REVERSE_DEATH:
            self.lifetimes.lives(case.uin)
            return
        status = "DEACTIVATED" if case.wish is IdentityChange.DEACTIVATE else "ACTIVATED"
        self.lifetimes.set_status(case.uin, status, self.world.chance.digits(29))
