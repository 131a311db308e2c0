// What requests name by number: states, key packages that wait, reinitialisations.
import {
  ciphersuites,
  defaultAuthenticationService,
  defaultKeyPackageEqualityConfig,
  defaultKeyRetentionConfig,
  defaultPaddingConfig,
  generateKeyPackage,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
  makePskIndex,
} from "ts-mls"
import { Unsupported, toBase64 } from "./fields.mjs"
import { signatures } from "./signatures.mjs"

const HOUR_S = 3600n
const LIFETIME_S = 90n * 86400n

export const suiteNames = Object.fromEntries(
  Object.entries(ciphersuites)
    .filter(([, id]) => id <= 7)
    .map(([name, id]) => [id, name]),
)

export const config = {
  authService: defaultAuthenticationService,
  keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
  keyRetentionConfig: { ...defaultKeyRetentionConfig, retainKeysForEpochs: 32 },
  lifetimeConfig: { maximumTotalLifetime: 2n * LIFETIME_S, validateLifetimeOnReceive: true },
  paddingConfig: defaultPaddingConfig,
}

const capabilities = {
  versions: ["mls10"],
  ciphersuites: [...Object.values(suiteNames), "2570"], // and GREASE, RFC 9420 section 13.5
  extensions: [0x1a1a],
  proposals: [0x2a2a],
  credentials: ["basic", "14906"],
}

export async function suiteNamed(name) {
  const suite = getCiphersuiteFromName(name)
  const cs = await getCiphersuiteImpl(suite)
  return { ...cs, signature: signatures[suite.signature] ?? cs.signature }
}

export async function suiteOf(id) {
  if (!(id in suiteNames)) throw new Unsupported(`cipher suite ${id}`)
  return suiteNamed(suiteNames[id])
}

const things = new Map()
let last = 0

export function keep(kind, thing) {
  things.set(++last, { kind, id: last, ...thing })
  return things.get(last)
}

export function find(request, name, ...kinds) {
  const thing = things.get(request[name] ?? 0)
  if (thing === undefined || !kinds.includes(thing.kind))
    throw new Error(`${name}: there is no ${kinds[0]} ${request[name] ?? 0}`)
  return thing
}

export function forget(thing) {
  things.delete(thing.id)
}

/** A key package of somebody, with keys of its own: {cs, identity, publicPackage, privatePackage, psks}. */
export async function newPackage(cs, identity) {
  const now = BigInt(Math.floor(Date.now() / 1000))
  const lifetime = { notBefore: now - HOUR_S, notAfter: now + LIFETIME_S }
  const made = await generateKeyPackage({ credentialType: "basic", identity }, capabilities, lifetime, [], cs)
  return { cs, identity, psks: {}, ...made }
}

export function newState(cs, identity, state, encryptHandshake, psks = {}) {
  return keep("state", { cs, identity, state, encryptHandshake, psks, known: new Map(), updates: new Map() })
}

export const pskIndex = (thing) => makePskIndex(thing.state, thing.psks)

export function addPsk(thing, id, secret) {
  thing.psks[toBase64(id)] = secret
}
