// Groups that follow a group: reinitialisation and branches, RFC 9420 sections 11.2 and 11.3.
import { ciphersuites, createCommit, createGroup, makePskIndex } from "ts-mls"
import { encodeRatchetTree } from "ts-mls/ratchetTree.js"
import { makeResumptionPsk } from "ts-mls/resumption.js"
import { Unsupported, bytesOf, encodeMessage, extensionsOf, listOf } from "./fields.mjs"
import { handleCommit, handlePending, makeCommit } from "./commits.mjs"
import { encodePackage, enter } from "./join.mjs"
import { addOf } from "./proposals.mjs"
import { config, find, forget, keep, newPackage, newState, suiteOf } from "./things.mjs"

/** Our way into the group that the ReInit promised. */
async function ended(answer, request) {
  const t = find(request, "state_id", "state")
  const active = t.state.groupActiveState
  if (active.kind !== "suspendedPendingReinit") throw new Error("no ReInit has ended this group")
  const mine = await newPackage(await suiteOf(ciphersuites[active.reinit.cipherSuite]), t.identity)
  const next = keep("reinit", { ...mine, former: t })
  const { epoch_authenticator } = answer
  return { reinit_id: next.id, key_package: encodePackage(mine.publicPackage), epoch_authenticator }
}

const handleReInit = async (request) => ended(await handleCommit(request), request)
const handlePendingReInit = async (request) => ended(handlePending(request), request)

/** The group that `mine` makes after `former`, with the first commit that brings the others in. */
async function makeGroup(former, mine, usage, groupId, extensions, request, packages) {
  if (request.force_path) throw new Unsupported("a path that nothing requires")
  const { cs, publicPackage, privatePackage, identity } = mine
  const state = await createGroup(groupId, publicPackage, privatePackage, extensions, cs, config)
  const psk = { proposalType: "psk", psk: { preSharedKeyId: makeResumptionPsk(former.state, usage, cs).id } }
  const adds = packages.map((text) => addOf({ key_package: text }))
  const made = await createCommit(
    { state, pskIndex: makePskIndex(former.state, {}), cipherSuite: cs },
    { extraProposals: [...adds, psk], ratchetTreeExtension: !request.external_tree },
  )
  const t = newState(cs, identity, made.newState, former.encryptHandshake)
  return {
    state_id: t.id,
    welcome: encodeMessage({ wireformat: "mls_welcome", welcome: made.welcome }),
    ratchet_tree: request.external_tree ? encodeRatchetTree(made.newState.ratchetTree) : new Uint8Array(),
    epoch_authenticator: made.newState.keySchedule.epochAuthenticator,
  }
}

async function reInitWelcome(request) {
  const t = find(request, "reinit_id", "reinit")
  const { groupId, extensions } = t.former.state.groupActiveState.reinit
  const made = await makeGroup(t.former, t, "reinit", groupId, extensions, request, listOf(request, "key_package"))
  forget(t)
  return made
}

function handleReInitWelcome(request) {
  const t = find(request, "reinit_id", "reinit")
  return enter(t, request, t.former)
}

async function createBranch(request) {
  const former = find(request, "state_id", "state")
  const mine = await newPackage(former.cs, former.identity)
  const groupId = bytesOf(request, "group_id")
  return makeGroup(former, mine, "branch", groupId, extensionsOf(request), request, listOf(request, "key_packages"))
}

function handleBranch(request) {
  return enter(find(request, "transaction_id", "transaction"), request, find(request, "state_id", "state"))
}

export const operations = {
  ReInitCommit: makeCommit,
  HandleReInitCommit: handleReInit,
  HandlePendingReInitCommit: handlePendingReInit,
  ReInitWelcome: reInitWelcome,
  HandleReInitWelcome: handleReInitWelcome,
  CreateBranch: createBranch,
  HandleBranch: handleBranch,
}
