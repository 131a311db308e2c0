//! Becoming a member: groups made, key packages, Welcomes, external commits.

use crate::state::{
    config, decode, encode, find_member, key_package, suite, suites, Key, Peer, Person, Thing,
};
use openmls::messages::group_info::VerifiableGroupInfo;
use openmls::prelude::*;
use openmls::schedule::{PreSharedKeyId, Psk};
use openmls_rust_crypto::RustCrypto;
use openmls_traits::storage::StorageProvider;
use peer_lines::{bytes, refuse, unsupported, Answer, Fields, Refusal};
use serde_json::json;
use std::rc::Rc;

pub fn tree(ask: &Fields) -> Result<Option<RatchetTreeIn>, Refusal> {
    let raw = ask.bytes_or_none("ratchet_tree")?;
    raw.map(|raw| decode::<RatchetTreeIn>(&raw)).transpose()
}

/// A GroupInfo, whose suite is one of ours.
pub fn group_info(ask: &Fields) -> Result<VerifiableGroupInfo, Refusal> {
    match decode::<MlsMessageIn>(&ask.bytes("group_info")?)?.extract() {
        MlsMessageBodyIn::GroupInfo(info) if suites().contains(&info.ciphersuite().into()) => {
            Ok(info)
        }
        MlsMessageBodyIn::GroupInfo(_) => unsupported("the cipher suite of the group"),
        _ => refuse("group_info: not a GroupInfo"),
    }
}

/// The group as an outsider sees it, who has checked its GroupInfo.
pub fn observe(
    info: VerifiableGroupInfo,
    beside: Option<RatchetTreeIn>,
) -> Result<PublicGroup, Refusal> {
    let inside = info.extensions().ratchet_tree();
    let Some(tree) = inside.map(|e| e.ratchet_tree().clone()).or(beside) else {
        return refuse("ratchet_tree: is neither here nor in the GroupInfo");
    };
    let provider = crate::state::Provider::default();
    let (crypto, storage) = (provider.crypto(), provider.storage());
    Ok(PublicGroup::from_external(crypto, storage, tree, info, ProposalStore::new())?.0)
}

impl Peer {
    pub fn create_group(&mut self, ask: &Fields) -> Answer {
        let suite = suite(ask)?;
        let person = Person::new(suite, ask.bytes("identity")?, Key::new(suite)?);
        let joined = config(ask.flag("encrypt_handshake")?);
        let group = MlsGroup::builder()
            .with_group_id(GroupId::from_slice(&ask.bytes("group_id")?))
            .ciphersuite(suite)
            .build(&person.provider, &person.signer, person.credential())?;
        let state_id = self.add_state(person.clone(), group);
        let group = &mut self.things.get_mut(state_id, state_of)?.group;
        group.set_configuration(&person.provider.storage, &joined)?;
        Ok(json!({ "state_id": state_id }))
    }

    pub fn create_key_package(&mut self, ask: &Fields) -> Answer {
        let suite = suite(ask)?;
        let person = Person::new(suite, ask.bytes("identity")?, Key::new(suite)?);
        Ok(self.begin(person)?.1)
    }

    /// A key package of ours as a transaction, answered with its private keys.
    pub fn begin(
        &mut self,
        person: Rc<Person>,
    ) -> Result<(KeyPackage, serde_json::Value), Refusal> {
        let (provider, signer) = (&person.provider, &person.signer);
        let made =
            KeyPackage::builder().build(person.suite, provider, signer, person.credential())?;
        let package = made.key_package().clone();
        let said = json!({
            "key_package": bytes(MlsMessageOut::from(package.clone()).to_bytes()?),
            "init_priv": bytes(&**made.init_private_key()),
            "encryption_priv": bytes(encryption_key(&made)?),
            "signature_priv": bytes(&person.signer.private),
            "transaction_id": self.things.add(Thing::Transaction(person)),
        });
        Ok((package, said))
    }

    /// Not of mls_client.proto: a key package that was made elsewhere, with its private keys.
    pub fn import_key_package(&mut self, ask: &Fields) -> Answer {
        let package = key_package(&ask.bytes("key_package")?)?;
        let suite = package.ciphersuite();
        let reference = package.hash_ref(&RustCrypto::default())?;
        // The library builds no such bundle from its parts, but reads one that was written down.
        let made: KeyPackageBundle = serde_json::from_value(json!({
            "key_package": package,
            "private_init_key": { "vec": ask.bytes("init_priv")? },
            "private_encryption_key": { "key": { "vec": ask.bytes("encryption_priv")? } },
        }))?;
        let person = Person::new(suite, Vec::new(), Key::new(suite)?);
        let storage = &person.provider.storage;
        storage.write_key_package(&reference, &made)?;
        Ok(json!({ "transaction_id": self.things.add(Thing::Transaction(person)) }))
    }

