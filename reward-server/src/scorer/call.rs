//! The groups of one call of many, which are scored by the same components.

use futures_util::{StreamExt, TryStreamExt, stream};
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
    members: Members,
    /// For each completion, why it is not in a group, if it is not.
    left_out: Vec<Option<String>>,
}

/// What a record says: the reference answer and the texts of the options.
type Record = (Option<String>, Vec<String>);

#[derive(Debug)]
struct RecordGroup {
    record: Record,
    samples: Vec<SampleText>,
}

/// The prompt of a completion, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// That of the completion before it.
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
        Self { components, prefill, groups: Vec::new(), members: Members::All, left_out: Vec::new() }
    }

    /// Adds a completion: to the group of the one before it where prompt and record are the same, else to a group of its own.
    pub fn push(&mut self, sample: SampleText, record: Record, prompt: Prompt) {
        self.left_out.push(None);
        if prompt == Prompt::Unknown {
            self.members = Members::Unknown;
        }
        match self.groups.last_mut().filter(|group| prompt == Prompt::Same && group.record == record) {
            Some(group) => group.samples.push(sample),
            None => self.groups.push(RecordGroup { record, samples: vec![sample] }),
        }
    }

    /// Adds a completion that cannot be scored, with the reason.
    pub fn leave_out(&mut self, reason: String) {
        self.left_out.push(Some(reason));
    }

    fn num_bytes(&self) -> usize {
        let record = |(gold, options): &Record| {
            gold.as_ref().map_or(0, String::len) + options.iter().map(String::len).sum::<usize>()
        };
        let texts = |group: &RecordGroup| group.samples.iter().map(|sample| sample.text.len()).sum::<usize>();
        self.groups.iter().map(|group| record(&group.record) + texts(group)).sum()
    }

    fn group(&self, RecordGroup { record: (gold, options), samples }: RecordGroup) -> GroupToScore {
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
        let (groups, left_out) = (std::mem::take(&mut call.groups), std::mem::take(&mut call.left_out));
        let scored = stream::iter(groups).map(|group| self.score_of_call(&call, group)).buffered(GROUPS_AT_A_TIME);
        let scored: Vec<Vec<Reward>> = scored.try_collect().await?;
        let mut scored = scored.into_iter().flatten();
        let lost: Vec<_> = left_out.iter().flatten().map(|reason| Err(Failure::error(reason.as_str()))).collect();
        self.note(&lost);
        let mut lost = lost.into_iter().map(to_reward);
        let rewards = left_out.iter().map(|reason| if reason.is_none() { scored.next() } else { lost.next() });
        Ok(rewards.map(|reward| reward.expect("every completion is in a group or left out")).collect())
    }

    async fn score_of_call(&self, call: &Call, group: RecordGroup) -> Result<Vec<Reward>, ScoreError> {
        let num_samples = group.samples.len();
        let results = match self.score_admitted(call.group(group), call.members).await {
            Err(error) if error.is_of_record() => {
                let lost = vec![Err(Failure::error(error.to_string())); num_samples];
                self.note(&lost);
                lost
            }
            results => results?,
        };
        Ok(results.into_iter().map(to_reward).collect())
    }
}
