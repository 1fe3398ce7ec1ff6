"""tRPC 11 over HTTP with superjson, both sides (contract opencrvs §3). Pure: no I/O."""

from wire.opencrvs.trpc.client import HEADERS, mutation, query_url, read
from wire.opencrvs.trpc.errors import CODES, TRPCError, check_kinds, check_method, unknown_procedure
from wire.opencrvs.trpc.server import (
    Batch,
    ErrorItem,
    ProcedureCall,
    ResultItem,
    error_item,
    parse_calls,
    render,
    render_failure,
    superjson_text,
)

__all__ = [
    "CODES",
    "HEADERS",
    "Batch",
    "ErrorItem",
    "ProcedureCall",
    "ResultItem",
    "TRPCError",
    "check_kinds",
    "check_method",
    "error_item",
    "mutation",
    "parse_calls",
    "query_url",
    "read",
    "render",
    "render_failure",
    "superjson_text",
    "unknown_procedure",
]
