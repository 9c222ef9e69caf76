//! From the coordinator's batches to this rank's share of a step, ready for the device. CPU work, no I/O.
//!
//! A prompt or example that cannot be used is left out, logged with its reason and counted; the step goes on without it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use tracing::warn;

use gradus_algorithms::{GroupShare, Plan, balance, first_fit};
use gradus_config::Sft;
use gradus_model::{Config as ModelConfig, MediaInput, Prompt};
use gradus_processor::{AnswerWeighting, ChatInput, Processor, SftExample, SftInput, picture::PixelPatches};
use gradus_types::{Completion, ContentPart, Group, GroupId, MediaHash, PromptBody, RolloutBatch, SftBatch, SftSample};

use crate::{
    Error,
    batch::{Example, ExampleShare, RolloutGroup, RolloutSample, RolloutShare, RolloutUpdate, StepPosition},
};

/// The length a picture is taken for when examples are shared out, before anything is decoded: an 84 x 84 picture gives 9
/// tokens of the usual patches, about 36 bytes of text.
const PICTURE_BYTES: u64 = 36;

/// The encoded bytes of pictures, by hash.
pub type Pictures = HashMap<MediaHash, Arc<[u8]>>;

/// Why something is left out.
type Reason = Box<dyn std::error::Error + Send + Sync>;

/// What preparing needs to know of the model.
#[derive(Debug)]
pub struct Preparer {
    processor: Processor,
    model: ModelConfig,
    rank: usize,
    world_size: usize,
}

// === impl Preparer ===

impl Preparer {
    /// Prepares for one rank of a world.
    #[must_use]
    pub const fn new(processor: Processor, model: ModelConfig, rank: usize, world_size: usize) -> Self {
        Self { processor, model, rank, world_size }
    }

    /// Returns the groups whose payload this rank needs.
    #[must_use]
    pub fn groups_of(&self, plan: &Plan, batch: &RolloutBatch) -> Vec<GroupId> {
        let shares = plan.updates.iter().flat_map(|update| &update.ranks[self.rank]);
        let groups: BTreeSet<usize> =
            shares.flat_map(|microbatch| &microbatch.groups).map(|share| share.group).collect();
        groups.into_iter().map(|group| batch.groups[group].id).collect()
    }

    /// Prepares this rank's share of a planned batch from the payload of its groups.
    pub fn rollouts(
        &self,
        plan: &Plan,
        batch: &RolloutBatch,
        (groups, pictures): (&[Group], &Pictures),
    ) -> Result<RolloutShare, Error> {
        let groups: HashMap<GroupId, &Group> = groups.iter().map(|group| (group.id, group)).collect();
        let position = StepPosition { step: batch.step, stage: batch.stage, stage_step: batch.stage_step };
        let mut prompts = Prompts { preparer: self, pictures, prepared: BTreeMap::new() };
        let mut updates = Vec::new();
        for update in &plan.updates {
            let mut microbatches = Vec::new();
            for microbatch in &update.ranks[self.rank] {
                let mut ready = Vec::new();
                for share in &microbatch.groups {
                    let header = &batch.groups[share.group];
                    let group = groups.get(&header.id).ok_or_else(|| payload(header.id, "it did not come"))?;
                    let samples = samples(group, share)?;
                    ready.extend(prompts.of(group).map(|prompt| RolloutGroup { prompt, samples }));
                }
                if !ready.is_empty() {
                    microbatches.push(ready);
                }
            }
            updates.push(RolloutUpdate { counts: update.counts, microbatches });
        }
        Ok(RolloutShare { position, updates, num_rejected_groups: prompts.num_rejected() })
    }

    /// Prepares this rank's share of a batch of examples.
    #[must_use]
    pub fn examples(
        &self,
        batch: &SftBatch,
        sft: &Sft,
        (microbatch_tokens, pictures): (u32, &Pictures),
    ) -> ExampleShare {
        let mut examples = Vec::new();
        let mut num_rejected_examples = 0;
        for sample in self.samples_of(batch) {
            match self.example(sample, sft, pictures) {
                Ok(example) => examples.push(example),
                Err(reason) => {
                    warn!(prompt_id = sample.prompt.id.0, reason = &*reason, "example left out");
                    num_rejected_examples += 1;
                }
            }
        }
        let costs: Vec<u64> = examples.iter().map(Example::num_tokens).collect();
        let mut examples: Vec<Option<Example>> = examples.into_iter().map(Some).collect();
        let bins = first_fit(&costs, u64::from(microbatch_tokens)).into_iter();
        let microbatches = bins.map(|bin| bin.into_iter().filter_map(|item| examples[item].take()).collect()).collect();
        let position = StepPosition { step: batch.step, stage: batch.stage, stage_step: batch.stage_step };
        ExampleShare { position, microbatches, num_rejected_examples }
    }

