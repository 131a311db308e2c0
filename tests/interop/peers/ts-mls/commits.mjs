// Commits: made, waiting, and handled.
import { createCommit, processPrivateMessage, processPublicMessage } from "ts-mls"
import { encodeRatchetTree } from "ts-mls/ratchetTree.js"
import { Unsupported, bytesOf, encodeMessage, fromBase64, listOf, messageOf, toBase64 } from "./fields.mjs"
import { describe } from "./proposals.mjs"
import { find, pskIndex } from "./things.mjs"

const newest = (state) => Object.keys(state.unappliedProposals).at(-1)

function handle(t, state, message, callback) {
  return message.wireformat === "mls_private_message"
    ? processPrivateMessage(state, message.privateMessage, pskIndex(t), t.cs, callback)
    : processPublicMessage(state, message.publicMessage, pskIndex(t), t.cs, callback)
}

/** Takes in the proposals that are not known yet; their references in order. */
async function takeProposals(t, messages) {
  const refs = []
  for (const text of messages) {
    const key = toBase64(fromBase64(text))
    if (!t.known.has(key)) {
      const message = messageOf(fromBase64(text), "proposal", "mls_public_message", "mls_private_message")
      let isProposal = false
      const got = await handle(t, t.state, message, (incoming) => {
        isProposal = incoming.kind === "proposal"
        return isProposal ? "accept" : "reject"
      })
      if (!isProposal) throw new Error("a proposal is not one")
      t.state = got.newState
      t.known.set(key, newest(t.state))
    }
    refs.push(t.known.get(key))
  }
  return refs
}

const needsPath = (p) => p.proposalType === "update" || p.proposalType === "remove"

export async function makeCommit(request) {
  const t = find(request, "state_id", "state")
  const refs = await takeProposals(t, listOf(request, "by_reference"))
  const extraProposals = listOf(request, "by_value").map((d) => describe(t, d))
  // ts-mls commits all that it knows; the harness wants what it names.
  const unappliedProposals = Object.fromEntries(refs.map((ref) => [ref, t.state.unappliedProposals[ref]]))
  const all = [...Object.values(unappliedProposals).map((p) => p.proposal), ...extraProposals]
  if (request.force_path && all.length > 0 && !all.some(needsPath)) throw new Unsupported("a path that nothing requires")
  const made = await createCommit(
    { state: { ...t.state, unappliedProposals }, pskIndex: pskIndex(t), cipherSuite: t.cs },
    {
      wireAsPublicMessage: !t.encryptHandshake,
      extraProposals,
      ratchetTreeExtension: !request.external_tree,
    },
  )
  t.pending = made.newState
  const welcome = made.welcome
  return {
    commit: encodeMessage(made.commit),
    welcome: welcome === undefined ? new Uint8Array() : encodeMessage({ wireformat: "mls_welcome", welcome }),
    ratchet_tree: request.external_tree ? encodeRatchetTree(made.newState.ratchetTree) : new Uint8Array(),
  }
}

function enterEpoch(t, state) {
  t.state = state
  t.pending = undefined
  t.known.clear()
  t.updates.clear()
  return { state_id: t.id, epoch_authenticator: state.keySchedule.epochAuthenticator }
}

/** What was received since the commit was made has moved the ratchets of the epoch that ends, and of those before. */
function withRatchetsOf(state, now) {
  const historicalReceiverData = new Map(state.historicalReceiverData)
  for (const [epoch, data] of now.historicalReceiverData)
    if (historicalReceiverData.has(epoch)) historicalReceiverData.set(epoch, data)
  const ended = historicalReceiverData.get(now.groupContext.epoch)
  historicalReceiverData.set(now.groupContext.epoch, { ...ended, secretTree: now.secretTree })
  return { ...state, historicalReceiverData }
}

export function handlePending(request) {
  const t = find(request, "state_id", "state")
  if (t.pending === undefined) throw new Error("no commit of this state is pending")
  return enterEpoch(t, withRatchetsOf(t.pending, t.state))
}

export async function handleCommit(request) {
  const t = find(request, "state_id", "state")
  await takeProposals(t, listOf(request, "proposal"))
  const message = messageOf(bytesOf(request, "commit"), "commit", "mls_public_message", "mls_private_message")
  const privatePath = { ...t.state.privatePath, privateKeys: { ...t.state.privatePath.privateKeys } }
  const { leafIndex } = privatePath
  let isCommit = false
  const got = await handle(t, { ...t.state, privatePath }, message, (incoming) => {
    isCommit = incoming.kind === "commit"
    for (const { proposal, senderLeafIndex } of isCommit ? incoming.proposals : [])
      if (proposal.proposalType === "update" && senderLeafIndex === leafIndex)
        privatePath.privateKeys[leafIndex * 2] = t.updates.get(toBase64(proposal.update.leafNode.hpkePublicKey))
    return isCommit ? "accept" : "reject"
  })
  if (!isCommit) throw new Error("commit: not a commit to handle")
  if (got.newState.groupActiveState.kind === "removedFromGroup") {
    t.state = got.newState
    throw new Error("commit: it removes this member")
  }
  return enterEpoch(t, got.newState)
}

export const operations = { Commit: makeCommit, HandleCommit: handleCommit, HandlePendingCommit: handlePending }
