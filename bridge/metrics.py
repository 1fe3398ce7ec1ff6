"""Prometheus metrics: what waits by state and age, attempts, outcomes.

Counters are this process's; what waits is read from the store when it is asked for, so that every replica
tells the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.utils import floatToGoString

from bridge.advice import Stuck
from bridge.flow.standing import Standing
from bridge.registration import FINAL, Destination, State
from bridge.store.backlog import AGES

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


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

    def text(self, standing: Standing) -> bytes:
        """The exposition format."""
        registry = CollectorRegistry()
        registry.register(_Gauges(standing))
        return generate_latest(self._registry) + generate_latest(registry)


class _Gauges:
    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    def collect(self) -> Iterator[Metric]:
        now = self._standing
        unsettled = {state: now.backlog.of(state) for state in State if state not in FINAL}
        counts = {state: waiting.count for state, waiting in unsettled.items()}
        yield _gauge("bridge_pending", "Registrations that are not settled.", "state", counts)
        ages = GaugeHistogramMetricFamily(
            "bridge_pending_age_seconds",
            "Ages of the registrations that are not settled, since they were received.",
            labels=["state"],
        )
        for state, waiting in unsettled.items():
            bounds = [*map(floatToGoString, AGES), "+Inf"]
            at_most = [*map(float, waiting.at_most), float(waiting.count)]
            ages.add_metric([state.value], list(zip(bounds, at_most, strict=True)), waiting.ages_sum)
        yield ages
        oldest = {state: waiting.oldest for state, waiting in unsettled.items()}
        what = "Age of the oldest registration in a state."
        yield _gauge("bridge_oldest_pending_seconds", what, "state", oldest)
        stuck = {reason: now.backlog.stuck.get(reason, 0) for reason in Stuck}
        yield _gauge("bridge_stuck", "Registrations that wait for a person.", "reason", stuck)
        what = "Registrations whose token runs out within the warning time (or has run out) and is needed."
        yield GaugeMetricFamily("bridge_tokens_expiring", what, value=now.backlog.expiring)
        resting = {destination: circuit.probing() for destination, circuit in now.circuits.items()}
        what = "1 while a destination is left alone."
        yield _gauge("bridge_destination_resting", what, "destination", resting)
        what = "1 while the subscription at the hub stands."
        yield _gauge("bridge_subscribed", what, "topic", now.subscribed)
        ends = {setting: end.timestamp() for setting, end in now.certificates.items()}
        what = "When a certificate in use runs out, by the setting that gives it."
        yield _gauge("bridge_certificate_expiry_timestamp_seconds", what, "setting", ends)
        what = "Registrations that wait until a fault of a channel is mended."
        yield _gauge("bridge_held", what, "code", now.held)
        faults = {(fault.channel, fault.failure.code): 1 for fault in now.faults}
        what = "1 while a person has to mend a channel."
        yield _gauge("bridge_channel_fault", what, "channel code", faults)
        due = {each.destination: each.waiting for each in now.drain}
        yield _gauge("bridge_due", "Work that could begin now.", "destination", due)
        drain = {each.destination: each.seconds for each in now.drain if each.seconds is not None}
        what = "How long what is due takes: by the rate that is set, else as work gets done now."
        yield _gauge("bridge_drain_seconds", what, "destination", drain)


def _gauge(name: str, what: str, labels: str, values: Mapping[Any, float]) -> GaugeMetricFamily:
    """`values` by label, or by several, whose names are parted by blanks."""
    family = GaugeMetricFamily(name, what, labels=labels.split())
    for key, value in values.items():
        family.add_metric(key if isinstance(key, tuple) else (str(key),), value)
    return family
