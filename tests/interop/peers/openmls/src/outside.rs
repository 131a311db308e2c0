//! Proposals from outside: of new members and of external senders.

use crate::join::{group_info, observe, tree};
use crate::state::{encode, extension_list, find_member, key_package, suite};
use crate::state::{Key, Outsider, Peer, Person, Thing};
use openmls::prelude::*;
use openmls_rust_crypto::MemoryStorage;
use peer_lines::{bytes, refuse, unsupported, Answer, Description, Fields};
use serde_json::json;

impl Peer {
    pub fn new_member_add_proposal(&mut self, ask: &Fields) -> Answer {
        let info = group_info(ask)?;
        let suite = info.ciphersuite();
        let person = Person::new(suite, ask.bytes("identity")?, Key::new(suite)?);
        let (package, mut said) = self.begin(person.clone())?;
        let (id, epoch) = (info.group_id().clone(), info.epoch());
        let message = JoinProposal::new::<MemoryStorage>(package, id, epoch, &person.signer)?;
        said["proposal"] = bytes(message.to_bytes()?);
        Ok(said)
    }

    pub fn create_external_signer(&mut self, ask: &Fields) -> Answer {
        let suite = suite(ask)?;
        let signer = Key::new(suite)?;
        let credential = BasicCredential::new(ask.bytes("identity")?).into();
        let sender = ExternalSender::new(signer.public.as_slice().into(), credential);
        let sender = encode(&sender)?;
        let signer_id = self.things.add(Thing::Signer(Outsider { suite, signer }));
        Ok(json!({ "signer_id": signer_id, "external_sender": bytes(sender) }))
    }

    pub fn external_signer_proposal(&mut self, ask: &Fields) -> Answer {
        let us = self.things.get(ask.small("signer_id")?, |t| match t {
            Thing::Signer(outsider) => Some(outsider),
            _ => None,
        })?;
        let group = observe(group_info(ask)?, tree(ask)?)?;
        if group.ciphersuite() != us.suite {
            return refuse("signer_id: a signer for another cipher suite");
        }
        let index = SenderExtensionIndex::new(ask.small("signer_index")?);
        let (id, epoch) = (group.group_id().clone(), group.group_context().epoch());
        let message = match ask.description()? {
            Description::Add { key_package: raw } => {
                let package = key_package(&raw)?;
                ExternalProposal::new_add::<crate::state::Provider>(
                    package, id, epoch, &us.signer, index,
                )?
            }
            Description::Remove { identity } => {
                let leaf = find_member(group.members(), &identity)?;
                ExternalProposal::new_remove::<crate::state::Provider>(
                    leaf, id, epoch, &us.signer, index,
                )?
            }
            Description::Extensions(list) => {
                let list = extension_list(list)?;
                ExternalProposal::new_group_context_extensions::<crate::state::Provider>(
                    list, id, epoch, &us.signer, index,
                )?
            }
            _ => return unsupported("PSKs and ReInits of external senders"),
        };
        Ok(json!({ "proposal": bytes(message.to_bytes()?) }))
    }
}
