"""OpenTelemetry traces: one a registration, from the trigger to the acceptance; made by the extra `traces`.

The trace's id is the registration's own UUID, and all spans hang from a root whose id is its second half. So
whoever works on it adds to the same trace (the next process after a crash, another replica, the one that a
delivery came to), and nothing is stored for that. The root is sent when the registration is settled.

Spans hold ids, kinds and codes. What others said in words is left to the log and `bridge show`: it may name
people. `bridge.starting` alone imports this module, when a collector is set.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from threading import Thread
from uuid import UUID

import structlog
from aiohttp import web
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.re import parse_env_headers

from bridge.calls.failure import Failure
from bridge.registration import DESTINATION, Registration, State
from bridge.settings import Settings
from wire.http.listening import Handler
from wire.redaction import redact_text
from wire.world import Clock, World

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_SELDOM = timedelta(minutes=10)
_FLUSH_SECONDS = 2.0
"""What the end of the process gives the collector for what has not been sent."""
_SCOPE = InstrumentationScope("bridge")
_UNSET = Status(StatusCode.UNSET)


_heard: ContextVar[tuple[datetime, str | None]] = ContextVar("the request under way: since, traceparent")


def root_of(registration_id: str) -> SpanContext:
    """The span from which all others of a registration hang."""
    trace = UUID(registration_id).int
    return SpanContext(trace, trace & (1 << 64) - 1, is_remote=True, trace_flags=TraceFlags(1))


class Traces:
    """Makes spans of what happened. Nothing waits for the collector, and no failure of it is the caller's."""

    def __init__(self, settings: Settings, collector: str, world: World) -> None:
        """ValueError when an OTEL_ variable that the SDK reads by itself is wrong."""
        self._world = world
        given = settings.otlp_headers.get_secret_value() if settings.otlp_headers is not None else ""
        headers = parse_env_headers(given, liberal=True)
        self._exporter: SpanExporter = OTLPSpanExporter(collector, headers=headers)
        self._processor = BatchSpanProcessor(self._exporter)
        self._sampler = TracerProvider(shutdown_on_exit=False).sampler
        resource = Resource.create()
        if str(resource.attributes[SERVICE_NAME]).startswith("unknown_service"):
            resource = resource.merge(Resource({SERVICE_NAME: "crvs-bridge"}))
        self._resource = resource
        self._said, self._ended = _Seldom(world.clock, collector), False

    @web.middleware
    async def heard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """When the request under way came, and whose trace it belongs to."""
        _heard.set((self._world.clock.now(), request.headers.get("traceparent")))
        return await handler(request)

    def triggered(self, registration: Registration, status: int) -> None:
        """OpenCRVS asked, and was answered with an HTTP status; its own trace is linked."""
        began, traceparent = _heard.get()
        caller = TraceContextTextMapPropagator().extract({"traceparent": traceparent or ""})
        theirs = get_current_span(caller).get_span_context()
        links = [Link(theirs)] if theirs.is_valid else []
        more = {"http.response.status_code": status}
        self._add("trigger received", registration, began, more, kind=SpanKind.SERVER, links=links)

    def attempt(
        self, registration: Registration, began: datetime, outcome: str, failure: Failure | None
    ) -> None:
        """Its task was tried: done, failed, later (the reason why it waits is its code), error."""
        task = registration.task
        assert task is not None
        more: dict[str, str | int] = {"bridge.attempt": registration.attempts + 1, "bridge.outcome": outcome}
        status = _UNSET
        if failure is not None:
            reason = redact_text(failure.code or failure.words)[:100]
            more |= {"bridge.reason": reason, "bridge.reason.kind": failure.kind.value}
            status = _UNSET if outcome == "later" else Status(StatusCode.ERROR, reason)
        name = f"{task.value} {DESTINATION[task].value}"
        self._add(name, registration, began, more, kind=SpanKind.CLIENT, status=status)

    def asked(self, registration: Registration, began: datetime, told: object) -> None:
        """Its task was tried while OpenCRVS waits: a Failure, or anything that was told."""
        failure = told if isinstance(told, Failure) else None
        self.attempt(registration, began, "done" if failure is None else "failed", failure)

    def delivered(self, registration: Registration, began: datetime, channel: str, came_to: str) -> None:
        """The ID system sent something about it by itself."""
        more = {"bridge.channel": channel, "bridge.outcome": came_to}
        self._add("delivery received", registration, began, more, kind=SpanKind.CONSUMER)

    def reached(self, registration: Registration) -> None:
        """It is in a state now; when that is its last one, the trace is whole."""
        state, now = registration.state, self._world.clock.now()
        reason = {"bridge.reason": redact_text(registration.reason)} if registration.reason else {}
        more = {"bridge.state": state.value, "bridge.mode": registration.mode, **reason}
        if registration.final:
            return self._add("registration", registration, registration.received_at, more, root=True)
        status = Status(StatusCode.ERROR, registration.reason) if state is State.STUCK else _UNSET
        return self._add(state.value, registration, now, more, status=status)

    def _add(
        self,
        name: str,
        registration: Registration,
        began: datetime,
        more: Mapping[str, str | int],
        *,
        kind: SpanKind = SpanKind.INTERNAL,
        status: Status = _UNSET,
        links: list[Link] | None = None,
        root: bool = False,
    ) -> None:
        context = parent = root_of(registration.id)
        # by the half without fixed bits, which a UUID's second one has
        if self._sampler.should_sample(None, context.trace_id >> 64, name).decision is Decision.DROP:
            return
        if not root:
            own = int.from_bytes(self._world.chance.bytes(8)) or 1
            context = SpanContext(context.trace_id, own, is_remote=False, trace_flags=context.trace_flags)
        self._processor.on_end(
            ReadableSpan(
                name,
                context,
                None if root else parent,
                self._resource,
                {**about(registration), **more},
                links=links or (),
                kind=kind,
                status=status,
                start_time=_nanoseconds(began),
                end_time=_nanoseconds(self._world.clock.now()),
                instrumentation_scope=_SCOPE,
            )
        )

    async def close(self) -> None:
        """Send what is left, within two seconds."""
        await self._world.offload(self._end)

    async def kill(self) -> None:
        """Leave what is not sent, as a crash does."""
        self._said.setLevel(logging.CRITICAL)
        self._exporter.shutdown()
        await self.close()

    def _end(self) -> None:
        if self._ended:
            return
        self._ended = True
        # the SDK waits half a minute for a collector that is down
        ending = Thread(target=self._processor.shutdown, daemon=True)
        ending.start()
        ending.join(_FLUSH_SECONDS)
        if ending.is_alive():
            self._exporter.shutdown()
            ending.join(0.5)
        self._said.leave()


