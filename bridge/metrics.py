"""Prometheus metrics: pending by state and age, attempts, outcomes. Read from the store when they are asked
for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from bridge.registration import Destination, State
from bridge.retry import Circuit

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Counts = dict[State, tuple[int, datetime | None]]


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

    def attempt(self, destination: Destination, outcome: str) -> None:
        """An attempt of due work ended: done, failed, later, error."""
        self.attempts.labels(destination.value, outcome).inc()

    def state(self, state: State) -> None:
        """A registration reached a state."""
        self.outcomes.labels(state.value).inc()

    def text(self, counts: Counts, circuits: dict[Destination, Circuit], now: datetime) -> bytes:
        """The exposition format."""
        collector = _Gauges(counts, circuits, now)
        registry = CollectorRegistry()
        registry.register(collector)
        return generate_latest(self._registry) + generate_latest(registry)


class _Gauges:
    def __init__(self, counts: Counts, circuits: dict[Destination, Circuit], now: datetime) -> None:
        self._counts, self._circuits, self._now = counts, circuits, now

    def collect(self) -> Iterator[Metric]:
        pending = GaugeMetricFamily("bridge_pending", "Registrations that are not settled.", labels=["state"])
        oldest = GaugeMetricFamily(
            "bridge_oldest_pending_seconds", "Age of the oldest registration in a state.", labels=["state"]
        )
        for state in State:
            count, since = self._counts.get(state, (0, None))
            if state in (State.CONFIRMED, State.REJECTED):
                continue
            pending.add_metric([state.value], count)
            oldest.add_metric([state.value], (self._now - since).total_seconds() if since else 0)
        resting = GaugeMetricFamily(
            "bridge_destination_resting", "1 while a destination is left alone.", labels=["destination"]
        )
        for destination, circuit in self._circuits.items():
            resting.add_metric([destination.value], 1 if circuit.probing() else 0)
        yield from (pending, oldest, resting)
