//! Proposals from outside: of new members and of external senders.

use crate::join::{find_in_info, suite_of, tree};
use crate::state::{extension_list, new_signer, provider, Peer, Signer, Thing};
use mls_rs::external_client::ExternalClient;
use mls_rs::identity::basic::BasicIdentityProvider;
use mls_rs::mls_rs_codec::MlsEncode;
use mls_rs::psk::ExternalPskId;
use mls_rs::{CipherSuite, MlsMessage, ProtocolVersion};
use mls_rs_crypto_openssl::OpensslCryptoProvider;
use peer_lines::{bytes, refuse, Answer, Description, Fields};
use serde_json::json;

impl Peer {
    pub fn new_member_add_proposal(&mut self, ask: &Fields) -> Answer {
        let info = MlsMessage::from_bytes(&ask.bytes("group_info")?)?;
        let suite = suite_of(&info)?;
        let person = self.person(suite, new_signer(suite, ask.bytes("identity")?)?);
        let before = self.packages.key_packages();
        let none = Default::default;
        let message = person.client.external_add_proposal(
            &info,
            tree(ask)?,
            Vec::new(),
            none(),
            none(),
            None,
        )?;
        let mut after = self.packages.key_packages().into_iter();
        let Some((reference, _)) = after.find(|(id, _)| before.iter().all(|(old, _)| old != id))
        else {
            return refuse("the library did not keep the key package");
        };
        let mut said = self.begin(person, &reference)?;
        said["proposal"] = bytes(message.to_bytes()?);
        Ok(said)
    }

    pub fn create_external_signer(&mut self, ask: &Fields) -> Answer {
        let suite = CipherSuite::from(ask.small::<u16>("cipher_suite")?);
        provider(suite)?;
        let signer = new_signer(suite, ask.bytes("identity")?)?;
        let sender = signer.identity.mls_encode_to_vec()?;
        let signer_id = self.things.add(Thing::Signer(signer));
        Ok(json!({ "signer_id": signer_id, "external_sender": bytes(sender) }))
    }

    /// The library finds signer_index by itself.
    pub fn external_signer_proposal(&mut self, ask: &Fields) -> Answer {
        let Signer { key, identity } = self.things.get(ask.small("signer_id")?, |t| match t {
            Thing::Signer(signer) => Some(signer),
            _ => None,
        })?;
        let info = MlsMessage::from_bytes(&ask.bytes("group_info")?)?;
        let tree = tree(ask)?;
        let client = ExternalClient::builder()
            .crypto_provider(OpensslCryptoProvider::new())
            .identity_provider(BasicIdentityProvider::new())
            .signer(key.clone(), identity.clone())
            .build();
        let description = ask.description()?;
        let leaf = match &description {
            Description::Remove { identity } => find_in_info(&info, tree.as_ref(), identity)?,
            _ => 0,
        };
        let mut group = client.observe_group(info, tree, None)?;
        let with = Vec::new();
        let message = match description {
            Description::Add { key_package } => {
                group.propose_add(MlsMessage::from_bytes(&key_package)?, with)?
            }
            Description::Remove { .. } => group.propose_remove(leaf, with)?,
            Description::ExternalPsk { id } => {
                group.propose_external_psk(ExternalPskId::new(id), with)?
            }
            Description::ResumptionPsk { epoch } => group.propose_resumption_psk(epoch, with)?,
            Description::Extensions(list) => {
                group.propose_group_context_extensions(extension_list(list), with)?
            }
            Description::ReInit {
                group_id,
                suite,
                extensions,
            } => group.propose_reinit(
                Some(group_id),
                ProtocolVersion::MLS_10,
                CipherSuite::from(suite),
                extension_list(extensions),
                with,
            )?,
        };
        Ok(json!({ "proposal": bytes(message.to_bytes()?) }))
    }
}
