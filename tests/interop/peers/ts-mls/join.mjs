// Becoming a member: groups made, key packages, Welcomes, external commits, Adds of oneself.
import { createGroup, joinGroup, joinGroupExternal, makePskIndex, proposeAddExternal } from "ts-mls"
import { decodeVarLenData } from "ts-mls/codec/variableLength.js"
import { Unsupported, bytesOf, encodeMessage, listOf, messageOf, sameBytes, treeOf } from "./fields.mjs"
import { config, find, forget, keep, newPackage, newState, suiteNamed, suiteOf } from "./things.mjs"

async function create(request) {
  const mine = await newPackage(await suiteOf(request.cipher_suite), bytesOf(request, "identity"))
  const { cs, publicPackage, privatePackage, identity } = mine
  const state = await createGroup(bytesOf(request, "group_id"), publicPackage, privatePackage, [], cs, config)
  return { state_id: newState(cs, identity, state, Boolean(request.encrypt_handshake)).id }
}

export const encodePackage = (keyPackage) => encodeMessage({ wireformat: "mls_key_package", keyPackage })

const privateKeys = (mine) => ({
  init_priv: mine.privatePackage.initPrivateKey,
  encryption_priv: mine.privatePackage.hpkePrivateKey,
  signature_priv: mine.privatePackage.signaturePrivateKey,
})

async function createKeyPackage(request) {
  const mine = await newPackage(await suiteOf(request.cipher_suite), bytesOf(request, "identity"))
  const t = keep("transaction", mine)
  return { transaction_id: t.id, key_package: encodePackage(mine.publicPackage), ...privateKeys(mine) }
}

/** Joins with what `t` keeps for it; `former` is the group that this one follows. */
export async function enter(t, request, former) {
  const { welcome } = messageOf(bytesOf(request, "welcome"), "welcome", "mls_welcome")
  const psks = makePskIndex(former?.state, t.psks)
  const tree = treeOf(request)
  const { publicPackage, privatePackage, cs } = t
  const state = await joinGroup(welcome, publicPackage, privatePackage, psks, cs, tree, former?.state, config)
  const encrypted = former === undefined ? Boolean(request.encrypt_handshake) : former.encryptHandshake
  forget(t)
  const made = newState(t.cs, t.identity, state, encrypted, t.psks)
  return { state_id: made.id, epoch_authenticator: state.keySchedule.epochAuthenticator }
}

function joinWithWelcome(request) {
  return enter(find(request, "transaction_id", "transaction"), request)
}

/** ts-mls 1.6.4 takes the whole of external_pub for a key; RFC 9420 section 12.4.3.2 has the key in a vector there. */
function withExternalPub(cs, groupInfo) {
  const data = groupInfo.extensions.find((e) => e.extensionType === "external_pub")?.extensionData
  const key = data && decodeVarLenData(data, 0)?.[0]
  const importPublicKey = (k) => cs.hpke.importPublicKey(k === data ? key : k)
  return { ...cs, hpke: { ...cs.hpke, importPublicKey } }
}

async function externalJoin(request) {
  if (listOf(request, "psks").length > 0) throw new Unsupported("PSKs in an external commit")
  const { groupInfo } = messageOf(bytesOf(request, "group_info"), "group_info", "mls_group_info")
  const cs = await suiteNamed(groupInfo.groupContext.cipherSuite)
  const identity = bytesOf(request, "identity")
  const mine = await newPackage(cs, identity)
  const byIdentity = {
    ...config.keyPackageEqualityConfig,
    compareKeyPackageToLeafNode: (_, leaf) => sameBytes(leaf.credential.identity, identity),
  }
  const made = await joinGroupExternal(
    groupInfo,
    mine.publicPackage,
    mine.privatePackage,
    Boolean(request.remove_prior),
    withExternalPub(cs, groupInfo),
    treeOf(request),
    { ...config, keyPackageEqualityConfig: byIdentity },
  )
  const t = newState(cs, identity, { ...made.newState, clientConfig: config }, Boolean(request.encrypt_handshake))
  return {
    state_id: t.id,
    commit: encodeMessage({ wireformat: "mls_public_message", publicMessage: made.publicMessage }),
    epoch_authenticator: t.state.keySchedule.epochAuthenticator,
  }
}

async function newMemberAdd(request) {
  const { groupInfo } = messageOf(bytesOf(request, "group_info"), "group_info", "mls_group_info")
  const cs = await suiteNamed(groupInfo.groupContext.cipherSuite)
  const mine = await newPackage(cs, bytesOf(request, "identity"))
  const proposal = await proposeAddExternal(groupInfo, mine.publicPackage, mine.privatePackage, cs)
  return { transaction_id: keep("transaction", mine).id, proposal: encodeMessage(proposal), ...privateKeys(mine) }
}

export const operations = {
  CreateGroup: create,
  CreateKeyPackage: createKeyPackage,
  JoinGroup: joinWithWelcome,
  ExternalJoin: externalJoin,
  NewMemberAddProposal: newMemberAdd,
}
