// ts-mls behind the JSON lines of docs/interop.md: one request a line on standard input, one answer a line.
import { createInterface } from "node:readline"
import { webcrypto } from "node:crypto"

globalThis.crypto ??= webcrypto // node 18 has it, but not as a global
process.removeAllListeners("warning") // of node 18: Ed25519 in WebCrypto is experimental there

const { operations } = await import("./operations.mjs")
const { answerOf } = await import("./fields.mjs")

async function answer(line) {
  let request
  try {
    request = JSON.parse(line)
  } catch {
    return { error: "not JSON" }
  }
  if (request === null || typeof request !== "object" || Array.isArray(request)) return { error: "not an object" }
  const operation = Object.hasOwn(operations, request.rpc) ? operations[request.rpc] : undefined
  if (operation === undefined) return { error: `rpc: there is no operation ${request.rpc}` }
  try {
    return answerOf(await operation(request))
  } catch (e) {
    return { error: String(e?.message || e) }
  }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity }))
  process.stdout.write(JSON.stringify(await answer(line)) + "\n")
