//! Proposals of members.

use crate::state::{extension_list, name_of, Config, Peer, State};
use mls_rs::error::MlsError;
use mls_rs::extension::built_in::ExternalSendersExt;
use mls_rs::group::ReceivedMessage;
use mls_rs::identity::SigningIdentity;
use mls_rs::mls_rs_codec::MlsDecode;
use mls_rs::psk::ExternalPskId;
use mls_rs::time::MlsTime;
use mls_rs::{CipherSuite, Group, MlsMessage};
use peer_lines::{bytes, refuse, Answer, Fields, Refusal};
use serde_json::json;

/// The lowest leaf with this identity.
pub fn find_member(group: &Group<Config>, identity: &[u8]) -> Result<u32, Refusal> {
    let mut all = group.roster().members_iter();
    match all.find(|m| name_of(&m.signing_identity) == identity) {
        Some(member) => Ok(member.index),
        None => refuse("removed_id: no member has this identity"),
    }
}

impl State {
    fn known_refs(&self) -> Vec<Vec<u8>> {
        let all = self.group.get_cached_proposals();
        all.iter().map(|p| p.proposal_ref().to_vec()).collect()
    }

    /// Proposes, and remembers under which reference.
    fn propose(
        &mut self,
        make: impl FnOnce(&mut Group<Config>) -> Result<MlsMessage, MlsError>,
    ) -> Answer {
        let before = self.known_refs();
        let message = make(&mut self.group)?.to_bytes()?;
        let after = self.known_refs().into_iter();
        if let Some(new) = after.into_iter().find(|r| !before.contains(r)) {
            self.seen.insert(message.clone(), new);
        }
        Ok(json!({ "proposal": bytes(message) }))
    }

    /// The reference of a proposal, which is taken if it is not known yet.
    pub fn take_proposal(&mut self, message: Vec<u8>) -> Result<Vec<u8>, Refusal> {
        if let Some(known) = self.seen.get(&message) {
            return Ok(known.clone());
        }
        let parsed = MlsMessage::from_bytes(&message)?;
        match self
            .group
            .process_incoming_message_with_time(parsed, MlsTime::now())?
        {
            ReceivedMessage::Proposal(got) => {
                let reference = got.proposal_ref().to_vec();
                self.seen.insert(message, reference.clone());
                Ok(reference)
            }
            _ => refuse("a proposal is not one"),
        }
    }
}

impl Peer {
    pub fn add_proposal(&mut self, ask: &Fields) -> Answer {
        let package = MlsMessage::from_bytes(&ask.bytes("key_package")?)?;
        self.state(ask)?
            .propose(|g| g.propose_add(package, Vec::new()))
    }

    pub fn update_proposal(&mut self, ask: &Fields) -> Answer {
        self.state(ask)?.propose(|g| g.propose_update(Vec::new()))
    }

    pub fn remove_proposal(&mut self, ask: &Fields) -> Answer {
        let identity = ask.bytes("removed_id")?;
        let state = self.state(ask)?;
        let leaf = find_member(&state.group, &identity)?;
        state.propose(|g| g.propose_remove(leaf, Vec::new()))
    }

    pub fn external_psk_proposal(&mut self, ask: &Fields) -> Answer {
        let id = ExternalPskId::new(ask.bytes("psk_id")?);
        self.state(ask)?
            .propose(|g| g.propose_external_psk(id, Vec::new()))
    }

    pub fn resumption_psk_proposal(&mut self, ask: &Fields) -> Answer {
        let epoch = ask.number("epoch_id")?;
        self.state(ask)?
            .propose(|g| g.propose_resumption_psk(epoch, Vec::new()))
    }

    pub fn extensions_proposal(&mut self, ask: &Fields) -> Answer {
        let list = extension_list(ask.extensions()?);
        self.state(ask)?
            .propose(|g| g.propose_group_context_extensions(list, Vec::new()))
    }

    pub fn reinit_proposal(&mut self, ask: &Fields) -> Answer {
        let suite = CipherSuite::from(ask.small::<u16>("cipher_suite")?);
        let id = Some(ask.bytes("group_id")?);
        let list = extension_list(ask.extensions()?);
        let version = mls_rs::ProtocolVersion::MLS_10;
        self.state(ask)?
            .propose(|g| g.propose_reinit(id, version, suite, list, Vec::new()))
    }

    pub fn add_external_signer(&mut self, ask: &Fields) -> Answer {
        let sender = SigningIdentity::mls_decode(&mut &*ask.bytes("external_sender")?)?;
        let state = self.state(ask)?;
        let mut extensions = state.group.context().extensions().clone();
        let mut senders = match extensions.get_as::<ExternalSendersExt>()? {
            Some(old) => old.allowed_senders().to_vec(),
            None => Vec::new(),
        };
        senders.push(sender);
        extensions.set_from(ExternalSendersExt::new(senders))?;
        state.propose(|g| g.propose_group_context_extensions(extensions, Vec::new()))
    }
}
