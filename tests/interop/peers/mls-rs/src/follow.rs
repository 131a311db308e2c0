//! Groups that follow a group: reinitialisation and branches.

use crate::join::tree;
use crate::state::{extension_list, name_of, new_signer, Config, Peer, Person, ReInit, Thing};
use mls_rs::group::ReinitClient;
use mls_rs::{Group, MlsMessage};
use peer_lines::{bytes, refuse, unsupported, Answer, Fields, Refusal};
use serde_json::json;

fn packages(ask: &Fields, name: &str) -> Result<Vec<MlsMessage>, Refusal> {
    let all = ask.bytes_list(name)?.into_iter();
    all.map(|raw| Ok(MlsMessage::from_bytes(&raw)?)).collect()
}

impl Peer {
    /// Our way into the group that the ReInit promised: a key package of its suite.
    fn promised(&mut self, ask: &Fields) -> Answer {
        let state_id = ask.small("state_id")?;
        let state = self.state(ask)?;
        let Some(suite) = state.next_suite else {
            return refuse("no ReInit has ended this group");
        };
        let auth = state.group.epoch_authenticator()?;
        let name = name_of(state.person.client.signing_identity()?.0).to_vec();
        let person = state.person.renewed(suite, new_signer(suite, name)?);
        let reinit = ReInit { state_id, person };
        let package = self.reinit_client(&reinit)?.generate_key_package(None)?;
        Ok(json!({
            "reinit_id": self.things.add(Thing::ReInit(reinit)),
            "key_package": bytes(package.to_bytes()?),
            "epoch_authenticator": bytes(&*auth),
        }))
    }

    fn reinit_client(&mut self, reinit: &ReInit) -> Result<ReinitClient<Config>, Refusal> {
        let group = self.state_at(reinit.state_id)?.group.clone();
        let (identity, _) = reinit.person.client.signing_identity()?;
        let key = reinit.person.key.clone();
        Ok(group.get_reinit_client(Some(key), Some(identity.clone()))?)
    }

    pub fn handle_reinit_commit(&mut self, ask: &Fields) -> Answer {
        let proposals = ask.bytes_list("proposal")?;
        let commit = ask.bytes("commit")?;
        self.state(ask)?.handle(proposals, commit)?;
        self.promised(ask)
    }

    pub fn handle_pending_reinit_commit(&mut self, ask: &Fields) -> Answer {
        self.state(ask)?.apply_pending()?;
        self.promised(ask)
    }

    fn reinit(&self, ask: &Fields) -> Result<ReInit, Refusal> {
        let found = self.things.get(ask.small("reinit_id")?, |t| match t {
            Thing::ReInit(reinit) => Some(reinit),
            _ => None,
        });
        found.cloned()
    }

    fn made(
        &mut self,
        ask: &Fields,
        person: Person,
        group: Group<Config>,
        welcomes: Vec<MlsMessage>,
    ) -> Answer {
        let outside = ask.flag("external_tree")?;
        let tree = if outside {
            group.export_tree().to_bytes()?
        } else {
            Vec::new()
        };
        let welcome = match welcomes.first() {
            Some(welcome) => welcome.to_bytes()?,
            None => Vec::new(),
        };
        let mut said = self.joined(person, group)?;
        said["welcome"] = bytes(welcome);
        said["ratchet_tree"] = bytes(tree);
        Ok(said)
    }

    pub fn reinit_welcome(&mut self, ask: &Fields) -> Answer {
        let packages = packages(ask, "key_package")?;
        let reinit = self.reinit(ask)?;
        wish(ask, &reinit.person)?;
        let client = self.reinit_client(&reinit)?;
        let (group, welcomes) = client.commit(packages, Default::default(), None)?;
        self.made(ask, reinit.person, group, welcomes)
    }

    pub fn handle_reinit_welcome(&mut self, ask: &Fields) -> Answer {
        let welcome = MlsMessage::from_bytes(&ask.bytes("welcome")?)?;
        let reinit = self.reinit(ask)?;
        let client = self.reinit_client(&reinit)?;
        let (group, _) = client.join(&welcome, tree(ask)?, None)?;
        self.things.free(ask.small("reinit_id")?)?;
        self.joined(reinit.person, group)
    }

    pub fn create_branch(&mut self, ask: &Fields) -> Answer {
        let packages = packages(ask, "key_packages")?;
        let group_id = ask.bytes("group_id")?;
        let extensions = extension_list(ask.extensions()?);
        let state = self.state(ask)?;
        if *state.group.context().extensions() != extensions {
            return unsupported("a branch with other extensions than the group has");
        }
        let person = state.person.clone();
        wish(ask, &person)?;
        let (group, welcomes) = state.group.branch(group_id, packages, None)?;
        self.made(ask, person, group, welcomes)
    }

    pub fn handle_branch(&mut self, ask: &Fields) -> Answer {
        use mls_rs::error::MlsError::ReInitExtensionsMismatch;
        let welcome = MlsMessage::from_bytes(&ask.bytes("welcome")?)?;
        let key = self.transaction(ask)?.key;
        let state = self.state(ask)?;
        let person = state.person.clone();
        if person.key.as_bytes() != key.as_bytes() {
            return unsupported("a branch under another signature key");
        }
        match state.group.join_subgroup(&welcome, tree(ask)?, None) {
            Ok((group, _)) => {
                self.things.free(ask.small("transaction_id")?)?;
                self.joined(person, group)
            }
            Err(ReInitExtensionsMismatch) => {
                unsupported("a branch with other extensions than the group has")
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn wish(ask: &Fields, person: &Person) -> Result<(), Refusal> {
    let force_path = ask.flag("force_path")?;
    let external_tree = ask.flag("external_tree")?;
    person.rules.wish(|w| {
        w.refs = Vec::new();
        w.force_path = force_path;
        w.external_tree = external_tree;
    });
    Ok(())
}
