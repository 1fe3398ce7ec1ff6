// Makes tests/vectors/opencrvs.json with the real libraries, so that ours is measured against them.
// In an empty folder: npm init -y && npm install superjson@1.9.0-0 @trpc/server@11.4.3
// then there: NODE_PATH=node_modules node <this file> > <tests/vectors>/opencrvs.json
const superjson = require('superjson').default
const { initTRPC, TRPCError } = require('@trpc/server')
const { fetchRequestHandler } = require('@trpc/server/adapters/fetch')

// Values are written in a tagged form that Python can build: {"$": "Date", "v": …}.
const tag = (value) => {
  if (value === undefined) return { $: 'undefined' }
  if (typeof value === 'bigint') return { $: 'bigint', v: value.toString() }
  if (typeof value === 'number' && !Number.isFinite(value)) return { $: 'number', v: String(value) }
  if (Object.is(value, -0)) return { $: 'number', v: '-0' }
  if (value instanceof Date) return Number.isNaN(value.valueOf()) ? { $: 'InvalidDate' } : { $: 'Date', v: value.toISOString() }
  if (value instanceof RegExp) return { $: 'RegExp', v: [value.source, value.flags] }
  if (value instanceof Set) return { $: 'Set', v: [...value].map(tag) }
  if (value instanceof Map) return { $: 'Map', v: [...value].map(([k, v]) => [tag(k), tag(v)]) }
  if (value instanceof Error) return { $: 'Error', v: [value.name, value.message] }
  if (value instanceof URL) return { $: 'URL', v: value.href }
  if (Array.isArray(value)) return value.map(tag)
  if (value && typeof value === 'object') return { $: 'object', v: Object.entries(value).map(([k, v]) => [k, tag(v)]) }
  return value
}

