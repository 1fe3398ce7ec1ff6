"""An OpenTelemetry collector that takes traces: OTLP over HTTP in protobuf, on a thread of its own."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Span:
    """A span as it came; ids in hex, as a person reads them. `status` is UNSET, OK or ERROR."""

    trace: str
    id: str
    parent: str
    name: str
    kind: str
    status: str
    attributes: dict[str, Any]
    links: list[tuple[str, str]]
    seconds: float
    resource: dict[str, Any]


class Collector:
    """Keeps what came. `answers` are statuses of the next exports, before they are taken with 200."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[int] = []
        self._came = threading.Condition()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                assert (self.path, self.headers["Content-Type"]) == ("/v1/traces", "application/x-protobuf")
                status = collector._take(dict(self.headers), body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def until(self, name: str) -> None:
        """Return when a span of this name came. The exporter is a thread too: the event loop need not run."""
        with self._came:
            assert self._came.wait_for(lambda: name in self.names, 240), self.names

    @property
    def names(self) -> list[str]:
        return [span.name for span in self.spans]

    def _take(self, headers: dict[str, str], body: bytes) -> int:
        with self._came:
            self.headers.append(headers)
            if self.answers:
                return self.answers.pop(0)
            self.spans += _read(body)
            self._came.notify_all()
        return 200


def _read(body: bytes) -> list[Span]:
    request = ExportTraceServiceRequest.FromString(body)
    return [
        Span(
            span.trace_id.hex(),
            span.span_id.hex(),
            span.parent_span_id.hex(),
            span.name,
            span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
            span.status.StatusCode.Name(span.status.code).removeprefix("STATUS_CODE_"),
            _values(span.attributes),
            [(link.trace_id.hex(), link.span_id.hex()) for link in span.links],
            (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
            _values(of_process.resource.attributes),
        )
        for of_process in request.resource_spans
        for scope in of_process.scope_spans
        for span in scope.spans
    ]


def _values(attributes: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in attributes}
