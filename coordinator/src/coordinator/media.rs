//! Handing out pictures by hash.

use std::collections::BTreeSet;

use gradus_types::{GroupId, MediaHash};
use tracing::info;

use crate::{Coordinator, Failure, machine::Machine};

impl Coordinator {
    /// Returns the encoded bytes of a medium.
    ///
    /// A picture that was drawn before the coordinator's last start is unknown to its prompt set; so the first time one is
    /// asked for, the prompts under way are drawn again.
    ///
    /// # Errors
    /// No prompt has the medium, or it cannot be read any more.
    pub async fn media(&self, hash: MediaHash) -> Result<Vec<u8>, Failure> {
        if let Some(encoded) = self.read_media(hash).await? {
            return Ok(encoded);
        }
        let mut has_recalled = self.inner.has_recalled.lock().await;
        if !*has_recalled {
            self.recall_prompts().await?;
            *has_recalled = true;
        }
        self.read_media(hash).await?.ok_or(Failure::NoSuchMedium { hash })
    }

    async fn read_media(&self, hash: MediaHash) -> Result<Option<Vec<u8>>, Failure> {
        let media = self.inner.parts.prompts.media.clone();
        let encoded = self.cpu().run(move || media.media(hash)).await?;
        encoded.map_err(|source| Failure::Medium { hash, source })
    }

    /// Draws every prompt under way once more, so that its prompt set knows the pictures.
    async fn recall_prompts(&self) -> Result<(), Failure> {
        let look = |machine: &Machine| (live_groups(machine), evaluation_prompts(machine));
        let (groups, sizes) = self.bookkeeper().look(look).await?;
        let examples = self.live_examples().await?;
        let prompts = self.inner.parts.prompts.clone();
        let recall = move || {
            // A prompt that cannot be used has no picture to be recalled.
            let num_groups = groups.into_iter().filter(|&id| prompts.of_group(id, &sizes).is_ok()).count();
            let num_examples = examples.map_or(0, |(stage, mut draws)| {
                let is_usable = |draw: u64| prompts.example(stage, draw).is_ok();
                draws.by_ref().filter(|&draw| is_usable(draw)).count()
            });
            num_groups + num_examples
        };
        let num_prompts = self.cpu().run(recall).await?;
        info!(num_prompts, "drew the prompts under way again to recall their pictures");
        Ok(())
    }
}

fn live_groups(machine: &Machine) -> BTreeSet<GroupId> {
    let state = machine.state();
    let pool = state.pool.iter().flat_map(|pool| pool.series.iter().map(|(draw, _)| GroupId::train(pool.stage, draw)));
    let evaluation = state.evaluation.iter();
    let items =
        evaluation.flat_map(|active| active.series.iter().map(|(draw, _)| GroupId::evaluation(active.number, draw)));
    let batches = state.batches.values().flat_map(|batch| batch.groups.iter().map(|group| group.header.id));
    pool.chain(items).chain(batches).collect()
}

fn evaluation_prompts(machine: &Machine) -> Vec<u64> {
    machine.state().evaluation.as_ref().map_or_else(Vec::new, |active| active.num_prompts.clone())
}