const day = new Date('2026-02-20T03:04:05.678Z')
const shared = { k: 1 }
const encode = {
  text: 'a', number: 1.5, nothing: null, missing: undefined, date: day, invalidDate: new Date('x'), bigint: 12n,
  nan: NaN, infinity: Infinity, minusInfinity: -Infinity, minusZero: -0, regexp: /a.b/gi, url: new URL('http://x.test/p?q=1'),
  error: new TypeError('boom'), emptySet: new Set(), emptyMap: new Map(), emptyObject: {}, emptyArray: [],
  setOfDates: new Set([day, 'x']), mapToMissing: new Map([['a', undefined], ['b', day]]), mapKeyedByDate: new Map([[day, 1]]),
  arrayOfMissing: [undefined, [undefined, { a: day }]], dottedLeaf: { declaration: { 'child.nid': undefined } },
  dottedBranch: { declaration: { 'child.name': { middlename: undefined } } }, dottedTwice: { 'a.b': { 'c.d': { e: day } } },
  dottedArray: { 'a.b': [day] }, backslash: { 'a\\.b': { c: undefined } }, emptyKey: { '': { '': undefined } },
  nestedSets: new Set([new Set([undefined]), new Map([[1, new Set([day])]])]), setInMap: { m: new Map([['s', new Set([1n])]]) },
  errorInObject: { e: new RangeError('r'), list: [/x/] }, unicode: { 'ключ': 'значение', emoji: '😀', quote: '"\\/\b\f\n\r\t\u0001\u007f\u2028' },
  numbers: [0, 1, -1, 1e21, 123456789012345680000, 1e-6, 1e-7, 0.1, 1.5e300, 5e-324, 9007199254740991, 100, 1e20, 123.456e-10, 2e-5]
}
const decode = {
  plain: { json: { a: 1 } }, noJson: {}, nullPayload: null, numberPayload: 5, stringPayload: 'x', arrayPayload: [1],
  missing: { json: null, meta: { values: ['undefined'] } }, dottedLeaf: { json: { declaration: { 'child.nid': null } }, meta: { values: { 'declaration.child.nid': ['undefined'] } } },
  dottedLeafWithSibling: { json: { d: { 'c.nid': null, c: {} } }, meta: { values: { 'd.c.nid': ['undefined'] } } },
  dottedBranch: { json: { d: { 'c.name': { m: null } } }, meta: { values: { 'd.c\\.name.m': ['undefined'] } } },
  unknownType: { json: 1, meta: { values: ['nope'] } }, unknownList: { json: 1, meta: { values: [['nope', 'x']] } },
  pathToNowhere: { json: { a: 'x' }, meta: { values: { 'a.b.c': ['Date'], 'q.r': ['undefined'] } } },
  newKey: { json: {}, meta: { values: { a: ['Date'], b: ['number'], c: ['undefined'] } } },
  equalities: { json: { a: { k: 1 }, b: { k: 1 } }, meta: { referentialEqualities: { a: ['b'] } } },
  badDate: { json: 'x', meta: { values: ['Date'] } }, dateOfNumber: { json: 1000, meta: { values: ['Date'] } }, dateOnly: { json: '2026-02-20', meta: { values: ['Date'] } },
  badBigint: { json: 'x', meta: { values: ['bigint'] } }, numberWords: { json: ['NaN', 'Infinity', '-Infinity', '-0', ' 12 ', 'abc', '', '1e3'], meta: { values: { 0: ['number'], 1: ['number'], 2: ['number'], 3: ['number'], 4: ['number'], 5: ['number'], 6: ['number'], 7: ['number'] } } },
  setWithDate: { json: ['2026-02-20T00:00:00.000Z', 1], meta: { values: ['set', { 0: ['Date'] }] } },
  mapWithDate: { json: [['k', '2026-02-20T00:00:00.000Z']], meta: { values: ['map', { '0.1': ['Date'] }] } },
  regexp: { json: '/a\\/b/gi', meta: { values: ['regexp'] } }, badFlags: { json: '/a/zz', meta: { values: ['regexp'] } },
  error: { json: { name: 'RangeError', message: 'r' }, meta: { values: ['Error'] } },
  metaNull: { json: 1, meta: null }, valuesNull: { json: 1, meta: { values: null } }, notASet: { json: 5, meta: { values: ['set'] } },
  nullSet: { json: null, meta: { values: ['set'] } }, badMap: { json: [1], meta: { values: ['map'] } }
}

