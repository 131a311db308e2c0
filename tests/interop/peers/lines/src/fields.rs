//! Fields of a request. An absent or null one has the default of proto3.

use crate::{refuse, unsupported, Refusal};
use base64::{engine::general_purpose::STANDARD, Engine};
use serde_json::{Map, Value};

/// A name with its secret.
pub type Psk = (Vec<u8>, Vec<u8>);

/// Bytes as an answer carries them.
pub fn bytes(raw: impl AsRef<[u8]>) -> Value {
    Value::String(STANDARD.encode(raw))
}

#[derive(Clone, Copy)]
pub struct Fields<'a>(pub &'a Map<String, Value>);

impl<'a> Fields<'a> {
    fn find(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn list(&self, name: &str) -> Result<&'a [Value], Refusal> {
        match self.find(name) {
            None => Ok(&[]),
            Some(Value::Array(list)) => Ok(list),
            Some(_) => refuse(format!("{name}: a list is wanted")),
        }
    }

    /// The objects of a repeated message.
    fn objects(&self, name: &str) -> Result<Vec<Fields<'a>>, Refusal> {
        let list = self.list(name)?.iter();
        list.map(|value| object(name, value)).collect()
    }

    pub fn number(&self, name: &str) -> Result<u64, Refusal> {
        match self.find(name) {
            None => Ok(0),
            Some(value) => value
                .as_u64()
                .map_or_else(|| refuse(format!("{name}: a number is wanted")), Ok),
        }
    }

    /// A number of at most 16 or 32 bits.
    pub fn small<T: TryFrom<u64>>(&self, name: &str) -> Result<T, Refusal> {
        T::try_from(self.number(name)?).or_else(|_| refuse(format!("{name}: out of range")))
    }

    pub fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.find(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => refuse(format!("{name}: true or false is wanted")),
        }
    }

    pub fn text(&self, name: &str) -> Result<String, Refusal> {
        match self.find(name) {
            None => Ok(String::new()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(_) => refuse(format!("{name}: text is wanted")),
        }
    }

    pub fn bytes(&self, name: &str) -> Result<Vec<u8>, Refusal> {
        match self.find(name) {
            None => Ok(Vec::new()),
            Some(value) => decode(name, value),
        }
    }

    /// Bytes that may be left out: an empty field counts as none.
    pub fn bytes_or_none(&self, name: &str) -> Result<Option<Vec<u8>>, Refusal> {
        Ok(Some(self.bytes(name)?).filter(|raw| !raw.is_empty()))
    }

    pub fn bytes_list(&self, name: &str) -> Result<Vec<Vec<u8>>, Refusal> {
        let list = self.list(name)?.iter();
        list.map(|value| decode(name, value)).collect()
    }

    /// Extensions, as types with data.
    pub fn extensions(&self) -> Result<Vec<(u16, Vec<u8>)>, Refusal> {
        let list = self.objects("extensions")?.into_iter();
        list.map(|e| Ok((e.small("extension_type")?, e.bytes("extension_data")?)))
            .collect()
    }

    /// PreSharedKeys.
    pub fn psks(&self) -> Result<Vec<Psk>, Refusal> {
        let list = self.objects("psks")?.into_iter();
        list.map(|p| Ok((p.bytes("psk_id")?, p.bytes("psk_secret")?)))
            .collect()
    }

    pub fn by_value(&self) -> Result<Vec<Description>, Refusal> {
        let list = self.objects("by_value")?.into_iter();
        list.map(Description::read).collect()
    }

    pub fn description(&self) -> Result<Description, Refusal> {
        match self.find("description") {
            None => refuse("description: is wanted"),
            Some(value) => Description::read(object("description", value)?),
        }
    }
}

fn object<'a>(name: &str, value: &'a Value) -> Result<Fields<'a>, Refusal> {
    match value {
        Value::Object(map) => Ok(Fields(map)),
        _ => refuse(format!("{name}: an object is wanted")),
    }
}

fn decode(name: &str, value: &Value) -> Result<Vec<u8>, Refusal> {
    value
        .as_str()
        .and_then(|text| STANDARD.decode(text).ok())
        .map_or_else(|| refuse(format!("{name}: base64 is wanted")), Ok)
}

/// A ProposalDescription.
pub enum Description {
    Add {
        key_package: Vec<u8>,
    },
    Remove {
        identity: Vec<u8>,
    },
    ExternalPsk {
        id: Vec<u8>,
    },
    ResumptionPsk {
        epoch: u64,
    },
    Extensions(Vec<(u16, Vec<u8>)>),
    ReInit {
        group_id: Vec<u8>,
        suite: u16,
        extensions: Vec<(u16, Vec<u8>)>,
    },
}

impl Description {
    fn read(from: Fields) -> Result<Self, Refusal> {
        // Bytes, so base64; the bare word, which is no base64 of any of these, is taken too.
        let bare = from.text("proposal_type")?.into_bytes();
        let decoded = from.bytes("proposal_type").unwrap_or_default();
        let is = |word: &str| bare == word.as_bytes() || decoded == word.as_bytes();
        Ok(if is("add") {
            let key_package = from.bytes("key_package")?;
            Description::Add { key_package }
        } else if is("remove") {
            let identity = from.bytes("removed_id")?;
            Description::Remove { identity }
        } else if is("externalPSK") {
            let id = from.bytes("psk_id")?;
            Description::ExternalPsk { id }
        } else if is("resumptionPSK") {
            let epoch = from.number("epoch_id")?;
            Description::ResumptionPsk { epoch }
        } else if is("groupContextExtensions") {
            Description::Extensions(from.extensions()?)
        } else if is("reinit") {
            Description::ReInit {
                group_id: from.bytes("group_id")?,
                suite: from.small("cipher_suite")?,
                extensions: from.extensions()?,
            }
        } else {
            return unsupported("proposal_type of this kind");
        })
    }
}
