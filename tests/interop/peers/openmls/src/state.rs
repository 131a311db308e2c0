//! The things that requests name, and how the library is set up for them.

use openmls::ciphersuite::hash_ref::ProposalRef;
use openmls::prelude::tls_codec::{DeserializeBytes, Serialize};
use openmls::prelude::*;
use openmls_rust_crypto::{MemoryStorage, RustCrypto};
use openmls_traits::signatures::{Signer, SignerError};
use openmls_traits::types::SignatureScheme;
use peer_lines::{refuse, Fields, Refusal, Things};
use std::collections::HashMap;
use std::rc::Rc;

/// How many epochs back a late message is read, and how many messages back in its sender's row.
const PAST_EPOCHS: usize = 8;
const OUT_OF_ORDER: u32 = 64;
const FORWARD: u32 = 1000;
/// How many epochs back a resumption PSK is: a group that it makes itself has 32 of them, whatever it is told.
const RESUMPTIONS: usize = 32;

/// Primitives, and a store of its own for each of those that are or become members.
#[derive(Default)]
pub struct Provider {
    crypto: RustCrypto,
    pub storage: MemoryStorage,
}

impl OpenMlsProvider for Provider {
    type CryptoProvider = RustCrypto;
    type RandProvider = RustCrypto;
    type StorageProvider = MemoryStorage;

    fn storage(&self) -> &MemoryStorage {
        &self.storage
    }

    fn crypto(&self) -> &RustCrypto {
        &self.crypto
    }

    fn rand(&self) -> &RustCrypto {
        &self.crypto
    }
}

#[derive(Clone)]
pub struct Key {
    scheme: SignatureScheme,
    pub private: Vec<u8>,
    pub public: Vec<u8>,
}

impl Key {
    pub fn new(suite: Ciphersuite) -> Result<Key, Refusal> {
        let scheme = suite.signature_algorithm();
        let (private, public) = RustCrypto::default().signature_key_gen(scheme)?;
        Ok(Key {
            scheme,
            private,
            public,
        })
    }
}

impl Signer for Key {
    fn sign(&self, payload: &[u8]) -> Result<Vec<u8>, SignerError> {
        RustCrypto::default()
            .sign(self.scheme, payload, &self.private)
            .map_err(SignerError::CryptoError)
    }

    fn signature_scheme(&self) -> SignatureScheme {
        self.scheme
    }
}

/// Somebody who is a member, or waits to become one.
pub struct Person {
    pub provider: Provider,
    pub suite: Ciphersuite,
    pub name: Vec<u8>,
    pub signer: Key,
}

impl Person {
    pub fn new(suite: Ciphersuite, name: Vec<u8>, signer: Key) -> Rc<Person> {
        let provider = Provider::default();
        Rc::new(Person {
            provider,
            suite,
            name,
            signer,
        })
    }

    pub fn credential(&self) -> CredentialWithKey {
        CredentialWithKey {
            credential: BasicCredential::new(self.name.clone()).into(),
            signature_key: self.signer.public.as_slice().into(),
        }
    }
}

pub struct State {
    pub person: Rc<Person>,
    pub group: MlsGroup,
    /// Our commit that waits.
    pub pending: Option<Vec<u8>>,
    /// The proposals of this epoch: their messages, with their references.
    pub seen: HashMap<Vec<u8>, ProposalRef>,
}

impl State {
    pub fn process(&mut self, message: MlsMessageIn) -> Result<ProcessedMessage, Refusal> {
        let message = message.try_into_protocol_message()?;
        Ok(self.group.process_message(&self.person.provider, message)?)
    }
}

pub struct Outsider {
    pub suite: Ciphersuite,
    pub signer: Key,
}

pub enum Thing {
    State(Box<State>),
    Transaction(Rc<Person>),
    Signer(Outsider),
}

#[derive(Default)]
pub struct Peer {
    pub things: Things<Thing>,
}

pub fn suites() -> Vec<u16> {
    let all = RustCrypto::default().supported_ciphersuites();
    let mut all: Vec<u16> = all.into_iter().map(u16::from).collect();
    all.sort();
    all
}

pub fn suite(ask: &Fields) -> Result<Ciphersuite, Refusal> {
    let number = ask.small::<u16>("cipher_suite")?;
    match Ciphersuite::try_from(number) {
        Ok(suite) if suites().contains(&number) => Ok(suite),
        _ => refuse("unsupported: this cipher suite"),
    }
}

pub fn decode<T: DeserializeBytes>(raw: &[u8]) -> Result<T, Refusal> {
    Ok(T::tls_deserialize_exact_bytes(raw)?)
}

pub fn encode(thing: &impl Serialize) -> Result<Vec<u8>, Refusal> {
    Ok(thing.tls_serialize_detached()?)
}

pub fn key_package(raw: &[u8]) -> Result<KeyPackage, Refusal> {
    match decode::<MlsMessageIn>(raw)?.extract() {
        MlsMessageBodyIn::KeyPackage(package) => {
            Ok(package.validate(&RustCrypto::default(), ProtocolVersion::Mls10)?)
        }
        _ => refuse("key_package: not a KeyPackage"),
    }
}

pub fn extension_list(list: Vec<(u16, Vec<u8>)>) -> Result<Extensions<GroupContext>, Refusal> {
    let mut all = Vec::new();
    for (kind, data) in list {
        let mut raw = kind.to_be_bytes().to_vec();
        raw.extend(encode(&VLBytes::from(data))?);
        all.push(decode::<Extension>(&raw)?);
    }
    Ok(Extensions::from_vec(all)?)
}

pub fn is_called(credential: &Credential, name: &[u8]) -> bool {
    BasicCredential::try_from(credential.clone()).is_ok_and(|basic| basic.identity() == name)
}

/// The lowest leaf with this identity.
pub fn find_member(
    mut members: impl Iterator<Item = Member>,
    name: &[u8],
) -> Result<LeafNodeIndex, Refusal> {
    match members.find(|m| is_called(&m.credential, name)) {
        Some(member) => Ok(member.index),
        None => refuse("no member has this identity"),
    }
}

pub fn config(private: bool) -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder()
        .wire_format_policy(match private {
            true => MIXED_CIPHERTEXT_WIRE_FORMAT_POLICY,
            false => MIXED_PLAINTEXT_WIRE_FORMAT_POLICY,
        })
        .max_past_epochs(PAST_EPOCHS)
        .number_of_resumption_psks(RESUMPTIONS)
        .sender_ratchet_configuration(SenderRatchetConfiguration::new(OUT_OF_ORDER, FORWARD))
        .use_ratchet_tree_extension(true)
        .build()
}

impl Peer {
    pub fn state(&mut self, ask: &Fields) -> Result<&mut State, Refusal> {
        self.things.get_mut(ask.small("state_id")?, |t| match t {
            Thing::State(state) => Some(&mut **state),
            _ => None,
        })
    }

    pub fn transaction(&self, ask: &Fields) -> Result<Rc<Person>, Refusal> {
        let id = ask.small("transaction_id")?;
        let found = self.things.get(id, |t| match t {
            Thing::Transaction(person) => Some(person),
            _ => None,
        });
        found.cloned()
    }

    pub fn add_state(&mut self, person: Rc<Person>, group: MlsGroup) -> u32 {
        let state = State {
            person,
            group,
            pending: None,
            seen: HashMap::new(),
        };
        self.things.add(Thing::State(Box::new(state)))
    }
}
