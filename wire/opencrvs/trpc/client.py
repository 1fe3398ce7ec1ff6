"""The client's side of tRPC over HTTP, as `@opencrvs/toolkit`'s createClient does it (contract §3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from wire.opencrvs import ecma
from wire.opencrvs.javascript import UNDEFINED
from wire.opencrvs.superjson import SuperJSONError, deserialize
from wire.opencrvs.trpc.errors import CODE_OF_STATUS, CODES, TRPCError
from wire.opencrvs.trpc.server import ProcedureCall, superjson_text

_URI_COMPONENT: Final = "-_.!~*'()"
HEADERS: Final[Mapping[str, str]] = {"content-type": "application/json"}
"""Sent with queries, too; `Authorization: Bearer …` comes on top."""


def query_url(path: str, value: Any = UNDEFINED) -> str:
    """What follows the base URL for one query: `/event.get?batch=1&input=…` (base: `{gateway}/events`)."""
    return queries([ProcedureCall(path, value)])


def queries(calls: Sequence[ProcedureCall]) -> str:
    """Several queries in one GET."""
    text = quote(_inputs_text(calls), safe=_URI_COMPONENT)
    return f"/{_paths(calls)}?batch=1&input={text}"


def mutation(path: str, value: Any = UNDEFINED) -> tuple[str, bytes]:
    """Target below the base URL, and body, of one mutation."""
    return mutations([ProcedureCall(path, value)])


def mutations(calls: Sequence[ProcedureCall]) -> tuple[str, bytes]:
    """Several mutations in one POST."""
    return f"/{_paths(calls)}?batch=1", _inputs_text(calls).encode()


def _paths(calls: Sequence[ProcedureCall]) -> str:
    return ",".join(call.path for call in calls)


def _inputs_text(calls: Sequence[ProcedureCall]) -> str:
    return "{" + ",".join(f'"{i}":{superjson_text(call.input)}' for i, call in enumerate(calls)) + "}"


def read(status: int, content_type: str | None, body: bytes | str, *, calls: int = 1) -> list[Any]:
    """What each call came to: its value, or the TRPCError. Never raises.

    The content type is not relied upon: the gateway mislabels some answers (§0.3 no. 12). An answer that is
    no tRPC envelope gives every call the same error, not `enveloped`, telling status and words that came.
    """
    try:
        answer = ecma.loads(body)
    except ecma.JSONSyntaxError:
        return [_foreign(status, content_type, None)] * calls
    if not isinstance(answer, list):
        return [_item(answer, status, content_type)] * calls
    items = [_item(item, status, content_type) for item in answer[:calls]]
    missing = TRPCError("PARSE_ERROR", "Missing result", http_status=status, enveloped=False)
    return items + [missing] * (calls - len(items))


def _item(item: Any, status: int, content_type: str | None) -> Any:
    try:
        if isinstance(item, dict) and isinstance(item.get("error"), dict):
            return _error(deserialize(item["error"]), status)
        if isinstance(item, dict) and isinstance(item.get("result"), dict):
            return deserialize(item["result"].get("data", {}))
    except SuperJSONError as error:
        return TRPCError("PARSE_ERROR", str(error), http_status=status, enveloped=False)
    return _foreign(status, content_type, item)


def _error(shape: Any, status: int) -> TRPCError:
    if not isinstance(shape, dict) or not isinstance(shape.get("code"), int):
        return _foreign(status, None, shape)
    found = shape.get("data")
    data = found if isinstance(found, dict) else {}
    code, http_status, path = data.get("code"), data.get("httpStatus"), data.get("path")
    return TRPCError(
        code if isinstance(code, str) else _code_of_number(shape["code"]),
        str(shape.get("message", "")),
        http_status=http_status if isinstance(http_status, int) else status,
        number=shape["code"],
        path=path if isinstance(path, str) else None,
        data=data,
    )


def _code_of_number(number: int) -> str:
    return next((code for code, (known, _) in CODES.items() if known == number), "INTERNAL_SERVER_ERROR")


def _foreign(status: int, content_type: str | None, body: Any) -> TRPCError:
    """An answer by something that does not speak tRPC: the gateway's JWT check, a proxy, a wrong address."""
    words = body.get("message") or body.get("error") if isinstance(body, dict) else None
    kind = "PARSE_ERROR" if status < 400 else CODE_OF_STATUS.get(status, "INTERNAL_SERVER_ERROR")
    said = f": {words}" if isinstance(words, str) else f" ({content_type or 'no content type'})"
    return TRPCError(
        kind,
        f"HTTP {status} without a tRPC answer{said}",
        http_status=status,
        data=body if isinstance(body, dict) else None,
        enveloped=False,
    )
