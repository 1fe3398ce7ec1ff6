"""What goes into a credential, how it is shared, and each way of making it wrong (contract mosip §5)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from testbed.faults import FaultKind
from tests.servers.mock_nid.actors import SECRET, Stage
from wire.keyfolder import KeyFolder
from wire.mosip import credentials, events, hub, proofs, sealing, well_known
from wire.mosip.contexts import stock

Open = Callable[..., Awaitable[Stage]]
CREDENTIALS = "crvs-partner/CREDENTIAL_ISSUED"
NUMBER = "2026BK3M9Q2"


async def issue(s: Stage, **fields: Any) -> Any:
    await s.listen(CREDENTIALS)
    await s.client.submit("100010000000001", birthCertificateNumber=NUMBER, **fields)
    await s.advance(60)
    return s.subscriber.deliveries[-1]


def document(sealed: str, keys: Path) -> Any:
    partner = KeyFolder(keys)["partner"]
    return credentials.decode(sealing.unseal(sealed, partner.private_key, partner.certificate))


def proven(held: Any, key: Any) -> None:
    """MOSIP's proof of a credential, by the context of the issuer that it names."""
    proofs.verify_urdna2015(held, key, stock(well_known.base_of(held["issuer"])))


async def test_event_data_satisfies_the_mediators_schema(stage: Open) -> None:
    delivery = await issue(await stage())
    event = delivery.body["event"]
    data = event["data"]
    assert delivery.body["publisher"] == "CREDENTIAL_SERVICE" and event["dataShareUri"] is None
    assert data["credentialType"] == "vercred" and len(data["protectionKey"]) == 6
    assert data["registrationId"] == "100010000000001" and event["transactionId"] != data["registrationId"]
    assert data["ExpiryTimestamp"].startswith("9999") and data["TransactionLimit"] is None


async def test_policy_with_names_in_languages(stage: Open, keys: Path) -> None:
    s = await stage(subject_attributes="UIN, VID, fullName, dateOfBirth")
    delivery = await issue(s)
    held = document(delivery.body["event"]["data"]["credential"], keys)
    subject = held["credentialSubject"]
    assert subject["fullName"] == [{"language": "eng", "value": "Chanda Mulenga"}]
    assert subject["UIN"] != subject["VID"] and subject["dateOfBirth"] == "2026/02/20"
    proven(held, KeyFolder(keys)["credential-issuer"].private_key.public_key())


async def test_the_older_layout_of_the_seal(stage: Open, keys: Path) -> None:
    sealed = (await issue(await stage(sealing="legacy"))).body["event"]["data"]["credential"]
    assert sealing.take_apart(sealed).layout == "thumbprint"
    assert document(sealed, keys)["credentialSubject"]["VID"]


@pytest.mark.requirement("MOSIP-CRD-05")
async def test_euin(stage: Open, keys: Path) -> None:
    delivery = await issue(await stage(credential_type="euin", subject_attributes="UIN"))
    data = delivery.body["event"]["data"]
    held = document(data["credential"], keys)
    assert data["credentialType"] == "euin" and "ExpiryTimestamp" not in data
    assert held["credentialSubject"]["id"] == "100010000000001" and "proof" not in held


@pytest.mark.requirement("MOSIP-CRD-04")
async def test_data_share(stage: Open, keys: Path) -> None:
    s = await stage(data_share=True)
    event = (await issue(s)).body["event"]
    assert "credential" not in event["data"]
    path = event["dataShareUri"].removeprefix(s.running.url)
    assert (await s.client.call("GET", path))[0] == 401
    status, sealed, _ = await s.client.call("GET", path, headers=await s.client.cookie("crvs-partner"))
    assert status == 200 and document(sealed, keys)["credentialSubject"]["birthCertificateNumber"] == NUMBER
    _, body, _ = await s.client.call("GET", path + "x", headers=await s.client.cookie("crvs-partner"))
    assert body["errors"][0]["errorCode"] == "DAT-SER-006"


@pytest.mark.requirement("MOSIP-CRD-06")
async def test_redelivery_repeats_the_event_and_the_number(stage: Open, keys: Path) -> None:
    s = await stage()
    first = await issue(s)
    await s.client.call("POST", f"/admin/registrations/{NUMBER}/redeliver")
    await s.client.call("POST", f"/admin/registrations/{NUMBER}/redeliver", json={"fresh": True})
    await s.settle()
    same, fresh = s.subscriber.deliveries[1:]
    assert same.raw == first.raw
    assert fresh.body["event"]["id"] != first.body["event"]["id"]
    subjects = [
        document(one.body["event"]["data"]["credential"], keys)["credentialSubject"] for one in (first, fresh)
    ]
    assert subjects[0] == subjects[1]
    status, shown, _ = await s.client.call("GET", f"/admin/registrations/{NUMBER}")
    assert status == 200 and shown["deliveries"] == 3


