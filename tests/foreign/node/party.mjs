// A relying party on openid-client, as a Node country config would be one, and the browser that it sends to eSignet.
//
// {issuer, client, key (JWK), redirect, number, otp, pushed, sealed} on standard input; what it was told on standard output.
import { createRequire } from "node:module";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const require = createRequire(join(process.env.FOREIGN_MODULES, "package.json"));
const oidc = await import(pathToFileURL(require.resolve("openid-client")));

const task = JSON.parse(await text(process.stdin));
const usage = (name, hash, ways) => crypto.subtle.importKey("jwk", task.key, { name, hash }, false, ways);
const signing = await usage("RSASSA-PKCS1-v1_5", "SHA-256", ["sign"]);
const config = await oidc.discovery(
  new URL(task.issuer),
  task.client,
  { userinfo_signed_response_alg: "RS256", id_token_signed_response_alg: "RS256" },
  oidc.PrivateKeyJwt(signing),
  { execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] },
);
if (task.sealed) oidc.enableDecryptingResponses(config, ["A256GCM"], await usage("RSA-OAEP", "SHA-256", ["decrypt"]));

const verifier = oidc.randomPKCECodeVerifier();
const nonce = oidc.randomNonce();
const state = oidc.randomState();
const asked = {
  redirect_uri: task.redirect,
  scope: "openid profile",
  code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  claims: JSON.stringify({ userinfo: { name: { essential: true }, birthdate: { essential: true } } }),
  nonce,
  state,
};
const begin = task.pushed ? await oidc.buildAuthorizationUrlWithPAR(config, asked) : oidc.buildAuthorizationUrl(config, asked);

const page = await (await fetch(begin)).text();
const transaction = /name="transaction" value="([^"]+)"/.exec(page)[1];
const form = new URLSearchParams({ transaction, individual_id: task.number, otp: task.otp, decision: "allow" });
const sent = await fetch(new URL("authorize", begin), { method: "POST", body: form, redirect: "manual" });
const back = new URL(sent.headers.get("location"));

const checks = { pkceCodeVerifier: verifier, expectedNonce: nonce, expectedState: state, idTokenExpected: true };
const tokens = await oidc.authorizationCodeGrant(config, back, checks);
const told = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
const again = await oidc.authorizationCodeGrant(config, back, checks).catch((error) => error.error ?? error.message);
const stranger = await oidc.fetchUserInfo(config, tokens.access_token.slice(0, -9), oidc.skipSubjectCheck).catch((error) => error.code);
process.stdout.write(JSON.stringify({ claims: tokens.claims(), told, again, stranger, pushed: begin.searchParams.has("request_uri") }));
