"""What the answers tell. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import jwt

from bridge.mosip.addresses import foreign
from bridge.opencrvs.forms import fields_of
from scenarios.doctor.agreement import alias, origins, swapped
from scenarios.doctor.asking import Facts, Said
from scenarios.doctor.findings import Finding, finding
from scenarios.doctor.keys import Held
from scenarios.doctor.names import Program
from scenarios.doctor.sources import Environment
from scenarios.doctor.values import Reading
from wire.mosip import envelope, hub, ida_answers, ida_signature, keys, well_known
from wire.mosip.fields import FieldBroken
from wire.opencrvs import scopes, tokens, trpc

_SKEW = 30.0
"""Seconds: half of what MOSIP takes (contract mosip §6.6, IDA-MLC-001)."""
_WHY = {
    "unknown-host": "ADDRESS-UNKNOWN-HOST",
    "refused": "ADDRESS-REFUSED",
    "silent": "ADDRESS-SILENT",
    "unreachable": "ADDRESS-SILENT",
    "tls-authority": "TLS-AUTHORITY",
    "tls-expired": "TLS-EXPIRED",
    "tls-name": "TLS-NAME",
    "tls-wanted": "HTTP-WHERE-HTTPS",
    "no-tls": "HTTPS-WHERE-HTTP",
}
_PARTNER = {
    "IDA-MPA-007": "MISP-KEY-REFUSED",
    "IDA-MPA-008": "MISP-KEY-REFUSED",
    "IDA-MPA-017": "MISP-KEY-REFUSED",
    "IDA-MPA-009": "PARTNER-UNKNOWN",
    "IDA-MPA-018": "API-KEY-REFUSED",
    "IDA-MPA-039": "API-KEY-REFUSED",
}

_SEALING = ("IDA-MPA-003", "IDA-MPA-004", "IDA-MPA-016")
_SIGNING = ("IDA-MPA-001", "IDA-MPA-002", "IDA-MPA-021", "IDA-MPA-022")
"""Contract mosip §6.6."""


class Answers:
    """What was heard, beside the settings that it was asked by."""

    def __init__(
        self,
        facts: Facts,
        reading: Reading,
        source: Environment,
        program: Program,
        held: list[Held],
        now: datetime,
    ) -> None:
        self._facts, self._reading, self._source, self._program = facts, reading, source, program
        self._settings, self._held, self._now = reading.settings, {one.variable: one for one in held}, now

    def findings(self) -> Iterator[Finding]:
        facts = self._facts
        named = origins(self._reading)
        for origin, said in facts.origins.items():
            if said.answer is None:
                yield finding(
                    _WHY.get(said.why, "ADDRESS-SILENT"), self._where(*named[origin]), said.detail or origin
                )
        yield from self._clock()
        yield from self._ports()
        yield from self._mosip()
        yield from self._keys()
        yield from self._opencrvs()
        yield from self._ida()
        for name in ("esignet_token_url", "esignet_userinfo_url", "esignet_jwks_url"):
            yield from self._path(name)
        yield from self._callback()

    def _where(self, *names: str) -> str:
        return f"{', '.join(names)} in {self._source.name}"

    def _named(self, name: str) -> str:
        """The address's own variable, or the one that it follows from."""
        own = alias(name)
        if own in self._reading.values:
            return own
        base = "ESIGNET_URL" if name.startswith("esignet") else "MOSIP_URL"
        return base if base in self._reading.values else own

    def _path(self, name: str) -> Iterator[Finding]:
        """An address where something answers that is not what is meant."""
        said = self._facts.said.get(name)
        if said is None or self._pathless(name):
            return
        if said.answer is None:
            yield finding(_WHY.get(said.why, "ADDRESS-SILENT"), self._where(self._named(name)), said.detail)
        elif is_page(said):
            yield finding("ADDRESS-HTML", self._where(self._named(name)), f"HTTP {said.answer.status}")
        elif said.answer.status in (404, 405, 501) and not envelope_in(said):
            yield finding("ADDRESS-NOT-FOUND", self._where(self._named(name)), f"HTTP {said.answer.status}")

    def _pathless(self, name: str) -> bool:
        return urlsplit(str(getattr(self._settings, name))).path in ("", "/") and name not in ("gateway_url",)

    def _clock(self) -> Iterator[Finding]:
        off: dict[int, list[str]] = {}
        named = origins(self._reading)
        for origin, said in self._facts.origins.items():
            if said.answer is not None and (date := said.answer.headers.get("Date")):
                try:
                    ahead = (parsedate_to_datetime(date) - self._now).total_seconds()
                except (ValueError, TypeError):
                    continue
                if abs(ahead) > _SKEW:
                    off.setdefault(round(ahead / 60), []).extend(named[origin])
        if off:
            most = max(off, key=abs)
            yield finding("CLOCK-OFF", self._where(*dict.fromkeys(off[most])), f"theirs is {most:+d} min")

    def _ports(self) -> Iterator[Finding]:
        for name, why in self._facts.ports.items():
            kind = {"taken": "PORT-TAKEN", "forbidden": "PORT-FORBIDDEN"}.get(why, "HOST-NOT-HERE")
            yield finding(kind, self._where(name if kind != "HOST-NOT-HERE" else "HOST"))

    # MOSIP

    def _mosip(self) -> Iterator[Finding]:
        log_ins = {name: self._facts.said.get(f"log-in {name}") for name in ("packet", "websub")}
        heard = {name: said for name, said in log_ins.items() if said is not None}
        if heard and not self._pathless("mosip_auth_url"):
            kinds = {name: self._log_in(said, name) for name, said in heard.items()}
            about_address = [kind for kind in kinds.values() if kind and kind[0].startswith("ADDRESS")]
            if about_address:
                yield finding(
                    about_address[0][0], self._where(self._named("mosip_auth_url")), about_address[0][1]
                )
            elif any(kind and kind[0] == "APP-ID-UNKNOWN" for kind in kinds.values()):
                yield finding("APP-ID-UNKNOWN", self._where("MOSIP_AUTH_CLIENT_APP_ID"))
            else:
                for name, kind in kinds.items():
                    id, secret = (
                        f"MOSIP_{name.upper()}_AUTH_CLIENT_ID",
                        f"MOSIP_{name.upper()}_AUTH_CLIENT_SECRET",
                    )
                    if kind and not {id, secret} & self._reading.broken:
                        yield finding(kind[0], self._where(id, secret), kind[1])
        yield from self._path("hub_url")
        for name in ("create_packet_url", "process_packet_url", "status_url"):
            yield from self._service(name)
        yield from self._topic()

    def _log_in(self, said: Said, name: str) -> tuple[str, str] | None:
        if said.answer is None:
            return _WHY.get(said.why, "ADDRESS-SILENT"), said.detail
        if name in self._facts.tokens:
            return None
        if is_page(said):
            return "ADDRESS-HTML", f"HTTP {said.answer.status}"
        faults = faults_of(said)
        if any("Realm not found" in fault.message or fault.code == "KER-ATH-026" for fault in faults):
            return "APP-ID-UNKNOWN", ""
        if faults or said.answer.status in (401, 403):
            return "LOG-IN-REFUSED", str(faults[0].code) if faults else f"HTTP {said.answer.status}"
        if said.answer.status in (404, 405):
            return "ADDRESS-NOT-FOUND", f"HTTP {said.answer.status}"
        return (
            ("LOG-IN-WITHOUT-TOKEN", "")
            if said.answer.status == 200
            else ("SERVICE-TROUBLE", f"HTTP {said.answer.status}")
        )

    def _service(self, name: str) -> Iterator[Finding]:
        said = self._facts.said.get(name)
        answer = said.answer if said is not None else None
        if answer is None or answer.status not in (401, 403) or "packet" not in self._facts.tokens:
            yield from self._path(name)
        elif answer.status == 403 and b"KER-ATH-403" in answer.body and name == "create_packet_url":
            yield finding("ROLE-MISSING", self._where("MOSIP_PACKET_AUTH_CLIENT_ID"), f"at {alias(name)}")
        elif name == "create_packet_url":
            yield finding("AUDIENCE-REFUSED", self._where("MOSIP_PACKET_AUTH_CLIENT_ID"), f"at {alias(name)}")
        elif name == "status_url":
            yield finding("STATUS-FORBIDDEN", self._where("MOSIP_PACKET_AUTH_CLIENT_ID", alias(name)))

    def _topic(self) -> Iterator[Finding]:
        token, topic = self._facts.tokens.get("websub"), self._settings.topic
        claims = _claims(token)
        variable = "MOSIP_WEBSUB_TOPIC"
        if claims is None or variable in self._reading.broken:
            return
        access = claims.get("realm_access")
        roles = access.get("roles") if isinstance(access, dict) else None
        user = claims.get("preferred_username")
        if not isinstance(roles, list) or not isinstance(user, str):
            return
        partner, slash, kind = topic.rpartition("/")
        known = (partner, kind) == (
            self._settings.partner_id,
            "CREDENTIAL_ISSUED",
        ) or variable not in self._reading.values
        if slash and not hub.may(topic, "subscribe", roles, user) and (known or swapped(self._reading)):
            mine = partner == user.removeprefix("service-account-")
            yield finding(
                "ROLE-MISSING" if mine else "HUB-CLIENT-NOT-PARTNER",
                self._where("MOSIP_WEBSUB_AUTH_CLIENT_ID"),
                f"{hub.required_role(topic, 'subscribe')}" if mine else f"the topic is of {partner}",
            )

    # key documents

    def _keys(self) -> Iterator[Finding]:
        variable = self._named("verification_methods")
        for number, url in enumerate(self._settings.verification_methods):
            said = self._facts.said.get(f"key {number}")
            if said is None:
                continue
            where = self._where(variable)
            if said.answer is None:
                if not any(
                    origin in url and heard.answer is None for origin, heard in self._facts.origins.items()
                ):
                    yield finding(_WHY.get(said.why, "ADDRESS-SILENT"), where, url)
            elif is_page(said):
                yield finding("KEY-ENDPOINT-HTML", where, url)
            elif said.answer.status != 200:
                yield finding("KEY-ENDPOINT-NOT-FOUND", where, f"HTTP {said.answer.status}")
            else:
                try:
                    document = well_known.read_public_key(said.answer.json())
                except (ValueError, FieldBroken):
                    yield finding("KEY-ENDPOINT-NO-KEY", where, url)
                    continue
                if document.id != url:
                    yield finding("KEY-OF-ANOTHER", where, f"the document says {document.id}")

    # OpenCRVS

    def _opencrvs(self) -> Iterator[Finding]:
        key = self._facts.said.get("public_key_url")
        public = None
        if key is not None:
            where = self._where(self._named_opencrvs("public_key_url"))
            if key.answer is None:
                yield finding(_WHY.get(key.why, "ADDRESS-SILENT"), where, key.detail)
            elif is_page(key):
                yield finding("KEY-ENDPOINT-HTML", where)
            elif key.answer.status != 200:
                yield finding("KEY-ENDPOINT-NOT-FOUND", where, f"HTTP {key.answer.status}")
            else:
                try:
                    public = keys.public_key(key.answer.body)
                except ValueError:
                    yield finding("KEY-ENDPOINT-NO-KEY", where)
        gateway = self._facts.said.get("gateway_url")
        if gateway is not None and gateway.answer is not None:
            where = self._where("OPENCRVS_GATEWAY_URL")
            if is_page(gateway):
                yield finding("ADDRESS-HTML", where, f"HTTP {gateway.answer.status}")
            elif gateway.answer.status == 404:
                yield finding("ADDRESS-NOT-FOUND", where, "it has no /events")
        yield from self._profile()
        yield from self._client(public)

    def _named_opencrvs(self, name: str) -> str:
        own = alias(name)
        return (
            own
            if own in self._reading.values or "OPENCRVS_AUTH_URL" not in self._reading.values
            else "OPENCRVS_AUTH_URL"
        )

    def _spoken(self) -> str | None:
        """The version of OpenCRVS by its token endpoint (contract opencrvs §2.4, §11); None: it is none."""
        errors = []
        for what in ("grant client", "grant exchange"):
            said = self._facts.said.get(what)
            content = content_of(said) if said is not None else None
            error = content.get("error") if isinstance(content, dict) else None
            if not isinstance(error, str):
                return None
            errors.append(error == "unsupported_grant_type")
        return {(True, True): "1.9", (False, False): "2.0", (False, True): "2.1"}.get((errors[0], errors[1]))

    def _profile(self) -> Iterator[Finding]:
        spoken = self._spoken()
        asked = self._facts.said.get("grant client")
        if asked is not None and spoken is None:
            where = self._where(self._named_opencrvs("auth_url"))
            if asked.answer is not None and (is_page(asked) or asked.answer.status in (404, 405)):
                kind = "ADDRESS-HTML" if is_page(asked) else "ADDRESS-NOT-FOUND"
                yield finding(kind, where, "it has no /token")
        elif (
            spoken is not None
            and spoken != self._settings.profile
            and "OPENCRVS_PROFILE" not in self._reading.broken
        ):
            yield finding("PROFILE-OTHER", self._where("OPENCRVS_PROFILE"), f"OpenCRVS speaks {spoken}")

    def _client(self, public: Any) -> Iterator[Finding]:
        said = self._facts.said.get("client")
        names = ("OPENCRVS_CLIENT_ID", "OPENCRVS_CLIENT_SECRET")
        if said is None or said.answer is None or set(names) & self._reading.broken:
            return
        token = self._facts.tokens.get("client")
        if token is None:
            content = content_of(said)
            if isinstance(content, dict) and "error" in content:
                yield finding("CLIENT-REFUSED", self._where(*names), str(content["error"])[:40])
            return
        try:
            claims = tokens.peek(token)
        except tokens.TokenRefused:
            return
        if claims.get("iss") != tokens.ISSUER:
            yield finding("ISSUER-UNKNOWN", self._where("OPENCRVS_AUTH_URL"))
        elif public is not None:
            try:
                tokens.proven(token, public)
            except tokens.TokenRefused:
                yield finding("KEY-NOT-OF-TOKENS", self._where("OPENCRVS_PUBLIC_KEY_URL"))
        held = claims.get("scope")
        if self._spoken() == "2.1" and isinstance(held, list):
            kinds = sorted(set(self._settings.forwarded) & {"birth", "death"})
            lost = [
                name
                for name in (scopes.ACCEPT_ACTION, scopes.REJECT_ACTION)
                if not all(scopes.allows(held, name, event_type=kind) for kind in kinds)
            ]
            if lost:
                yield finding("SCOPE-MISSING", self._where(names[0]), ", ".join(lost))
        yield from self._forms()

    def _forms(self) -> Iterator[Finding]:
        said = self._facts.said.get("forms")
        if said is None or said.answer is None:
            return
        told = trpc.read(said.answer.status, said.answer.content_type, said.answer.body)[0]
        yield from forms(fields_of(told), self._reading, self._source)

    # ID authentication

    def _ida(self) -> Iterator[Finding]:
        said = self._facts.said.get("ida")
        if said is None or said.answer is None:
            return
        if is_page(said) or said.answer.status == 404:
            kind = "ADDRESS-HTML" if is_page(said) else "ADDRESS-NOT-FOUND"
            yield finding(kind, self._where(self._named("ida_url")), f"HTTP {said.answer.status}")
            return
        try:
            codes = [
                fault.code
                for fault in ida_answers.read_response(envelope.parse_body(said.answer.body)).faults
            ]
        except envelope.EnvelopeBroken:
            yield finding(
                "ADDRESS-NOT-FOUND", self._where(self._named("ida_url")), f"HTTP {said.answer.status}"
            )
            return
        code = codes[-1] if codes else ""
        if code in _PARTNER:
            if not swapped(self._reading):
                yield from self._partner(code)
        elif code == "IDA-MLC-001":
            if not any(self._clock()):
                yield finding("CLOCK-OFF", self._where(alias("ida_url")), code)
        elif code in _SEALING:
            yield from self._sealing(said, code)
        elif code in _SIGNING:
            yield finding("SIGNING-KEY-REFUSED", self._where("SIGN_P12_FILE_PATH"), code)
        elif code.startswith("IDA-MPA-"):
            yield finding("PARTNER-REFUSED", self._where("PARTNER_ID"), code)
        yield from self._signer(said)

    def _sealing(self, said: Said, code: str) -> Iterator[Finding]:
        sealing = self._held.get("ENCRYPT_CERT_PATH")
        if sealing is not None and self._signed_under(said, sealing):
            yield finding(
                "CERTIFICATES-CONFUSED", self._where("ENCRYPT_CERT_PATH"), "it is the one that signs"
            )
        else:
            yield finding("SEALING-REFUSED", self._where("ENCRYPT_CERT_PATH"), code)

    def _signed_under(self, said: Said, held: Held) -> bool:
        if said.answer is None:
            return False
        header = said.answer.headers.get(ida_signature.RESPONSE_HEADER)
        try:
            ida_signature.verify_response(header, said.answer.body, held.certificates, self._now)
        except ida_signature.SignatureRefused:
            return False
        return True

    def _partner(self, code: str) -> Iterator[Finding]:
        other = self._facts.said.get("ida swapped")
        if (
            code == "IDA-MPA-007"
            and other is not None
            and other.answer is not None
            and b"IDA-MPA-007" not in other.answer.body
        ):
            yield finding("PARTNER-SWAPPED", self._where("PARTNER_ID", "PARTNER_MISP_LK"), code)
            return
        kind = _PARTNER[code]
        variable = {"MISP-KEY-REFUSED": "PARTNER_MISP_LK", "PARTNER-UNKNOWN": "PARTNER_ID"}.get(
            kind, "PARTNER_APIKEY"
        )
        if variable not in self._reading.broken:
            yield finding(kind, self._where(variable), code)

    def _signer(self, said: Said) -> Iterator[Finding]:
        signing, sealing = self._held.get("IDA_SIGN_CERT_PATH"), self._held.get("ENCRYPT_CERT_PATH")
        if signing is None or self._signed_under(said, signing):
            return
        if sealing is None or not self._signed_under(said, sealing):
            yield finding("ANSWERS-UNBELIEVED", self._where("IDA_SIGN_CERT_PATH"))

    def _callback(self) -> Iterator[Finding]:
        said, url = self._facts.said.get("callback_url"), self._settings.callback_url
        if said is None or url is None:
            return
        abroad = foreign(url)
        where = self._where("MOSIP_WEBSUB_CALLBACK_URL")
        if said.answer is None:
            if abroad:
                kind = _WHY.get(said.why, "") if said.why.startswith("tls-") else ""
                yield finding(kind or "CALLBACK-UNREACHABLE", where, said.why)
        elif is_page(said) or (
            said.answer.status == 404 and abroad and not said.answer.body.startswith(b"{")
        ):
            yield finding("CALLBACK-ELSEWHERE", where, f"HTTP {said.answer.status}")


