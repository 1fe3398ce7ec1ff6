"""Misconfigurations, and the finding that must name each."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bridge.country.folder import FARAJALAND
from tests.doctor.sets import Mocks, certificate, elliptic, p12, pem, rsa

Change = dict[str, str | None]


@dataclass(frozen=True)
class Seed:
    """A fault in one set-up: what is changed (None: taken away), and the finding that must name it."""

    about: str
    finding: str
    change: Change | Callable[[Mocks, Path], Change]
    base: str = "bridge"
    """bridge, 1.9, 2.1: with our mocks; mediator: with them; abroad: our bridge at real hosts, not asked."""


def _bridge(about: str, finding: str, **change: str | None) -> Seed:
    return Seed(about, finding, dict(change))


def _mediator(about: str, finding: str, **change: str | None) -> Seed:
    return Seed(about, finding, dict(change), "mediator")


def _abroad(about: str, finding: str, **change: str | None) -> Seed:
    return Seed(about, finding, dict(change), "abroad")


def _file(name: str, make: Callable[[Mocks, Path], Path]) -> Callable[[Mocks, Path], Change]:
    return lambda running, folder: {name: str(make(running, folder))}


def _raw(content: bytes) -> Callable[[Mocks, Path], Path]:
    def make(running: Mocks, folder: Path) -> Path:
        path = folder / "file"
        path.write_bytes(content)
        path.chmod(0o600)
        return path

    return make


def _dated(days_before: float, days_after: float) -> Callable[[Mocks, Path], Path]:
    def make(running: Mocks, folder: Path) -> Path:
        now = datetime.now(UTC)
        key = rsa()
        dates = {"before": now + timedelta(days=days_before), "after": now + timedelta(days=days_after)}
        return p12(folder / "dated.p12", key, certificate(key, **dates))

    return make


def _p12_of(key: Any, held: Any) -> Callable[[Mocks, Path], Path]:
    return lambda running, folder: p12(folder / "own.p12", key(), held() if held else None)


def _policy(text: str) -> Callable[[Mocks, Path], Change]:
    """A country's folder with this policy."""

    def make(running: Mocks, folder: Path) -> Path:
        shutil.copytree(FARAJALAND, folder / "country")
        (folder / "country" / "policy.json").write_text(text, encoding="utf-8")
        return folder / "country"

    return _file("BRIDGE_COUNTRY", make)


def _unfitting(running: Mocks, folder: Path) -> Path:
    return p12(folder / "joined.p12", rsa(), None, certificate(rsa()))


def _ordered(running: Mocks, folder: Path) -> Path:
    key = rsa()
    return p12(folder / "chain.p12", key, certificate(key), certificate(rsa()))


def _jwk(running: Mocks, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.b64decode((running.folder / "esignet-jwk.txt").read_bytes()))
    return found


def _public_jwk(running: Mocks, folder: Path) -> Path:
    public = {key: value for key, value in _jwk(running, folder).items() if key in ("kty", "n", "e")}
    return _raw(base64.b64encode(json.dumps(public).encode()))(running, folder)


