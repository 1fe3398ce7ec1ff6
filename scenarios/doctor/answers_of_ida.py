"""What ID authentication tells of an identity that nobody has: whose keys and ids it does not know. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from scenarios.doctor.agreement import alias, swapped
from scenarios.doctor.findings import Finding, finding
from scenarios.doctor.heard import Heard
from scenarios.doctor.keys import Held
from scenarios.doctor.probe_answers import ProbeAnswer
from wire.mosip import envelope, ida_answers, ida_signature

_PARTNER = {
    "IDA-MPA-007": ("MISP-KEY-REFUSED", "PARTNER_MISP_LK"),
    "IDA-MPA-008": ("MISP-KEY-REFUSED", "PARTNER_MISP_LK"),
    "IDA-MPA-017": ("MISP-KEY-REFUSED", "PARTNER_MISP_LK"),
    "IDA-MPA-009": ("PARTNER-UNKNOWN", "PARTNER_ID"),
    "IDA-MPA-018": ("API-KEY-REFUSED", "PARTNER_APIKEY"),
    "IDA-MPA-039": ("API-KEY-REFUSED", "PARTNER_APIKEY"),
}

_SEALING = ("IDA-MPA-003", "IDA-MPA-004", "IDA-MPA-016")
_SIGNING = ("IDA-MPA-001", "IDA-MPA-002", "IDA-MPA-021", "IDA-MPA-022")
"""Contract mosip §6.6."""


class IdaAnswers:
    """The last error says how far the question came."""

    def __init__(self, heard: Heard) -> None:
        self._heard, self._where = heard, heard.where

    def findings(self) -> Iterator[Finding]:
        said = self._heard.facts.said.get("ida")
        if said is None or said.answer is None:
            return
        variable = self._heard.named("ida_url")
        if elsewhere := [*self._heard.elsewhere(said, variable, (404,))]:
            yield from elsewhere
            return
        try:
            faults = ida_answers.read_response(envelope.parse_body(said.answer.body)).faults
        except envelope.EnvelopeBroken:
            yield finding("ADDRESS-NOT-FOUND", self._where(variable), f"HTTP {said.answer.status}")
            return
        code = faults[-1].code if faults else ""
        if code in _PARTNER:
            if not swapped(self._heard.reading):
                yield from self._partner(code)
        elif code == "IDA-MLC-001":
            if not any(self._heard.clock()):
                yield finding("CLOCK-OFF", self._where(alias("ida_url")), code)
        elif code in _SEALING:
            yield from self._sealing(said, code)
        elif code in _SIGNING:
            yield finding("SIGNING-KEY-REFUSED", self._where("SIGN_P12_FILE_PATH"), code)
        elif code.startswith("IDA-MPA-"):
            yield finding("PARTNER-REFUSED", self._where("PARTNER_ID"), code)
        yield from self._signer(said)

    def _sealing(self, said: ProbeAnswer, code: str) -> Iterator[Finding]:
        sealing = self._heard.held.get("ENCRYPT_CERT_PATH")
        if sealing is not None and self._signed_under(said, sealing):
            yield finding(
                "CERTIFICATES-CONFUSED", self._where("ENCRYPT_CERT_PATH"), "it is the one that signs"
            )
        else:
            yield finding("SEALING-REFUSED", self._where("ENCRYPT_CERT_PATH"), code)

    def _signed_under(self, said: ProbeAnswer, held: Held) -> bool:
        if said.answer is None:
            return False
        header = said.answer.headers.get(ida_signature.RESPONSE_HEADER)
        try:
            ida_signature.verify_response(header, said.answer.body, held.certificates, self._heard.now)
        except ida_signature.IdaSignatureRefused:
            return False
        return True

    def _partner(self, code: str) -> Iterator[Finding]:
        other = self._heard.facts.said.get("ida swapped")
        answer = other.answer if other is not None else None
        if code == "IDA-MPA-007" and answer is not None and b"IDA-MPA-007" not in answer.body:
            yield finding("PARTNER-SWAPPED", self._where("PARTNER_ID", "PARTNER_MISP_LK"), code)
            return
        kind, variable = _PARTNER[code]
        if variable not in self._heard.reading.broken:
            yield finding(kind, self._where(variable), code)

    def _signer(self, said: ProbeAnswer) -> Iterator[Finding]:
        held = self._heard.held
        signing, sealing = held.get("IDA_SIGN_CERT_PATH"), held.get("ENCRYPT_CERT_PATH")
        if signing is None or self._signed_under(said, signing):
            return
        if sealing is None or not self._signed_under(said, sealing):
            yield finding("ANSWERS-UNBELIEVED", self._where("IDA_SIGN_CERT_PATH"))
