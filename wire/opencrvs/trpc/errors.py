"""tRPC's error codes and the error that carries one (contract opencrvs §3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

CODES: Final[Mapping[str, tuple[int, int]]] = {
    "PARSE_ERROR": (-32700, 400),
    "BAD_REQUEST": (-32600, 400),
    "UNAUTHORIZED": (-32001, 401),
    "PAYMENT_REQUIRED": (-32002, 402),
    "FORBIDDEN": (-32003, 403),
    "NOT_FOUND": (-32004, 404),
    "METHOD_NOT_SUPPORTED": (-32005, 405),
    "TIMEOUT": (-32008, 408),
    "CONFLICT": (-32009, 409),
    "PRECONDITION_FAILED": (-32012, 412),
    "PAYLOAD_TOO_LARGE": (-32013, 413),
    "UNSUPPORTED_MEDIA_TYPE": (-32015, 415),
    "UNPROCESSABLE_CONTENT": (-32022, 422),
    "TOO_MANY_REQUESTS": (-32029, 429),
    "CLIENT_CLOSED_REQUEST": (-32099, 499),
    "INTERNAL_SERVER_ERROR": (-32603, 500),
    "NOT_IMPLEMENTED": (-32603, 501),
    "BAD_GATEWAY": (-32603, 502),
    "SERVICE_UNAVAILABLE": (-32603, 503),
    "GATEWAY_TIMEOUT": (-32603, 504),
}
"""Code name to (JSON-RPC number, HTTP status)."""

CODE_OF_STATUS: Final[Mapping[int, str]] = {
    status: code for code, (_, status) in CODES.items() if code != "PARSE_ERROR"
}


class TRPCError(Exception):
    """An error of a tRPC call: raised by a procedure at the server, read from an answer at the client.

    `code` is the name (`"NOT_FOUND"`); `message` defaults to it. At the client `path` and `data` are what the
    server sent. `enveloped` is False when the answer was not tRPC's at all (a gateway's 401, a proxy's 502):
    then `http_status` is the status that came, `code` its name, `message` what the body says.
    """

    def __init__(
        self,
        code: str,
        message: str | None = None,
        *,
        http_status: int | None = None,
        number: int | None = None,
        path: str | None = None,
        data: Mapping[str, Any] | None = None,
        enveloped: bool = True,
    ) -> None:
        super().__init__(code if message is None else message)
        default_number, default_status = CODES.get(code, CODES["INTERNAL_SERVER_ERROR"])
        self.code = code
        self.message = code if message is None else message
        self.number = default_number if number is None else number
        self.http_status = default_status if http_status is None else http_status
        self.path = path
        self.data = data
        self.enveloped = enveloped


def unknown_procedure(path: str) -> TRPCError:
    """404 for a path that names no procedure."""
    return TRPCError("NOT_FOUND", f'No procedure found on path "{path}"')


def check_method(method: str, kind: str, path: str) -> None:
    """Queries take GET and POST (method override), mutations POST; else 405. `kind`: query | mutation."""
    if method != "POST" and (kind != "query" or method != "GET"):
        raise TRPCError(
            "METHOD_NOT_SUPPORTED", f'Unsupported {method}-request to {kind} procedure at path "{path}"'
        )


def check_kinds(kinds: list[str]) -> None:
    """A batch must not mix queries and mutations: 400 for the whole of it (§3.1)."""
    different = list(dict.fromkeys(kinds))
    if len(different) > 1:
        raise TRPCError("BAD_REQUEST", f"Cannot mix procedure types in call: {', '.join(different)}")
