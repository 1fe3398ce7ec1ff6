"""Prometheus metrics: what waits by state and age, attempts, outcomes.

Counters are this process's; what waits is read from the store when it is asked for, so that every replica
tells the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.utils import floatToGoString

from bridge.flow.operations import Drain
from bridge.registration import FINAL, Destination, State, Stuck
from bridge.retry import Circuit
from bridge.store.backlog import AGES, Backlog

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True)
class Gauges:
    """What the gauges show: the store's backlog, and how this process stands with the others."""

    backlog: Backlog
    circuits: Mapping[Destination, Circuit]
    subscribed: Mapping[str, bool]
    certificates: Mapping[str, datetime]
    held: Mapping[str, int] = field(default_factory=dict)
    faults: Sequence[tuple[str, str]] = ()
    """Channel and code of each fault that a person has to mend."""
    drain: Sequence[Drain] = ()


class Metrics:
    """Counters of this process and gauges over the store."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.attempts = Counter(
            "bridge_attempts_total",
            "Attempts of due work.",
            ["destination", "outcome"],
            registry=self._registry,
        )
        self.outcomes = Counter(
            "bridge_transitions_total",
            "Registrations that reached a state.",
            ["state"],
            registry=self._registry,
        )
        self.untold = Counter(
            "bridge_reasons_untold_total",
            "Rejections whose reason OpenCRVS does not show to the registrar.",
            registry=self._registry,
        )
        # found once: the library looks a child up under a lock each time
        self._attempt, self._outcome = cache(self.attempts.labels), cache(self.outcomes.labels)

    def attempt(self, destination: Destination, outcome: str) -> None:
        """An attempt of due work ended: done, failed, later, error."""
        self._attempt(destination.value, outcome).inc()

    def state(self, state: State) -> None:
        """A registration reached a state."""
        self._outcome(state.value).inc()

    def text(self, standing: Gauges) -> bytes:
        """The exposition format."""
        registry = CollectorRegistry()
        registry.register(_Gauges(standing))
        return generate_latest(self._registry) + generate_latest(registry)


class _Gauges:
    def __init__(self, standing: Gauges) -> None:
        self._standing = standing

    def collect(self) -> Iterator[Metric]:
        yield from self._waiting(self._standing.backlog)
        resting = GaugeMetricFamily(
            "bridge_destination_resting", "1 while a destination is left alone.", labels=["destination"]
        )
        for destination, circuit in self._standing.circuits.items():
            resting.add_metric([destination.value], circuit.probing())
        subscribed = GaugeMetricFamily(
            "bridge_subscribed", "1 while the subscription at the hub stands.", labels=["topic"]
        )
        for topic, stands in self._standing.subscribed.items():
            subscribed.add_metric([topic], stands)
        certificates = GaugeMetricFamily(
            "bridge_certificate_expiry_timestamp_seconds",
            "When a certificate in use runs out, by the setting that gives it.",
            labels=["setting"],
        )
        for setting, end in self._standing.certificates.items():
            certificates.add_metric([setting], end.timestamp())
        held = GaugeMetricFamily(
            "bridge_held", "Registrations that wait until a fault of a channel is mended.", labels=["code"]
        )
        for code, count in self._standing.held.items():
            held.add_metric([code], count)
        faults = GaugeMetricFamily(
            "bridge_channel_fault", "1 while a person has to mend a channel.", labels=["channel", "code"]
        )
        for channel, code in self._standing.faults:
            faults.add_metric([channel, code], 1)
        due = GaugeMetricFamily("bridge_due", "Work that could begin now.", labels=["destination"])
        drain = GaugeMetricFamily(
            "bridge_drain_seconds",
            "How long what is due takes: by the rate that is set, else as work gets done now.",
            labels=["destination"],
        )
        for each in self._standing.drain:
            due.add_metric([each.destination.value], each.waiting)
            if each.seconds is not None:
                drain.add_metric([each.destination.value], each.seconds)
        yield from (resting, subscribed, certificates, held, faults, due, drain)

    def _waiting(self, backlog: Backlog) -> Iterator[Metric]:
        pending = GaugeMetricFamily("bridge_pending", "Registrations that are not settled.", labels=["state"])
        ages = GaugeHistogramMetricFamily(
            "bridge_pending_age_seconds",
            "Ages of the registrations that are not settled, since they were received.",
            labels=["state"],
        )
        oldest = GaugeMetricFamily(
            "bridge_oldest_pending_seconds", "Age of the oldest registration in a state.", labels=["state"]
        )
        for state in State:
            if state in FINAL:
                continue
            waiting = backlog.of(state)
            pending.add_metric([state.value], waiting.count)
            oldest.add_metric([state.value], waiting.oldest)
            bounds = [*map(floatToGoString, AGES), "+Inf"]
            counts = [*map(float, waiting.at_most), float(waiting.count)]
            ages.add_metric([state.value], list(zip(bounds, counts, strict=True)), waiting.ages_sum)
        stuck = GaugeMetricFamily("bridge_stuck", "Registrations that wait for a person.", labels=["reason"])
        for reason in Stuck:
            stuck.add_metric([reason.value], backlog.stuck.get(reason, 0))
        expiring = GaugeMetricFamily(
            "bridge_tokens_expiring",
            "Registrations whose token runs out within the warning time (or has run out) and is needed.",
            value=backlog.expiring,
        )
        yield from (pending, ages, oldest, stuck, expiring)
