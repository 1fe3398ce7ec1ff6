"""What the answers tell, all of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.mosip.addresses import foreign
from scenarios.doctor.agreement import origins
from scenarios.doctor.answers_of_ida import IdaAnswers
from scenarios.doctor.answers_of_mosip import MosipAnswers
from scenarios.doctor.answers_of_opencrvs import OpenCRVSAnswers
from scenarios.doctor.findings import Finding, finding
from scenarios.doctor.heard import WHY, Heard, silence
from scenarios.doctor.probe_answers import AWAY


class AddressAnswers:
    """Origins, clocks and ports; each system; eSignet's addresses; the callback."""

    def __init__(self, heard: Heard) -> None:
        self._heard, self._where = heard, heard.where

    def findings(self) -> Iterator[Finding]:
        facts = self._heard.facts
        named = origins(self._heard.reading)
        for origin, said in facts.origins.items():
            if said.answer is None:
                yield silence(said, self._where(*named[origin]), said.detail or origin)
        yield from self._heard.clock()
        yield from self._ports()
        yield from MosipAnswers(self._heard).findings()
        yield from OpenCRVSAnswers(self._heard).findings()
        yield from IdaAnswers(self._heard).findings()
        for name in ("esignet_token_url", "esignet_userinfo_url", "esignet_jwks_url"):
            yield from self._heard.path(name)
        yield from self._callback()

    def _ports(self) -> Iterator[Finding]:
        for name, why in self._heard.facts.ports.items():
            kind = {"taken": "PORT-TAKEN", "forbidden": "PORT-FORBIDDEN"}.get(why, "HOST-NOT-HERE")
            yield finding(kind, self._where(name if kind != "HOST-NOT-HERE" else "HOST"))

    def _callback(self) -> Iterator[Finding]:
        said, url = self._heard.facts.said.get("callback_url"), self._heard.settings.callback_url
        if said is None or url is None:
            return
        abroad = foreign(url)
        where = self._where("MOSIP_WEBSUB_CALLBACK_URL")
        if said.answer is None:
            if abroad:
                kind = WHY.get(said.why, "") if said.why.startswith("tls-") else ""
                yield finding(kind or "CALLBACK-UNREACHABLE", where, said.why)
        elif said.answer.status in AWAY:
            yield finding("CALLBACK-UNREACHABLE", where, f"HTTP {said.answer.status}")
        elif said.is_page or (said.answer.status == 404 and abroad and not said.answer.body.startswith(b"{")):
            yield finding("CALLBACK-ELSEWHERE", where, f"HTTP {said.answer.status}")
