"""What MOSIP's auth manager, packet services, hub and key documents tell. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jwt

from scenarios.doctor.agreement import alias, swapped
from scenarios.doctor.findings import Finding, finding
from scenarios.doctor.heard import WHY, Heard
from scenarios.doctor.probe_answers import ProbeAnswer
from wire.jwts import UNREADABLE
from wire.mosip import hub, well_known


class MosipAnswers:
    """Log-ins first: what follows one that failed is not asked."""

    def __init__(self, heard: Heard) -> None:
        self._heard, self._where = heard, heard.where

    def findings(self) -> Iterator[Finding]:
        log_ins = {name: self._heard.facts.said.get(f"log-in {name}") for name in ("packet", "websub")}
        heard = {name: said for name, said in log_ins.items() if said is not None}
        if heard and not self._heard.pathless("mosip_auth_url"):
            kinds = {name: self._log_in(said, name) for name, said in heard.items()}
            at_fault = next((kind for kind in kinds.values() if kind and kind[0].startswith("ADDRESS")), None)
            if at_fault:
                yield finding(at_fault[0], self._where(self._heard.named("mosip_auth_url")), at_fault[1])
            elif any(kind and kind[0] == "APP-ID-UNKNOWN" for kind in kinds.values()):
                yield finding("APP-ID-UNKNOWN", self._where("MOSIP_AUTH_CLIENT_APP_ID"))
            else:
                for name, kind in kinds.items():
                    id, secret = (f"MOSIP_{name.upper()}_AUTH_CLIENT_{word}" for word in ("ID", "SECRET"))
                    if kind and not {id, secret} & self._heard.reading.broken:
                        yield finding(kind[0], self._where(id, secret), kind[1])
        yield from self._heard.path("hub_url")
        for name in ("create_packet_url", "process_packet_url", "status_url"):
            yield from self._service(name)
        yield from self._topic()
        yield from self._keys()

    def _log_in(self, said: ProbeAnswer, name: str) -> tuple[str, str] | None:
        if said.answer is None:
            return WHY.get(said.why, "ADDRESS-SILENT"), said.detail
        if name in self._heard.facts.tokens:
            return None
        if said.is_page:
            return "ADDRESS-HTML", f"HTTP {said.answer.status}"
        faults = said.faults
        if any("Realm not found" in fault.message or fault.code == "KER-ATH-026" for fault in faults):
            return "APP-ID-UNKNOWN", ""
        if faults or said.answer.status in (401, 403):
            return "LOG-IN-REFUSED", str(faults[0].code) if faults else f"HTTP {said.answer.status}"
        if said.answer.status in (404, 405):
            return "ADDRESS-NOT-FOUND", f"HTTP {said.answer.status}"
        if said.answer.status == 200:
            return "LOG-IN-WITHOUT-TOKEN", ""
        return "SERVICE-TROUBLE", f"HTTP {said.answer.status}"

    def _service(self, name: str) -> Iterator[Finding]:
        said = self._heard.facts.said.get(name)
        answer = said.answer if said is not None else None
        if answer is None or answer.status not in (401, 403) or "packet" not in self._heard.facts.tokens:
            yield from self._heard.path(name)
        elif answer.status == 403 and b"KER-ATH-403" in answer.body and name == "create_packet_url":
            yield finding("ROLE-MISSING", self._where("MOSIP_PACKET_AUTH_CLIENT_ID"), f"at {alias(name)}")
        elif name == "create_packet_url":
            yield finding("AUDIENCE-REFUSED", self._where("MOSIP_PACKET_AUTH_CLIENT_ID"), f"at {alias(name)}")
        elif name == "status_url":
            yield finding("STATUS-FORBIDDEN", self._where("MOSIP_PACKET_AUTH_CLIENT_ID", alias(name)))

    def _topic(self) -> Iterator[Finding]:
        token, topic = self._heard.facts.tokens.get("websub"), self._heard.settings.topic
        claims = _claims(token)
        variable = "MOSIP_WEBSUB_TOPIC"
        if claims is None or variable in self._heard.reading.broken:
            return
        access = claims.get("realm_access")
        roles = access.get("roles") if isinstance(access, dict) else None
        user = claims.get("preferred_username")
        if not isinstance(roles, list) or not isinstance(user, str):
            return
        partner, slash, kind = topic.rpartition("/")
        own = (self._heard.settings.partner_id, "CREDENTIAL_ISSUED")
        known = (partner, kind) == own or variable not in self._heard.reading.values
        if slash and not hub.may(topic, "subscribe", roles, user) and (known or swapped(self._heard.reading)):
            mine = partner == user.removeprefix("service-account-")
            yield finding(
                "ROLE-MISSING" if mine else "HUB-CLIENT-NOT-PARTNER",
                self._where("MOSIP_WEBSUB_AUTH_CLIENT_ID"),
                f"{hub.required_role(topic, 'subscribe')}" if mine else f"the topic is of {partner}",
            )

    def _keys(self) -> Iterator[Finding]:
        silent = [at for at, heard in self._heard.facts.origins.items() if heard.answer is None]
        for number, url in enumerate(self._heard.settings.verification_methods):
            said = self._heard.facts.said.get(f"key {number}")
            if said is None or (said.answer is None and any(origin in url for origin in silent)):
                continue
            variable = self._heard.named("verification_methods")
            document = yield from self._heard.key(
                said, variable, lambda answer: well_known.read_public_key(answer.json()), url
            )
            if document is not None and document.id != url:
                yield finding("KEY-OF-ANOTHER", self._where(variable), f"the document says {document.id}")


def _claims(token: str | None) -> dict[str, Any] | None:
    try:
        return dict(jwt.decode(token or "", options={"verify_signature": False}))
    except UNREADABLE:
        return None
