// What a state tells, and application messages.
import {
  createApplicationMessage,
  mlsExporter,
  processPrivateMessage,
} from "ts-mls"
import { createGroupInfo } from "ts-mls/createCommit.js"
import { varLenDataEncoder } from "ts-mls/codec/variableLength.js"
import { encode } from "ts-mls/codec/tlsEncoder.js"
import { encodeRatchetTree } from "ts-mls/ratchetTree.js"
import { bytesOf, encodeMessage, messageOf } from "./fields.mjs"
import { addPsk, find, forget, pskIndex } from "./things.mjs"

/** ts-mls 1.6.4 writes the key of external_pub bare; RFC 9420 section 12.4.3.2 has it in a vector. */
async function externalPub(t) {
  const pair = await t.cs.hpke.deriveKeyPair(t.state.keySchedule.externalSecret)
  const key = await t.cs.hpke.exportPublicKey(pair.publicKey)
  return { extensionType: "external_pub", extensionData: encode(varLenDataEncoder)(key) }
}

async function groupInfo(request) {
  const t = find(request, "state_id", "state")
  const tree = encodeRatchetTree(t.state.ratchetTree)
  const extensions = [await externalPub(t)]
  if (!request.external_tree) extensions.push({ extensionType: "ratchet_tree", extensionData: tree })
  const info = await createGroupInfo(t.state.groupContext, t.state.confirmationTag, t.state, extensions, t.cs)
  return {
    group_info: encodeMessage({ wireformat: "mls_group_info", groupInfo: info }),
    ratchet_tree: request.external_tree ? tree : new Uint8Array(),
  }
}

function stateAuth(request) {
  return { state_auth_secret: find(request, "state_id", "state").state.keySchedule.epochAuthenticator }
}

async function exportSecret(request) {
  const t = find(request, "state_id", "state")
  const secret = t.state.keySchedule.exporterSecret
  const length = request.key_length ?? 0
  return { exported_secret: await mlsExporter(secret, request.label ?? "", bytesOf(request, "context"), length, t.cs) }
}

async function protect(request) {
  const t = find(request, "state_id", "state")
  const { unappliedProposals } = t.state
  // ts-mls sends no data while proposals wait; the harness says who commits what, and when.
  const state = { ...t.state, unappliedProposals: {} }
  const data = bytesOf(request, "plaintext")
  const made = await createApplicationMessage(state, data, t.cs, bytesOf(request, "authenticated_data"))
  t.state = { ...made.newState, unappliedProposals }
  return { ciphertext: encodeMessage({ wireformat: "mls_private_message", privateMessage: made.privateMessage }) }
}

async function unprotect(request) {
  const t = find(request, "state_id", "state")
  const { privateMessage } = messageOf(bytesOf(request, "ciphertext"), "ciphertext", "mls_private_message")
  const got = await processPrivateMessage(t.state, privateMessage, pskIndex(t), t.cs)
  if (got.kind !== "applicationMessage") throw new Error("ciphertext: not an application message")
  t.state = got.newState
  return { authenticated_data: privateMessage.authenticatedData, plaintext: got.message }
}

function storePsk(request) {
  addPsk(
    find(request, "state_or_transaction_id", "state", "transaction"),
    bytesOf(request, "psk_id"),
    bytesOf(request, "psk_secret"),
  )
  return {}
}

function free(request) {
  forget(find(request, "state_id", "state", "transaction", "reinit"))
  return {}
}

export const operations = {
  GroupInfo: groupInfo,
  StateAuth: stateAuth,
  Export: exportSecret,
  Protect: protect,
  Unprotect: unprotect,
  StorePSK: storePsk,
  Free: free,
}
