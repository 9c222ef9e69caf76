//! One optimizer update: passes forward and backward, the reduction of gradients over ranks, and the step.

use std::time::{Duration, Instant};

use gradus_algorithms::learning_rate;

use crate::{ActiveStage, Error};

/// What an update did and where its time went.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct UpdateReport {
    /// The global norm of the gradients before clipping.
    pub gradient_norm: f64,
    /// Whether the gradients were not finite, so that nothing changed.
    pub is_skipped: bool,
    /// Time of the passes.
    pub forward_backward: Duration,
    /// Time of waiting for the sums of gradients, after the last pass.
    pub reduce: Duration,
    /// Time of clipping and of the step.
    pub optimizer: Duration,
}

/// When in its stage an update happens.
#[derive(Clone, Copy, Debug)]
pub struct UpdateMoment {
    /// The step within the stage, from 1.
    pub stage_step: u64,
    /// The longest time the reduction may take.
    pub timeout: Duration,
}

/// Runs `pass` for every microbatch of this rank, sums the gradients over ranks and updates the parameters.
///
/// Gradients are sent off while the last pass runs backward. A rank without microbatches takes part with zeros.
pub fn update(
    stage: &mut ActiveStage,
    num_microbatches: usize,
    moment: UpdateMoment,
    mut pass: impl FnMut(usize) -> Result<(), Error>,
) -> Result<UpdateReport, Error> {
    let started = Instant::now();
    for microbatch in 1..num_microbatches {
        pass(microbatch - 1)?;
    }
    let armed = stage.reducer.arm()?;
    if let Some(last) = num_microbatches.checked_sub(1) {
        pass(last)?;
    }
    let passed = Instant::now();
    armed.finish(moment.timeout)?;
    let reduced = Instant::now();
    let rate = learning_rate(&stage.settings.optimizer, moment.stage_step, stage.settings.steps);
    let applied = stage.optimizer.update(rate);
    Ok(UpdateReport {
        gradient_norm: applied.gradient_norm,
        is_skipped: applied.is_skipped,
        forward_backward: passed - started,
        reduce: reduced - passed,
        optimizer: reduced.elapsed(),
    })
}
