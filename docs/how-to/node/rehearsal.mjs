// A rehearsal of OpenCRVS and a national ID system for tests in Node. Copy this file into your project.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** Start the servers. `countryConfig`: the URL of your own server; without it the kit's bridge plays its part. */
export async function startRehearsal({ command = 'rehearse', countryConfig, args = [] } = {}) {
  const words = ['serve', '--json', ...args]
  if (countryConfig) words.push('--country-config', countryConfig)
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const addresses = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${command} ended with status ${code} before it was ready`)))
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)))
  })
  child.removeAllListeners('exit')
  return new Rehearsal(child, addresses)
}

class Rehearsal {
  constructor(child, addresses) {
    this.child = child
    /** `opencrvs.gateway`, `opencrvs.publicKey`, `nid.url`, `nid.hub`, `keys`, … */
    this.addresses = addresses
  }

  async call(method, path, body) {
    const answer = await fetch(`${this.addresses.control}${path}`, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body)
    })
    const said = await answer.json()
    if (!answer.ok) throw new Error(`${said.title}\n${said.detail ?? ''}`)
    return said
  }

  /** A birth (or `{event: 'death', national_id}`) is declared; the record as OpenCRVS shows it. */
  declare(what = {}) { return this.call('POST', '/records', what) }
  /** The registrar clicks Register: `{answer: {status, error}, record}`. */
  register(record) { return this.call('POST', `/records/${record.id}/register`) }
  /** Wait until `registered`, `rejected`, `waiting`, `stuck` or `national_id`; the record then. */
  until(record, until, seconds = 10) { return this.call('POST', `/records/${record.id}/wait`, { until, seconds }) }
  record(record) { return this.call('GET', `/records/${record.id}`) }
  /** What the ID system does with the next packet: `issue@3600`, `reject:duplicate person`, `stall`. */
  plan(plan, always = false) { return this.call('POST', '/plans', { plan, always }) }
  /** Break `nid` or `opencrvs`: `{seam: 'packet.create', kind: 'status', status: 503, count: 3}`. */
  breaks(system, fault) { return this.call('POST', '/faults', { system, fault }) }
  mend() { return this.call('DELETE', '/faults') }
  /** Move the time of all servers forward. */
  advance(seconds) { return this.call('POST', '/clock', { advance_seconds: seconds }) }
  deliverAgain(record) { return this.call('POST', `/records/${record.id}/deliver-again`) }
  facts() { return this.call('GET', '/facts') }
  exchanges() { return this.call('GET', '/exchanges') }
  /** Throws when one of the five promises is broken as things stand now, and says by what record. */
  async keepsPromises() {
    const { kept, promises } = await this.call('GET', '/promises')
    if (kept) return
    const told = promises.filter((one) => one.ruling === 'broken').map((one) =>
      [`promise ${one.number}: ${one.text}`, ...one.findings.map((f) => `  ${f.record}: ${f.what}`)].join('\n'))
    throw new Error(told.join('\n'))
  }

  async stop() {
    if (this.child.exitCode !== null) return
    const ended = new Promise((resolve) => this.child.once('exit', resolve))
    this.child.kill('SIGTERM')
    await ended
  }
}
