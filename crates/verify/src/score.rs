//! What a completion earned.

use gradus_types::ComponentScore;

use crate::{Decision, Verdict};

/// What a completion earned.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The weighted sum of the components that count.
    pub total: f64,
    /// The components, in the order of the spec.
    pub components: Vec<ScoredComponent>,
}

/// What a completion earned by one component.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredComponent {
    /// The component's name.
    pub name: String,
    /// Its value, before weighting.
    pub value: f64,
    /// Whether the components that it requires hold, so that it counts in the total.
    pub is_counted: bool,
    /// How an answer was compared, where the component compares one.
    pub decision: Option<Decision>,
}

// === impl Score ===

impl Score {
    /// Returns the values of the components alone, as a reward holds them.
    #[must_use]
    pub fn component_scores(&self) -> Vec<ComponentScore> {
        let score =
            |component: &ScoredComponent| ComponentScore { name: component.name.clone(), value: component.value };
        self.components.iter().map(score).collect()
    }

    /// Returns how many components compare an answer that could not be decided.
    #[must_use]
    pub fn num_undecided(&self) -> usize {
        let decisions = self.components.iter().filter_map(|component| component.decision.as_ref());
        decisions.filter(|decision| decision.verdict == Verdict::Undecided).count()
    }

    /// Returns the decision of the first component that compares an answer.
    #[must_use]
    pub fn decision(&self) -> Option<&Decision> {
        self.components.iter().find_map(|component| component.decision.as_ref())
    }
}
