"""The codes of tRPC's errors."""

from __future__ import annotations

import pytest

from wire.opencrvs import trpc
from wire.opencrvs.trpc import TRPCError


@pytest.mark.parametrize("code", sorted(trpc.CODES))
def test_codes_have_their_number_and_status(code: str) -> None:
    error = TRPCError(code)
    assert (error.number, error.http_status) == trpc.CODES[code]
    read = trpc.read(*_answer(error))
    assert (read.code, read.number, read.http_status, read.path) == (
        code,
        error.number,
        error.http_status,
        "p",
    )


def _answer(error: TRPCError) -> tuple[int, str, bytes]:
    status, body = trpc.render([trpc.error_item(error, "p")])
    return status, "application/json", body
