//! The things that requests name, and how the library is set up for them.

use mls_rs::client_builder::{
    BaseConfig, WithCryptoProvider, WithIdentityProvider, WithKeyPackageRepo, WithMlsRules,
};
use mls_rs::crypto::SignatureSecretKey;
use mls_rs::error::MlsError;
use mls_rs::group::{CommitSecrets, GroupContext, Roster};
use mls_rs::identity::basic::{BasicCredential, BasicIdentityProvider};
use mls_rs::identity::SigningIdentity;
use mls_rs::mls_rules::{
    CommitDirection, CommitOptions, CommitSource, EncryptionOptions, ProposalBundle,
};
use mls_rs::storage_provider::in_memory::InMemoryKeyPackageStorage;
use mls_rs::{CipherSuite, CipherSuiteProvider, Client, CryptoProvider, Extension, ExtensionList};
use mls_rs::{Group, MlsRules};
use mls_rs_crypto_openssl::OpensslCryptoProvider;
use peer_lines::{refuse, Fields, Refusal, Things};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

pub type Config = WithMlsRules<
    Rules,
    WithKeyPackageRepo<
        InMemoryKeyPackageStorage,
        WithIdentityProvider<
            BasicIdentityProvider,
            WithCryptoProvider<OpensslCryptoProvider, BaseConfig>,
        >,
    >,
>;

/// What the next message of a state is to be like.
#[derive(Clone, Default)]
pub struct Wishes {
    pub private_handshakes: bool,
    pub force_path: bool,
    pub external_tree: bool,
    /// The references of the proposals that the next commit takes, and no other.
    pub refs: Vec<Vec<u8>>,
}

/// The library asks its rules where other interfaces have parameters.
#[derive(Clone, Default)]
pub struct Rules(Arc<Mutex<Wishes>>);

impl Rules {
    pub fn wish(&self, change: impl FnOnce(&mut Wishes)) {
        change(&mut self.0.lock().unwrap());
    }

    fn now(&self) -> Wishes {
        self.0.lock().unwrap().clone()
    }
}

impl MlsRules for Rules {
    type Error = MlsError;

    fn filter_proposals(
        &self,
        direction: CommitDirection,
        _: CommitSource,
        _: &Roster,
        _: &GroupContext,
        mut proposals: ProposalBundle,
    ) -> Result<ProposalBundle, MlsError> {
        if direction == CommitDirection::Send {
            let refs = self.now().refs;
            proposals.retain(|p| {
                let wanted = |r: &mls_rs::mls_rules::ProposalRef| refs.iter().any(|x| **x == **r);
                Ok::<_, MlsError>(p.proposal_ref().is_none_or(wanted))
            })?;
        }
        Ok(proposals)
    }

    fn commit_options(
        &self,
        _: &Roster,
        _: &GroupContext,
        _: &ProposalBundle,
    ) -> Result<CommitOptions, MlsError> {
        let wishes = self.now();
        Ok(CommitOptions::new()
            .with_path_required(wishes.force_path)
            .with_ratchet_tree_extension(!wishes.external_tree))
    }

    fn encryption_options(
        &self,
        _: &Roster,
        _: &GroupContext,
    ) -> Result<EncryptionOptions, MlsError> {
        let private = self.now().private_handshakes;
        Ok(EncryptionOptions::new(private, Default::default()))
    }
}

/// A commit of ours that waits.
pub struct Pending {
    pub commit: Vec<u8>,
    pub secrets: CommitSecrets,
}

/// Somebody who is a member, or waits to become one.
#[derive(Clone)]
pub struct Person {
    pub client: Client<Config>,
    pub rules: Rules,
    pub key: SignatureSecretKey,
}

impl Person {
    /// The same somebody under another key: the library takes rules and PSKs of the former group over.
    pub fn renewed(&self, suite: CipherSuite, signer: Signer) -> Person {
        let old = self.client.to_builder(None);
        Person {
            client: old
                .signing_identity(signer.identity, signer.key.clone(), suite)
                .build(),
            rules: self.rules.clone(),
            key: signer.key,
        }
    }
}

