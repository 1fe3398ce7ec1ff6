"""`rehearse trigger`: what arrives at a server that somebody is working on."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jwt
import pytest

from tests.forked import forked
from tests.kit import ROOT
from wire.keyfolder import KeyFolder
from wire.mosip import hub, sealing

SECRET = "a secret of my own"


@dataclass
class Desk:
    """A server at somebody's desk: it writes down what comes, and answers with `status`."""

    url: str = ""
    status: int = 200
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def desk() -> Iterator[Desk]:
    mine = Desk()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            mine.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(mine.status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    mine.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield mine
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def keys(rehearsal_keys: Path) -> KeyFolder:
    return KeyFolder(rehearsal_keys)


def trigger(keys: KeyFolder, *words: str, status: int = 0) -> str:
    command = [*forked("scenarios.cli"), "trigger", *words, "--keys", str(keys.path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_one_question_of_opencrvs_with_a_true_token(keys: KeyFolder, desk: Desk) -> None:
    desk.status = 202
    said = trigger(keys, "register", "--to", desk.url, "--auth-port", "0")
    [(path, headers, body)] = desk.got
    assert path == "/trigger/events/birth/actions/REGISTER" and "answer: 202" in said
    token = headers["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(
        token,
        keys["opencrvs-auth"].private_key.public_key(),
        algorithms=["RS256"],
        options={"verify_aud": False},
    )
    document = json.loads(body)
    assert claims["eventId"] == document["id"] and document["actions"][-1]["type"] == "REGISTER"


@pytest.mark.parametrize("step", ["issued", "duplicate", "forged"])
def test_a_credential_sealed_for_the_partner(keys: KeyFolder, desk: Desk, step: str) -> None:
    desk.status = 401 if step == "forged" else 200
    words = (
        "--to",
        f"{desk.url}/my/callback",
        "--packet",
        "10001123",
        "--number",
        "2026B1",
        "--secret",
        SECRET,
    )
    said = trigger(keys, step, *words)
    assert len(desk.got) == (2 if step == "duplicate" else 1)
    for path, headers, body in desk.got:
        assert path == "/my/callback" and body == desk.got[0][2]
        assert (headers[hub.SIGNATURE_HEADER.lower()] == hub.signature(SECRET, body)) == (step != "forged")
        assert json.loads(body)["event"]["data"]["registrationId"] == "10001123"
        sealed = json.loads(body)["event"]["data"]["credential"]
        opened = json.loads(sealing.unseal(sealed, keys["partner"].private_key))
        assert opened["credentialSubject"]["birthCertificateNumber"] == "2026B1" and opened["proof"]
    assert ("refused, as it must be" in said) == (step == "forged")


def test_whoever_takes_a_forgery_is_told(keys: KeyFolder, desk: Desk) -> None:
    assert "NOT refused" in trigger(keys, "forged", "--to", desk.url, status=1)


def test_a_rejection_and_a_recorded_delivery(keys: KeyFolder, desk: Desk, tmp_path: Path) -> None:
    trigger(keys, "rejected", "--to", desk.url, "--packet", "10001123", "--secret", SECRET)
    (_, headers, body) = desk.got[0]
    assert json.loads(body)["resultCode"] == "REJECTED" and json.loads(body)["instanceId"] == "10001123"
    assert headers[hub.SIGNATURE_HEADER.lower()] == hub.signature(SECRET, body)
    (tmp_path / "kept.json").write_bytes(body + b"\n")
    trigger(keys, "recorded", "--body", str(tmp_path / "kept.json"), "--to", desk.url, "--secret", SECRET)
    assert desk.got[1][2] == body + b"\n"
    assert desk.got[1][1][hub.SIGNATURE_HEADER.lower()] == hub.signature(SECRET, body + b"\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("hope", "--to", "http://127.0.0.1:9"), "register, issued"),
        (("issued", "--to", "my-server"), "--to"),
        (("recorded", "--to", "http://127.0.0.1:9"), "--body"),
        (("recorded", "--to", "http://127.0.0.1:9", "--body", "/nowhere"), "cannot be read"),
    ],
)
def test_what_was_typed_wrong_is_said_in_a_line(keys: KeyFolder, words: tuple[str, ...], told: str) -> None:
    said = trigger(keys, *words, status=2)
    assert told in said and said.count("\n") == 1


def test_nobody_there_is_said(keys: KeyFolder) -> None:
    assert "answer: none" in trigger(keys, "issued", "--to", "http://127.0.0.1:9/", status=1)
