//! A reinforcement-learning step on this rank: clipped policy loss and divergence from the reference, over global counts.
//!
//! The loss and its derivative with respect to each logprob come from [`gradus_algorithms::Objective`] in f64; autograd gets
//! the derivatives as the gradient of the logprobs. Sums over ranks and microbatches are then the gradient of the whole
//! loss, so one rank and many agree up to the order of additions.

use std::ops::AddAssign;

use tch::{Kind, Tensor};

use gradus_algorithms::{Objective, ObjectiveSums, Streams};
use gradus_config::{Rl, StageKind};
use gradus_model::{PackedBatch, PackedGroup, Policy, ScoreOptions};
use gradus_types::Scalar;

use crate::{
    Error, Ranks, StepReport, Trainer,
    batch::{RolloutGroup, RolloutShare, RolloutUpdate},
    report::UpdateTotals,
    stage::ActiveStage,
    trainer::Parts,
    update::{UpdateMoment, UpdateReport, update},
};

/// What a step adds up on this rank, and then over all ranks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Tally {
    policy_loss: f64,
    kl: f64,
    num_tokens: f64,
    num_clipped: f64,
    num_dual_clipped: f64,
    behaviour_kl: f64,
    entropy: f64,
    /// Of the first update alone, whose policy is the one that sampled, unless samples are stale.
    logprob_gap: f64,
    num_gap_tokens: f64,
    num_pass_tokens: f64,
    num_rejected_groups: f64,
    logprob_gap_max: f64,
}

impl Trainer {
    /// Trains on this rank's share of a batch of rollouts. All ranks call this at the same point.
    pub fn rollout_step(&mut self, share: &RolloutShare) -> Result<StepReport, Error> {
        let Parts { policy, stage, ranks } = self.enter(share.position)?;
        let StageKind::Rl(rl) = stage.settings.kind.clone() else {
            return Err(share.position.wrong_stage("reinforcement-learning"));
        };
        let moment = UpdateMoment { stage_step: share.position.stage_step, timeout: ranks.timeout() };
        let (mut tally, mut totals) = (Tally::default(), UpdateTotals::default());
        tally.num_rejected_groups = share.num_rejected_groups as f64;
        for (number, work) in share.updates.iter().enumerate() {
            let mut sums = UpdateSums::default();
            totals.add(&train_update(policy, stage, work, (&rl, moment, &mut sums))?);
            tally.add_update(&sums, number == 0);
        }
        stage.check_frozen_now_and_then(policy, share.position.stage_step)?;
        let tally = tally.reduced(ranks)?;
        let num_updates = share.updates.len();
        let mut report =
            StepReport { scalars: tally.scalars(num_updates, rl.algorithm.kl_coefficient), ..StepReport::default() };
        report.num_tokens = tally.num_pass_tokens;
        totals.report(&mut report);
        Ok(report)
    }
}

/// What one update adds up on this rank.
#[derive(Clone, Copy, Debug, Default)]
struct UpdateSums {
    objective: ObjectiveSums,
    entropy: f64,
    num_pass_tokens: usize,
}

fn train_update(
    policy: &Policy,
    stage: &mut ActiveStage,
    work: &RolloutUpdate,
    (rl, moment, sums): (&Rl, UpdateMoment, &mut UpdateSums),
) -> Result<UpdateReport, Error> {
    let objective = Objective::new(&rl.algorithm, work.counts);
    let reference = stage.reference.take();
    let result = update(stage, work.microbatches.len(), moment, |index| {
        let pass = Pass { policy, reference: reference.as_ref(), objective: &objective, rl };
        pass.run(&work.microbatches[index], sums)
    });
    stage.reference = reference;
    result
}

/// One forward and backward pass.
struct Pass<'a> {
    policy: &'a Policy,
    reference: Option<&'a Policy>,
    objective: &'a Objective,
    rl: &'a Rl,
}

// === impl Pass ===

impl Pass<'_> {
    fn run(&self, groups: &[RolloutGroup], sums: &mut UpdateSums) -> Result<(), Error> {
        let packed = pack(groups, self.policy)?;
        let options = ScoreOptions { temperature: self.rl.sampling.temperature, ..ScoreOptions::default() };
        let reference_logprobs = self.reference_logprobs(&packed, options)?;
        let scores = self.policy.score(&packed, ScoreOptions { with_entropy: true, ..options })?;
        let logprobs = numbers(&scores.logprobs);
        let gradient = self.gradient(groups, &logprobs, (reference_logprobs.as_deref(), &mut sums.objective));
        if let Some(entropy) = &scores.entropy {
            sums.entropy += numbers(entropy).iter().sum::<f64>();
        }
        sums.num_pass_tokens += packed.num_tokens();
        backward(&scores.logprobs, &gradient)
    }

    fn reference_logprobs(&self, packed: &PackedBatch, options: ScoreOptions) -> Result<Option<Vec<f64>>, Error> {
        let Some(reference) = self.reference else { return Ok(None) };
        let scores = tch::no_grad(|| reference.score(packed, options))?;
        Ok(Some(numbers(&scores.logprobs)))
    }

    /// Returns the derivative of the loss with respect to each logprob of the pass.
    fn gradient(
        &self,
        groups: &[RolloutGroup],
        logprobs: &[f64],
        (reference_logprobs, sums): (Option<&[f64]>, &mut ObjectiveSums),
    ) -> Vec<f64> {
        let mut gradient = Vec::with_capacity(logprobs.len());
        for sample in groups.iter().flat_map(|group| &group.samples) {
            let tokens = gradient.len()..gradient.len() + sample.token_ids.len();
            let streams = Streams {
                logprobs: &logprobs[tokens.clone()],
                old_logprobs: &sample.behaviour_logprobs,
                reference_logprobs: reference_logprobs.map(|reference| &reference[tokens]),
                advantage: sample.advantage,
            };
            self.objective.accumulate(&streams, sums, &mut gradient);
        }
        gradient
    }
}

