//! The ledger entries that the configuration brings: each is written to the store once it is known.

use crate::domain::policy_date::{Ledger, LedgerEntry, PolicyId};
use crate::domain::situation::Facts;
use crate::store;
use crate::store::handle::StoreHandle;
use jiff::Timestamp;
use std::sync::Arc;

/// What the configuration says of policy dates.
pub struct Ledgers {
    policies: Arc<[(PolicyId, Vec<LedgerEntry>)]>,
    store: StoreHandle,
}

impl Ledgers {
    /// Of a configuration, for a store.
    pub const fn new(policies: Arc<[(PolicyId, Vec<LedgerEntry>)]>, store: StoreHandle) -> Self {
        Self { policies, store }
    }

    /// Writes the entries that are known at an instant and not written yet. When a session `begins`, entries of a policy date that the
    /// store has never seen are its first load: old news. Says whether any was new.
    pub async fn record(&self, facts: &Facts, begins: bool, now: Timestamp) -> store::Result<bool> {
        let mut new = false;
        for (policy, entries) in self.policies.iter() {
            for entry in unwritten(entries, facts.ledgers.get(policy).map(AsRef::as_ref), begins, now) {
                let policy = policy.clone();
                new |= self.store.call(move |store| store.record(&policy, &entry)).await?;
            }
        }
        Ok(new)
    }

    /// When the next entry becomes known.
    pub fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let known = self.policies.iter().flat_map(|(_, entries)| entries).map(|entry| entry.known);
        known.filter(|known| *known > now).min()
    }
}

/// The entries of a configuration that are known at an instant and not in the store's ledger yet, as they are written. Of a policy date that
/// the store has never seen they are old news where a session `begins`, and where a person is about to write to its ledger.
pub fn unwritten(entries: &[LedgerEntry], ledger: Option<&Ledger>, begins: bool, now: Timestamp) -> Vec<LedgerEntry> {
    let written = ledger.map_or(&[][..], Ledger::entries);
    let first_load = begins && ledger.is_none();
    let missing = entries.iter().filter(|entry| entry.known <= now);
    let missing = missing.filter(|entry| !written.iter().any(|old| old.is_same_change(entry)));
    missing.map(|entry| LedgerEntry { recorded: now, first_load, ..entry.clone() }).collect()
}
