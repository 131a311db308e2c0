//! Proposals of members.

use crate::state::{decode, extension_list, find_member, key_package, Peer, Person, State};
use openmls::ciphersuite::hash_ref::ProposalRef;
use openmls::prelude::*;
use openmls::schedule::psk::{ResumptionPsk, ResumptionPskUsage};
use openmls::schedule::{ExternalPsk, PreSharedKeyId, Psk};
use peer_lines::{bytes, refuse, unsupported, Answer, Fields, Refusal};
use serde_json::json;

impl State {
    /// Proposes, and remembers under which reference.
    fn propose<E: Into<Refusal>>(
        &mut self,
        make: impl FnOnce(&mut MlsGroup, &Person) -> Result<(MlsMessageOut, ProposalRef), E>,
    ) -> Answer {
        if self.group.pending_commit().is_some() {
            return unsupported("a proposal while a commit of its own is pending");
        }
        let person = self.person.clone();
        let (message, reference) = make(&mut self.group, &person).map_err(E::into)?;
        let message = message.to_bytes()?;
        self.seen.insert(message.clone(), reference);
        Ok(json!({ "proposal": bytes(message) }))
    }

    /// The reference of a proposal, which is taken if it is not known yet.
    pub fn take_proposal(&mut self, message: Vec<u8>) -> Result<ProposalRef, Refusal> {
        if let Some(known) = self.seen.get(&message) {
            return Ok(known.clone());
        }
        let parsed = decode::<MlsMessageIn>(&message)?;
        match self.process(parsed)?.into_content() {
            ProcessedMessageContent::ProposalMessage(got)
            | ProcessedMessageContent::ExternalJoinProposalMessage(got) => {
                let reference = got.proposal_reference_ref().clone();
                let storage = &self.person.provider.storage;
                self.group.store_pending_proposal(storage, *got)?;
                self.seen.insert(message, reference.clone());
                Ok(reference)
            }
            _ => refuse("a proposal is not one"),
        }
    }

    pub fn psk(&self, psk: Psk) -> Result<PreSharedKeyId, Refusal> {
        let rand = self.person.provider.rand();
        Ok(PreSharedKeyId::new(self.group.ciphersuite(), rand, psk)?)
    }

    /// Of our own group, for the application.
    pub fn resumption(&self, epoch: u64) -> Psk {
        let id = self.group.group_id().clone();
        Psk::Resumption(ResumptionPsk::new(
            ResumptionPskUsage::Application,
            id,
            epoch.into(),
        ))
    }
}

impl Peer {
    pub fn add_proposal(&mut self, ask: &Fields) -> Answer {
        let package = key_package(&ask.bytes("key_package")?)?;
        self.state(ask)?
            .propose(|g, p| g.propose_add_member(&p.provider, &p.signer, &package))
    }

    pub fn update_proposal(&mut self, ask: &Fields) -> Answer {
        let same = LeafNodeParameters::default();
        self.state(ask)?
            .propose(|g, p| g.propose_self_update(&p.provider, &p.signer, same))
    }

    pub fn remove_proposal(&mut self, ask: &Fields) -> Answer {
        let name = ask.bytes("removed_id")?;
        let state = self.state(ask)?;
        let leaf = find_member(state.group.members(), &name)?;
        state.propose(|g, p| g.propose_remove_member(&p.provider, &p.signer, leaf))
    }

    pub fn external_psk_proposal(&mut self, ask: &Fields) -> Answer {
        let id = ask.bytes("psk_id")?;
        let state = self.state(ask)?;
        let psk = state.psk(Psk::External(ExternalPsk::new(id)))?;
        state.propose(|g, p| g.propose_pre_shared_key(&p.provider, &p.signer, psk))
    }

    pub fn resumption_psk_proposal(&mut self, ask: &Fields) -> Answer {
        let epoch = ask.number("epoch_id")?;
        let state = self.state(ask)?;
        let psk = state.psk(state.resumption(epoch))?;
        state.propose(|g, p| g.propose_pre_shared_key(&p.provider, &p.signer, psk))
    }

    pub fn extensions_proposal(&mut self, ask: &Fields) -> Answer {
        let list = extension_list(ask.extensions()?)?;
        self.state(ask)?
            .propose(|g, p| g.propose_group_context_extensions(&p.provider, list, &p.signer))
    }

    pub fn add_external_signer(&mut self, ask: &Fields) -> Answer {
        let sender = decode::<ExternalSender>(&ask.bytes("external_sender")?)?;
        let state = self.state(ask)?;
        let mut list = state.group.extensions().clone();
        let mut senders = list.external_senders().cloned().unwrap_or_default();
        senders.push(sender);
        list.add_or_replace(Extension::ExternalSenders(senders))?;
        state.propose(|g, p| g.propose_group_context_extensions(&p.provider, list, &p.signer))
    }
}