async def test_key_rotation_of_the_partner(stage: Open, keys: Path) -> None:
    s = await stage()
    s.running.issuer.trust(KeyFolder(keys)["partner-next"].certificate)
    sealed = (await issue(s)).body["event"]["data"]["credential"]
    with pytest.raises(sealing.SealBroken):
        document(sealed, keys)


async def test_key_rotation_of_the_issuer(stage: Open, keys: Path) -> None:
    s, folder = await stage(), KeyFolder(keys)
    s.running.issuer.sign_with(folder["credential-issuer-next"])
    held = document((await issue(s)).body["event"]["data"]["credential"], keys)
    proven(held, folder["credential-issuer-next"].private_key.public_key())
    with pytest.raises(proofs.ProofRefused):
        proven(held, folder["credential-issuer"].private_key.public_key())
    _, published, _ = await s.client.call("GET", "/.well-known/public-key.json")
    assert well_known.read_public_key(published).key == s.running.issuer.public_key


@pytest.mark.parametrize(("usual", "check"), [("urdna2015", proofs.verify_jcs), ("jcs", proven)])
async def test_the_other_proof_is_genuine_in_the_other_form(
    stage: Open, keys: Path, usual: str, check: Callable[..., Any]
) -> None:
    s = await stage(proof=usual)
    s.running.plans.enqueue({"outcome": "issue", "forge": "other-proof"})
    held = document((await issue(s)).body["event"]["data"]["credential"], keys)
    check(held, KeyFolder(keys)["credential-issuer"].private_key.public_key())


def refusal(delivery: Any, keys: Path) -> str:
    """The first thing that a careful partner finds wrong with a delivery."""
    folder = KeyFolder(keys)
    try:
        hub.verify_signature(delivery.headers.get(hub.SIGNATURE_HEADER), SECRET, delivery.raw)
        event = events.read_credential_issued(delivery.body)
        held = document(event.credential or "", keys)
        if held["issuer"] != delivery_issuer(delivery):
            return "another issuer"
        proven(held, folder["credential-issuer"].private_key.public_key())
        read = credentials.read(held)
    except Exception as error:  # noqa: BLE001 - its kind is what is asked for
        return f"{type(error).__name__} {getattr(error, 'reason', '')}".strip()
    if event.topic != CREDENTIALS:
        return "topic"
    if event.registration_id != "100010000000001":
        return "registration"
    if read.registration_id != event.registration_id:
        return "subject"
    if read.attribute("birthCertificateNumber") != NUMBER:
        return "certificate number"
    return "" if read.attribute("VID") else "no VID"


def delivery_issuer(delivery: Any) -> str:
    hub_url = delivery.headers["Link"].partition("/hub;")[0]
    return f"{hub_url}/.well-known/controller.json"


@pytest.mark.parametrize(
    ("forge", "found"),
    [
        (None, ""),
        (FaultKind.OTHER_PARTNER, "SealBroken thumbprint"),
        (FaultKind.TAMPERED, "SealBroken tag"),
        (FaultKind.NO_SPLITTER, "SealBroken layout"),
        (FaultKind.LEGACY_LAYOUT, ""),
        (FaultKind.OTHER_KEY, "ProofRefused signature"),
        (FaultKind.NO_PROOF, "ProofRefused missing"),
        (FaultKind.OTHER_PROOF, "ProofRefused signature"),
        (FaultKind.ALIEN_ISSUER, "another issuer"),
        (FaultKind.NO_VID, "no VID"),
        (FaultKind.EXTRA_ATTRIBUTES, ""),
        (FaultKind.OTHER_CERTIFICATE_NUMBER, "certificate number"),
        (FaultKind.OTHER_SUBJECT, "subject"),
        (FaultKind.UNKNOWN_REGISTRATION, "registration"),
        (FaultKind.WRONG_SIGNATURE, "HubSignatureRefused mismatch"),
        (FaultKind.NO_SIGNATURE, "HubSignatureRefused missing"),
        (FaultKind.WRONG_TOPIC, "topic"),
        (FaultKind.MALFORMED_BODY, "JSONDecodeError"),
    ],
)
async def test_forgeries(stage: Open, keys: Path, forge: FaultKind | None, found: str) -> None:
    s = await stage()
    if forge is not None:
        s.running.plans.enqueue({"outcome": "issue", "forge": forge.value})
    delivery = await issue(s)
    assert refusal(delivery, keys) == found
    if forge is not None:
        told = [one.faults for one in s.running.journal if one.operation == "hub.deliver"]
        assert told == [(f"plan: forged ({forge})",)]
