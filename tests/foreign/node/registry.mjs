// A registrar's browser and a country's own server in one Node program, built on the very libraries that
// OpenCRVS's toolkit is built on. It reads its task from standard input, and tells on standard output what it saw.
//
// {gateway, auth, countryPort, profile, families: [{declaration, annotation}], death: {…}, client: {id, secret}}
import { createRequire } from "node:module";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const require = createRequire(join(process.env.FOREIGN_MODULES, "package.json"));
const { createTRPCClient, httpBatchLink, httpLink, TRPCClientError } = require("@trpc/client");
const superjson = require("superjson");
const Hapi = require("@hapi/hapi");
const jwt = require("hapi-auth-jwt2");

const task = JSON.parse(await text(process.stdin));
const bare = task.profile === "1.9"; // event.get takes the id itself
const recordToken = task.profile !== "2.1"; // the trigger's token confirms
const seen = {};

// The country's own server, of what country configs are made of: hapi, and tokens checked by hapi-auth-jwt2 with
// the key that the auth service publishes. The answers wait in a row, what was asked is kept.
const country = { answers: [], asked: [], refused: [] };
const server = Hapi.server({ host: "127.0.0.1", port: task.countryPort });
await server.register(jwt);
server.auth.strategy("opencrvs", "jwt", {
  key: await (await fetch(`${task.auth}/.well-known`)).text(),
  verifyOptions: { algorithms: ["RS256"], issuer: "opencrvs:auth-service", audience: "opencrvs:countryconfig-user" },
  validate: () => ({ isValid: true }),
  errorFunc: (context) => (country.refused.push(context.message), context),
});
server.auth.default("opencrvs");
server.route({
  method: "POST",
  path: "/trigger/events/{event}/actions/{action}",
  handler: (request, h) => {
    country.asked.push({ path: request.path, authorization: request.headers.authorization, event: request.payload });
    const next = request.params.action === "REGISTER" ? country.answers.shift() : undefined;
    const { status, body } = next ?? { status: 200, body: {} };
    return h.response(body).code(status);
  },
});
await server.start();