fn pack(groups: &[RolloutGroup], policy: &Policy) -> Result<PackedBatch, Error> {
    let packed: Vec<PackedGroup<'_>> = groups
        .iter()
        .map(|group| PackedGroup {
            prompt: &group.prompt,
            suffixes: group.samples.iter().map(|sample| sample.token_ids.as_slice()).collect(),
        })
        .collect();
    Ok(PackedBatch::new(&packed, policy.config(), policy.device())?)
}

/// Runs backward from logprobs `[N]` with this derivative of the loss with respect to each.
pub(crate) fn backward(logprobs: &Tensor, gradient: &[f64]) -> Result<(), Error> {
    let gradient = Tensor::from_slice(gradient).to_kind(Kind::Float).to_device(logprobs.device());
    let run = || logprobs.f_dot(&gradient)?.f_backward();
    run().map_err(|source| Error::Torch { attempt: "run backward", source })
}

/// Copies a tensor's elements off the device.
pub(crate) fn numbers(tensor: &Tensor) -> Vec<f64> {
    let tensor = tensor.detach().to_kind(Kind::Double).to_device(tch::Device::Cpu).contiguous();
    let mut numbers = vec![0.0; tensor.numel()];
    tensor.copy_data(&mut numbers, tensor.numel());
    numbers
}

// === impl Tally ===

impl Tally {
    fn add_update(&mut self, sums: &UpdateSums, is_first: bool) {
        let objective = &sums.objective;
        self.policy_loss += objective.policy_loss;
        self.kl += objective.kl;
        self.num_tokens += objective.num_tokens as f64;
        self.num_clipped += objective.num_clipped as f64;
        self.num_dual_clipped += objective.num_dual_clipped as f64;
        self.behaviour_kl += objective.behaviour_kl;
        self.entropy += sums.entropy;
        self.num_pass_tokens.add_assign(sums.num_pass_tokens as f64);
        if is_first {
            self.logprob_gap = objective.logprob_gap;
            self.num_gap_tokens = objective.num_tokens as f64;
            self.logprob_gap_max = objective.logprob_gap_max;
        }
    }

    fn reduced(&self, ranks: &Ranks) -> Result<Self, Error> {
        let sums = [
            self.policy_loss,
            self.kl,
            self.num_tokens,
            self.num_clipped,
            self.num_dual_clipped,
            self.behaviour_kl,
            self.entropy,
            self.logprob_gap,
            self.num_gap_tokens,
            self.num_pass_tokens,
            self.num_rejected_groups,
        ];
        let (sums, maxima) = ranks.reduce(&sums, &[self.logprob_gap_max])?;
        Ok(Self {
            policy_loss: sums[0],
            kl: sums[1],
            num_tokens: sums[2],
            num_clipped: sums[3],
            num_dual_clipped: sums[4],
            behaviour_kl: sums[5],
            entropy: sums[6],
            logprob_gap: sums[7],
            num_gap_tokens: sums[8],
            num_pass_tokens: sums[9],
            num_rejected_groups: sums[10],
            logprob_gap_max: maxima[0],
        })
    }

    /// Describes the step. Of what no token was trained on there is no mean, and none is made up.
    fn scalars(&self, num_updates: usize, kl_coefficient: f64) -> Vec<Scalar> {
        let mut scalars = vec![Scalar::new("rollout/num_rejected_groups", self.num_rejected_groups)];
        if self.num_tokens > 0.0 {
            let per_update = 1.0 / num_updates.max(1) as f64;
            scalars.extend([
                Scalar::new("loss/total", (self.policy_loss + kl_coefficient * self.kl) * per_update),
                Scalar::new("loss/policy", self.policy_loss * per_update),
                Scalar::new("loss/kl", self.kl * per_update),
                Scalar::new("policy/entropy", self.entropy / self.num_tokens),
                Scalar::new("policy/ratio_clipped", self.num_clipped / self.num_tokens),
                Scalar::new("policy/ratio_dual_clipped", self.num_dual_clipped / self.num_tokens),
                Scalar::new("policy/kl_behaviour", self.behaviour_kl / self.num_tokens),
            ]);
        }
        if self.num_gap_tokens > 0.0 {
            scalars.extend([
                Scalar::new("rollout/logprob_gap_mean", self.logprob_gap / self.num_gap_tokens),
                Scalar::new("rollout/logprob_gap_max", self.logprob_gap_max),
            ]);
        }
        scalars
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_trains_on_nothing_claims_no_loss_and_no_entropy() {
        let idle = Tally { num_rejected_groups: 2.0, ..Tally::default() };
        assert_eq!(idle.scalars(0, 0.1), [Scalar::new("rollout/num_rejected_groups", 2.0)]);
        let trained = Tally { entropy: 3.0, num_tokens: 2.0, ..idle };
        assert!(trained.scalars(1, 0.1).contains(&Scalar::new("policy/entropy", 1.5)));
    }
}
