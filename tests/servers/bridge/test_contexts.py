"""Contexts are pinned: nothing of a sender's becomes a term; a country's own is believed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bridge.mosip.contexts import pinned
from bridge.registration import State
from bridge.settings import Settings
from bridge.starting import CannotStart
from tests.servers.bridge.conftest import Stage
from tests.servers.bridge.delivered import unchanged, waiting
from tests.servers.bridge.stubs import ISSUER, VID
from tests.servers.bridge.test_security import delivered
from wire.mosip import credentials, proofs, sealing, well_known
from wire.mosip.contexts import Contexts, stock

FORGED = "9999888877776666"
OWN = well_known.context_url(ISSUER)
SEC = dict(credentials.SECURITY_PREFIX)
V1 = credentials.CREDENTIALS_V1


def proven(stage: Stage, rid: str, contexts: Contexts, subject: dict[str, Any]) -> dict[str, Any]:
    document = credentials.verifiable_credential(
        base=ISSUER,
        registration_id=rid,
        credential_id=stage.world.chance.uuid(),
        attributes=subject,
        now=stage.world.clock.now(),
    )
    return proofs.sign_urdna2015(
        document,
        stage.mosip.keys["credential-issuer"].private_key,
        contexts,
        verification_method=well_known.public_key_url(ISSUER),
        kid="k" * 43,
        now=stage.world.clock.now(),
    )


def sealed(stage: Stage, document: dict[str, Any]) -> str:
    return sealing.seal(
        credentials.encode(document), stage.mosip.keys["partner"].certificate, stage.world.chance
    )


def injected(terms: str) -> str:
    """A URL that closes the text into which it is pasted, and brings terms."""
    return f'x",{terms},"y":"{well_known.CONTEXT_PATH}'


VOCABULARY = f"{ISSUER}/mosip#"


@pytest.mark.parametrize(
    "context",
    [
        [V1, injected(f'"VID":null,"real":"{VOCABULARY}VID","vcVer":"{VOCABULARY}vcVer"'), SEC],
        [V1, f'"{well_known.CONTEXT_PATH}', SEC],
        [V1, f"\\{well_known.CONTEXT_PATH}", SEC],
        [V1, OWN, {**SEC, "real": f"{VOCABULARY}VID", "VID": None}],
        [V1, OWN, SEC, {"real": f"{VOCABULARY}VID", "VID": None}],
        [V1, OWN, {"@import": "http://evil.example/c", **SEC}],
        [V1, f"http://evil.example{well_known.CONTEXT_PATH}", SEC],
    ],
    ids=str,
)
async def test_terms_of_the_sender_are_refused_with_the_reason(stage: Stage, context: list[Any]) -> None:
    event, registration = await waiting(stage)
    document = proven(stage, registration.packet_id, stock(ISSUER), {"VID": VID})
    document["@context"] = context
    document["credentialSubject"] |= {"real": VID, "VID": FORGED}
    status, said = await delivered(stage, stage.mosip.event(registration.packet_id, sealed(stage, document)))
    assert (status, "MOSIP_VERIFIABLE_CREDENTIAL_CONTEXTS" in said) == (422, True), said
    assert FORGED not in said
    assert await unchanged(stage, event)


@pytest.mark.parametrize(
    "issuer", ["http://[", "", None, 5, ["x"], {"id": ISSUER}, "//", "http://[::1"], ids=str
)
async def test_an_issuer_that_is_no_url_is_refused(stage: Stage, issuer: Any) -> None:
    event, registration = await waiting(stage)
    document = proven(stage, registration.packet_id, stock(ISSUER), {"VID": VID})
    document["issuer"] = issuer
    body = stage.mosip.event(registration.packet_id, sealed(stage, document))
    assert (await delivered(stage, body))[0] in (400, 422)
    assert await unchanged(stage, event)


KEY = "nationalIdentifier"


@pytest.mark.parametrize("stage", [{"national_id_key": KEY}], indirect=True)
async def test_what_the_signature_does_not_cover_is_not_read(stage: Stage) -> None:
    event, registration = await waiting(stage)
    document = proven(stage, registration.packet_id, stock(ISSUER), {KEY: VID})
    document["credentialSubject"][KEY] = FORGED  # the stock context drops it, so the proof still holds
    status, said = await delivered(stage, stage.mosip.event(registration.packet_id, sealed(stage, document)))
    assert status == 422 and f"no context document defines {KEY}" in said
    assert await unchanged(stage, event)


async def test_a_countrys_own_context_is_believed_when_it_is_given(stage: Stage, tmp_path: Path) -> None:
    own = well_known.mosip_context(ISSUER)
    own["@context"][-1][KEY] = f"mosip:{KEY}"
    url = f"{ISSUER}/context/v2.json"
    file = tmp_path / "context.json"
    file.write_text(json.dumps(own))
    await stage.restart(context_files=f"{url}={file}", national_id_key=KEY)
    event, registration = await waiting(stage)
    contexts = Contexts({url: own, OWN: own})
    document = credentials.verifiable_credential(
        base=ISSUER,
        registration_id=registration.packet_id,
        credential_id=stage.world.chance.uuid(),
        attributes={KEY: VID},
        now=stage.world.clock.now(),
    )
    document["@context"][1] = url
    signed = proofs.sign_urdna2015(
        document,
        stage.mosip.keys["credential-issuer"].private_key,
        contexts,
        verification_method=well_known.public_key_url(ISSUER),
        kid="k" * 43,
        now=stage.world.clock.now(),
    )
    altered = signed | {"credentialSubject": signed["credentialSubject"] | {KEY: FORGED}}
    for held, status in ((altered, 422), (signed, 200)):
        body = stage.mosip.event(registration.packet_id, sealed(stage, held))
        assert (await delivered(stage, body))[0] == status
    await stage.world.clock.settle()
    kept = await stage.running.store.lookups.by_id(registration.id)
    assert kept is not None and kept.state is State.CONFIRMED
    assert event["id"] == kept.event_id


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file"),
        ("{", "Expecting"),
        ("[]", "no @context"),
        ("{}", "no @context"),
        ('{"@context": "https://x.example/other"}', "https://x.example/other"),
        ('{"@context": [5]}', "not a canonicalisable document"),
        ('{"@context": {"VID": {"@id": 5}}}', "not a canonicalisable document"),
    ],
)
def test_a_context_that_cannot_be_used_stops_the_start_by_name(
    tmp_path: Path, content: str | None, why: str
) -> None:
    file = tmp_path / "c.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(CannotStart, match="MOSIP_VERIFIABLE_CREDENTIAL_CONTEXTS") as cannot:
        pinned(Settings(context_files=f"https://x.example/c={file}"))
    assert why in str(cannot.value)


def test_a_pair_without_url_stops_the_start() -> None:
    with pytest.raises(CannotStart, match="no URL=FILE"):
        pinned(Settings(context_files="context.json"))
