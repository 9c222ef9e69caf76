//! Where prompts come from: the seam between the coordinator and the prompt sets of a run.

use std::{fmt, sync::Arc};

use gradus_types::{GroupId, MediaHash, Prompt, Purpose, StageIndex};

use crate::machine::EvaluationPlan;

/// A prompt set as one stage or evaluation uses it. A draw names the same prompt in every run.
pub trait PromptSource: Send + Sync {
    /// Returns the prompt of a draw; draws past the end begin anew.
    ///
    /// # Errors
    /// The prompt cannot be used; another draw may be.
    fn prompt(&self, draw: u64) -> Result<Prompt, Rejection>;

    /// Returns the number of different prompts, or nothing where there is no end of them.
    fn num_prompts(&self) -> Option<u64>;
}

/// The pictures that prompts refer to.
pub trait MediaSource: Send + Sync {
    /// Returns the encoded bytes of a medium, or nothing if no prompt drawn so far has it.
    ///
    /// # Errors
    /// The medium is known, but cannot be read any more.
    fn media(&self, hash: MediaHash) -> Result<Option<Vec<u8>>, Rejection>;
}

/// A prompt or medium that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct Rejection {
    /// Why, for people.
    pub reason: String,
}

/// The prompt sets of a run.
#[derive(Clone)]
pub struct Prompts {
    /// The set of each stage.
    pub stages: Vec<Arc<dyn PromptSource>>,
    /// The sets of the evaluations, in the order of the run file.
    pub evaluations: Vec<Arc<dyn PromptSource>>,
    /// The pictures of all sets.
    pub media: Arc<dyn MediaSource>,
}

impl fmt::Debug for Prompts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let num_evaluations = self.evaluations.len();
        formatter
            .debug_struct("Prompts")
            .field("num_stages", &self.stages.len())
            .field("num_evaluations", &num_evaluations)
            .finish()
    }
}

impl Prompts {
    /// Returns the prompt of a group; `evaluation_prompts` are the sizes of the sets of the group's evaluation.
    ///
    /// # Errors
    /// The prompt cannot be used.
    pub fn of_group(&self, id: GroupId, evaluation_prompts: &[u64]) -> Result<Prompt, Rejection> {
        let (source, draw) = match id.purpose() {
            Purpose::Train => (self.stages.get(id.series() as usize), id.draw()),
            Purpose::Evaluate => {
                let place = EvaluationPlan::place(evaluation_prompts, id.draw());
                (self.evaluations.get(place.set), place.position)
            }
        };
        let missing = || Rejection { reason: format!("group `{id}` belongs to no prompt set") };
        source.ok_or_else(missing)?.prompt(draw)
    }

    /// Returns the example of a supervised stage.
    ///
    /// # Errors
    /// The prompt cannot be used.
    pub fn example(&self, stage: StageIndex, draw: u64) -> Result<Prompt, Rejection> {
        self.of_group(GroupId::train(stage, draw), &[])
    }

    /// Returns how many prompts of each evaluation set are measured: as many as asked for, or as there are.
    #[must_use]
    pub fn evaluation_sizes(&self, plan: Option<&EvaluationPlan>) -> Vec<u64> {
        let Some(plan) = plan else { return Vec::new() };
        let size =
            |source: &Arc<dyn PromptSource>| source.num_prompts().map_or(plan.num_prompts, |n| n.min(plan.num_prompts));
        self.evaluations.iter().map(size).collect()
    }
}