    /// Returns the examples of a batch that this rank trains on. Ranks share them by a guess of their lengths, so that no
    /// rank has to prepare another's.
    pub fn samples_of<'a>(&self, batch: &'a SftBatch) -> impl Iterator<Item = &'a SftSample> + use<'a> {
        let costs: Vec<u64> = batch.samples.iter().map(guessed_length).collect();
        let own = balance(&costs, self.world_size).swap_remove(self.rank);
        own.into_iter().map(|item| &batch.samples[item])
    }

    fn example(&self, sample: &SftSample, sft: &Sft, pictures: &Pictures) -> Result<Example, Reason> {
        let input = SftInput {
            body: &sample.prompt.body,
            prefill: sample.prompt.prefill.as_deref(),
            target: sample.prompt.target.as_deref(),
            weighting: AnswerWeighting { answer: sft.answer_weight as f32, other: 1.0 },
            max_tokens: Some(sft.max_tokens as usize),
        };
        let SftExample { mut token_ids, loss_weights, media } = self.processor.prepare_sft(&input, pictures)?;
        let first = loss_weights.iter().position(|&weight| weight > 0.0).unwrap_or(token_ids.len());
        let target_ids = token_ids.split_off(first);
        let prompt = Prompt { token_ids, media: media.iter().map(media_input).collect() };
        prompt.check(&self.model)?;
        let weights = loss_weights[first..].iter().map(|&weight| f64::from(weight)).collect();
        Ok(Example { prompt, target_ids, weights })
    }

    /// Joins the tokens that the actor's policy read with the pictures they stand for.
    fn prompt(&self, group: &Group, pictures: &Pictures) -> Result<Prompt, Reason> {
        let media = match group.prompt.body.images().next() {
            Some(_) => self.processor.prepare(&ChatInput::of(&group.prompt), pictures)?.media,
            None => Vec::new(),
        };
        let media = media.iter().map(media_input).collect();
        let prompt = Prompt { token_ids: group.prompt_token_ids.clone(), media };
        prompt.check(&self.model)?;
        Ok(prompt)
    }
}

/// The prompts of a step, each prepared once.
struct Prompts<'a> {
    preparer: &'a Preparer,
    pictures: &'a Pictures,
    prepared: BTreeMap<GroupId, Option<Arc<Prompt>>>,
}

// === impl Prompts ===

impl Prompts<'_> {
    fn of(&mut self, group: &Group) -> Option<Arc<Prompt>> {
        let prepare = || match self.preparer.prompt(group, self.pictures) {
            Ok(prompt) => Some(Arc::new(prompt)),
            Err(reason) => {
                warn!(group_id = %group.id, prompt_id = group.prompt.id.0, reason = &*reason, "group left out");
                None
            }
        };
        self.prepared.entry(group.id).or_insert_with(prepare).clone()
    }

    fn num_rejected(&self) -> u64 {
        self.prepared.values().filter(|prompt| prompt.is_none()).count() as u64
    }
}

/// Takes the planned samples out of a group, checking that they are what the plan was made of.
fn samples(group: &Group, share: &GroupShare) -> Result<Vec<RolloutSample>, Error> {
    let take = |planned: &gradus_algorithms::SampleShare| {
        let sample = group.samples.get(planned.sample);
        let sample = sample.ok_or_else(|| payload(group.id, format!("sample `{}` is missing", planned.sample)))?;
        let Completion { token_ids, logprobs, .. } = &sample.completion;
        if token_ids.len() != planned.num_tokens as usize || logprobs.len() != token_ids.len() {
            let (found, with, expected) = (token_ids.len(), logprobs.len(), planned.num_tokens);
            let reason = format!(
                "sample `{}` has {found} tokens with {with} logprobs, but {expected} were planned",
                planned.sample
            );
            return Err(payload(group.id, reason));
        }
        let behaviour_logprobs = logprobs.iter().map(|&logprob| f64::from(logprob)).collect();
        Ok(RolloutSample { token_ids: token_ids.clone(), behaviour_logprobs, advantage: planned.advantage })
    };
    share.samples.iter().map(take).collect()
}

fn payload(group_id: GroupId, reason: impl Into<String>) -> Error {
    Error::Payload { group_id, reason: reason.into() }
}

fn media_input(patches: &Arc<PixelPatches>) -> Arc<MediaInput> {
    Arc::new(MediaInput { pixel_values: patches.values.clone(), grid: patches.grid })
}

fn guessed_length(sample: &SftSample) -> u64 {
    let parts: Vec<&ContentPart> = match &sample.prompt.body {
        PromptBody::Chat(messages) => messages.iter().flat_map(|message| &message.content).collect(),
        PromptBody::Raw(content) => content.iter().collect(),
    };
    let part_bytes = |part: &&ContentPart| match part {
        ContentPart::Text { text } => text.len() as u64,
        ContentPart::Image { .. } => PICTURE_BYTES,
    };
    let target_bytes = sample.prompt.target.as_ref().map_or(0, String::len) as u64;
    parts.iter().map(part_bytes).sum::<u64>() + target_bytes
}

#[cfg(test)]
mod tests;
