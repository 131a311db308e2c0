//! Becoming a member: groups made, key packages, Welcomes, external commits.

use crate::state::{name_of, new_signer, provider, Config, Peer, Person, Signer, Thing};
use mls_rs::crypto::SignatureSecretKey;
use mls_rs::extension::built_in::RatchetTreeExt;
use mls_rs::group::ExportedTree;
use mls_rs::mls_rs_codec::MlsEncode;
use mls_rs::psk::{ExternalPskId, PreSharedKey};
use mls_rs::storage_provider::KeyPackageData;
use mls_rs::time::MlsTime;
use mls_rs::{CipherSuite, Group, MlsMessage};
use peer_lines::{bytes, refuse, Answer, Fields, Refusal};
use serde_json::json;

pub fn tree(ask: &Fields) -> Result<Option<ExportedTree<'static>>, Refusal> {
    Ok(match ask.bytes_or_none("ratchet_tree")? {
        Some(raw) => Some(ExportedTree::from_bytes(&raw)?.into_owned()),
        None => None,
    })
}

/// The leaf of the member with this identity in a GroupInfo.
pub fn find_in_info(
    info: &MlsMessage,
    tree: Option<&ExportedTree>,
    identity: &[u8],
) -> Result<u32, Refusal> {
    let inside = match info.as_group_info() {
        Some(info) => info.extensions().get_as::<RatchetTreeExt>()?,
        None => return refuse("group_info: not a GroupInfo"),
    };
    let tree = match (tree, &inside) {
        (Some(tree), _) => tree,
        (None, Some(inside)) => inside.tree_data(),
        _ => return refuse("ratchet_tree: is neither here nor in the GroupInfo"),
    };
    let mut members = tree.roster().members_iter();
    let found = members.find(|m| name_of(&m.signing_identity) == identity);
    match found {
        Some(member) => Ok(member.index),
        None => refuse("no member has this identity"),
    }
}

pub fn suite_of(info: &MlsMessage) -> Result<CipherSuite, Refusal> {
    match info.as_group_info() {
        Some(info) => Ok(info.group_context().cipher_suite()),
        None => refuse("group_info: not a GroupInfo"),
    }
}

impl Peer {
    pub fn create_group(&mut self, ask: &Fields) -> Answer {
        let suite = CipherSuite::from(ask.small::<u16>("cipher_suite")?);
        let person = self.person(suite, new_signer(suite, ask.bytes("identity")?)?);
        let private = ask.flag("encrypt_handshake")?;
        person.rules.wish(|w| w.private_handshakes = private);
        let builder = person.client.group_builder()?;
        let group = builder.with_group_id(ask.bytes("group_id")?).build()?;
        Ok(json!({ "state_id": self.add_state(person, group) }))
    }

    /// The key of a member of this process with this identity, if there is one: the library joins a
    /// branch with the key of the former group only.
    fn known_signer(&self, suite: CipherSuite, identity: &[u8]) -> Option<Signer> {
        self.things.newest_first().find_map(|thing| {
            let Thing::State(state) = thing else {
                return None;
            };
            let (at, theirs) = state.person.client.signing_identity().ok()?;
            (theirs == suite && name_of(at) == identity).then(|| Signer {
                key: state.person.key.clone(),
                identity: at.clone(),
            })
        })
    }

    pub fn create_key_package(&mut self, ask: &Fields) -> Answer {
        let suite = CipherSuite::from(ask.small::<u16>("cipher_suite")?);
        let identity = ask.bytes("identity")?;
        let signer = match self.known_signer(suite, &identity) {
            Some(signer) => signer,
            None => new_signer(suite, identity)?,
        };
        let person = self.person(suite, signer);
        let package = person.client.generate_key_package_message(
            Default::default(),
            Default::default(),
            None,
        )?;
        let raw = package.to_bytes()?;
        let Some(reference) = package.key_package_reference(&provider(suite)?)? else {
            return refuse("the library made no key package");
        };
        let mut said = self.begin(person, &reference)?;
        said["key_package"] = bytes(raw);
        Ok(said)
    }

