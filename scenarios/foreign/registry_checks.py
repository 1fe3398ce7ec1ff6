"""What is asked of a foreign OpenCRVS: its tokens, its errors, what a token opens.

Contract opencrvs §2 (tokens), §3 (tRPC), §4.1 (procedures and scopes), §5 (REST).
"""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from scenarios.foreign.checklist import Checklist
from scenarios.foreign.registry import BELIEVES, FORMS, OPENS, RegistryStage, body_of, said, shown
from scenarios.story import Need
from wire.mosip import keys
from wire.opencrvs import grants, tokens, trpc
from wire.opencrvs.javascript import UNDEFINED
from wire.opencrvs.profiles import Profile

REGISTRY_CHECKS = Checklist("OpenCRVS", "opencrvs")
_LEAST_BITS = 2048


@REGISTRY_CHECKS.check(
    title="The public key that signs the tokens is served",
    learns="Everything that a bridge believes of OpenCRVS rests on this key. It is a PEM text, not a JWKS.",
    good="Serves the key as PEM at /.well-known of the auth service, which the gateway does not pass on.",
    means="The address is wrong (--public-key, OPENCRVS_PUBLIC_KEY_URL), or no bridge can believe a trigger.",
)
async def crvs_public_key(stage: RegistryStage) -> None:
    url = stage.foreign.public_key_url
    answer = await stage.call("GET", url, "fetches the public key")
    stage.expect(BELIEVES, url, answer.status == 200, "200", shown(answer), shows="OCRVS-TOK-02")
    try:
        bits = keys.public_key(answer.body).key_size
        stage.expect(
            BELIEVES,
            url,
            bits >= _LEAST_BITS,
            f"at least {_LEAST_BITS} bits",
            f"{bits} bits",
            shows="OCRVS-TOK-02",
        )
    except ValueError as error:
        stage.expect(
            BELIEVES,
            url,
            False,
            "an RSA public key in PEM",
            f"{error}; {shown(answer)}",
            shows="OCRVS-TOK-02",
        )


@REGISTRY_CHECKS.check(
    title="A system client gets a token, and nobody with a wrong secret",
    learns="The token endpoint is where a changed secret shows first: its errors must be told apart.",
    good="Gives a token for the right secret, and OAuth errors for everything else.",
    means="Client id or secret are wrong or deactivated, the auth address is wrong (--auth, "
    "OPENCRVS_AUTH_URL), or the token endpoint gives tokens to strangers.",
    needs=(Need.CLIENT,),
)
async def crvs_client(stage: RegistryStage) -> None:
    good = stage.foreign.credentials
    answer = await stage.asks_for_token(good)
    taken = answer.status == 200 and grants.given(body_of(answer)) is not None
    stage.expect(
        BELIEVES, "the right secret", taken, "200 with an access_token", shown(answer), shows="OCRVS-TOK-03"
    )
    for what, form, status, error in (
        ("a wrong secret", good | {"client_secret": "not-the-secret-0000"}, 401, "invalid_client"),
        ("an unknown grant", good | {"grant_type": "password"}, 400, "unsupported_grant_type"),
        ("a client without a secret", {k: v for k, v in good.items() if k != "client_secret"}, 400,
         "invalid_request"),
    ):  # fmt: skip
        answer = await stage.asks_for_token(form)
        stage.expect(
            BELIEVES,
            what,
            "access_token" not in body_of(answer),
            "no token",
            "a token came",
            shows="OCRVS-TOK-03",
        )
        right = answer.status == status and body_of(answer).get("error") == error
        stage.expect(FORMS, what, right, f"{status} {error}", shown(answer), shows="OCRVS-TOK-04")


