//! The ledger: how often prompts were lent, and what came of it. Two equations hold at any moment, and a test and the
//! status API check them.
//!
//! * lendings: `lent + recovered = in flight + waiting + consumed + stale + unscored + expired + returned + rejected`
//! * prompts: `drawn = open + in flight + waiting + consumed + quarantined`

use serde::{Deserialize, Serialize};

/// Counts of everything that has ended or begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Prompts that were drawn from the prompt set.
    pub drawn: u64,
    /// Times a prompt was lent to an actor.
    pub lent: u64,
    /// Groups that came back after their lending had been counted as ended.
    pub recovered: u64,
    /// Groups that entered a batch or an evaluation.
    pub consumed: u64,
    /// Groups that were dropped because their policy was too old; their prompts are lent again.
    pub stale: u64,
    /// Groups that were dropped because no completion could be scored; their prompts are lent again.
    pub unscored: u64,
    /// Lendings that ended because the deadline passed or the actor was lost; the prompts are lent again.
    pub expired: u64,
    /// Lendings that an actor gave back unused; the prompts are lent again.
    pub returned: u64,
    /// Lendings that an actor gave back because the prompt is at fault.
    pub rejected: u64,
    /// Prompts that were set aside for good.
    pub quarantined: u64,
    /// Groups that were submitted again after they had been stored.
    pub duplicates: u64,
}

/// Counts of what is still under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// Prompts that wait to be lent.
    pub open: u64,
    /// Prompts that are lent.
    pub in_flight: u64,
    /// Groups that wait for their batch.
    pub waiting: u64,
}

/// Two sides of an equation that differ.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the ledger of {account} does not balance: {begun} begun, {accounted} accounted for")]
pub struct Imbalance {
    /// Which equation.
    pub account: &'static str,
    /// What was begun.
    pub begun: u64,
    /// What is under way or has ended.
    pub accounted: u64,
}

impl Ledger {
    /// Checks both equations.
    ///
    /// # Errors
    /// The equation that does not hold.
    pub fn check(&self, live: Live) -> Result<(), Imbalance> {
        let ended = self.consumed + self.stale + self.unscored + self.expired + self.returned + self.rejected;
        let lendings = live.in_flight + live.waiting + ended;
        balance("lendings", self.lent + self.recovered, lendings)?;
        let prompts = live.open + live.in_flight + live.waiting + self.consumed + self.quarantined;
        balance("prompts", self.drawn, prompts)
    }
}

fn balance(account: &'static str, begun: u64, accounted: u64) -> Result<(), Imbalance> {
    if begun == accounted { Ok(()) } else { Err(Imbalance { account, begun, accounted }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_prompt_is_named() {
        let ledger = Ledger { drawn: 2, lent: 2, consumed: 1, ..Ledger::default() };
        assert_eq!(ledger.check(Live { in_flight: 1, ..Live::default() }), Ok(()));
        let imbalance = ledger.check(Live::default()).unwrap_err();
        assert_eq!(imbalance.to_string(), "the ledger of lendings does not balance: 2 begun, 1 accounted for");
    }
}
