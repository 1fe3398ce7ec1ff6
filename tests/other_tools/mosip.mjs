// Opens, checks and makes MOSIP's formats with node:crypto alone, as a second opinion on wire/mosip.
// Reads one JSON object on stdin, {task, ...}, and prints one JSON object.
import crypto from 'node:crypto'
import fs from 'node:fs'

const SPLITTER = Buffer.from('#KEY_SPLITTER#')
const oaep = (key) => ({ key, padding: crypto.constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' })
const pss = (key) => ({ key, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })
const sha256 = (data) => crypto.createHash('sha256').update(data).digest()
const read = (text) => Buffer.from(text, 'base64')

function gcmOpen(key, nonce, sealed, aad) {
  const cipher = crypto.createDecipheriv('aes-256-gcm', key, nonce)
  if (aad) cipher.setAAD(aad)
  cipher.setAuthTag(sealed.subarray(-16))
  return Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()])
}

function gcmSeal(key, nonce, plain, aad) {
  const cipher = crypto.createCipheriv('aes-256-gcm', key, nonce)
  if (aad) cipher.setAAD(aad)
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function unseal({ sealed, privateKey }) {
  const data = read(sealed)
  const at = data.indexOf(SPLITTER)
  const sessionKey = crypto.privateDecrypt(oaep(privateKey), data.subarray(at - 256, at))
  const body = data.subarray(at + SPLITTER.length)
  const today = data.subarray(0, 6).toString() === 'VER_R2'
  const plain = today
    ? gcmOpen(sessionKey, body.subarray(0, 12), body.subarray(32), body.subarray(0, 32))
    : gcmOpen(sessionKey, body.subarray(-16), body.subarray(0, -16))
  return { plain: plain.toString('base64'), head: data.subarray(0, at - 256).toString('hex') }
}

function seal({ plain, certificate }) {
  const x509 = new crypto.X509Certificate(certificate)
  const sessionKey = crypto.randomBytes(32)
  const aad = crypto.randomBytes(32)
  const sealed = Buffer.concat([
    Buffer.from('VER_R2'),
    sha256(x509.raw),
    crypto.publicEncrypt(oaep(x509.publicKey), sessionKey),
    SPLITTER,
    aad,
    gcmSeal(sessionKey, aad.subarray(0, 12), read(plain), aad)
  ])
  return { sealed: sealed.toString('base64url') }
}

// For credentials of plain texts under the stock context: the quads, written by hand.
function quadsOf(credential) {
  const { id, issuer, issuanceDate, credentialSubject: subject } = credential
  const vocabulary = `${new URL(credential['@context'][1]).origin}/mosip#`
  const covered = ['vcVer', 'UIN', 'VID', 'dateOfBirth', 'email', 'phone', 'fullName']
  const cred = 'https://www.w3.org/2018/credentials#'
  const date = 'http://www.w3.org/2001/XMLSchema#dateTime'
  return [
    `<${id}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <${cred}VerifiableCredential> .\n`,
    `<${id}> <${cred}credentialSubject> <${subject.id}> .\n`,
    `<${id}> <${cred}issuanceDate> "${issuanceDate}"^^<${date}> .\n`,
    `<${id}> <${cred}issuer> <${issuer}> .\n`,
    ...covered.filter((n) => n in subject).map((n) => `<${subject.id}> <${vocabulary}${n}> "${subject[n]}" .\n`)
  ].sort().join('')
}

function proofQuadsOf(proof) {
  const sec = 'https://w3id.org/security#'
  return (
    `_:c14n0 <http://purl.org/dc/terms/created> "${proof.created}"^^<http://www.w3.org/2001/XMLSchema#dateTime> .\n` +
    `_:c14n0 <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <${sec}${proof.type}> .\n` +
    `_:c14n0 <${sec}proofPurpose> <${sec}${proof.proofPurpose}> .\n` +
    `_:c14n0 <${sec}verificationMethod> <${proof.verificationMethod}> .\n`
  )
}

// JSON with names in order: JCS, as long as there are only texts, lists and objects.
function jcs(value) {
  if (Array.isArray(value)) return `[${value.map(jcs).join(',')}]`
  if (value && typeof value === 'object') {
    return `{${Object.keys(value).sort().map((k) => `${JSON.stringify(k)}:${jcs(value[k])}`).join(',')}}`
  }
  return JSON.stringify(value)
}

function verifyProof({ credential, publicKey, manner }) {
  const { proof, ...document } = credential
  const [header, , signature] = proof.jws.split('.')
  const payload =
    manner === 'jcs'
      ? Buffer.from(jcs(document))
      : Buffer.concat([sha256(proofQuadsOf(proof)), sha256(quadsOf(document))])
  const signed = Buffer.concat([Buffer.from(`${header}.`), payload])
  const holds = crypto.verify('sha256', signed, pss(publicKey), Buffer.from(signature, 'base64url'))
  return { holds, header: JSON.parse(Buffer.from(header, 'base64url')) }
}

function openRequest({ body, header, privateKey }) {
  const request = JSON.parse(body)
  const sessionKey = crypto.privateDecrypt(oaep(privateKey), Buffer.from(request.requestSessionKey, 'base64url'))
  const open = (text) => {
    const data = Buffer.from(text, 'base64url')
    return gcmOpen(sessionKey, data.subarray(-16), data.subarray(0, -16))
  }
  const plain = open(request.request)
  const [protectedPart, , signature] = header.split('.')
  const x5c = JSON.parse(Buffer.from(protectedPart, 'base64url')).x5c[0]
  const certificate = new crypto.X509Certificate(read(x5c))
  const signed = `${protectedPart}.${Buffer.from(body).toString('base64url')}`
  return {
    inner: plain.toString(),
    hashFits: open(request.requestHMAC).toString() === sha256(plain).toString('hex').toUpperCase(),
    signatureHolds: crypto.verify('sha256', Buffer.from(signed), certificate.publicKey, Buffer.from(signature, 'base64url'))
  }
}

function hmac({ secret, body, method }) {
  return { header: `${method}=${crypto.createHmac(method, secret).update(read(body)).digest('hex')}` }
}

const tasks = { unseal, seal, verifyProof, openRequest, hmac }
const input = JSON.parse(fs.readFileSync(0, 'utf8'))
process.stdout.write(JSON.stringify(tasks[input.task](input)))
