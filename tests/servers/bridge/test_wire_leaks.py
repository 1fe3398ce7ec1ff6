"""What a stranger sends in broken HTTP stands in no log line, and is never a 500."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Iterator

import pytest
from yarl import URL

from tests.servers.bridge.conftest import BIRTH, DEATH, OPERATIONS, Stage
from tests.servers.bridge.stubs import ISSUER, VID
from wire.logs import line_formatter, route_structlog
from wire.mosip import credentials, sealing
from wire.mosip.encoding import to_base64url
from wire.mosip.well_known import public_key_url
from wire.redaction import redact_text

TOKEN = "tokS3CR3T-0zz"
ODD = "4057213961"
NUMBERS = ("123456789", "123456789012", "12345678901234", "AB12CD34E")
HEADERS = [
    f"Authorization Bearer {TOKEN}",
    f"Authorization: Bearer {TOKEN}\x00x",
    f"X\x01: {TOKEN}",
    f": {TOKEN}",
    f"Authorization: Bearer {TOKEN}\r\nTransfer-Encoding: chunked\r\nContent-Length: 5",
    f"Cookie: {'a' * 9000}{TOKEN}",
    f"Content-Length: {TOKEN}",
    f" folded {NUMBERS[0]}",
]
BEARER = f"Host: x\r\nAuthorization: Bearer {TOKEN}\r\n"
BODY = f'{{"nid": "{NUMBERS[0]}", "x": "{TOKEN}"}}'
PATHS = ("/verify", "/websub/callback", "/trigger/events/birth/actions/REGISTER", "/events/registration")


def requests() -> Iterator[str]:
    for header in HEADERS:
        yield f"GET /verify HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n"
    yield f"POST /{NUMBERS[1]} HTTP/9.9\r\n\r\n"
    yield f"{TOKEN}\r\n\r\n"
    yield f"GET http://[{NUMBERS[2]}/ HTTP/1.1\r\nHost: x\r\n\r\n"
    for path in PATHS:
        for coding in ("gzip", "deflate", "identity"):
            yield (
                f"POST {path} HTTP/1.1\r\n{BEARER}Content-Encoding: {coding}\r\n"
                f"X-Hub-Signature: sha256={TOKEN}\r\nContent-Length: {len(BODY)}\r\n\r\n{BODY}"
            )
    yield f"POST /websub/callback HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ{TOKEN}\r\n\r\n"
    operator = f"Host: x\r\nAuthorization: Bearer {OPERATIONS}\r\n\r\n"
    for number in NUMBERS:
        yield f"GET /operations/registrations/{number} HTTP/1.1\r\n{operator}"
        yield f"GET /nothing/{number}?nid={number} HTTP/1.1\r\n{operator}"
        yield f"DELETE /debug/transactions/{number} HTTP/1.1\r\n{BEARER}\r\n"
        yield f"GET /websub/callback?hub.topic={number}&hub.challenge={TOKEN} HTTP/1.1\r\nHost: x\r\n\r\n"
    yield f"POST /esignet/get-oidp-user-info?code={TOKEN} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"


async def answered(url: str, request: str) -> bytes:
    """The first line of what a connection with these bytes is answered."""
    to = URL(url)
    reader, writer = await asyncio.open_connection(to.host, to.port)
    writer.write(request.encode("latin-1"))
    line = await reader.readline()
    writer.close()
    return line


@pytest.fixture
def log(stage: Stage, caplog: pytest.LogCaptureFixture) -> Iterator[io.StringIO]:
    """What a process would have written."""
    caplog.set_level(logging.DEBUG)
    route_structlog()
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(line_formatter(stage.world, "json"))
    logging.getLogger().addHandler(handler)
    yield out
    logging.getLogger().removeHandler(handler)


async def test_broken_http_leaves_no_value_in_the_log(stage: Stage, log: io.StringIO) -> None:
    for url in (stage.running.trigger_url, stage.running.mediator_url):
        for request in requests():
            line = await answered(url, request)
            assert b" 500 " not in line, request
    said = log.getvalue()
    assert "aiohttp.server" in said and "refused" in said
    assert [value for value in (TOKEN, OPERATIONS, *NUMBERS) if value in said] == []


@pytest.mark.parametrize("number", [*NUMBERS, "CM95012345ABCD"])
async def test_a_number_where_none_belongs_is_not_in_the_log(
    stage: Stage, log: io.StringIO, number: str
) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    for action in (number, "REGISTER"):
        await stage.trigger({**event, "id": number}, stage.opencrvs.token(event), action=action)
    other = stage.opencrvs.record(number, {number: number}, tracking=number)
    assert (await stage.trigger(other))[0] == 200
    rid = (await stage.of(await stage.submitted())).packet_id
    assert await stage.deliver(stage.mosip.event(number, "x")) == 200
    base = stage.mosip._document(rid, {"VID": VID})
    subject = base["credentialSubject"]
    proof = {"type": "RsaSignature2018", "verificationMethod": public_key_url(ISSUER)}
    proof |= {"proofPurpose": "assertionMethod", "jws": to_base64url(b'{"b64":false}') + "..AA"}
    for change in (
        {f"@{number}": number},
        {number: [{"x": {number: number}}]},
        {"@context": [base["@context"][0], f"https://{number}.example/c"]},
        {"credentialSubject": {**subject, f"{number}:": "x"}},
        {"proof": {**proof, f"@{number}": number}},
    ):
        content = credentials.encode({**base, "proof": proof, **change})
        held = sealing.seal(content, stage.mosip.keys["partner"].certificate, stage.world.chance)
        assert await stage.deliver(stage.mosip.event(rid, held)) == 422
    said = log.getvalue()
    assert "shape" in said and "context" in said
    assert number not in said


async def test_a_number_of_the_packet_is_masked_in_the_work_that_a_restart_takes_up(stage: Stage) -> None:
    event = await stage.submitted("death", DEATH | {"deceased.nid": ODD})
    secrets = await stage.running.store.lookups.secrets((await stage.of(event)).id)
    assert secrets.packet is not None and ODD in secrets.packet.fields.values()
    assert ODD not in redact_text(f"vid-{ODD}")  # a shape that no pattern knows
