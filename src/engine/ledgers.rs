//! The ledger entries that the configuration brings: each is written to the store once it is known.

use crate::domain::policy_date::{LedgerEntry, PolicyId};
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
            let written = facts.ledgers.get(policy).map_or(&[][..], |ledger| ledger.entries());
            let first_load = begins && !facts.ledgers.contains_key(policy);
            let missing = entries.iter().filter(|entry| entry.known <= now);
            for entry in missing.filter(|entry| !written.iter().any(|old| old.is_same_change(entry))) {
                let entry = LedgerEntry { recorded: now, first_load, ..entry.clone() };
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
