//! mls-rs behind the protocol of docs/interop.md.

mod commit;
mod follow;
mod join;
mod outside;
mod propose;
mod state;

use mls_rs::error::MlsError;
use mls_rs::group::ReceivedMessage;
use mls_rs::psk::{ExternalPskId, PreSharedKey};
use mls_rs::MlsMessage;
use peer_lines::{bytes, refuse, unsupported, Answer, Fields};
use serde_json::json;
use state::{Peer, Thing};

fn main() -> std::io::Result<()> {
    let mut peer = Peer::default();
    peer_lines::serve(move |rpc, ask| answer(&mut peer, rpc, ask))
}

fn answer(peer: &mut Peer, rpc: &str, ask: &Fields) -> Answer {
    match rpc {
        "Name" => Ok(json!({ "name": "mls-rs 0.57.0" })),
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
        "Commit" | "ReInitCommit" => peer.commit(ask),
        "HandleCommit" => peer.handle_commit(ask),
        "HandlePendingCommit" => peer.handle_pending_commit(ask),
        "ReInitProposal" => peer.reinit_proposal(ask),
        "HandlePendingReInitCommit" => peer.handle_pending_reinit_commit(ask),
        "HandleReInitCommit" => peer.handle_reinit_commit(ask),
        "ReInitWelcome" => peer.reinit_welcome(ask),
        "HandleReInitWelcome" => peer.handle_reinit_welcome(ask),
        "CreateBranch" => peer.create_branch(ask),
        "HandleBranch" => peer.handle_branch(ask),
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
        let auth = self.state(ask)?.group.epoch_authenticator()?;
        Ok(json!({ "state_auth_secret": bytes(&*auth) }))
    }

    fn export(&mut self, ask: &Fields) -> Answer {
        let label = ask.text("label")?;
        let context = ask.bytes("context")?;
        let len = ask.small::<u32>("key_length")? as usize;
        let group = &self.state(ask)?.group;
        let key = group.export_secret(label.as_bytes(), &context, len)?;
        Ok(json!({ "exported_secret": bytes(&*key) }))
    }

    fn protect(&mut self, ask: &Fields) -> Answer {
        let data = ask.bytes("plaintext")?;
        let with = ask.bytes("authenticated_data")?;
        let group = &mut self.state(ask)?.group;
        if group.commit_required() {
            return unsupported("application data while proposals wait (RFC 9420 section 12.4)");
        }
        let sent = group.encrypt_application_message(&data, with)?;
        Ok(json!({ "ciphertext": bytes(sent.to_bytes()?) }))
    }

    fn unprotect(&mut self, ask: &Fields) -> Answer {
        let message = MlsMessage::from_bytes(&ask.bytes("ciphertext")?)?;
        match self.state(ask)?.group.process_incoming_message(message) {
            Ok(ReceivedMessage::ApplicationMessage(got)) => Ok(json!({
                "authenticated_data": bytes(&got.authenticated_data),
                "plaintext": bytes(got.data()),
            })),
            Ok(_) => refuse("ciphertext: not an application message"),
            Err(MlsError::MemberNotFound) => {
                unsupported("a late message of somebody who is no member any more")
            }
            Err(error) => Err(error.into()),
        }
    }

    fn store_psk(&mut self, ask: &Fields) -> Answer {
        let psk_id = ExternalPskId::new(ask.bytes("psk_id")?);
        let secret = PreSharedKey::new(ask.bytes("psk_secret")?);
        let id = ask.small("state_or_transaction_id")?;
        let client = self.things.get(id, |t| match t {
            Thing::State(state) => Some(&state.person.client),
            Thing::Transaction(person) => Some(&person.client),
            _ => None,
        })?;
        client.secret_store().insert(psk_id, secret);
        Ok(json!({}))
    }

    fn free(&mut self, ask: &Fields) -> Answer {
        self.things.free(ask.small("state_id")?)?;
        Ok(json!({}))
    }
}