SEEDS = [
    # how values are written
    _bridge("quotes around a secret", "VALUE-QUOTED", MOSIP_WEBSUB_SECRET='"mosip-websub-secret"'),
    _bridge(
        "single quotes around a topic", "VALUE-QUOTED", MOSIP_WEBSUB_TOPIC="'crvs-partner/CREDENTIAL_ISSUED'"
    ),
    _mediator("quotes around an id", "VALUE-QUOTED", PARTNER_ID='"crvs-partner"'),
    _bridge(
        "a carriage return behind a secret",
        "VALUE-INVISIBLE",
        MOSIP_PACKET_AUTH_CLIENT_SECRET="abcdeABCDE123456\r",
    ),
    _mediator("a carriage return behind a password", "VALUE-INVISIBLE", SIGN_P12_FILE_PASSWORD="mosip123\r"),
    _bridge("a zero-width blank in a value", "VALUE-INVISIBLE", PARTNER_ID="\u200bcrvs-partner"),
    _bridge("a blank behind a client's id", "VALUE-BLANK", MOSIP_WEBSUB_AUTH_CLIENT_ID="crvs-partner "),
    _mediator("a blank before a secret", "VALUE-BLANK", MOSIP_WEBSUB_SECRET=" mosip-websub-secret"),
    _bridge("a placeholder", "VALUE-PLACEHOLDER", MOSIP_WEBSUB_SECRET="changeme"),
    _mediator("a placeholder in brackets", "VALUE-PLACEHOLDER", PARTNER_APIKEY="<api key>"),
    _bridge("a variable that nobody filled in", "VALUE-PLACEHOLDER", PARTNER_ID="${PARTNER_ID}"),
    _bridge("the hub's secret is empty", "VALUE-EMPTY", MOSIP_WEBSUB_SECRET=""),
    _mediator("the hub's secret is empty", "VALUE-EMPTY", MOSIP_WEBSUB_SECRET=""),
    _mediator("a client's secret is empty", "VALUE-EMPTY", MOSIP_PACKET_AUTH_CLIENT_SECRET=""),
    _mediator("the partner's id is empty", "VALUE-EMPTY", PARTNER_ID=""),
    # names
    Seed(
        "a misspelt name",
        "SETTING-MISSPELT",
        {"MOSIP_WEBSUB_SECRET": None, "MOSIP_WEBSUB_SECERT": "mosip-websub-secret"},
    ),
    Seed(
        "a misspelt name of the mediator's",
        "SETTING-MISSPELT",
        {"PARTNER_APIKEY": None, "PARTNER_API_KEY": "123456"},
        "mediator",
    ),
    Seed(
        "small letters at the mediator",
        "SETTING-MISSPELT",
        {"PARTNER_APIKEY": None, "partner_apikey": "123456"},
        "mediator",
    ),
    _bridge("a name that nothing reads", "SETTING-UNKNOWN", BRIDGE_TELEMETRY_LEVEL="7"),
    _mediator("a setting is missing", "SETTING-MISSING", MOSIP_WEBSUB_SECRET=None),
    _mediator("a file's setting is missing", "SETTING-MISSING", SIGN_P12_FILE_PATH=None),
    _mediator("the public key's address is missing", "SETTING-MISSING", OPENCRVS_PUBLIC_KEY_URL=None),
    _mediator("one that 1.9.2 wants for nothing is missing", "SETTING-WANTED", MOSIP_BIRTH_WEBHOOK_URL=None),
    _bridge("a value of a closed list", "SETTING-REFUSED", BRIDGE_PACKET_ID="uuid"),
    _bridge("a mode that does not exist", "SETTING-REFUSED", BRIDGE_MODE="birth=later"),
    _bridge("a time that never ends", "SETTING-REFUSED", BRIDGE_CALL_SECONDS="inf"),
    # addresses
    _bridge("no scheme", "ADDRESS-SCHEME", OPENCRVS_GATEWAY_URL="127.0.0.1:7070"),
    _mediator("no scheme at the hub", "ADDRESS-SCHEME", MOSIP_WEBSUB_HUB_URL="127.0.0.1:20240/websub/hub"),
    _bridge("a port that is none", "ADDRESS-PORT", MOSIP_WEBSUB_HUB_URL="http://127.0.0.1:99999/websub/hub"),
    _bridge(
        "IPv6 without brackets", "ADDRESS-IPV6", MOSIP_WEBSUB_CALLBACK_URL="http://::1:2024/websub/callback"
    ),
    _bridge(
        "a password in an address", "ADDRESS-PASSWORD", OPENCRVS_GATEWAY_URL="http://me:secret@127.0.0.1:7070"
    ),
    _bridge(
        "a blank in an address", "ADDRESS-BROKEN", MOSIP_WEBSUB_HUB_URL="http://127.0.0.1:20240/web sub/hub"
    ),
    Seed("a comment behind an address", "VALUE-COMMENT", lambda m, _: {"MOSIP_URL": f"{m.nid} # the mock"}),
    Seed(
        "an address without its path",
        "ADDRESS-WITHOUT-PATH",
        lambda m, _: {"MOSIP_CREATE_PACKET_URL": m.nid},
        "mediator",
    ),
    Seed(
        "a wrong path of packets",
        "ADDRESS-NOT-FOUND",
        lambda m, _: {"MOSIP_CREATE_PACKET_URL": f"{m.nid}/packets"},
        "mediator",
    ),
    Seed(
        "a wrong path of the workflow",
        "ADDRESS-NOT-FOUND",
        lambda m, _: {"MOSIP_PROCESS_PACKET_URL": f"{m.nid}/workflow"},
    ),
    Seed(
        "a wrong path of the log-in", "ADDRESS-NOT-FOUND", lambda m, _: {"MOSIP_AUTH_URL": f"{m.nid}/v1/auth"}
    ),
    Seed(
        "the hub's port is eSignet's",
        "ADDRESS-NOT-FOUND",
        lambda m, _: {"MOSIP_WEBSUB_HUB_URL": f"{m.esignet}/websub/hub"},
    ),
    Seed(
        "the gateway is the auth service",
        "ADDRESS-NOT-FOUND",
        lambda m, _: {"OPENCRVS_GATEWAY_URL": m.opencrvs["2.0"][1]},
    ),
    Seed(
        "a wrong path of eSignet",
        "ADDRESS-NOT-FOUND",
        lambda m, _: {"ESIGNET_TOKEN_URL": f"{m.esignet}/token"},
        "mediator",
    ),
    Seed(
        "a wrong path of ID authentication",
        "ADDRESS-NOT-FOUND",
        lambda m, _: {"IDA_AUTH_URL": f"{m.nid}/ida/auth"},
        "mediator",
    ),
    _bridge("a wrong port", "ADDRESS-REFUSED", MOSIP_WEBSUB_HUB_URL="http://127.0.0.1:9/websub/hub"),
    _mediator("a wrong port of OpenCRVS", "ADDRESS-REFUSED", OPENCRVS_GATEWAY_URL="http://127.0.0.1:9"),
    Seed(
        "https where http is spoken",
        "HTTPS-WHERE-HTTP",
        lambda m, _: {"OPENCRVS_GATEWAY_URL": m.opencrvs["2.0"][0].replace("http:", "https:")},
    ),
    _abroad(
        "loopback beside foreign hosts", "ADDRESS-LOOPBACK", OPENCRVS_GATEWAY_URL="http://localhost:7070"
    ),
    _abroad("a share of credentials on this machine", "ADDRESS-LOOPBACK", MOSIP_DATA_SHARE_HOSTS="127.0.0.1"),
    Seed("no gateway beside foreign hosts", "ADDRESS-MISSING", {"OPENCRVS_GATEWAY_URL": None}, "abroad"),
    _abroad(
        "http where https belongs",
        "ADDRESS-PLAIN-HTTP",
        OPENCRVS_GATEWAY_URL="http://gateway.crvs.country.example",
    ),
    _bridge("hosts with a scheme", "DATA-SHARE-HOST", MOSIP_DATA_SHARE_HOSTS="https://share.example/"),
    # the callback and the ports
    _abroad(
        "a callback on this machine",
        "CALLBACK-LOOPBACK",
        MOSIP_WEBSUB_CALLBACK_URL="http://127.0.0.1:2024/websub/callback",
    ),
    _mediator(
        "a callback without its path", "CALLBACK-PATH", MOSIP_WEBSUB_CALLBACK_URL="http://127.0.0.1:2024"
    ),
    _bridge(
        "another port in the callback",
        "CALLBACK-PORT",
        PORT="2999",
        MOSIP_WEBSUB_CALLBACK_URL="http://127.0.0.1:2024/websub/callback",
    ),
    _abroad("listening on this machine alone", "LISTENS-ON-LOOPBACK", HOST="127.0.0.1"),
    _bridge(
        "IPv6 here and IPv4 there",
        "IPV6-MIXED",
        HOST="::1",
        MOSIP_WEBSUB_CALLBACK_URL="http://127.0.0.1:2024/websub/callback",
    ),
    _mediator(
        "a host in brackets",
        "HOST-BRACKETS",
        HOST="[::1]",
        MOSIP_WEBSUB_CALLBACK_URL="http://[::1]:2024/websub/callback",
    ),
    _bridge("a host of another machine", "HOST-NOT-HERE", HOST="203.0.113.7", PORT="2999"),
    _bridge("a port that is none", "PORT-WRONG", PORT="http"),
    Seed("a port that is taken", "PORT-TAKEN", lambda m, _: {"PORT": m.nid.rpartition(":")[2]}),
    # log-ins and the partner
    _bridge("a wrong secret of packets", "LOG-IN-REFUSED", MOSIP_PACKET_AUTH_CLIENT_SECRET="abcdeABCDE12345"),
    _mediator(
        "a wrong secret at the hub", "LOG-IN-REFUSED", MOSIP_WEBSUB_AUTH_CLIENT_SECRET="abcdeABCDE1234567"
    ),
    _mediator("a client that does not exist", "LOG-IN-REFUSED", MOSIP_PACKET_AUTH_CLIENT_ID="mosip-regproc"),
    _mediator("an unknown application", "APP-ID-UNKNOWN", MOSIP_AUTH_CLIENT_APP_ID="crvs"),
    _mediator(
        "an audience that is not allowed", "AUDIENCE-REFUSED", MOSIP_PACKET_AUTH_CLIENT_ID="crvs-partner"
    ),
    _bridge(
        "no right to ask for the status", "STATUS-FORBIDDEN", MOSIP_PACKET_AUTH_CLIENT_ID="mosip-crvs1-client"
    ),
    _mediator(
        "the hub's client is no partner",
        "HUB-CLIENT-NOT-PARTNER",
        MOSIP_WEBSUB_AUTH_CLIENT_ID="mosip-websub-client",
    ),
    _mediator("a topic without its partner", "TOPIC-WITHOUT-PARTNER", MOSIP_WEBSUB_TOPIC="CREDENTIAL_ISSUED"),
    _bridge("a topic without its partner", "TOPIC-WITHOUT-PARTNER", MOSIP_WEBSUB_TOPIC="CREDENTIAL_ISSUED"),
    _mediator(
        "another partner's topic", "TOPIC-OF-ANOTHER", MOSIP_WEBSUB_TOPIC="other-partner/CREDENTIAL_ISSUED"
    ),
    _mediator("a topic that does not exist", "TOPIC-UNKNOWN", MOSIP_WEBSUB_TOPIC="crvs-partner/CREDENTIALS"),
    _mediator(
        "partner and licence key swapped",
        "PARTNER-SWAPPED",
        PARTNER_ID="MISP-LK-EXAMPLE",
        PARTNER_MISP_LK="crvs-partner",
    ),
    _bridge(
        "partner and licence key swapped",
        "PARTNER-SWAPPED",
        PARTNER_ID="MISP-LK-EXAMPLE",
        PARTNER_MISP_LK="crvs-partner",
    ),
    _mediator("an unknown licence key", "MISP-KEY-REFUSED", PARTNER_MISP_LK="MISP-LK-NONE"),
    _mediator("a licence key that ran out", "MISP-KEY-REFUSED", PARTNER_MISP_LK="MISP-LK-EXPIRED"),
    _mediator("an unknown API key", "API-KEY-REFUSED", PARTNER_APIKEY="654321"),
    _mediator("an API key that ran out", "API-KEY-REFUSED", PARTNER_APIKEY="expired-key"),
    _mediator("a policy that is not active", "PARTNER-REFUSED", PARTNER_APIKEY="inactive-policy"),
    _bridge("a partner that is not known", "PARTNER-UNKNOWN", PARTNER_ID="crvs-partne"),
    _abroad("a published secret", "SECRET-PUBLISHED", MOSIP_WEBSUB_SECRET="mosip-websub-secret"),
    _abroad(
        "the mediator's published licence key",
        "SECRET-PUBLISHED",
        PARTNER_MISP_LK="aaaaaAAAAAbbbbbBBBBBcccccCCCCCdddddDDDDD",
    ),
    Seed("a default secret", "SECRET-PUBLISHED", {"MOSIP_PACKET_AUTH_CLIENT_SECRET": None}, "abroad"),
    _abroad("a secret that can be guessed", "SECRET-SHORT", MOSIP_WEBSUB_SECRET="crvs1"),
    _abroad("a rehearsal with foreign hosts", "REHEARSAL-ABROAD", BRIDGE_REHEARSAL="true"),
    _abroad("a leniency abroad", "LENIENCY", BRIDGE_ALLOW_UNSIGNED_DELIVERIES="true"),
    # files
    _mediator("a P12 that is not there", "FILE-MISSING", DECRYPT_P12_FILE_PATH="/nowhere/keystore.p12"),
    _mediator("a certificate that is not there", "FILE-MISSING", ENCRYPT_CERT_PATH="/nowhere/ida.crt"),
    Seed(
        "a folder where a file belongs, as engines make one for a mount",
        "FILE-UNREADABLE",
        lambda m, f: {"DECRYPT_P12_FILE_PATH": str(f)},
        "mediator",
    ),
    Seed(
        "a P12 of certificates alone",
        "P12-WITHOUT-KEY",
        lambda m, f: {"DECRYPT_P12_FILE_PATH": str(p12(f / "certs.p12", None, certificate(rsa())))},
        "mediator",
    ),
    Seed("an empty file", "FILE-EMPTY", _file("DECRYPT_P12_FILE_PATH", _raw(b"")), "mediator"),
    _mediator("a wrong password of the partner's P12", "P12-PASSWORD", DECRYPT_P12_FILE_PASSWORD="mosip124"),
    _mediator("a wrong password of the signing P12", "P12-PASSWORD", SIGN_P12_FILE_PASSWORD="changeit"),
    Seed(
        "PEM where a P12 belongs",
        "P12-NOT-P12",
        lambda m, _: {"DECRYPT_P12_FILE_PATH": str(m.keys["partner"].key_path)},
        "mediator",
    ),
    Seed(
        "no P12 at all", "P12-NOT-P12", _file("DECRYPT_P12_FILE_PATH", _raw(b"not a container")), "mediator"
    ),
    Seed(
        "a key and another's certificate",
        "KEY-NOT-OF-CERTIFICATE",
        _file("DECRYPT_P12_FILE_PATH", _unfitting),
        "mediator",
    ),
    Seed(
        "a P12 without its certificate",
        "P12-WITHOUT-CERTIFICATE",
        lambda m, f: {"DECRYPT_P12_FILE_PATH": str(p12(f / "bare.p12", rsa(), None))},
        "mediator",
    ),
    Seed(
        "another's P12",
        "CERTIFICATE-NOT-PARTNERS",
        lambda m, _: {"DECRYPT_P12_FILE_PATH": str(m.keys["ida-client"].p12_path)},
        "mediator",
    ),
    Seed(
        "the two P12s swapped",
        "CERTIFICATE-NOT-PARTNERS",
        lambda m, _: {
            "DECRYPT_P12_FILE_PATH": str(m.keys["ida-client"].p12_path),
            "SIGN_P12_FILE_PATH": str(m.keys["partner"].p12_path),
        },
        "mediator",
    ),
    Seed(
        "a P12 of another key",
        "CERTIFICATE-NOT-PARTNERS",
        lambda m, f: (k := rsa()) and {"DECRYPT_P12_FILE_PATH": str(p12(f / "k.p12", k, certificate(k)))},
    ),
    Seed("a P12 with its chain", "P12-ORDER", _file("DECRYPT_P12_FILE_PATH", _ordered), "mediator"),
    Seed(
        "an elliptic key",
        "KEY-NOT-RSA",
        lambda m, f: (
            (k := elliptic()) and {"DECRYPT_P12_FILE_PATH": str(p12(f / "ec.p12", k, certificate(k)))}
        ),
        "mediator",
    ),
    Seed(
        "a short key",
        "KEY-SHORT",
        lambda m, f: (
            (k := rsa(1024)) and {"DECRYPT_P12_FILE_PATH": str(p12(f / "short.p12", k, certificate(k)))}
        ),
        "mediator",
    ),
    Seed(
        "a certificate out of date",
        "CERTIFICATE-EXPIRED",
        _file("DECRYPT_P12_FILE_PATH", _dated(-400, -3)),
        "mediator",
    ),
    Seed(
        "a certificate that ends soon",
        "CERTIFICATE-ENDS-SOON",
        _file("DECRYPT_P12_FILE_PATH", _dated(-300, 12)),
        "mediator",
    ),
    Seed(
        "a certificate of next year",
        "CERTIFICATE-NOT-YET",
        _file("DECRYPT_P12_FILE_PATH", _dated(20, 300)),
        "mediator",
    ),
    Seed(
        "a private key where a certificate belongs",
        "CERTIFICATE-IS-KEY",
        lambda m, _: {"ENCRYPT_CERT_PATH": str(m.keys["ida-partner"].key_path)},
        "mediator",
    ),
    Seed(
        "a page where a certificate belongs",
        "CERTIFICATE-UNREADABLE",
        _file("ENCRYPT_CERT_PATH", _raw(b"<html>log in</html>")),
        "mediator",
    ),
    Seed(
        "our certificate where ID authentication's belongs",
        "CERTIFICATE-OURS",
        lambda m, _: {"ENCRYPT_CERT_PATH": str(m.keys["partner"].certificate_path)},
        "mediator",
    ),
    Seed(
        "another certificate of ID authentication",
        "SEALING-REFUSED",
        lambda m, f: {"ENCRYPT_CERT_PATH": str(pem(f / "other.crt", certificate(rsa())))},
        "mediator",
    ),
    Seed(
        "the certificate that signs where the one that seals belongs",
        "CERTIFICATES-CONFUSED",
        lambda m, _: {"ENCRYPT_CERT_PATH": str(m.keys["ida-sign"].certificate_path)},
        "mediator",
    ),
    Seed(
        "sealing and signing swapped",
        "CERTIFICATES-CONFUSED",
        lambda m, _: {
            "ENCRYPT_CERT_PATH": str(m.keys["ida-sign"].certificate_path),
            "IDA_SIGN_CERT_PATH": str(m.keys["ida-partner"].certificate_path),
        },
    ),
    Seed(
        "one certificate for both",
        "CERTIFICATES-CONFUSED",
        lambda m, _: {
            name: str(m.keys["ida-partner"].certificate_path)
            for name in ("ENCRYPT_CERT_PATH", "IDA_SIGN_CERT_PATH")
        },
    ),
    Seed(
        "answers under another certificate",
        "ANSWERS-UNBELIEVED",
        lambda m, f: {
            "ENCRYPT_CERT_PATH": str(m.keys["ida-partner"].certificate_path),
            "IDA_SIGN_CERT_PATH": str(pem(f / "o.crt", certificate(rsa()))),
        },
    ),
    Seed(
        "a signing key that is not the partner's",
        "SIGNING-KEY-REFUSED",
        lambda m, f: (k := rsa()) and {"SIGN_P12_FILE_PATH": str(p12(f / "s.p12", k, certificate(k)))},
        "mediator",
    ),
    Seed(
        "a key for tests at real hosts",
        "KEY-FOR-TESTS",
        lambda m, _: {"DECRYPT_P12_FILE_PATH": str(m.keys["partner"].p12_path)},
        "abroad",
    ),
    Seed(
        "no key of our own at real hosts", "KEY-FOR-TESTS", {"OIDP_CLIENT_PRIVATE_KEY_PATH": None}, "abroad"
    ),
    Seed(
        "a JWK that is no base64",
        "JWK-NOT-BASE64",
        lambda m, f: {"OIDP_CLIENT_PRIVATE_KEY_PATH": str(_raw(json.dumps(_jwk(m, f)).encode())(m, f))},
        "mediator",
    ),
    Seed("half a JWK", "JWK-PUBLIC", _file("OIDP_CLIENT_PRIVATE_KEY_PATH", _public_jwk), "mediator"),
    Seed("no JWK", "JWK-UNREADABLE", _file("OIDP_CLIENT_PRIVATE_KEY_PATH", _raw(b"%%%")), "mediator"),
    Seed(
        "a key open to all",
        "FILE-OPEN-TO-ALL",
        lambda m, f: (
            ((k := rsa()) and (q := p12(f / "open.p12", k, certificate(k))).chmod(0o644))
            or {"DECRYPT_P12_FILE_PATH": str(q)}
        ),
        "mediator",
    ),
    # key documents
    Seed(
        "the public key is a page",
        "KEY-ENDPOINT-HTML",
        lambda m, _: {"OPENCRVS_PUBLIC_KEY_URL": f"{m.nid}/docs"},
    ),
    Seed(
        "the issuer's key is a page",
        "KEY-ENDPOINT-HTML",
        lambda m, _: {"MOSIP_VERIFIABLE_CREDENTIAL_ALLOWLIST": f"{m.nid}/docs"},
        "mediator",
    ),
    Seed(
        "the public key is elsewhere",
        "KEY-ENDPOINT-NOT-FOUND",
        lambda m, _: {"OPENCRVS_PUBLIC_KEY_URL": f"{m.opencrvs['2.0'][1]}/.known"},
    ),
    Seed(
        "the public key is no key",
        "KEY-ENDPOINT-NO-KEY",
        lambda m, _: {"OPENCRVS_PUBLIC_KEY_URL": f"{m.opencrvs['2.0'][1]}/ping"},
    ),
    Seed(
        "the issuer's key is its controller",
        "KEY-ENDPOINT-NO-KEY",
        lambda m, _: {"MOSIP_VERIFIABLE_CREDENTIAL_ALLOWLIST": f"{m.nid}/.well-known/controller.json"},
        "mediator",
    ),
    Seed(
        "the issuer's key by another name",
        "KEY-OF-ANOTHER",
        lambda m, _: {
            "MOSIP_VERIFIABLE_CREDENTIAL_ALLOWLIST": m.nid.replace("127.0.0.1", "localhost")
            + "/.well-known/public-key.json"
        },
        "mediator",
    ),
    # OpenCRVS
    _bridge("a profile that does not exist", "PROFILE-UNKNOWN", OPENCRVS_PROFILE="2"),
    _bridge("1.9 for a 2.0", "PROFILE-OTHER", OPENCRVS_PROFILE="1.9"),
    _bridge("2.1 for a 2.0", "PROFILE-OTHER", OPENCRVS_PROFILE="2.1"),
    Seed("2.0 for a 1.9", "PROFILE-OTHER", {"OPENCRVS_PROFILE": "2.0"}, "1.9"),
    Seed("2.0 for a 2.1", "PROFILE-OTHER", {"OPENCRVS_PROFILE": "2.0"}, "2.1"),
    _bridge("a client without its secret", "CLIENT-HALF", OPENCRVS_CLIENT_SECRET=None),
    Seed(
        "no client in 2.1",
        "CLIENT-MISSING",
        {"OPENCRVS_CLIENT_SECRET": None, "OPENCRVS_CLIENT_ID": None},
        "2.1",
    ),
    _bridge("a wrong client's secret", "CLIENT-REFUSED", OPENCRVS_CLIENT_SECRET="mosip-rehearsal"),
    Seed(
        "a wrong client's secret in 1.9",
        "CLIENT-REFUSED",
        {"OPENCRVS_CLIENT_SECRET": "mosip-rehearsal"},
        "1.9",
    ),
    Seed(
        "a client without the scopes",
        "SCOPE-MISSING",
        {
            "OPENCRVS_CLIENT_ID": "2f6c1a34-0d5e-4b7a-8c19-0a1b2c3d4e01",
            "OPENCRVS_CLIENT_SECRET": "hospital-rehearsal-secret",
        },
        "2.1",
    ),
    _bridge(
        "a field that the form has not", "FIELD-MISSING", BRIDGE_NATIONAL_ID_FIELDS="birth=child.nationalId"
    ),
    Seed(
        "a field of the policy that the form has not",
        "POLICY-FIELD-MISSING",
        _policy('{"events": {"birth": {"REGISTER": {"identity": true, "payment": "fee.reference"}}}}'),
    ),
    Seed("a policy that is no JSON", "COUNTRY-UNREADABLE", _policy("{")),
    _bridge("a country's folder that is not there", "COUNTRY-UNREADABLE", BRIDGE_COUNTRY="/srv/country"),
    # packets
    _bridge("an event without a mapping", "EVENT-UNMAPPED", BRIDGE_FORWARDED="birth,death,marriage"),
    _bridge("an unknown schema", "SCHEMA-VERSION", MOSIP_SCHEMA_VERSION="0.7"),
    # time, language
    _bridge("a time zone that does not exist", "TIME-ZONE", BRIDGE_TIME_ZONE="Africa/Luska"),
    _bridge("the machine's time zone does not exist", "TIME-ZONE", TZ="Lusaka"),
    _bridge("two time zones", "TIME-ZONES-DIFFER", TZ="Pacific/Tongatapu"),
    _bridge("a language of two letters", "LANGUAGE", MOSIP_LANGUAGE="en"),
    _bridge("a language that does not exist", "LANGUAGE", MOSIP_LANGUAGE="xyz"),
    _mediator("a locale that the mediator does not know", "LOCALE", LOCALE="pt"),
    # settings that contradict each other
    _bridge(
        "a stored token in 2.1",
        "SETTING-CONTRADICTS",
        BRIDGE_CONFIRMATION="system",
        OPENCRVS_CLIENT_ID=None,
        OPENCRVS_CLIENT_SECRET=None,
    ),
    Seed("a stored token confirms in 2.1", "SETTING-CONTRADICTS", {"BRIDGE_CONFIRMATION": "stored"}, "2.1"),
    _bridge("the first wait is the longest", "SETTING-CONTRADICTS", BRIDGE_RETRY_SECONDS="1000"),
    _bridge("one port for two servers", "SETTING-CONTRADICTS", PORT="2999", BRIDGE_TRIGGER_PORT="2999"),
    Seed(
        "two databases",
        "SETTING-CONTRADICTS",
        lambda m, f: {"SQLITE_DATABASE_PATH": str(f / "a.db"), "BRIDGE_DATABASE_URL": f"sqlite:///{f}/b.db"},
    ),
    _bridge(
        "a value and its file",
        "SETTING-CONTRADICTS",
        MOSIP_WEBSUB_SECRET="mosip-websub-secret",
        MOSIP_WEBSUB_SECRET_FILE="/run/secrets/hub",
    ),
    _bridge(
        "a file of a secret that is not there", "FILE-MISSING", MOSIP_WEBSUB_SECRET_FILE="/run/secrets/hub"
    ),
    _bridge(
        "nobody hears of rejections",
        "REJECTIONS-UNHEARD",
        MOSIP_STATUS_URL="",
        MOSIP_WEBSUB_WORKFLOW_TOPIC="",
    ),
    _bridge("a synchronous answer that nobody waits for", "SYNC-TOO-LONG", BRIDGE_SYNC_SECONDS="30"),
    # the store
    _bridge("a database in memory", "STORE-IN-MEMORY", BRIDGE_DATABASE_URL="sqlite:///:memory:"),
    _mediator(
        "a database in no folder", "STORE-WITHOUT-FOLDER", SQLITE_DATABASE_PATH="/nowhere/mosip-api.db"
    ),
    _bridge("a database that is none", "STORE-UNKNOWN", BRIDGE_DATABASE_URL="mysql://db/bridge"),
]