    /// A key package of ours as a transaction, answered with its private keys.
    pub fn begin(&mut self, person: Person, reference: &[u8]) -> Answer {
        let Some(stored) = self.packages.get(reference) else {
            return refuse("the library did not keep the key package");
        };
        Ok(json!({
            "init_priv": bytes(&*stored.init_key),
            "encryption_priv": bytes(&*stored.leaf_node_key),
            "signature_priv": bytes(person.key.as_bytes()),
            "transaction_id": self.things.add(Thing::Transaction(person)),
        }))
    }

    /// Not of mls_client.proto: a key package that was made elsewhere, with its private keys.
    pub fn import_key_package(&mut self, ask: &Fields) -> Answer {
        let message = MlsMessage::from_bytes(&ask.bytes("key_package")?)?;
        let Some(package) = message.as_key_package() else {
            return refuse("key_package: not a KeyPackage");
        };
        let suite = package.cipher_suite;
        let key = SignatureSecretKey::new(ask.bytes("signature_priv")?);
        let identity = package.signing_identity().clone();
        let person = self.person(suite, Signer { key, identity });
        let raw = package.mls_encode_to_vec()?;
        let (init, leaf) = (ask.bytes("init_priv")?, ask.bytes("encryption_priv")?);
        let stored = KeyPackageData::new(raw, init.into(), leaf.into(), u64::MAX);
        let Some(reference) = message.key_package_reference(&provider(suite)?)? else {
            return refuse("key_package: not a KeyPackage");
        };
        self.packages.insert(reference.to_vec(), stored);
        Ok(json!({ "transaction_id": self.things.add(Thing::Transaction(person)) }))
    }

    pub fn join_group(&mut self, ask: &Fields) -> Answer {
        let person = self.transaction(ask)?;
        let welcome = MlsMessage::from_bytes(&ask.bytes("welcome")?)?;
        let private = ask.flag("encrypt_handshake")?;
        let (group, _) = person
            .client
            .join_group(tree(ask)?, &welcome, Some(MlsTime::now()))?;
        person.rules.wish(|w| w.private_handshakes = private);
        self.things.free(ask.small("transaction_id")?)?;
        self.joined(person, group)
    }

    /// A new state, as its epoch.
    pub fn joined(&mut self, person: Person, group: Group<Config>) -> Answer {
        let auth = group.epoch_authenticator()?;
        Ok(json!({
            "state_id": self.add_state(person, group),
            "epoch_authenticator": bytes(&*auth),
        }))
    }

    pub fn external_join(&mut self, ask: &Fields) -> Answer {
        let info = MlsMessage::from_bytes(&ask.bytes("group_info")?)?;
        let suite = suite_of(&info)?;
        let identity = ask.bytes("identity")?;
        let tree = tree(ask)?;
        let person = self.person(suite, new_signer(suite, identity.clone())?);
        let private = ask.flag("encrypt_handshake")?;
        person.rules.wish(|w| w.private_handshakes = private);
        let mut builder = person.client.external_commit_builder()?;
        if ask.flag("remove_prior")? {
            builder = builder.with_removal(find_in_info(&info, tree.as_ref(), &identity)?);
        }
        for (id, secret) in ask.psks()? {
            let id = ExternalPskId::new(id);
            let mut store = person.client.secret_store();
            store.insert(id.clone(), PreSharedKey::new(secret));
            builder = builder.with_external_psk(id);
        }
        if let Some(tree) = tree {
            builder = builder.with_tree_data(tree);
        }
        let (group, commit) = builder.build(info)?;
        let mut said = self.joined(person, group)?;
        said["commit"] = bytes(commit.to_bytes()?);
        Ok(said)
    }

    pub fn group_info(&mut self, ask: &Fields) -> Answer {
        let outside = ask.flag("external_tree")?;
        let group = &self.state(ask)?.group;
        let info = group.group_info_message_allowing_ext_commit(!outside)?;
        let tree = if outside {
            group.export_tree().to_bytes()?
        } else {
            Vec::new()
        };
        Ok(json!({ "group_info": bytes(info.to_bytes()?), "ratchet_tree": bytes(tree) }))
    }
}
