"""The server's side of tRPC over HTTP: calls out of a request, an answer out of results (contract §3).

Input is read as the real server reads it: all inputs of a batch together, and only when a procedure asks. So
a body that cannot be read is a fault of every call in it, reported after "no such procedure" and 401.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wire.opencrvs import ecma
from wire.opencrvs.javascript import UNDEFINED
from wire.opencrvs.superjson import SuperJSONError, deserialize, serialize
from wire.opencrvs.trpc.errors import TRPCError


@dataclass(frozen=True, slots=True)
class ProcedureCall:
    """One procedure asked for: `event.get` and its input (UNDEFINED when none was sent).

    `fault` is set instead when the input could not be read; raise it once the call is otherwise allowed.
    """

    path: str
    input: Any = UNDEFINED
    fault: TRPCError | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """The calls of one request; not `batched` means one call answered by one object instead of a list."""

    calls: tuple[ProcedureCall, ...]
    batched: bool = True


@dataclass(frozen=True, slots=True)
class ResultItem:
    """A call that gave a value; UNDEFINED is a void result."""

    value: Any


@dataclass(frozen=True, slots=True)
class ErrorItem:
    """A call that failed, in the shape of the wire."""

    shape: Mapping[str, Any]
    http_status: int


def parse_calls(
    method: str,
    path_segment: str,
    query: Mapping[str, str],
    body: bytes | None = None,
    *,
    content_type: str | None = "application/json",
) -> Batch:
    """The calls of a request. `path_segment` is decoded: `event.get` or `event.get,event.get`.

    Raises TRPCError only for what fails the request as a whole (415): answer it with `render_failure`.
    """
    if method != "GET" and not (content_type or "").startswith("application/json"):
        # the missing closing quote is upstream's
        text = f'Unsupported content-type "{content_type}' if content_type else "Missing content-type header"
        raise TRPCError("UNSUPPORTED_MEDIA_TYPE", text)
    batched = query.get("batch") == "1"
    paths = path_segment.split(",") if batched else [path_segment]
    try:
        inputs = _inputs(method, query, body, len(paths), batched)
    except (ecma.JSONSyntaxError, SuperJSONError) as error:
        fault = TRPCError("BAD_REQUEST", str(error))
        return Batch(tuple(ProcedureCall(path, fault=fault) for path in paths), batched)
    return Batch(tuple(map(ProcedureCall, paths, inputs)), batched)


def _inputs(
    method: str, query: Mapping[str, str], body: bytes | None, count: int, batched: bool
) -> list[Any]:
    if method == "GET":
        text = query.get("input")
        if not text:
            return [UNDEFINED] * count
        raw = ecma.loads(text)
    else:
        raw = ecma.loads(body or b"")
    if not batched:
        return [deserialize(raw)]
    if not isinstance(raw, dict):
        raise SuperJSONError('"input" needs to be an object when doing a batch call')
    return [deserialize(raw[key]) if (key := str(index)) in raw else UNDEFINED for index in range(count)]


def error_item(
    error: TRPCError, path: str | None, *, stack: str | None = None, production: bool = False
) -> ErrorItem:
    """The item of a call that failed. In production there is no stack and a 500 says nothing (§1.2)."""
    masked = production and error.http_status == 500
    data: dict[str, Any] = {"code": error.code, "httpStatus": error.http_status}
    if not production and stack is not None:
        data["stack"] = stack
    if path is not None and not masked:
        data["path"] = path
    message = "Internal server error" if masked else error.message
    return ErrorItem({"message": message, "code": error.number, "data": data}, error.http_status)


def render(items: Sequence[ResultItem | ErrorItem], *, batched: bool = True) -> tuple[int, bytes]:
    """HTTP status and body. The status is the items' own when they agree, else 207."""
    statuses = {item.http_status if isinstance(item, ErrorItem) else 200 for item in items}
    status = statuses.pop() if len(statuses) == 1 else 207
    texts = [_item_text(item) for item in items]
    text = f"[{','.join(texts)}]" if batched else texts[0]
    return status, text.encode()


def render_failure(error: TRPCError, *, stack: str | None = None) -> tuple[int, bytes]:
    """The answer to a request that failed as a whole: one object, even to a batch (§3.2)."""
    return render([error_item(error, None, stack=stack)], batched=False)


def _item_text(item: ResultItem | ErrorItem) -> str:
    if isinstance(item, ErrorItem):
        return '{"error":' + ecma.dumps({"json": item.shape}) + "}"
    return '{"result":{"data":' + superjson_text(item.value) + "}}"


def superjson_text(value: Any) -> str:
    """The JSON text of `serialize(value)`; a value that is plain JSON, as nearly all are, is not walked."""
    try:
        return '{"json":' + ecma.dumps(value, strict=True) + "}"
    except (TypeError, ValueError):
        return ecma.dumps(serialize(value))
