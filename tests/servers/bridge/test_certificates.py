"""Certificates of the bridge that run out, and authorities of a country's own."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from structlog.testing import capture_logs

from tests.servers.bridge.asking import ask
from tests.servers.bridge.conftest import Stage, set_up
from tests.servers.bridge.test_running import run as command
from tests.servers.bridge.test_starting import run
from wire.http.client import HttpClient, NoAnswer
from wire.keyfolder import KeyFolder
from wire.mosip.keys import open_p12
from wire.world import World

SETTINGS = ("DECRYPT_P12_FILE_PATH", "SIGN_P12_FILE_PATH", "ENCRYPT_CERT_PATH", "IDA_SIGN_CERT_PATH")


def made(name: str, until: datetime, by: Any = None) -> Any:
    """(key, certificate): an authority, or a server of 127.0.0.1 under one."""
    key = generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).public_key(key.public_key()).serial_number(5)
    builder = builder.issuer_name(by[1].subject if by else subject)
    builder = builder.not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(until)
    builder = builder.add_extension(x509.BasicConstraints(by is None, None), critical=True)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    authority = x509.SubjectKeyIdentifier.from_public_key((by[0] if by else key).public_key())
    builder = builder.add_extension(address, critical=False)
    builder = builder.add_extension(authority, critical=False) if by is None else builder
    return key, builder.sign(by[0] if by else key, hashes.SHA256())


def files(folder: Path, until: datetime) -> dict[str, str]:
    """Settings of four certificates that end then."""
    key, certificate = made("partner", until)
    p12 = pkcs12.serialize_key_and_certificates(
        b"partner", key, certificate, None, BestAvailableEncryption(b"mosip123")
    )
    (folder / "partner.p12").write_bytes(p12)
    (folder / "ida.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    names = ("partner.p12", "partner.p12", "ida.pem", "ida.pem")
    return {setting: str(folder / name) for setting, name in zip(SETTINGS, names, strict=True)}


@pytest.mark.parametrize(
    ("days", "over"),
    [(-1, True), (0.5, False), (29, False), (31, None)],
    ids=["over", "today", "soon", "not yet"],
)
async def test_what_runs_out_is_named_at_start_in_readiness_and_metrics(
    stage: Stage, tmp_path: Path, days: float, over: bool | None
) -> None:
    end = stage.world.clock.now().replace(microsecond=0) + timedelta(days=days)
    with capture_logs() as lines:
        await stage.restart(**files(tmp_path, end))
    said = [line for line in lines if line["event"].startswith("a certificate r")]
    named = [] if over is None else list(SETTINGS)
    assert [line["setting"] for line in said] == named
    _, answer = await ask(stage, "GET", "/ready", token=None)
    assert [(each["setting"], each["over"]) for each in answer["certificates"]] == [(n, over) for n in named]
    assert (await ask(stage, "GET", "/operations/registrations"))[1]["certificates"] == answer["certificates"]
    listed = (await command(stage, "pending")).stdout
    ends = {None: [], True: ["ran out"], False: ["runs out"]}[over]
    assert all((f"{each}: {end} 20" in listed) for each in SETTINGS for end in ends) and (
        bool(ends) or "out 20" not in listed
    )
    _, text = await ask(stage, "GET", "/metrics", token=None)
    for setting in SETTINGS:
        [line] = [line for line in str(text).splitlines() if f'{{setting="{setting}"}}' in line]
        assert float(line.split()[-1]) == end.timestamp()


async def test_readiness_tells_it_when_the_time_comes(stage: Stage, tmp_path: Path) -> None:
    await stage.restart(**files(tmp_path, stage.world.clock.now() + timedelta(days=40)))
    assert (await ask(stage, "GET", "/ready", token=None))[1]["certificates"] == []
    await stage.world.clock.advance(11 * 86400)
    ending = (await ask(stage, "GET", "/ready", token=None))[1]["certificates"]
    assert [each["setting"] for each in ending] == list(SETTINGS)


@dataclass
class Private:
    """An https server under an authority that nobody else knows."""

    url: str
    ca_file: Path


@pytest.fixture
async def private(tmp_path: Path) -> AsyncIterator[Private]:
    late = datetime(2049, 1, 1, tzinfo=UTC)
    authority = made("our authority", late)
    key, certificate = made("127.0.0.1", late, authority)
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "server.pem").write_bytes(plain + certificate.public_bytes(Encoding.PEM))
    (tmp_path / "ca.pem").write_bytes(authority[1].public_bytes(Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "server.pem")
    app = web.Application()
    app.router.add_get("/", _hello)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    yield Private(f"https://127.0.0.1:{runner.addresses[0][1]}/", tmp_path / "ca.pem")
    await runner.cleanup()


async def _hello(request: web.Request) -> web.Response:
    return web.Response(text="hello")


@pytest.mark.parametrize("flags", [ssl.VerifyFlags(0), ssl.VERIFY_X509_STRICT], ids=["3.11", "3.13"])
async def test_a_server_under_a_private_authority_is_believed_with_its_file_alone(
    private: Private, flags: ssl.VerifyFlags, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By each Python: from 3.13 on its default asks for extensions that this authority lacks."""
    context = ssl.create_default_context()
    context.verify_flags |= flags
    monkeypatch.setattr(ssl, "create_default_context", lambda: context)
    world = World.system()
    believing, other = (HttpClient("MOSIP", world, 10, ca_file=file) for file in (private.ca_file, None))
    try:
        assert (await believing.call("GET", private.url)).text() == "hello"
        with pytest.raises(NoAnswer, match="CERTIFICATE_VERIFY_FAILED"):
            await other.call("GET", private.url)
    finally:
        await believing.close()
        await other.close()


@pytest.mark.parametrize("wrong", ["missing.pem", "empty.pem"])
async def test_a_file_of_authorities_that_is_none_is_named(
    tmp_path: Path, keys: KeyFolder, wrong: str
) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    status, lines = await run(tmp_path, keys, SSL_CERT_FILE=wrong)
    assert (status, len(lines)) == (2, 1), lines
    assert "SSL_CERT_FILE" in lines[0]


async def test_a_p12_without_a_password_opens_with_an_empty_one(tmp_path: Path, keys: KeyFolder) -> None:
    pair, path = keys["ida-partner"], tmp_path / "partner.p12"
    content = pkcs12.serialize_key_and_certificates(
        b"partner", pair.private_key, pair.certificate, None, NoEncryption()
    )
    path.write_bytes(content)
    stage = await set_up(tmp_path, keys, p12_path=path, p12_password="")
    opened, _ = open_p12(content, "")
    assert opened.private_numbers() == pair.private_key.private_numbers()
    await stage.close()