const t = initTRPC.create({ transformer: superjson, isDev: false })
const router = t.router({
  event: t.router({
    get: t.procedure.input((v) => v).query(({ input }) => ({ got: tag(input) })),
    create: t.procedure.input((v) => v).mutation(({ input }) => ({ got: tag(input) })),
    missing: t.procedure.query(() => undefined),
    avatar: t.procedure.query(() => ({ avatar: undefined })),
    fail: t.procedure.query(() => { throw new TRPCError({ code: 'CONFLICT', message: 'You are not assigned to this event' }) }),
    crash: t.procedure.query(() => { throw new Error('boom') }),
    bare: t.procedure.query(() => { throw new TRPCError({ code: 'FORBIDDEN' }) })
  })
})
const enc = encodeURIComponent
const json = (v) => JSON.stringify(v)
const http = {
  oneQuery: ['GET', `event.get?batch=1&input=${enc(json({ 0: { json: { eventId: 'x' } } }))}`],
  queryWithoutInput: ['GET', 'event.get?batch=1'],
  unbatchedQuery: ['GET', `event.get?input=${enc(json({ json: 'x' }))}`],
  unbatchedUnwrapped: ['GET', `event.get?input=${enc(json({ eventId: 'x' }))}`],
  threeQueries: ['GET', `event.get,event.missing,event.avatar?batch=1&input=${enc(json({ 0: { json: 1 } }))}`],
  mixed: ['GET', 'event.missing,event.fail?batch=1&input=%7B%7D'],
  sameErrors: ['GET', 'event.bare,event.bare?batch=1&input=%7B%7D'],
  differentErrors: ['GET', 'event.bare,event.fail?batch=1&input=%7B%7D'],
  crash: ['GET', 'event.crash?batch=1&input=%7B%7D'],
  mutation: ['POST', 'event.create?batch=1', json({ 0: { json: { a: null }, meta: { values: { a: ['undefined'] } } } })],
  unbatchedMutation: ['POST', 'event.create', json({ json: { a: 1 } })],
  unbatchedMutationUnwrapped: ['POST', 'event.create', json({ a: 1 })],
  queryByPost: ['POST', 'event.get?batch=1', json({ 0: { json: 'x' } })],
  unknown: ['POST', 'event.nope?batch=1', json({ 0: { json: 1 } })],
  unknownWithBrokenBody: ['POST', 'event.nope?batch=1', '{x'],
  getOnMutation: ['GET', 'event.create?batch=1'],
  brokenJson: ['POST', 'event.create?batch=1', '{x'],
  brokenJsonTwice: ['POST', 'event.create,event.create?batch=1', '{"0":'],
  emptyBody: ['POST', 'event.create?batch=1', ''],
  batchIsArray: ['POST', 'event.create?batch=1', '[]'],
  batchIsNull: ['POST', 'event.create?batch=1', 'null'],
  itemIsNull: ['POST', 'event.create,event.create?batch=1', '{"0":null,"1":{"json":1}}'],
  itemIsText: ['POST', 'event.create?batch=1', '{"0":"x"}'],
  badAnnotation: ['POST', 'event.create?batch=1', json({ 0: { json: 1, meta: { values: ['nope'] } } })],
  missingItems: ['POST', 'event.create,event.create?batch=1', '{"1":{"json":2}}'],
  textPlain: ['POST', 'event.create?batch=1', '{}', 'text/plain'],
  noContentType: ['POST', 'event.create?batch=1', '{}', null],
  surrogate: ['POST', 'event.create?batch=1', '{"0":{"json":{"a":"\\ud800"}}}']
}
const texts = ['{a', '{"a"', '{"a":1', '{"a":1,}', '[1 2]', '{"a":1 "b"}', 'nope', '', '  ', '"abc', '"a\nb"', '{"a":nul}', '[1,]', '{"a" 1}', '1 2', '"\\x"', '{x',
  '{"0":{"json":tru}}', '{"0":{"json":{"a":1,"b":x,"cccccccccccccccccccccccccccccc":2}}}', '[', '{', '[1', '{"a":', '{"a":1,', 'x'.repeat(30), '[11111111111111111111111111, x]']

const attempt = (fn) => { try { return { value: tag(fn()) } } catch (e) { return { error: e.message } } }
const main = async () => {
  const out = { encode: [], decode: [], http: [], parse: [] }
  for (const [name, value] of Object.entries(encode)) out.encode.push({ name, value: tag(value), text: json(superjson.serialize(value)) })
  out.shared = json(superjson.serialize({ a: shared, list: [shared, { 'x.y': shared }], big: [7n, 7n], nan: [NaN, NaN], inf: [Infinity, Infinity] }))
  const ring = { a: 1 }; ring.self = ring; out.ring = json(superjson.serialize(ring))
  for (const [name, payload] of Object.entries(decode)) out.decode.push({ name, payload, ...attempt(() => superjson.deserialize(payload)) })
  for (const [name, [method, target, body, type]] of Object.entries(http)) {
    const headers = type === null ? {} : { 'content-type': type ?? 'application/json' }
    let init = { method, headers, ...(body === undefined ? {} : { body: type === null ? new TextEncoder().encode(body) : body }) }
    const res = await fetchRequestHandler({ endpoint: '', req: new Request('http://h/' + target, init), router, createContext: () => ({}), allowMethodOverride: true })
    out.http.push({ name, method, target, body: body ?? null, contentType: type === undefined ? 'application/json' : type, status: res.status, answer: await res.text() })
  }
  for (const text of texts) { try { JSON.parse(text) } catch (e) { out.parse.push({ text, message: e.message }) } }
  process.stdout.write(JSON.stringify(out, null, 1) + '\n')
}
main()
