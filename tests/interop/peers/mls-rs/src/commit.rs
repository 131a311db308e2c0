//! Commits: made, waiting, and handled.

use crate::propose::find_member;
use crate::state::{extension_list, Peer, Pending, State};
use mls_rs::group::{CommitEffect, CommitMessageDescription, CommitOutput, ReceivedMessage};
use mls_rs::psk::ExternalPskId;
use mls_rs::time::MlsTime;
use mls_rs::MlsMessage;
use peer_lines::{bytes, refuse, Answer, Description, Fields, Refusal};
use serde_json::json;

impl State {
    /// Commits the values and the proposals with these references, and nothing else.
    fn make(
        &mut self,
        refs: &[Vec<u8>],
        values: Vec<Description>,
    ) -> Result<CommitOutput, Refusal> {
        let mut removed = Vec::new();
        for value in &values {
            if let Description::Remove { identity } = value {
                removed.push(find_member(&self.group, identity)?);
            }
        }
        let mut removed = removed.into_iter();
        let mut builder = self.group.commit_builder();
        for value in values {
            builder = match value {
                Description::Add { key_package } => {
                    builder.add_member(MlsMessage::from_bytes(&key_package)?)?
                }
                Description::Remove { .. } => builder.remove_member(removed.next().unwrap())?,
                Description::ExternalPsk { id } => {
                    builder.add_external_psk(ExternalPskId::new(id))?
                }
                Description::ResumptionPsk { epoch } => builder.add_resumption_psk(epoch)?,
                Description::Extensions(list) => {
                    builder.set_group_context_ext(extension_list(list))?
                }
                Description::ReInit { .. } => {
                    return refuse("by_value: reinit is for ExternalSignerProposal alone")
                }
            };
        }
        let (output, secrets) = builder.build_detached()?;
        let commit = output.commit_message.to_bytes()?;
        // It leaves out what is not valid; the harness wants all that it named, or an error.
        let mut unused = output
            .unused_proposals
            .iter()
            .filter_map(|p| p.proposal_ref());
        if unused.any(|left_out| refs.iter().any(|r| **r == **left_out)) {
            return refuse("by_reference: a proposal cannot be committed here");
        }
        self.pending = Some(Pending { commit, secrets });
        Ok(output)
    }

    pub fn apply_pending(&mut self) -> Result<(), Refusal> {
        let Some(pending) = self.pending.take() else {
            return refuse("no commit of this state is pending");
        };
        let done = self.group.apply_detached_commit(pending.secrets)?;
        self.entered(&done);
        Ok(())
    }

    pub fn handle(&mut self, proposals: Vec<Vec<u8>>, commit: Vec<u8>) -> Result<(), Refusal> {
        for message in proposals {
            self.take_proposal(message)?;
        }
        if self.pending.as_ref().is_some_and(|p| p.commit == commit) {
            return self.apply_pending();
        }
        let parsed = MlsMessage::from_bytes(&commit)?;
        match self
            .group
            .process_incoming_message_with_time(parsed, MlsTime::now())?
        {
            ReceivedMessage::Commit(done) => {
                self.entered(&done);
                Ok(())
            }
            _ => refuse("commit: is not one"),
        }
    }

    fn entered(&mut self, done: &CommitMessageDescription) {
        self.pending = None;
        self.seen.clear();
        if let CommitEffect::ReInit(reinit) = &done.effect {
            self.next_suite = Some(reinit.proposal.new_cipher_suite());
        }
    }
}

impl Peer {
    pub fn commit(&mut self, ask: &Fields) -> Answer {
        let named = ask.bytes_list("by_reference")?;
        let values = ask.by_value()?;
        let force_path = ask.flag("force_path")?;
        let external_tree = ask.flag("external_tree")?;
        let state = self.state(ask)?;
        let mut refs = Vec::new();
        for message in named {
            refs.push(state.take_proposal(message)?);
        }
        state.person.rules.wish(|w| {
            w.refs = refs.clone();
            w.force_path = force_path;
            w.external_tree = external_tree;
        });
        let made = state.make(&refs, values)?;
        let welcome = match made.welcome_messages.first() {
            Some(welcome) => welcome.to_bytes()?,
            None => Vec::new(),
        };
        let tree = match made.ratchet_tree {
            Some(tree) if external_tree => tree.to_bytes()?,
            _ => Vec::new(),
        };
        Ok(json!({
            "commit": bytes(made.commit_message.to_bytes()?),
            "welcome": bytes(welcome),
            "ratchet_tree": bytes(tree),
        }))
    }

    fn epoch(&mut self, ask: &Fields) -> Answer {
        let auth = self.state(ask)?.group.epoch_authenticator()?;
        Ok(json!({
            "state_id": ask.number("state_id")?,
            "epoch_authenticator": bytes(&*auth),
        }))
    }

    pub fn handle_commit(&mut self, ask: &Fields) -> Answer {
        let proposals = ask.bytes_list("proposal")?;
        let commit = ask.bytes("commit")?;
        self.state(ask)?.handle(proposals, commit)?;
        self.epoch(ask)
    }

    pub fn handle_pending_commit(&mut self, ask: &Fields) -> Answer {
        self.state(ask)?.apply_pending()?;
        self.epoch(ask)
    }
}
