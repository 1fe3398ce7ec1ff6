"""Systems that a foreign bridge is said to stand before or to ask: they are up for the whole run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from scenarios.stage.country_config import CountryConfig
from scenarios.stage.servers import Servers
from testbed import payments
from wire.world import World


@asynccontextmanager
async def neighbours(
    mocks: Servers, world: World, country_config_port: int | None, payments_port: int | None
) -> AsyncIterator[None]:
    """Beside the mocks for the length of the block; without a port there is none. CannotListen when taken."""
    async with AsyncExitStack() as stack:
        if country_config_port is not None:
            mocks.country_config = CountryConfig()
            stack.push_async_callback((await mocks.country_config.start(country_config_port)).close)
        if payments_port is not None:
            mocks.payments = payments.PaymentBook(world, otherwise="paid")
            listening = await payments.start(mocks.payments, port=payments_port, setting="--payments-port")
            stack.push_async_callback(listening.close)
        yield


def clear(mocks: Servers) -> None:
    """What one story leaves behind is no other's: the country config answers, everybody has paid."""
    if mocks.country_config is not None:
        mocks.country_config.away = False
    if (book := mocks.payments) is not None:
        book.otherwise = "paid"
        for kept in (book.stands, book.used_for, book.facts):
            kept.clear()
