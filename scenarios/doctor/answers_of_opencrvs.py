"""What OpenCRVS's key, gateway, token endpoint and forms tell. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bridge.country.faults import lacking_fields
from bridge.opencrvs.forms import Fields, fields_of
from scenarios.doctor.agreement import alias
from scenarios.doctor.findings import Finding, finding
from scenarios.doctor.heard import Heard
from scenarios.doctor.probe_answers import ProbeResults
from scenarios.doctor.sources import ProcessEnvironment
from scenarios.doctor.values import Configuration
from wire.mosip import keys
from wire.opencrvs import scopes, tokens, trpc


class OpenCRVSAnswers:
    """Its version is told by what its token endpoint refuses."""

    def __init__(self, heard: Heard) -> None:
        self._heard, self._where = heard, heard.where

    def findings(self) -> Iterator[Finding]:
        key = self._heard.facts.said.get("public_key_url")
        public = None
        if key is not None:
            variable = self._named_opencrvs("public_key_url")
            public = yield from self._heard.key(key, variable, lambda answer: keys.public_key(answer.body))
        gateway = self._heard.facts.said.get("gateway_url")
        if gateway is not None:
            yield from self._heard.elsewhere(gateway, "OPENCRVS_GATEWAY_URL", (404,), "it has no /events")
        yield from self._profile()
        yield from self._client(public)

    def _named_opencrvs(self, name: str) -> str:
        own, given = alias(name), self._heard.reading.values
        return own if own in given or "OPENCRVS_AUTH_URL" not in given else "OPENCRVS_AUTH_URL"

    def _spoken(self) -> str | None:
        """The version of OpenCRVS by its token endpoint (contract opencrvs §2.4, §11); None: it is none."""
        errors = []
        for what in ("grant client", "grant exchange"):
            said = self._heard.facts.said.get(what)
            content = said.content if said is not None else None
            error = content.get("error") if isinstance(content, dict) else None
            if not isinstance(error, str):
                return None
            errors.append(error == "unsupported_grant_type")
        return {(True, True): "1.9", (False, False): "2.0", (False, True): "2.1"}.get((errors[0], errors[1]))

    def _profile(self) -> Iterator[Finding]:
        spoken = self._spoken()
        asked = self._heard.facts.said.get("grant client")
        if asked is not None and spoken is None:
            variable = self._named_opencrvs("auth_url")
            yield from self._heard.elsewhere(asked, variable, (404, 405), "it has no /token")
        elif (
            spoken is not None
            and spoken != self._heard.settings.profile
            and "OPENCRVS_PROFILE" not in self._heard.reading.broken
        ):
            yield finding("PROFILE-OTHER", self._where("OPENCRVS_PROFILE"), f"OpenCRVS speaks {spoken}")

    def _client(self, public: Any) -> Iterator[Finding]:
        said = self._heard.facts.said.get("client")
        names = ("OPENCRVS_CLIENT_ID", "OPENCRVS_CLIENT_SECRET")
        if said is None or said.answer is None or set(names) & self._heard.reading.broken:
            return
        token = self._heard.facts.tokens.get("client")
        if token is None:
            content = said.content
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
            kinds = sorted(set(self._heard.settings.forwarded) & {"birth", "death"})
            lost = [
                name
                for name in (scopes.ACCEPT_ACTION, scopes.REJECT_ACTION)
                if not all(scopes.allows(held, name, event_type=kind) for kind in kinds)
            ]
            if lost:
                yield finding("SCOPE-MISSING", self._where(names[0]), ", ".join(lost))


def told_forms(facts: ProbeResults) -> Fields | None:
    """The fields of the forms, where a client could ask for them."""
    said = facts.said.get("forms")
    if said is None or said.answer is None:
        return None
    return fields_of(trpc.read(said.answer.status, said.answer.content_type, said.answer.body))


def forms(
    fields: Fields, reading: Configuration, source: ProcessEnvironment, country: Path | None
) -> Iterator[Finding]:
    """Whether the country's forms have the fields of the national ID (contract opencrvs §0.4 row 20) and of
    the policy in the folder `country`; None: no bridge reads one.
    """
    for pair in reading.settings.national_id_fields:
        kind, _, name = pair.partition("=")
        if kind in reading.settings.forwarded and kind in fields and name not in fields[kind]:
            yield finding("FIELD-MISSING", f"BRIDGE_NATIONAL_ID_FIELDS in {source.name}", f"{name} of {kind}")
    if country is None:
        return
    for line in lacking_fields(country, fields):
        seen = line.removeprefix(f"{country}/")
        yield finding("POLICY-FIELD-MISSING", f"BRIDGE_COUNTRY in {source.name}", seen)
