// The operations by their names in mls_client.proto.
import * as application from "./application.mjs"
import * as commits from "./commits.mjs"
import * as follow from "./follow.mjs"
import * as join from "./join.mjs"
import * as proposals from "./proposals.mjs"
import { Unsupported } from "./fields.mjs"
import { suiteNames } from "./things.mjs"

function externalSenders() {
  throw new Unsupported("ts-mls 1.6.4 takes external_senders for one sender, not for a vector of them")
}

export const operations = {
  Name: () => ({ name: "ts-mls" }),
  SupportedCiphersuites: () => ({ ciphersuites: Object.keys(suiteNames).map(Number) }),
  CreateExternalSigner: externalSenders,
  AddExternalSigner: externalSenders,
  ExternalSignerProposal: externalSenders,
  ...application.operations,
  ...commits.operations,
  ...follow.operations,
  ...join.operations,
  ...proposals.operations,
}
