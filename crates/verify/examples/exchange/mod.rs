//! Cases in the exchange format for answer checkers, ready to be compared.
//!
//! Each is compared as its mode and its settings say.

use gradus_testkit::{AnswerMode, HostileAnswer};
use gradus_verify::{Gold, Profile, Search, Verdict, exchange::Record, verify};

/// A case as it is read and compared.
#[derive(Debug)]
pub struct Comparison {
    gold: String,
    prediction: String,
    searches: (Search, Search),
    profile: Profile,
}

/// Reads the cases of a file; lines that are none are left out.
pub fn read(text: &str) -> Vec<Comparison> {
    let records = text.lines().filter_map(|line| serde_json::from_str::<Record>(line).ok());
    records.map(Comparison::of).collect()
}

// === impl Comparison ===

impl Comparison {
    fn of(record: Record) -> Self {
        let (searches, profile) = (record.mode.searches(), record.config.applied_to(Profile::reward()));
        Self { gold: record.gold, prediction: record.prediction, searches, profile }
    }

    /// The comparison of a hostile pair.
    pub fn of_hostile(hostile: &HostileAnswer) -> Self {
        let search = match hostile.mode {
            AnswerMode::Answer => Search::Whole,
            AnswerMode::Response => Search::Text,
        };
        let HostileAnswer { gold, prediction, .. } = hostile.clone();
        Self { gold, prediction, searches: (Search::Whole, search), profile: Profile::reward() }
    }

    /// Reads both sides and compares them.
    pub fn verdict(&self) -> Verdict {
        let gold = Gold::read(&self.gold, self.searches.0, &self.profile);
        verify(&gold, &self.prediction, self.searches.1, &self.profile).verdict
    }
}
