"""Registrations end to end: the mediator's API in, packet, delivery and acceptance out; and `/verify`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from time import perf_counter

from bench.country import CountryStub
from bench.load import Measured, Size, measure
from bench.systems import MeasuredSystems
from wire.opencrvs.profiles import Profile
from wire.opencrvs.tokens import record_claims, sign, user_claims

_JSON = {"Content-Type": "application/json"}
AMARA = {
    "nid": "4238670978",
    "dob": "1991-02-28",
    "name": {"firstname": "Amara", "surname": "Okonjo"},
    "gender": "female",
}
"""One of the ID system's well-known people."""


async def registrations(parts: MeasuredSystems, size: Size) -> Measured:
    """From the POST of a registration until OpenCRVS has its acceptance, `in_flight` of them at once."""
    register = _registering(parts, size.all)

    async def whole(number: int) -> None:
        await register(number)

    return await measure(whole, size, parts.cpu_seconds)


async def intake(parts: MeasuredSystems, size: Size) -> Measured:
    """The latency of the 202 alone, one registration after the other, each accepted before the next."""
    return await measure(_registering(parts, size.all), replace(size, in_flight=1), parts.cpu_seconds)


async def overload(parts: MeasuredSystems, size: Size, arriving: float) -> tuple[Measured, Measured, float]:
    """The latency of the 202 in the first half and in the second while so many arrive a second, which is more
    than the bridge may hand over; and the seconds until the last of all was accepted. Raises when one is not.
    """
    send = _sending(parts, 2 * size.all)
    waiting: list[asyncio.Future[float]] = []
    begun = perf_counter()

    async def one(number: int) -> float:
        await parts.world.clock.sleep(begun + number / arriving - perf_counter())
        seconds, accepted = await send(number)
        waiting.append(accepted)
        return seconds

    first = await measure(one, size, parts.cpu_seconds)
    second = await measure(lambda number: one(size.all + number), size, parts.cpu_seconds)
    async with parts.world.clock.timeout(600):
        await asyncio.gather(*waiting)
    return first, second, perf_counter() - begun


def _registering(parts: MeasuredSystems, count: int) -> Callable[[int], Awaitable[float]]:
    """Work that sends a registration and waits for its acceptance; returns the seconds until the 202."""
    send = _sending(parts, count)

    async def register(number: int) -> float:
        seconds, accepted = await send(number)
        async with parts.world.clock.timeout(120):
            await accepted
        return seconds

    return register


def _sending(
    parts: MeasuredSystems, count: int
) -> Callable[[int], Awaitable[tuple[float, asyncio.Future[float]]]]:
    """Work that sends a registration: the seconds until the 202, and what waits for its acceptance."""
    country = parts.country
    assert country is not None
    asked = [_asked(parts, country, number) for number in range(count)]

    async def send(number: int) -> tuple[float, asyncio.Future[float]]:
        event_id, token, body = asked[number]
        accepted = country.expect(event_id)
        url, headers = (
            f"{next(parts.mediators)}/events/registration",
            {**_JSON, "Authorization": f"Bearer {token}"},
        )
        begun = perf_counter()
        answer = await parts.http.call("POST", url, body=json.dumps(body).encode(), headers=headers)
        if answer.status != 202:
            raise RuntimeError(f"registration {number}: HTTP {answer.status}: {answer.text()}")
        return perf_counter() - begun, accepted

    return send


async def verifications(parts: MeasuredSystems, size: Size) -> Measured:
    """POST /verify of a person who matches."""
    assert parts.country is not None
    _, token, _ = _asked(parts, parts.country, 0)
    url, headers = f"{next(parts.mediators)}/verify", {**_JSON, "Authorization": f"Bearer {token}"}

    async def verify(number: int) -> None:
        answer = await parts.http.call("POST", url, body=json.dumps(AMARA).encode(), headers=headers)
        if answer.text() != "verified":
            raise RuntimeError(f"verification {number}: HTTP {answer.status}: {answer.text()}")

    return await measure(verify, size, parts.cpu_seconds)


def _asked(parts: MeasuredSystems, country: CountryStub, number: int) -> tuple[str, str, dict[str, object]]:
    """(event id, record token, body) of one registration, as a country config sends it."""
    chance, now = parts.world.chance, parts.world.clock.now()
    event_id = chance.uuid()
    action_id = chance.uuid()
    subject = user_claims(Profile.V2_0, subject=chance.uuid(), role="LOCAL_REGISTRAR", scopes=[], now=now)
    token = sign(
        record_claims(Profile.V2_0, subject, event_id=event_id, action_id=action_id, now=now),
        country.key,
    )
    certificate = f"2026B{number:07d}"
    stamp = parts.world.timestamp()
    body: dict[str, object] = {
        "trackingId": f"{number:06d}",
        "notification": {
            "recipientFullName": "Grace Mulenga",
            "recipientEmail": "g@example.org",
            "recipientPhone": "0911111111",
        },
        "requestFields": {
            "birthCertificateNumber": certificate,
            "IDSchemaVersion": "0.1",
            "fullName": '[{"language":"eng","value":"Chanda Mulenga"}]',
            "dateOfBirth": now.strftime("%Y/%m/%d"),
            "gender": '[{"language":"eng","value":"Female"}]',
            "guardianOrParentName": '[{"language":"eng","value":"Grace Mulenga"}]',
            **dict.fromkeys(
                ("addressLine1", "region", "province", "city", "zone"),
                '[{"language":"eng","value":"Ibombo"}]',
            ),
        },
        "metaInfo": {
            "metaData": '[{"label":"centerId","value":"10001"},{"label":"machineId","value":"10004"}]',
            "registrationId": certificate,
            "operationsData": '[{"label":"officerId","value":"crvs_officer"}]',
            "capturedRegisteredDevices": "[]",
            "creationDate": stamp,
        },
        "audit": {
            "uuid": chance.uuid(),
            "createdAt": stamp,
            "eventId": "OPENCRVS",
            "eventName": "registration",
        },
    }
    return event_id, token, body
