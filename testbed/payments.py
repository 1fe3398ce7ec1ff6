"""A system of payments in a rehearsal: references that are paid, pending, refused or expired.

`python -m testbed.payments` runs it at MOCK_PAYMENTS_PORT (20270). `PUT /payments/{reference}` uses one for a
record (the protocol is the bridge's: bridge/payments.py); `PUT /admin/payments/{reference}` with
`{"status": …}` says how it stands.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web
from pydantic import BaseModel, Field

from testbed.admin import problem_middleware, read_json
from testbed.facts import Fact, Said, Word
from wire import loop
from wire.entry import CANNOT_BEGIN
from wire.environment import EnvironmentSettings
from wire.http.listening import CannotListen, Listening, listen
from wire.world import World

STATUSES = ("paid", "pending", "refused", "expired")


class _Use(BaseModel):
    record: str = Field(min_length=1, max_length=64)


class _Standing(BaseModel):
    status: str = Field(pattern=f"^({'|'.join(STATUSES)})$")


@dataclass
class PaymentBook:
    """Every reference that anybody has spoken of. `otherwise`: how others stand; None: there are none."""

    world: World
    otherwise: str | None = None
    stands: dict[str, str] = field(default_factory=dict)
    used_for: dict[str, str] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    asked: int = 0
    down: bool = False

    async def use(self, request: web.Request) -> web.Response:
        """200 with the status, 404 for a reference of nobody, 409 for one of another record."""
        if self.down:
            return web.Response(status=503, text="down on purpose")
        reference, record = request.match_info["reference"], (await read_json(request, _Use)).record
        self.asked += 1
        status = self.stands.get(reference, self.otherwise)
        if status is not None and self.used_for.setdefault(reference, record) != record:
            return self._said(record, 409, {"error": "used for another record"})
        if status is None:
            return self._said(record, 404, {"error": "no such reference"})
        return self._said(record, 200, {"status": status})

    async def stand(self, request: web.Request) -> web.Response:
        reference = request.match_info["reference"]
        self.stands[reference] = (await read_json(request, _Standing)).status
        return web.json_response({"reference": reference, "status": self.stands[reference]})

    def _said(self, record: str, http: int, body: dict[str, str]) -> web.Response:
        word: Word = "paid" if body.get("status") == "paid" else "unpaid"
        self.facts.append(Fact(self.world.clock.now(), Said(record, word), http))
        return web.json_response(body, status=http)


async def start(
    book: PaymentBook, host: str = "127.0.0.1", port: int = 0, setting: str = "MOCK_PAYMENTS_PORT"
) -> Listening:
    """Listen; CannotListen when the port is taken, which names the setting."""
    app = web.Application(middlewares=[problem_middleware])
    app.router.add_put("/payments/{reference}", book.use)
    app.router.add_put("/admin/payments/{reference}", book.stand)
    return await listen(app, host, port, setting)


class Settings(EnvironmentSettings):
    """`otherwise`: how a reference stands that nobody has spoken of."""

    port: int = Field(20270, ge=0, le=65535, alias="MOCK_PAYMENTS_PORT")
    otherwise: Literal["paid", "pending", "refused", "expired"] | None = Field(
        None, alias="MOCK_PAYMENTS_OTHERWISE"
    )


def main() -> int:
    try:
        settings = Settings()
        book = PaymentBook(World.system(), settings.otherwise)
        loop.run(loop.serve(start(book, port=settings.port), lambda it: print(it.url, flush=True)))  # noqa: T201
    except (CannotListen, ValueError) as wrong:
        print(wrong, file=sys.stderr)  # noqa: T201
        return CANNOT_BEGIN
    return 0


if __name__ == "__main__":
    sys.exit(main())