async function post(path, body) {
  const response = await fetch(`${task.gateway}/auth/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

// What the toolkit's createClient makes; `wire` collects the HTTP status of each call.
function connect(token, { link = httpBatchLink, wire = [], ...options } = {}) {
  const watching = async (url, init) => {
    const response = await fetch(url, init);
    const { pathname, search } = new URL(url);
    wire.push({ method: init.method, path: pathname, search, status: response.status });
    return response;
  };
  const settings = { url: `${task.gateway}/events`, headers: { Authorization: `Bearer ${token}` } };
  return createTRPCClient({ links: [link({ ...settings, transformer: superjson, fetch: watching, ...options })] });
}

async function failure(promise) {
  try {
    return { value: await promise };
  } catch (error) {
    if (!(error instanceof TRPCClientError)) throw error;
    return { message: error.message, data: error.data, shape: error.shape };
  }
}

const requested = (event) =>
  event.actions.find((action) => action.type === "REGISTER" && action.status === "Requested").id;

const nonce = (await post("authenticate", { username: "k.mweene", password: "test" })).body.nonce;
const entered = await post("verifyCode", { nonce, code: "000000" });
const token = entered.body.token;
const userId = JSON.parse(Buffer.from(token.split(".")[1], "base64url")).sub;
const registrar = connect(token);
const get = (client, id) => client.event.get.query(bare ? id : { eventId: id });
const user = await registrar.user.get.query(userId);
seen.wrongPassword = (await post("authenticate", { username: "k.mweene", password: "guess" })).status;

async function declared(family, type = "birth") {
  const event = await registrar.event.create.mutate({ type, transactionId: randomUUID() });
  const told = { eventId: event.id, annotation: family.annotation };
  const keep = { ...told, keepAssignment: true };
  // a form leaves what was not filled in undefined
  const name = family.declaration["child.name"];
  const filled = name ? { "child.name": { ...name, middlename: undefined } } : {};
  let now = await registrar.event.actions.declare.request.mutate({
    ...keep, transactionId: randomUUID(), declaration: { ...family.declaration, ...filled },
  });
  if (task.profile === "1.9")
    now = await registrar.event.actions.validate.request.mutate({ ...keep, transactionId: randomUUID() });
  return { id: event.id, told, now };
}

async function register(family, answer, type) {
  const record = await declared(family, type);
  country.answers.push(answer);
  const transactionId = randomUUID();
  const call = registrar.event.actions.register.request.mutate({ ...record.told, transactionId });
  return { ...record, transactionId, outcome: await failure(call) };
}

// Who may confirm: the bearer of the trigger's own token, in 2.1 a system client.
async function confirmer() {
  if (recordToken) return country.asked.at(-1).authorization.replace("Bearer ", "");
  const query = new URLSearchParams({ client_id: task.client.id, client_secret: task.client.secret });
  query.set("grant_type", "client_credentials");
  const response = await fetch(`${task.gateway}/auth/token`, { method: "POST", body: query });
  return (await response.json()).access_token;
}

const confirmation = (record) => ({
  transactionId: `mosip-interop-${randomUUID()}`, eventId: record.id, actionId: requested(record.outcome.value),
});

// 200: registered at once, with the number and the declaration of the answer
{
  const said = { registrationNumber: "2026BNODE01", declaration: { "child.nid": "6041872935" } };
  const record = await register(task.families[0], { status: 200, body: said });
  const trigger = country.asked.at(-1);
  seen.ok = { event: record.outcome.value, declared: record.now, trigger: { path: trigger.path, event: trigger.event } };
  seen.again = await failure(
    registrar.event.actions.register.request.mutate({ ...record.told, transactionId: record.transactionId }),
  );
}

// 202, then accepted, twice
{
  const slug = "in-external-validation";
  const queue = (await registrar.workqueue.config.list.query()).find((one) => one.slug === slug);
  const query = JSON.parse(JSON.stringify(queue.query), (key, value) =>
    value?.$userField ? user[value.$userField] : value);
  const count = async () => (await registrar.workqueue.count.query([{ slug, query }]))[slug];
  const before = await count();
  const record = await register(task.families[1], { status: 202 });
  const waiting = await count();
  const wire = [];
  const mediator = connect(await confirmer(), { wire });
  const input = { ...confirmation(record), registrationNumber: "2026BNODE02", declaration: { "child.nid": "4057213960" } };
  const accepted = await mediator.event.actions.register.accept.mutate(input);
  const repeated = await mediator.event.actions.register.accept.mutate({ ...input, registrationNumber: "2026BOTHER" });
  const refused = await failure(mediator.event.actions.register.reject.mutate(confirmation(record)));
  const search = { query: { type: "and", clauses: [{ id: record.id }] }, limit: 1 };
  const found = await registrar.event.search.query(search);
  seen.accepted = {
    requested: record.outcome.value, accepted, repeated, refused, wire, before, waiting, after: await count(), found,
  };
}

// 202, then rejected, twice, then accepted too late
{
  const record = await register(task.families[2], { status: 202 });
  const mediator = connect(await confirmer());
  const rejected = await mediator.event.actions.register.reject.mutate(confirmation(record));
  const repeated = await mediator.event.actions.register.reject.mutate(confirmation(record));
  const late = await failure(mediator.event.actions.register.accept.mutate({ ...confirmation(record), registrationNumber: "2026BLATE1" }));
  seen.rejected = { rejected, repeated, late };
}

// 400 and 500; after the 500 the browser's outbox asks again with the same transaction id
seen.no = (await register(task.families[3], { status: 400, body: { reason: "not ours" } })).outcome;
{
  const record = await register(task.families[4], { status: 500 });
  const asked = country.asked.length;
  const again = await failure(
    registrar.event.actions.register.request.mutate({ ...record.told, transactionId: record.transactionId }),
  );
  seen.broken = { outcome: record.outcome, again, asked: country.asked.length - asked };
}

// a death whose mediator has no national ID to give: undefined goes out, null arrives
{
  const record = await register(task.death, { status: 202 }, "death");
  const mediator = connect(await confirmer());
  const input = { ...confirmation(record), registrationNumber: "2026DNODE01" };
  seen.death = await mediator.event.actions.register.accept.mutate(input);
}

// batches: one tick, one request; the parts fail by themselves
{
  const first = await register(task.families[5], { status: 202 });
  const wire = [];
  const mediator = connect(await confirmer(), { wire });
  const good = { ...confirmation(first), registrationNumber: "2026BNODE06", declaration: { "child.nid": undefined } };
  const [foreign, accepted, malformed] = await Promise.all([
    failure(mediator.event.actions.register.accept.mutate({ ...good, actionId: randomUUID() })),
    failure(mediator.event.actions.register.accept.mutate(good)),
    failure(mediator.event.actions.register.accept.mutate({ ...good, registrationNumber: undefined })),
  ]);
  const reading = [];
  const reader = connect(token, { wire: reading });
  const [record, unknown, configs] = await Promise.all([
    failure(get(reader, first.id)), failure(get(reader, randomUUID())), failure(reader.event.config.get.query()),
  ]);
  seen.batch = {
    foreign, accepted, malformed, wire, reading, record, unknown, configs: configs.value.map((one) => one.id),
  };
}

// mistakes, as the client tells them
{
  const nobody = connect("eyJhbGciOiJSUzI1NiJ9.e30.AAAA");
  seen.mistakes = {
    nobody: await failure(nobody.event.config.get.query()),
    unknown: await failure(registrar.event.nope.query()),
    wrongMethod: await failure(registrar.event.create.query({ type: "birth", transactionId: "t" })),
    badInput: await failure(get(registrar, "not-a-uuid")),
    noInput: await failure(registrar.event.search.query({ limit: 1 })),
    userConfirms: await failure(registrar.event.actions.register.accept.mutate({
      transactionId: "t", eventId: randomUUID(), actionId: randomUUID(), registrationNumber: "1",
    })),
  };
}

// the same server through the client's other ways of asking
{
  const single = [], posted = [];
  const plain = connect(token, { link: httpLink, wire: single });
  const created = await plain.event.create.mutate({ type: "death", transactionId: randomUUID() });
  const read = await get(plain, created.id);
  const overridden = connect(token, { methodOverride: "POST", wire: posted });
  const again = await get(overridden, created.id);
  seen.ways = { created: created.id, read: read.id, again: again.id, role: (await plain.user.get.query(userId)).role, single, posted };
}

await server.stop({ timeout: 100 });
seen.refused = country.refused;
process.stdout.write(JSON.stringify(seen));
