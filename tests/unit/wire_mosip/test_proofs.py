"""Proofs: both manners round trip, and what they do not cover."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.wire_mosip.documents import both_ways, document, plain_subjects
from tests.unit.wire_mosip.known import BASE, CONTEXTS, ISSUER_KEY, KID, METHOD, NOW, PARTNER_KEY
from wire.mosip import canonical, credentials, plain_quads, proofs, well_known
from wire.mosip.contexts import Contexts, ContextUnknown

ISSUER = f"{BASE}/.well-known/controller.json"


def test_a_countrys_own_terms_are_covered() -> None:
    own = well_known.mosip_context(BASE)
    own["@context"][-1]["birthCertificateNumber"] = "mosip:birthCertificateNumber"
    contexts = Contexts({well_known.context_url(BASE): own})
    vc = document({"VID": "4703420631835716", "birthCertificateNumber": "2025B7K3M9Q2X4"})
    assert not proofs.covers(vc, "birthCertificateNumber", CONTEXTS)
    assert proofs.covers(vc, "birthCertificateNumber", contexts)
    assert proofs.covers(vc, "VID", CONTEXTS)
    short, long = both_ways(vc, contexts)
    assert short == long and short is not None and "2025B7K3M9Q2X4" in short


def test_language_values_are_signed_with_their_language() -> None:
    vc = document({"fullName": [{"language": "eng", "value": "Amara Okonjo"}]})
    assert plain_quads.credential_quads(vc, CONTEXTS) is None
    quads = canonical.credential_quads(vc, CONTEXTS)
    assert '<http://www.w3.org/1999/02/22-rdf-syntax-ns#value> "Amara Okonjo"' in quads
    assert '<http://www.w3.org/ns/odrl/2/language> "eng"' in quads
    signed = proofs.sign_urdna2015(vc, ISSUER_KEY, CONTEXTS, verification_method=METHOD, kid=KID, now=NOW)
    proofs.verify_urdna2015(signed, ISSUER_KEY.public_key(), CONTEXTS)
    signed["credentialSubject"]["fullName"][0]["language"] = "fra"
    with pytest.raises(proofs.ProofRefused, match="signature"):
        proofs.verify_urdna2015(signed, ISSUER_KEY.public_key(), CONTEXTS)


def test_the_relative_type_is_dropped_as_in_java() -> None:
    assert "MOSIPVerifiableCredential" not in canonical.credential_quads(
        document({}), CONTEXTS, shortcut=False
    )


def test_nothing_is_ever_fetched() -> None:
    vc = {**document({}), "@context": ["https://www.w3.org/2018/credentials/v1", "https://x.example/context"]}
    with pytest.raises(canonical.NotCanonical, match=r"x\.example"):
        canonical.credential_quads(vc, CONTEXTS)
    with pytest.raises(ContextUnknown):
        CONTEXTS.document("https://x.example/context")


@settings(max_examples=25, deadline=None)
@given(plain_subjects)
def test_both_manners_round_trip(subject: dict[str, str]) -> None:
    vc = document(subject)
    real = proofs.sign_urdna2015(vc, ISSUER_KEY, CONTEXTS, verification_method=METHOD, kid=KID, now=NOW)
    proofs.verify_urdna2015(json.loads(json.dumps(real)), ISSUER_KEY.public_key(), CONTEXTS)
    assert real["proof"]["created"] == "2025-04-11T07:57:43Z"
    mock = proofs.sign_jcs(vc, ISSUER_KEY, verification_method=METHOD, now=NOW)
    proofs.verify_jcs(json.loads(json.dumps(mock)), ISSUER_KEY.public_key())
    assert mock["proof"]["created"] == "2025-04-11T07:57:43.134Z"


def test_another_key_does_not_verify() -> None:
    signed = proofs.sign_urdna2015(
        document({}), PARTNER_KEY, CONTEXTS, verification_method=METHOD, kid=KID, now=NOW
    )
    with pytest.raises(proofs.ProofRefused, match="signature"):
        proofs.verify_urdna2015(signed, ISSUER_KEY.public_key(), CONTEXTS)


def _signed() -> dict[str, Any]:
    return proofs.sign_urdna2015(
        document({}), ISSUER_KEY, CONTEXTS, verification_method=METHOD, kid=KID, now=NOW
    )


def _with_proof(**changes: Any) -> dict[str, Any]:
    signed = _signed()
    return {**signed, "proof": {**signed["proof"], **changes}}


def _header(**header: Any) -> str:
    from wire.mosip.encoding import to_base64url

    return to_base64url(json.dumps(header).encode()) + "..AAAA"


@pytest.mark.parametrize(
    ("vc", "reason"),
    [
        (lambda: document({}), "missing"),
        (lambda: {**document({}), "proof": []}, "malformed"),
        (lambda: _with_proof(jws="a.b.c"), "malformed"),
        (lambda: _with_proof(jws="..."), "malformed"),
        (lambda: _with_proof(jws=None), "malformed"),
        (lambda: _with_proof(type="Ed25519Signature2018"), "type"),
        (lambda: _with_proof(proofPurpose="authentication"), "type"),
        (lambda: _with_proof(jws=_header(alg="PS256")), "algorithm"),
        (lambda: _with_proof(jws=_header(alg="none", b64=False, crit=["b64"])), "algorithm"),
        (lambda: _with_proof(jws=_header(alg="HS256", b64=False, crit=["b64"])), "algorithm"),
        (lambda: _with_proof(jws=_header(alg="PS256", b64=False, crit=["exp"])), "algorithm"),
        (lambda: _with_proof(created="2025-04-11T07:57:44Z"), "signature"),
    ],
)
def test_refused_proofs_say_why(vc: Any, reason: str) -> None:
    with pytest.raises(proofs.ProofRefused) as refused:
        proofs.verify_urdna2015(vc(), ISSUER_KEY.public_key(), CONTEXTS)
    assert refused.value.reason == reason


VOCABULARY = f"{BASE}/mosip#"
CREDENTIALS = "https://www.w3.org/2018/credentials#"


def _renamed_by_a_context() -> dict[str, Any]:
    vc = _signed_with_vid()
    vc["@context"].append({"real": f"{VOCABULARY}VID", "VID": None})
    vc["credentialSubject"] |= {"real": vc["credentialSubject"]["VID"], "VID": "forged"}
    return vc


def _renamed_by_an_inner_context() -> dict[str, Any]:
    vc = _signed_with_vid()
    subject = vc["credentialSubject"]
    subject["@context"] = {"real": f"{VOCABULARY}VID", "VID": None}
    subject |= {"real": subject["VID"], "VID": "forged"}
    return vc


def _named_by_iris_under_another_type() -> dict[str, Any]:
    vc = _signed_with_vid()
    subject = vc.pop("credentialSubject")
    return vc | {
        "type": [f"{CREDENTIALS}VerifiableCredential"],
        f"{CREDENTIALS}credentialSubject": {**subject, "@id": subject["id"]} | {"id": subject["id"]},
        f"{CREDENTIALS}issuer": {"@id": vc["issuer"]},
        "credentialSubject": {"id": f"{credentials.ID_PREFIX}another", "VID": "forged"},
    }


def _signed_with_vid() -> dict[str, Any]:
    vc = document({"VID": "4703420631835716"})
    return proofs.sign_urdna2015(vc, ISSUER_KEY, CONTEXTS, verification_method=METHOD, kid=KID, now=NOW)


@pytest.mark.parametrize("forge", [_renamed_by_a_context, _renamed_by_an_inner_context])
def test_a_forgery_that_keeps_the_signed_quads_is_refused(forge: Any) -> None:
    forged = forge()
    assert credentials.read(forged).attribute("VID") == "forged"
    honest = _signed_with_vid()
    assert canonical.credential_quads(forged, CONTEXTS) == canonical.credential_quads(honest, CONTEXTS)
    with pytest.raises(proofs.ProofRefused) as refused:
        proofs.verify_urdna2015(forged, ISSUER_KEY.public_key(), CONTEXTS)
    assert refused.value.reason in ("shape", "context")


@pytest.mark.parametrize(
    "change",
    [
        _named_by_iris_under_another_type,
        lambda: {**_signed(), "type": ["VerifiableCredential"]},
        lambda: {**_signed(), "@graph": []},
        lambda: {**_signed(), "issuer": {"id": ISSUER, "sec:x": "y"}},
    ],
)
def test_documents_that_could_read_otherwise_are_refused(change: Any) -> None:
    with pytest.raises(proofs.ProofRefused) as refused:
        proofs.verify_urdna2015(change(), ISSUER_KEY.public_key(), CONTEXTS)
    assert refused.value.reason == "shape"


def _poison() -> dict[str, Any]:
    """Ten blank nodes that all refer to each other: millions of orders to try."""
    names = [f"_:b{number}" for number in range(10)]
    return {"fullName": [{"id": name, "source": other} for name in names for other in names if name != other]}


@pytest.mark.parametrize(
    "attributes",
    [
        _poison(),
        {"fullName": {"fullName": [{}] * 12}},
        {"fullName": [[["x"]]]},
        {"fullName": {"value": ["x"]}},
    ],
)
def test_what_could_take_for_ever_to_canonicalise_is_refused_first(attributes: dict[str, Any]) -> None:
    poisoned = _signed()
    poisoned["credentialSubject"] |= attributes
    with pytest.raises(proofs.ProofRefused) as refused:
        proofs.verify_urdna2015(poisoned, ISSUER_KEY.public_key(), CONTEXTS)
    assert refused.value.reason == "shape"


@pytest.mark.parametrize(
    "change",
    [
        {"credentialSubject": [{"id": "http://x.example/1"}]},
        {"credentialSubject": {}},
        {"id": "_:b0"},
        {"id": None},
        {"id": "sec:b7907dd4"},
        {"issuer": "sec:controller"},
        {"issuer": [ISSUER]},
        {"credentialSubject": {"id": "mosip:100013575019284", "VID": "4703420631835716"}},
        {"evidence": [{"id": "_:b1"}]},
    ],
)
def test_other_shapes_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(proofs.ProofRefused) as refused:
        proofs.verify_urdna2015({**_signed(), **change}, ISSUER_KEY.public_key(), CONTEXTS)
    assert refused.value.reason == "shape"


OWN = well_known.context_url(BASE)
SEC = dict(credentials.SECURITY_PREFIX)
# closes the text, brings terms, and begins another text that the path ends
INJECTED = f'x","VID":null,"real":"{VOCABULARY}VID","y":"{well_known.CONTEXT_PATH}'


@pytest.mark.parametrize(
    "context",
    [
        [credentials.CREDENTIALS_V1, INJECTED, SEC],
        [credentials.CREDENTIALS_V1, f'"{well_known.CONTEXT_PATH}', SEC],
        [credentials.CREDENTIALS_V1, f"https://x.example{well_known.CONTEXT_PATH}", SEC],
        [credentials.CREDENTIALS_V1, f"{BASE.upper()}{well_known.CONTEXT_PATH}", SEC],
        [credentials.CREDENTIALS_V1, f"{BASE}//{well_known.CONTEXT_PATH}", SEC],
        [credentials.CREDENTIALS_V1, f"{OWN}?", SEC],
        [credentials.CREDENTIALS_V1, f"{OWN}#", SEC],
        [credentials.CREDENTIALS_V1, f"{OWN} ", SEC],
        [credentials.CREDENTIALS_V1, OWN, "https://x.example/c"],
        [credentials.CREDENTIALS_V1, OWN, SEC, OWN],
        [credentials.CREDENTIALS_V1, OWN, OWN],
        [credentials.CREDENTIALS_V1, OWN, "https://w3id.org/security/v2"],
        [credentials.CREDENTIALS_V1, "https://w3id.org/security/v2", SEC],
        [credentials.CREDENTIALS_V1, SEC, OWN],
        [OWN, credentials.CREDENTIALS_V1, SEC],
        [credentials.CREDENTIALS_V1, [OWN], SEC],
        [[credentials.CREDENTIALS_V1, OWN, SEC]],
        [credentials.CREDENTIALS_V1, {"@import": OWN}, SEC],
        [credentials.CREDENTIALS_V1, OWN, {**SEC, "@vocab": "https://x.example/"}],
        [credentials.CREDENTIALS_V1, OWN, {**SEC, "real": f"{VOCABULARY}VID", "VID": None}],
        [credentials.CREDENTIALS_V1, OWN, {**SEC, "VID": {"@id": f"{VOCABULARY}VID", "@context": {}}}],
        [credentials.CREDENTIALS_V1, OWN, {"sec": f"{VOCABULARY}"}],
        [credentials.CREDENTIALS_V1, OWN, None],
        [credentials.CREDENTIALS_V1, OWN, {}],
        [credentials.CREDENTIALS_V1],
        [],
        {},
        None,
        OWN,
    ],
    ids=str,
)
def test_no_context_but_the_pinned_ones_in_their_order(context: Any) -> None:
    forged = {**_signed_with_vid(), "@context": context}
    with pytest.raises(proofs.ProofRefused) as refused:
        proofs.verify_urdna2015(forged, ISSUER_KEY.public_key(), CONTEXTS)
    assert refused.value.reason == "context"
    assert len(str(refused.value)) < 500


@pytest.mark.parametrize("base", ['https://x"', "{mosip}", 'x","VID":null,"y":"', "https://x\\"])
def test_a_base_is_a_value_of_the_document_and_never_its_text(base: str) -> None:
    terms = well_known.mosip_context(base)["@context"][-1]
    assert set(terms) == set(well_known.mosip_context(BASE)["@context"][-1])
    assert terms["mosip"] == f"{base}/mosip#" and terms["VID"] == "mosip:VID"


@pytest.mark.parametrize(
    "more",
    [
        {"creator": {"id": "_:b0"}},
        {"domain": [{"id": f"_:b{n}", "holder": f"_:b{m}"} for n in range(3) for m in range(3)]},
        {"@context": {"created": None}},
        {"sec:nonce": "x"},
        {"nonce": "_:b0"},
        {"challenge": 5},
    ],
    ids=str,
)
def test_a_proof_holds_plain_texts_only(more: dict[str, Any]) -> None:
    with pytest.raises(proofs.ProofRefused) as refused:
        proofs.verify_urdna2015(_with_proof(**more), ISSUER_KEY.public_key(), CONTEXTS)
    assert refused.value.reason == "shape"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(["@context", "type", "id", "issuer", "issuanceDate", "credentialSubject", "proof"]),
    json_values,
)
def test_any_json_in_any_place_is_refused_or_read_never_a_crash(name: str, value: Any) -> None:
    vc = {**_KNOWN_SIGNED, name: value}
    with pytest.raises(proofs.ProofRefused):
        proofs.verify_urdna2015(vc, PARTNER_KEY.public_key(), CONTEXTS)
    with pytest.raises(proofs.ProofRefused):
        proofs.verify_jcs(vc, PARTNER_KEY.public_key())


_KNOWN_SIGNED = _signed()