def about(registration: Registration) -> dict[str, str | int]:
    """What every span says of its registration: by any of these it is found."""
    ids = {
        "opencrvs.event.id": registration.event_id,
        "opencrvs.event.type": registration.event_type,
        "opencrvs.action.id": registration.action_id,
        "opencrvs.action.type": registration.action_type,
        "bridge.registration.id": registration.id,
        "bridge.packet.id": registration.packet_id,
    }
    return {name: redact_text(value) for name, value in ids.items()}


def _nanoseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND * 1000


class _Seldom(logging.Handler):
    """What the SDK says of itself, in a line of ours: mostly that the collector is not there."""

    def __init__(self, clock: Clock, collector: str) -> None:
        super().__init__(logging.WARNING)
        self._clock, self._collector = clock, collector
        self._last: datetime | None = None
        self._log = structlog.get_logger("bridge.traces")
        self._sdk = logging.getLogger("opentelemetry")
        self._sdk.addHandler(self)
        self._sdk.propagate = False

    def emit(self, record: logging.LogRecord) -> None:
        now = self._clock.now()
        if self._last is None or abs(now - self._last) >= _SELDOM:
            self._last = now
            why = redact_text(record.getMessage())[:300]
            self._log.warning("traces do not reach the collector", collector=self._collector, why=why)

    def leave(self) -> None:
        self._sdk.removeHandler(self)
        self._sdk.propagate = True
