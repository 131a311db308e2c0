//! OpenMLS behind the protocol of docs/interop.md.

mod commit;
mod join;
mod outside;
mod propose;
mod state;

use openmls::prelude::*;
use peer_lines::{bytes, refuse, unsupported, Answer, Fields};
use serde_json::json;
use state::{decode, Peer, Thing};

fn main() -> std::io::Result<()> {
    let mut peer = Peer::default();
    peer_lines::serve(move |rpc, ask| answer(&mut peer, rpc, ask))
}

fn answer(peer: &mut Peer, rpc: &str, ask: &Fields) -> Answer {
    match rpc {
        "Name" => Ok(json!({ "name": "OpenMLS 0.9.2" })),
        "SupportedCiphersuites" => Ok(json!({ "ciphersuites": state::suites() })),
        "CreateGroup" => peer.create_group(ask),
        "CreateKeyPackage" => peer.create_key_package(ask),
        "ImportKeyPackage" => peer.import_key_package(ask),
        "JoinGroup" => peer.join_group(ask),
        "ExternalJoin" => peer.external_join(ask),
        "GroupInfo" => peer.group_info(ask),
        "StateAuth" => peer.state_auth(ask),
        "Export" => peer.export(ask),
        "Protect" => peer.protect(ask),
        "Unprotect" => peer.unprotect(ask),
        "StorePSK" => peer.store_psk(ask),
        "AddProposal" => peer.add_proposal(ask),
        "UpdateProposal" => peer.update_proposal(ask),
        "RemoveProposal" => peer.remove_proposal(ask),
        "ExternalPSKProposal" => peer.external_psk_proposal(ask),
        "ResumptionPSKProposal" => peer.resumption_psk_proposal(ask),
        "GroupContextExtensionsProposal" => peer.extensions_proposal(ask),
        "Commit" => peer.commit(ask),
        "HandleCommit" => peer.handle_commit(ask),
        "HandlePendingCommit" => peer.handle_pending_commit(ask),
        "ReInitProposal"
        | "ReInitCommit"
        | "HandlePendingReInitCommit"
        | "HandleReInitCommit"
        | "ReInitWelcome"
        | "HandleReInitWelcome" => unsupported("reinitialisation"),
        "CreateBranch" | "HandleBranch" => unsupported("branches"),
        "NewMemberAddProposal" => peer.new_member_add_proposal(ask),
        "CreateExternalSigner" => peer.create_external_signer(ask),
        "AddExternalSigner" => peer.add_external_signer(ask),
        "ExternalSignerProposal" => peer.external_signer_proposal(ask),
        "Free" => peer.free(ask),
        _ => unsupported("no such rpc"),
    }
}

impl Peer {
    fn state_auth(&mut self, ask: &Fields) -> Answer {
        let auth = self.state(ask)?.group.epoch_authenticator();
        Ok(json!({ "state_auth_secret": bytes(auth.as_slice()) }))
    }

    fn export(&mut self, ask: &Fields) -> Answer {
        let label = ask.text("label")?;
        let context = ask.bytes("context")?;
        let len = ask.small::<u32>("key_length")? as usize;
        let state = self.state(ask)?;
        let crypto = state.person.provider.crypto();
        let key = state.group.export_secret(crypto, &label, &context, len)?;
        Ok(json!({ "exported_secret": bytes(key) }))
    }

    fn protect(&mut self, ask: &Fields) -> Answer {
        let data = ask.bytes("plaintext")?;
        let with = ask.bytes("authenticated_data")?;
        let state = self.state(ask)?;
        if state.group.has_pending_proposals() {
            return unsupported("application data while proposals wait (RFC 9420 section 12.4)");
        }
        let person = state.person.clone();
        state.group.set_aad(with);
        let sent = state
            .group
            .create_message(&person.provider, &person.signer, &data)?;
        Ok(json!({ "ciphertext": bytes(sent.to_bytes()?) }))
    }

    fn unprotect(&mut self, ask: &Fields) -> Answer {
        let message = decode::<MlsMessageIn>(&ask.bytes("ciphertext")?)?;
        let got = self.state(ask)?.process(message)?;
        let with = got.aad().to_vec();
        match got.into_content() {
            ProcessedMessageContent::ApplicationMessage(data) => Ok(json!({
                "authenticated_data": bytes(with),
                "plaintext": bytes(data.into_bytes()),
            })),
            _ => refuse("ciphertext: not an application message"),
        }
    }

    fn store_psk(&mut self, ask: &Fields) -> Answer {
        // The library stores no nonce with it.
        let psk = openmls::schedule::PreSharedKeyId::external(ask.bytes("psk_id")?, Vec::new());
        let secret = ask.bytes("psk_secret")?;
        let id = ask.small("state_or_transaction_id")?;
        let person = self.things.get(id, |t| match t {
            Thing::State(state) => Some(&state.person),
            Thing::Transaction(person) => Some(person),
            _ => None,
        })?;
        psk.store(&person.provider, &secret)?;
        Ok(json!({}))
    }

    fn free(&mut self, ask: &Fields) -> Answer {
        self.things.free(ask.small("state_id")?)?;
        Ok(json!({}))
    }
}
