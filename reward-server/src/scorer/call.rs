//! The groups of one call of many, which are scored by the same components.

use futures_util::{StreamExt, TryStreamExt, stream};
use gradus_process::chain;
use gradus_types::{Reward, RewardComponent};

use super::{Members, Scorer, to_reward};
use crate::{GroupToScore, SampleText, ScoreError, batch::Failure};

/// Groups of a call that are scored at a time.
const GROUPS_AT_A_TIME: usize = 32;

/// A call of many groups. Their specs are written when their turn comes: together they would be larger than what was sent.
#[derive(Debug)]
pub struct Call {
    components: String,
    prefill: String,
    groups: Vec<RecordGroup>,
    /// The group of the last completion whose prompt is known.
    last_known: Option<usize>,
    completions: Vec<Completion>,
}

/// A completion of a call: one of a group, or one that cannot be scored, with the reason.
#[derive(Debug)]
enum Completion {
    InGroup(usize),
    LeftOut(String),
}

/// What a record says: the reference answer and the texts of the options.
type Record = (Option<String>, Vec<String>);

#[derive(Debug)]
struct RecordGroup {
    record: Record,
    samples: Vec<SampleText>,
    members: Members,
}

/// The prompt of a completion, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// That of the completion before it, among those whose prompts are known.
    Same,
    /// Another one.
    Other,
    /// Nobody said.
    Unknown,
}

// === impl Call ===

impl Call {
    /// Begins a call.
    pub fn new(components: &[RewardComponent], prefill: String) -> Self {
        let components = serde_json::to_string(components).expect("components hold text keys and JSON values alone");
        Self { components, prefill, groups: Vec::new(), last_known: None, completions: Vec::new() }
    }

    /// Adds a completion: to the group of the one before it where prompt and record are the same, else to a group of its own.
    pub fn push(&mut self, sample: SampleText, record: Record, prompt: Prompt) {
        let same = self.last_known.filter(|_| prompt == Prompt::Same);
        let place = match same.filter(|place| self.groups[*place].record == record) {
            Some(place) => {
                self.groups[place].samples.push(sample);
                place
            }
            None => {
                let members = if prompt == Prompt::Unknown { Members::Unknown } else { Members::All };
                self.groups.push(RecordGroup { record, samples: vec![sample], members });
                self.groups.len() - 1
            }
        };
        if prompt != Prompt::Unknown {
            self.last_known = Some(place);
        }
        self.completions.push(Completion::InGroup(place));
    }

    /// Adds a completion that cannot be scored, with the reason.
    pub fn leave_out(&mut self, reason: String) {
        self.completions.push(Completion::LeftOut(reason));
    }

    fn num_bytes(&self) -> usize {
        let record = |(gold, options): &Record| {
            gold.as_ref().map_or(0, String::len) + options.iter().map(String::len).sum::<usize>()
        };
        let texts = |group: &RecordGroup| group.samples.iter().map(|sample| sample.text.len()).sum::<usize>();
        self.groups.iter().map(|group| record(&group.record) + texts(group)).sum()
    }

    /// Tells whether an error is that a prompt is not known, where others are.
    const fn has_prompts_besides(&self, error: &ScoreError) -> bool {
        matches!(error, ScoreError::NoPrompts { .. }) && self.last_known.is_some()
    }

    fn group(&self, RecordGroup { record: (gold, options), samples, .. }: RecordGroup) -> GroupToScore {
        let (gold, options) = (serde_json::json!(gold), serde_json::json!(options));
        let spec = format!(r#"{{"gold":{gold},"options":{options},"components":{}}}"#, self.components);
        GroupToScore { spec, prefill: self.prefill.clone(), samples }
    }
}

impl Scorer {
    /// Scores the groups of one call, which take one place: the rewards of all completions, in order. What is wrong with a record leaves its
    /// completions unscored; only what is wrong with the components, and so with every record, is an error.
    pub async fn score_all(&self, mut call: Call) -> Result<Vec<Reward>, ScoreError> {
        let _place = self.admission.try_enter(call.num_bytes()).inspect_err(|_| self.metrics.refuse())?;
        let (groups, completions) = (std::mem::take(&mut call.groups), std::mem::take(&mut call.completions));
        let scored = stream::iter(groups).map(|group| self.score_of_call(&call, group)).buffered(GROUPS_AT_A_TIME);
        let mut scored: Vec<_> = scored.map_ok(Vec::into_iter).try_collect().await?;
        let mut lost = Vec::new();
        let mut rewards = Vec::with_capacity(completions.len());
        for completion in completions {
            rewards.push(match completion {
                Completion::InGroup(place) => scored[place].next().expect("a group has a reward for each completion"),
                Completion::LeftOut(reason) => {
                    lost.push(Err(Failure::error(reason.as_str())));
                    to_reward(Err(Failure::error(reason)))
                }
            });
        }
        self.note(&lost);
        Ok(rewards)
    }

    async fn score_of_call(&self, call: &Call, group: RecordGroup) -> Result<Vec<Reward>, ScoreError> {
        let (num_samples, members) = (group.samples.len(), group.members);
        let results = match self.score_admitted(call.group(group), members).await {
            Err(error) if error.is_of_record() || call.has_prompts_besides(&error) => {
                let lost = vec![Err(Failure::error(chain(&error))); num_samples];
                self.note(&lost);
                lost
            }
            results => results?,
        };
        Ok(results.into_iter().map(to_reward).collect())
    }
}
