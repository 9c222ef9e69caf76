//! A supervised step on this rank: the weighted mean of the targets' negative logprobs, over the weights of all ranks.

use gradus_config::StageKind;
use gradus_model::{PackedBatch, PackedGroup, Policy, ScoreOptions};
use gradus_types::Scalar;

use crate::{
    Error, StepReport, Trainer,
    batch::{Example, ExampleShare},
    report::UpdateTotals,
    rollout_step::{backward, numbers},
    trainer::Parts,
    update::{UpdateMoment, update},
};

impl Trainer {
    /// Trains on this rank's share of a batch of examples. All ranks call this at the same point.
    pub fn example_step(&mut self, share: &ExampleShare) -> Result<StepReport, Error> {
        let Parts { policy, stage, ranks } = self.enter(share.position)?;
        if !matches!(stage.settings.kind, StageKind::Sft(_)) {
            return Err(share.position.wrong_stage("supervised"));
        }
        let examples = || share.microbatches.iter().flatten();
        let own_weight: f64 = examples().flat_map(|example| &example.weights).sum();
        let own_counts = [own_weight, examples().count() as f64, share.num_rejected_examples as f64];
        let (counts, _) = ranks.reduce(&own_counts, &[])?;
        let total_weight = counts[0];
        let (mut loss, mut num_tokens, mut totals) = (0.0, 0, UpdateTotals::default());
        // Without a single weight there is nothing to learn on any rank, and no rank updates.
        if total_weight > 0.0 {
            let moment = UpdateMoment { stage_step: share.position.stage_step, timeout: ranks.timeout() };
            totals.add(&update(stage, share.microbatches.len(), moment, |index| {
                let pass = imitate(policy, &share.microbatches[index], total_weight)?;
                loss += pass.0;
                num_tokens += pass.1;
                Ok(())
            })?);
        }
        stage.check_frozen_now_and_then(policy, share.position.stage_step)?;
        let (sums, _) = ranks.reduce(&[loss, num_tokens as f64], &[])?;
        let mut report = StepReport { num_tokens: sums[1], ..StepReport::default() };
        if total_weight > 0.0 {
            report.scalars.extend([Scalar::new("loss/total", sums[0]), Scalar::new("loss/sft", sums[0])]);
        }
        report
            .scalars
            .extend([Scalar::new("sft/num_examples", counts[1]), Scalar::new("sft/num_rejected_examples", counts[2])]);
        totals.report(&mut report);
        Ok(report)
    }
}

/// Runs one pass, and returns its part of the loss and its number of tokens.
fn imitate(policy: &Policy, examples: &[Example], total_weight: f64) -> Result<(f64, usize), Error> {
    let groups: Vec<PackedGroup<'_>> = examples
        .iter()
        .map(|example| PackedGroup { prompt: &example.prompt, suffixes: vec![&example.target_ids] })
        .collect();
    let packed = PackedBatch::new(&groups, policy.config(), policy.device())?;
    let scores = policy.score(&packed, ScoreOptions::default())?;
    let weights = examples.iter().flat_map(|example| &example.weights);
    let gradient: Vec<f64> = weights.map(|weight| -weight / total_weight).collect();
    let loss = numbers(&scores.logprobs).iter().zip(&gradient).map(|(logprob, slope)| logprob * slope).sum();
    backward(&scores.logprobs, &gradient)?;
    Ok((loss, packed.num_tokens()))
}