    pub fn join_group(&mut self, ask: &Fields) -> Answer {
        let person = self.transaction(ask)?;
        let MlsMessageBodyIn::Welcome(welcome) =
            decode::<MlsMessageIn>(&ask.bytes("welcome")?)?.extract()
        else {
            return refuse("welcome: not a Welcome");
        };
        let (joined, tree) = (config(ask.flag("encrypt_handshake")?), tree(ask)?);
        // A Welcome that fails takes the key package with it: the library has deleted it by then.
        let storage = &person.provider.storage.values;
        let before = storage.read().unwrap().clone();
        let join = || -> Result<MlsGroup, Refusal> {
            let provider = &person.provider;
            let got = ProcessedWelcome::new_from_welcome(provider, &joined, welcome)?;
            Ok(got
                .into_staged_welcome(provider, tree)?
                .into_group(provider)?)
        };
        match join() {
            Ok(group) => {
                self.things.free(ask.small("transaction_id")?)?;
                self.joined(person, group)
            }
            Err(refusal) => {
                *storage.write().unwrap() = before;
                Err(refusal)
            }
        }
    }

    /// A new state, as its epoch.
    fn joined(&mut self, person: Rc<Person>, group: MlsGroup) -> Answer {
        let auth = bytes(group.epoch_authenticator().as_slice());
        Ok(json!({ "state_id": self.add_state(person, group), "epoch_authenticator": auth }))
    }

    /// The signature key of a member of this process with this identity: the library takes out who
    /// was there before by that key alone.
    fn prior_key(&self, suite: Ciphersuite, name: &[u8]) -> Option<Key> {
        self.things.newest_first().find_map(|thing| match thing {
            Thing::State(s) if s.person.suite == suite && s.person.name == name => {
                Some(s.person.signer.clone())
            }
            _ => None,
        })
    }

    pub fn external_join(&mut self, ask: &Fields) -> Answer {
        let (info, tree) = (group_info(ask)?, tree(ask)?);
        let (suite, name) = (info.ciphersuite(), ask.bytes("identity")?);
        let key = if ask.flag("remove_prior")? {
            let group = observe(info.clone(), tree.clone())?;
            let leaf = find_member(group.members(), &name)?;
            let known = self.prior_key(suite, &name);
            let there = group.leaf(leaf).map(|l| l.signature_key().as_slice());
            match known {
                Some(key) if there == Some(key.public.as_slice()) => key,
                _ => return unsupported("remove_prior of somebody whose key is not known here"),
            }
        } else {
            Key::new(suite)?
        };
        let person = Person::new(suite, name, key);
        let provider = &person.provider;
        let mut proposals = Vec::new();
        for (id, secret) in ask.psks()? {
            let psk = Psk::External(openmls::schedule::ExternalPsk::new(id));
            let psk = PreSharedKeyId::new(suite, provider.rand(), psk)?;
            psk.store(provider, &secret)?;
            proposals.push(PreSharedKeyProposal::new(psk));
        }
        let mut builder =
            MlsGroup::external_commit_builder().with_config(config(ask.flag("encrypt_handshake")?));
        if let Some(tree) = tree {
            builder = builder.with_ratchet_tree(tree);
        }
        let (group, made) = builder
            .build_group(provider, info, person.credential())?
            .add_psk_proposals(proposals)
            .load_psks(provider.storage())?
            .build(provider.rand(), provider.crypto(), &person.signer, |_| true)?
            .finalize(provider)?;
        let commit = bytes(made.into_commit().to_bytes()?);
        let mut said = self.joined(person, group)?;
        said["commit"] = commit;
        Ok(said)
    }

    pub fn group_info(&mut self, ask: &Fields) -> Answer {
        let outside = ask.flag("external_tree")?;
        let state = self.state(ask)?;
        let (crypto, signer) = (state.person.provider.crypto(), &state.person.signer);
        let info = state.group.export_group_info(crypto, signer, !outside)?;
        let tree = if outside {
            encode(&state.group.export_ratchet_tree())?
        } else {
            Vec::new()
        };
        Ok(json!({ "group_info": bytes(info.to_bytes()?), "ratchet_tree": bytes(tree) }))
    }
}

fn state_of(thing: &mut Thing) -> Option<&mut crate::state::State> {
    match thing {
        Thing::State(state) => Some(&mut **state),
        _ => None,
    }
}

/// The library shows it to its own tests alone, but it can be written down.
fn encryption_key(made: &KeyPackageBundle) -> Result<Vec<u8>, Refusal> {
    let written = serde_json::to_value(made)?;
    let key = &written["private_encryption_key"]["key"]["vec"];
    Ok(serde_json::from_value(key.clone())?)
}