pub struct State {
    pub person: Person,
    pub group: Group<Config>,
    pub pending: Option<Pending>,
    /// The proposals of this epoch: their messages, with their references.
    pub seen: HashMap<Vec<u8>, Vec<u8>>,
    /// The suite that a ReInit promised.
    pub next_suite: Option<CipherSuite>,
}

impl State {
    pub fn new(person: Person, group: Group<Config>) -> Self {
        State {
            person,
            group,
            pending: None,
            seen: HashMap::new(),
            next_suite: None,
        }
    }
}

/// Our way into the group that a ReInit promised.
#[derive(Clone)]
pub struct ReInit {
    pub state_id: u32,
    pub person: Person,
}

pub struct Signer {
    pub key: SignatureSecretKey,
    pub identity: SigningIdentity,
}

pub enum Thing {
    State(Box<State>),
    Transaction(Person),
    ReInit(ReInit),
    Signer(Signer),
}

#[derive(Default)]
pub struct Peer {
    pub things: Things<Thing>,
    /// One store for all: a branch and a ReInit look for the keys of packages made before them.
    pub packages: InMemoryKeyPackageStorage,
}

pub fn suites() -> Vec<u16> {
    let all = OpensslCryptoProvider::all_supported_cipher_suites();
    all.into_iter().map(u16::from).collect()
}

pub fn provider(
    suite: CipherSuite,
) -> Result<<OpensslCryptoProvider as CryptoProvider>::CipherSuiteProvider, Refusal> {
    match OpensslCryptoProvider::new().cipher_suite_provider(suite) {
        Some(provider) => Ok(provider),
        None => refuse("unsupported: this cipher suite"),
    }
}

/// A fresh key for an identity.
pub fn new_signer(suite: CipherSuite, identity: Vec<u8>) -> Result<Signer, Refusal> {
    let (key, public) = provider(suite)?.signature_key_generate()?;
    let credential = BasicCredential::new(identity).into_credential();
    let identity = SigningIdentity::new(credential, public);
    Ok(Signer { key, identity })
}

pub fn name_of(identity: &SigningIdentity) -> &[u8] {
    identity
        .credential
        .as_basic()
        .map_or(&[], |b| b.identifier())
}

pub fn extension_list(extensions: Vec<(u16, Vec<u8>)>) -> ExtensionList {
    let all = extensions.into_iter();
    all.map(|(kind, data)| Extension::new(kind.into(), data))
        .collect::<Vec<_>>()
        .into()
}

impl Peer {
    pub fn person(&self, suite: CipherSuite, signer: Signer) -> Person {
        let rules = Rules::default();
        let client = Client::builder()
            .crypto_provider(OpensslCryptoProvider::new())
            .identity_provider(BasicIdentityProvider::new())
            .key_package_repo(self.packages.clone())
            .mls_rules(rules.clone())
            .signing_identity(signer.identity, signer.key.clone(), suite)
            .build();
        let key = signer.key;
        Person { client, rules, key }
    }

    pub fn state(&mut self, ask: &Fields) -> Result<&mut State, Refusal> {
        self.state_at(ask.small("state_id")?)
    }

    pub fn state_at(&mut self, id: u32) -> Result<&mut State, Refusal> {
        self.things.get_mut(id, |t| match t {
            Thing::State(state) => Some(&mut **state),
            _ => None,
        })
    }

    pub fn add_state(&mut self, person: Person, group: Group<Config>) -> u32 {
        self.things
            .add(Thing::State(Box::new(State::new(person, group))))
    }

    pub fn transaction(&self, ask: &Fields) -> Result<Person, Refusal> {
        let id = ask.small("transaction_id")?;
        let found = self.things.get(id, |t| match t {
            Thing::Transaction(person) => Some(person),
            _ => None,
        });
        found.cloned()
    }
}
