//! States, transactions, reinitialisations and signers: one row of numbers, none given twice.

use crate::{refuse, Refusal};
use std::collections::BTreeMap;

pub struct Things<T> {
    all: BTreeMap<u32, T>,
    last: u32,
}

impl<T> Default for Things<T> {
    fn default() -> Self {
        Things {
            all: BTreeMap::new(),
            last: 0,
        }
    }
}

impl<T> Things<T> {
    pub fn add(&mut self, thing: T) -> u32 {
        self.last += 1;
        self.all.insert(self.last, thing);
        self.last
    }

    /// The thing with this number, of the kind that `pick` takes.
    pub fn get<'a, K>(
        &'a self,
        id: u32,
        pick: impl Fn(&'a T) -> Option<&'a K>,
    ) -> Result<&'a K, Refusal> {
        match self.all.get(&id).and_then(pick) {
            Some(thing) => Ok(thing),
            None => refuse(format!(
                "there is nothing of this kind with the number {id}"
            )),
        }
    }

    pub fn get_mut<'a, K>(
        &'a mut self,
        id: u32,
        pick: impl Fn(&'a mut T) -> Option<&'a mut K>,
    ) -> Result<&'a mut K, Refusal> {
        match self.all.get_mut(&id).and_then(pick) {
            Some(thing) => Ok(thing),
            None => refuse(format!(
                "there is nothing of this kind with the number {id}"
            )),
        }
    }

    pub fn free(&mut self, id: u32) -> Result<(), Refusal> {
        match self.all.remove(&id) {
            Some(_) => Ok(()),
            None => refuse(format!("state_id: there is nothing with the number {id}")),
        }
    }

    /// From the newest to the oldest.
    pub fn newest_first(&self) -> impl Iterator<Item = &T> {
        self.all.values().rev()
    }
}