def forms(fields: Any, reading: Reading, source: Environment) -> Iterator[Finding]:
    """Whether the country's forms have the field of the national ID (contract opencrvs §0.4 row 20)."""
    if fields is None:
        return
    for pair in reading.settings.national_id_fields:
        kind, _, name = pair.partition("=")
        if kind in reading.settings.forwarded and kind in fields and name not in fields[kind]:
            yield finding("FIELD-MISSING", f"BRIDGE_NATIONAL_ID_FIELDS in {source.name}", f"{name} of {kind}")


def is_page(said: Said) -> bool:
    """Whether a page for people came."""
    answer = said.answer
    if answer is None:
        return False
    return "html" in (answer.content_type or "") or answer.body.lstrip()[:9].lower() in (
        b"<!doctype",
        b"<html>",
    )


def content_of(said: Said) -> Any:
    try:
        return said.answer.json() if said.answer is not None else None
    except ValueError:
        return None


def faults_of(said: Said) -> list[envelope.Fault]:
    return envelope.errors_of(content_of(said)) if said.answer is not None else []


def envelope_in(said: Said) -> bool:
    content = content_of(said)
    return isinstance(content, dict) and bool({"errors", "response"} & content.keys())


def _claims(token: str | None) -> dict[str, Any] | None:
    try:
        return dict(jwt.decode(token or "", options={"verify_signature": False}))
    except (jwt.PyJWTError, json.JSONDecodeError):
        return None