@REGISTRY_CHECKS.check(
    title="Our token is signed and says what a token must say",
    learns="A bridge reads audience, scopes and times of every token; a proxy or an old key breaks them all.",
    good="Signs with the key that it serves (RS256), for the audiences of the gateway, with an end.",
    means="The served key is not the one that signs, or the token lacks a claim that the gateway and the "
    "bridge go by.",
    needs=(Need.TOKEN,),
)
async def crvs_claims(stage: RegistryStage) -> None:
    token = await stage.token()
    answer = await stage.call("GET", stage.foreign.public_key_url, "fetches the public key")
    try:
        key = keys.public_key(answer.body)
        claims = tokens.verify(token, key, audience=tokens.GATEWAY, now=stage.world.clock.now(), leeway=60)
    except (ValueError, tokens.TokenRefused) as error:
        stage.expect(
            BELIEVES,
            "our token",
            False,
            "a token that holds by the served key",
            str(error),
            shows="OCRVS-TOK-01",
        )
        return
    stage.expect(
        BELIEVES, "our token", True, "a token that holds by the served key", "", shows="OCRVS-TOK-01"
    )
    for name, kind in (("sub", str), ("userType", str), ("scope", list), ("aud", list), ("exp", int)):
        right = isinstance(claims.get(name), kind)
        kinds = {str: "a text", list: "a list", int: "whole seconds"}
        stage.expect(
            BELIEVES, f"the claim {name}", right, kinds[kind], repr(claims.get(name)), shows="OCRVS-TOK-01"
        )
    if stage.profile is not Profile.V1_9:
        heard = tokens.EVENTS in claims["aud"]
        stage.expect(
            BELIEVES,
            "the audience",
            heard,
            f"{tokens.EVENTS} among them",
            str(claims["aud"]),
            shows="OCRVS-TOK-01",
        )
        odd = [one for one in await stage.scopes() if not one.startswith("type=")]
        stage.expect(OPENS, "the scopes", not odd, "all in the form type=…", ", ".join(odd))


@REGISTRY_CHECKS.check(
    title="Nobody is let in with no token, or with one that OpenCRVS did not sign",
    learns="The same holds for the bridge's callback: a token is not a key because it looks like one.",
    good="Answers 401 to no token, a broken one, one changed after signing, one without and one with another "
    "signature.",
    means="Whoever can write a token can read records, and perhaps confirm them. Do not go live.",
    needs=(Need.TOKEN,),
)
async def crvs_strangers(stage: RegistryStage) -> None:
    token = await stage.token()
    url = f"{stage.foreign.gateway_url}/events{trpc.query_url('locations.list')}"
    for what, shown_token in _forgeries(token, await stage.claims()).items():
        headers = dict(trpc.HEADERS) | ({"authorization": f"Bearer {shown_token}"} if shown_token else {})
        answer = await stage.call("GET", url, f"comes with {what}", headers=headers)
        stage.expect(BELIEVES, what, answer.status == 401, "401", shown(answer), shows="OCRVS-TOK-08")
        if answer.status == 401:
            error = trpc.read(answer.status, answer.content_type, answer.body)
            hapi = {"statusCode", "error", "message"} <= set(body_of(answer))
            right = hapi or (isinstance(error, trpc.TRPCError) and error.enveloped)
            stage.expect(
                FORMS, what, right, "the gateway's or tRPC's error", shown(answer), shows="OCRVS-TOK-08"
            )


