"""A whole examination: read, look, ask, judge. Flow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from bridge.opencrvs.forms import fields_of
from scenarios.doctor import agreement, keys, names, packets, values
from scenarios.doctor.answers import AddressAnswers
from scenarios.doctor.answers_of_opencrvs import forms, told_forms
from scenarios.doctor.findings import Finding, Severity, ordered, unblamed
from scenarios.doctor.heard import Heard
from scenarios.doctor.names import ProgramKind
from scenarios.doctor.probe_answers import ProbeResults
from scenarios.doctor.probes import Prober
from scenarios.doctor.sources import ProcessEnvironment
from wire.entry import CannotBegin
from wire.mosip.keys import KeyUnusable, certificates
from wire.world import World


@dataclass(frozen=True)
class Wanted:
    """What to look at beside the environment. None: what comes with the kit."""

    program: ProgramKind | None = None
    ask: bool = True
    declaration: Path | None = None
    country: Path | None = None
    forms: Path | None = None
    partner_certificate: Path | None = None


@dataclass(frozen=True)
class Diagnosis:
    """The findings, the worst first; what was asked; what could not be looked at from here."""

    source: str
    program: ProgramKind
    findings: tuple[Finding, ...]
    asked: int
    unseen: tuple[str, ...]

    @property
    def failed(self) -> bool:
        return any(one.kind.severity is Severity.FAULT for one in self.findings)


async def examine(source: ProcessEnvironment, wanted: Wanted, world: World) -> Diagnosis:
    """CannotBegin when a file that was named cannot be used."""
    program = wanted.program or names.program(source.values)
    found = [*source.read, *names.unknown(source.values, program, source.name)]
    if program is ProgramKind.MEDIATOR and source.whole:
        found += names.missing(source.values, source.name)
    reading = values.read(source, wanted.country)
    found += reading.found
    now = world.clock.now()
    found += agreement.together(reading, source, program, now)
    held, wrong, unseen = keys.read(reading, source)
    found += [*wrong, *keys.judged(held, reading, source, program, now)]
    sent = wanted.partner_certificate or keys.partners(reading)
    if sent is not None:
        found += keys.of_partner(held, _certificates(sent), source)
    folder = reading.settings.country_folder
    if folder is None and "BRIDGE_COUNTRY" in reading.values.keys() - reading.broken:
        unseen.append("BRIDGE_COUNTRY: its folder is inside the container")
    policy = reading.settings.country if program is ProgramKind.BRIDGE else None
    if program is ProgramKind.BRIDGE or wanted.declaration is not None:
        found += packets.judged(packets.samples(wanted.declaration), reading.settings)
    if wanted.forms is not None:
        told = fields_of(packets.document(wanted.forms))
        if told is None:
            raise CannotBegin(f"{wanted.forms} holds no configurations of events")
        found += forms(told, reading, source, policy)
    facts = ProbeResults()
    if wanted.ask:
        authorities = next((one.path for one in held if one.variable == "SSL_CERT_FILE"), None)
        facts = await Prober(reading, source, program, world, authorities).ask()
        heard = list(AddressAnswers(Heard(facts, reading, source, held, now)).findings())
        if (asked_for := told_forms(facts)) is not None:
            heard += forms(asked_for, reading, source, policy)
        found += [*unblamed(heard, found)]
    asked = len(facts.origins) + len(facts.said)
    return Diagnosis(source.name, program, tuple(ordered(found)), asked, (*unseen, *facts.unseen))


def _certificates(path: Path) -> tuple[x509.Certificate, ...]:
    try:
        return certificates(path.read_bytes())
    except OSError as error:
        raise CannotBegin(f"{path} cannot be read: {error.strerror}") from None
    except KeyUnusable as error:
        raise CannotBegin(f"{path}: {error}") from None
