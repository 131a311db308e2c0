// Proposals of members.
import { createProposal } from "ts-mls"
import { encode } from "ts-mls/codec/tlsEncoder.js"
import { getOwnLeafNode } from "ts-mls/clientState.js"
import { signWithLabel } from "ts-mls/crypto/signature.js"
import { leafNodeTBSEncoder } from "ts-mls/leafNode.js"
import { bytesOf, encodeMessage, extensionsOf, kindOf, messageOf, sameBytes, toBase64 } from "./fields.mjs"
import { find, suiteNames } from "./things.mjs"

const newest = (state) => Object.keys(state.unappliedProposals).at(-1)

/** Makes the message, and remembers it: a Commit names its proposals by their messages. */
async function propose(t, proposal) {
  const made = await createProposal(t.state, !t.encryptHandshake, proposal, t.cs)
  t.state = made.newState
  const message = encodeMessage(made.message)
  t.known.set(toBase64(message), newest(t.state))
  return { proposal: message }
}

function leafOf(t, identity) {
  const at = t.state.ratchetTree.findIndex((n) => n?.nodeType === "leaf" && sameBytes(n.leaf.credential.identity, identity))
  if (at < 0) throw new Error("removed_id: no member has this identity")
  return at / 2
}

export const addOf = (request) => ({
  proposalType: "add",
  add: { keyPackage: messageOf(bytesOf(request, "key_package"), "key_package", "mls_key_package").keyPackage },
})

const removeOf = (t, request) => ({
  proposalType: "remove",
  remove: { removed: leafOf(t, bytesOf(request, "removed_id")) },
})

const extensionsProposal = (request) => ({
  proposalType: "group_context_extensions",
  groupContextExtensions: { extensions: extensionsOf(request) },
})

const pskOf = (t, id) => ({
  proposalType: "psk",
  psk: { preSharedKeyId: { ...id, pskNonce: t.cs.rng.randomBytes(t.cs.kdf.size) } },
})

const externalPsk = (t, request) => pskOf(t, { psktype: "external", pskId: bytesOf(request, "psk_id") })

const resumptionPsk = (t, request) =>
  pskOf(t, {
    psktype: "resumption",
    usage: "application",
    pskGroupId: t.state.groupContext.groupId,
    pskEpoch: BigInt(request.epoch_id ?? 0),
  })

/** The proposal that a ProposalDescription describes. */
export function describe(t, description) {
  switch (kindOf(description)) {
    case "add":
      return addOf(description)
    case "remove":
      return removeOf(t, description)
    case "externalPSK":
      return externalPsk(t, description)
    case "resumptionPSK":
      return resumptionPsk(t, description)
    case "groupContextExtensions":
      return extensionsProposal(description)
    default:
      throw new Error("by_value: not a proposal that a commit can bring")
  }
}

/** ts-mls has no update of its own making: the leaf is signed here, and its key waits for the commit. */
async function update(request) {
  const t = find(request, "state_id", "state")
  const pair = await t.cs.hpke.generateKeyPair()
  const { signaturePublicKey, credential, capabilities, extensions } = getOwnLeafNode(t.state)
  const leaf = {
    signaturePublicKey,
    credential,
    capabilities,
    extensions,
    leafNodeSource: "update",
    hpkePublicKey: await t.cs.hpke.exportPublicKey(pair.publicKey),
  }
  const { groupId } = t.state.groupContext
  const tbs = encode(leafNodeTBSEncoder)({ ...leaf, groupId, leafIndex: t.state.privatePath.leafIndex })
  const signature = await signWithLabel(t.state.signaturePrivateKey, "LeafNodeTBS", tbs, t.cs.signature)
  t.updates.set(toBase64(leaf.hpkePublicKey), await t.cs.hpke.exportPrivateKey(pair.privateKey))
  return propose(t, { proposalType: "update", update: { leafNode: { ...leaf, signature } } })
}

const proposer = (make) => (request) => {
  const t = find(request, "state_id", "state")
  return propose(t, make(t, request))
}

const reinit = (_, request) => ({
  proposalType: "reinit",
  reinit: {
    groupId: bytesOf(request, "group_id"),
    version: "mls10",
    cipherSuite: suiteNames[request.cipher_suite],
    extensions: extensionsOf(request),
  },
})

export const operations = {
  AddProposal: proposer((_, request) => addOf(request)),
  UpdateProposal: update,
  RemoveProposal: proposer(removeOf),
  ExternalPSKProposal: proposer(externalPsk),
  ResumptionPSKProposal: proposer(resumptionPsk),
  GroupContextExtensionsProposal: proposer((_, request) => extensionsProposal(request)),
  ReInitProposal: proposer(reinit),
}
