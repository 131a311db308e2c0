//! Commits: made, waiting, and handled.

use crate::state::{decode, encode, extension_list, find_member, key_package, Peer, State};
use openmls::ciphersuite::hash_ref::ProposalRef;
use openmls::prelude::*;
use openmls::schedule::{ExternalPsk, Psk};
use peer_lines::{bytes, refuse, Answer, Description, Fields, Refusal};
use serde_json::json;

struct Wanted {
    refs: Vec<ProposalRef>,
    values: Vec<Description>,
    force_path: bool,
    external_tree: bool,
}

impl State {
    /// Takes proposals out of those that wait. What is not wanted must go: the library loads the PSKs
    /// of all of them, also of those that its filter leaves out.
    fn put_aside(
        &mut self,
        which: impl Fn(&QueuedProposal) -> bool,
    ) -> Result<Vec<QueuedProposal>, Refusal> {
        let waiting = self.group.pending_proposals();
        let aside: Vec<_> = waiting.filter(|p| which(p)).cloned().collect();
        let storage = &self.person.provider.storage;
        for proposal in &aside {
            let reference = proposal.proposal_reference_ref();
            self.group.remove_pending_proposal(storage, reference)?;
        }
        Ok(aside)
    }

    fn build(&mut self, wanted: &Wanted) -> Result<CommitMessageBundle, Refusal> {
        let mut adds = Vec::new();
        let mut removals = Vec::new();
        let mut psks = Vec::new();
        let mut extensions = None;
        for value in &wanted.values {
            match value {
                Description::Add { key_package: raw } => adds.push(key_package(raw)?),
                Description::Remove { identity } => {
                    removals.push(find_member(self.group.members(), identity)?)
                }
                Description::ExternalPsk { id } => {
                    psks.push(self.psk(Psk::External(ExternalPsk::new(id.clone())))?)
                }
                Description::ResumptionPsk { epoch } => {
                    psks.push(self.psk(self.resumption(*epoch))?)
                }
                Description::Extensions(list) if extensions.is_none() => {
                    extensions = Some(extension_list(list.clone())?)
                }
                Description::Extensions(_) => {
                    return refuse("by_value: two GroupContextExtensions in a commit")
                }
                Description::ReInit { .. } => {
                    return refuse("by_value: reinit is for ExternalSignerProposal alone")
                }
            }
        }
        let person = self.person.clone();
        let provider = &person.provider;
        // Not through the builder: it would put them before those by reference where it loads the
        // secrets, and after them in the Commit.
        for psk in psks {
            self.group
                .propose_pre_shared_key_by_value(provider, &person.signer, psk)?;
        }
        let mut builder = self
            .group
            .commit_builder()
            .force_self_update(wanted.force_path)
            .propose_adds(adds)
            .propose_removals(removals);
        if let Some(list) = extensions {
            builder = builder.propose_group_context_extensions(list)?;
        }
        Ok(builder
            .load_psks(provider.storage())?
            .use_ratchet_tree_extension(!wanted.external_tree)
            .build(provider.rand(), provider.crypto(), &person.signer, |_| true)?
            .stage_commit(provider)?)
    }

    /// It leaves out what is not valid; the harness wants all that it named, or an error.
    fn check_all_there(&self, refs: &[ProposalRef]) -> Result<(), Refusal> {
        let Some(staged) = self.group.pending_commit() else {
            return refuse("the library has made no commit");
        };
        let there = |r: &ProposalRef| {
            let mut all = staged.queued_proposals();
            all.any(|p| p.proposal_reference_ref() == r)
        };
        match refs.iter().all(there) {
            true => Ok(()),
            false => refuse("by_reference: a proposal cannot be committed here"),
        }
    }

    fn make(&mut self, wanted: &Wanted) -> Answer {
        let person = self.person.clone();
        let storage = &person.provider.storage;
        self.group.clear_pending_commit(storage)?;
        self.pending = None;
        let aside = self.put_aside(|p| !wanted.refs.contains(p.proposal_reference_ref()))?;
        let made = self.build(wanted);
        self.put_aside(|p| p.proposal_or_ref_type() == ProposalOrRefType::Proposal)?;
        for proposal in aside {
            self.group.store_pending_proposal(storage, proposal)?;
        }
        let (commit, welcome, _) = made?.into_messages();
        if let Err(refusal) = self.check_all_there(&wanted.refs) {
            self.group.clear_pending_commit(storage)?;
            return Err(refusal);
        }
        let commit = commit.to_bytes()?;
        let welcome = welcome.map(|w| w.to_bytes()).transpose()?;
        let tree = match wanted.external_tree {
            true => self.staged_tree()?,
            false => Vec::new(),
        };
        self.pending = Some(commit.clone());
        Ok(json!({
            "commit": bytes(commit),
            "welcome": bytes(welcome.unwrap_or_default()),
            "ratchet_tree": bytes(tree),
        }))
    }

    fn staged_tree(&self) -> Result<Vec<u8>, Refusal> {
        let crypto = self.person.provider.crypto();
        let now = self.group.export_ratchet_tree();
        let staged = self.group.pending_commit();
        match staged.map(|s| s.export_ratchet_tree(crypto, now)) {
            Some(Ok(Some(tree))) => encode(&tree),
            Some(Err(error)) => Err(error.into()),
            _ => refuse("the library has made no commit"),
        }
    }

    fn apply_pending(&mut self) -> Result<(), Refusal> {
        if self.pending.take().is_none() {
            return refuse("no commit of this state is pending");
        }
        self.group.merge_pending_commit(&self.person.provider)?;
        self.seen.clear();
        Ok(())
    }

    fn handle(&mut self, proposals: Vec<Vec<u8>>, commit: Vec<u8>) -> Result<(), Refusal> {
        for message in proposals {
            self.take_proposal(message)?;
        }
        if self.pending.as_ref() == Some(&commit) {
            return self.apply_pending();
        }
        let parsed = decode::<MlsMessageIn>(&commit)?;
        match self.process(parsed)?.into_content() {
            ProcessedMessageContent::StagedCommitMessage(staged) => {
                let provider = &self.person.provider;
                self.group.merge_staged_commit(provider, *staged)?;
                self.pending = None;
                self.seen.clear();
                Ok(())
            }
            _ => refuse("commit: is not one"),
        }
    }
}

impl Peer {
    pub fn commit(&mut self, ask: &Fields) -> Answer {
        let named = ask.bytes_list("by_reference")?;
        let mut wanted = Wanted {
            refs: Vec::new(),
            values: ask.by_value()?,
            force_path: ask.flag("force_path")?,
            external_tree: ask.flag("external_tree")?,
        };
        let state = self.state(ask)?;
        for message in named {
            wanted.refs.push(state.take_proposal(message)?);
        }
        state.make(&wanted)
    }

    fn epoch(&mut self, ask: &Fields) -> Answer {
        let auth = self.state(ask)?.group.epoch_authenticator();
        Ok(json!({
            "epoch_authenticator": bytes(auth.as_slice()),
            "state_id": ask.number("state_id")?,
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