def _forgeries(token: str, claims: dict[str, Any]) -> dict[str, str]:
    header, payload, signature = [*token.split("."), "", ""][:3]
    changed = _part({**claims, "sub": "00000000-0000-4000-8000-000000000000"})
    own = generate_private_key(public_exponent=65537, key_size=_LEAST_BITS)
    return {
        "no token": "",
        "a text that is no token": "not-a-token",
        "claims changed after signing": f"{header}.{changed}.{signature}",
        "a token without a signature": f"{_part({'alg': 'none', 'typ': 'JWT'})}.{payload}.",
        "a token of another key": jwt.encode(claims, own, algorithm="RS256"),
    }


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@REGISTRY_CHECKS.check(
    title="Errors come in tRPC's form, and in REST's",
    learns="A bridge decides by code and status whether to try again, to give up, or to call a person.",
    good="Gives code, number, status and path in the envelope; a proxy in between leaves them alone.",
    means="Something in between rewrites errors (a proxy, a firewall), or this is another version than "
    "--profile says: a bridge cannot tell a refusal from an outage.",
    needs=(Need.TOKEN,),
)
async def crvs_errors(stage: RegistryStage) -> None:
    create = f"{stage.foreign.gateway_url}/events/event.create?batch=1&input=%7B%7D"
    answers = {
        "an unknown procedure": (await stage.query("event.nope"), "NOT_FOUND", 404),
        "a mutation that is asked for as a query": (
            stage.read(await stage.call("GET", create, "event.create", headers=await stage.headers())),
            "METHOD_NOT_SUPPORTED",
            405,
        ),
        "a body that is no JSON": (
            stage.read(
                await stage.call(
                    "POST",
                    f"{stage.foreign.gateway_url}/events/event.search?batch=1",
                    "event.search",
                    body=b"{",
                    headers=await stage.headers(),
                )
            ),
            "BAD_REQUEST",
            400,
        ),
    }
    for what, (error, code, status) in answers.items():
        got = error if isinstance(error, trpc.TRPCError) else None
        right = got is not None and got.enveloped and (got.code, got.http_status) == (code, status)
        right = right and got is not None and got.number == trpc.CODES[code][0]
        stage.expect(
            FORMS, what, right, f"{status} {code} in tRPC's envelope", said(error), shows="OCRVS-RPC-02"
        )
    rest = await stage.call(
        "GET",
        f"{stage.foreign.gateway_url}/events/nonesuch",
        "a path of no route",
        headers=await stage.headers(),
    )
    body = body_of(rest)
    right = rest.status == 404 and body.get("code") == "NOT_FOUND" and isinstance(body.get("message"), str)
    stage.expect(
        FORMS, "an unknown REST path", right, "404 with message and code", shown(rest), shows="OCRVS-RPC-04"
    )


_EVERY = {"type": "and", "clauses": [{"eventType": "birth"}]}
_SEARCHES = ("record.search", "search", "recordsearch")
_READS: tuple[tuple[str, Any, tuple[str, ...], bool], ...] = (
    ("event.config.get", UNDEFINED, (), False),
    ("locations.list", UNDEFINED, (), False),
    ("event.search", {"query": _EVERY, "limit": 1, "offset": 0}, _SEARCHES, False),
    ("workqueue.config.list", UNDEFINED, (), True),
    ("integrations.list", UNDEFINED, ("integration.create",), False),
)
"""Procedures that change nothing: input, scopes of which one opens it (none: any token), for people only."""

_REST = (
    ("GET", "config", "event.config.get", None),
    ("POST", "events/search", "event.search", {"query": _EVERY}),
)


@REGISTRY_CHECKS.check(
    title="Our token opens what its scopes name, and nothing else",
    learns="Half of all trouble with integrations is a scope too few. The other half is one too many.",
    good="Answers what the scopes allow and 403 to the rest, by tRPC and by REST alike.",
    means="The client was given other scopes than this version needs, or OpenCRVS does not go by them.",
    needs=(Need.TOKEN,),
)
async def crvs_surface(stage: RegistryStage) -> None:
    old, person = stage.profile is Profile.V1_9, await stage.of_person()
    allowed: dict[str, bool] = {}
    for path, value, opening, for_people in _READS:
        if old and (path == "integrations.list" or (path == "event.config.get" and not person)):
            continue
        opens = (person or not for_people) and (not opening or await stage.holds(*opening))
        allowed[path] = opens
        found = await stage.query(path, value)
        refused = isinstance(found, trpc.TRPCError) and found.code == "FORBIDDEN"
        if opens:
            stage.expect(
                OPENS,
                path,
                not isinstance(found, trpc.TRPCError),
                "an answer",
                said(found),
                shows="OCRVS-RPC-06",
            )
        else:
            stage.expect(OPENS, path, refused, "403 FORBIDDEN", said(found), shows="OCRVS-RPC-06")
    for method, path, procedure, asked in _REST:
        if procedure not in allowed:
            continue
        url = f"{stage.foreign.gateway_url}/events/{path}"
        body = None if asked is None else json.dumps(asked).encode()
        answer = await stage.call(method, url, f"REST {path}", body=body, headers=await stage.headers())
        status = 200 if allowed[procedure] else 403
        stage.expect(
            OPENS,
            f"{method} /{path}",
            answer.status == status,
            f"{status}",
            shown(answer),
            shows="OCRVS-RPC-06",
        )
