"""The client's side of tRPC over HTTP, as `@opencrvs/toolkit`'s createClient does it (contract §3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from wire.opencrvs import ecma
from wire.opencrvs.javascript import UNDEFINED
from wire.opencrvs.superjson import SuperJSONError, deserialize
from wire.opencrvs.trpc.errors import CODE_OF_STATUS, CODES, TRPCError
from wire.opencrvs.trpc.server import superjson_text

_URI_COMPONENT: Final = "-_.!~*'()"
HEADERS: Final[Mapping[str, str]] = {"content-type": "application/json"}
"""Sent with queries, too; `Authorization: Bearer …` comes on top."""


def query_url(path: str, value: Any = UNDEFINED) -> str:
    """What follows the base URL for one query: `/event.get?batch=1&input=…` (base: `{gateway}/events`)."""
    return f"/{path}?batch=1&input={quote(_input_text(value), safe=_URI_COMPONENT)}"


def mutation(path: str, value: Any = UNDEFINED) -> tuple[str, bytes]:
    """Target below the base URL, and body, of one mutation."""
    return f"/{path}?batch=1", _input_text(value).encode()


def _input_text(value: Any) -> str:
    return f'{{"0":{superjson_text(value)}}}'


def read(status: int, content_type: str | None, body: bytes | str) -> Any:
    """What the call came to: its value, or the TRPCError. Never raises.

    The content type is not relied upon: the gateway mislabels some answers (§0.3 no. 12). An answer that is
    no tRPC envelope gives an error that is not `enveloped`, telling status and words that came.
    """
    try:
        answer = ecma.loads(body)
    except ecma.JSONSyntaxError:
        return _foreign(status, content_type, None)
    if answer == []:
        return TRPCError("PARSE_ERROR", "Missing result", http_status=status, enveloped=False)
    return _item(answer[0] if isinstance(answer, list) else answer, status, content_type)


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
