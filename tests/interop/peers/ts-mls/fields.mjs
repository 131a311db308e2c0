// The fields of requests and answers: bytes are base64, what is absent has proto3's default.
import { decodeMlsMessage, encodeMlsMessage } from "ts-mls"
import { decodeRatchetTree } from "ts-mls/ratchetTree.js"

export class Unsupported extends Error {
  constructor(what) {
    super(`unsupported: ${what}`)
  }
}

export const fromBase64 = (text) => new Uint8Array(Buffer.from(text ?? "", "base64"))
export const toBase64 = (bytes) => Buffer.from(bytes).toString("base64")
export const utf8 = (text) => new TextEncoder().encode(text)

export const bytesOf = (request, name) => fromBase64(request[name])
export const listOf = (request, name) => request[name] ?? []

export function answerOf(fields) {
  const out = {}
  for (const [name, value] of Object.entries(fields)) out[name] = value instanceof Uint8Array ? toBase64(value) : value
  return out
}

export const sameBytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0

/** The MLSMessage of a field, which must be one of `kinds`. */
export function messageOf(bytes, name, ...kinds) {
  const decoded = decodeMlsMessage(bytes, 0)
  if (decoded === undefined || decoded[1] !== bytes.length) throw new Error(`${name}: not an MLSMessage`)
  if (!kinds.includes(decoded[0].wireformat)) throw new Error(`${name}: ${decoded[0].wireformat} is not wanted here`)
  return decoded[0]
}

export const encodeMessage = (message) => encodeMlsMessage({ version: "mls10", ...message })

/** A ratchet tree that came beside the message, or undefined. */
export function treeOf(request) {
  const bytes = bytesOf(request, "ratchet_tree")
  if (bytes.length === 0) return undefined
  const decoded = decodeRatchetTree(bytes, 0)
  if (decoded === undefined || decoded[1] !== bytes.length) throw new Error("ratchet_tree: not a ratchet tree")
  return decoded[0]
}

const extensionNames = { 1: "application_id", 3: "required_capabilities", 5: "external_senders" }

export function extensionsOf(request) {
  return listOf(request, "extensions").map((e) => {
    const type = e.extension_type ?? 0
    return { extensionType: extensionNames[type] ?? type, extensionData: bytesOf(e, "extension_data") }
  })
}

/** proposal_type is bytes; the bare word is taken as well. */
export function kindOf(description) {
  const word = description.proposal_type ?? ""
  const words = ["add", "remove", "externalPSK", "resumptionPSK", "groupContextExtensions", "reinit"]
  return words.find((w) => w === word || toBase64(utf8(w)) === word)
}
