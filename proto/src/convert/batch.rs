//! Batches, and the work a learner rank is given.

use gradus_types::{RolloutBatch, SftBatch, SftSample, StageIndex, Step, Work};

use super::{ConvertError, all, encoded, required};
use crate::v1;

impl From<RolloutBatch> for v1::RolloutBatch {
    fn from(batch: RolloutBatch) -> Self {
        Self { step: batch.step.0, stage: batch.stage.0, stage_step: batch.stage_step, groups: encoded(batch.groups) }
    }
}

impl TryFrom<v1::RolloutBatch> for RolloutBatch {
    type Error = ConvertError;

    fn try_from(wire: v1::RolloutBatch) -> Result<Self, ConvertError> {
        Ok(Self {
            step: Step(wire.step),
            stage: StageIndex(wire.stage),
            stage_step: wire.stage_step,
            groups: all(wire.groups)?,
        })
    }
}

impl From<SftSample> for v1::SftSample {
    fn from(sample: SftSample) -> Self {
        Self { draw: sample.draw, prompt: Some(sample.prompt.into()) }
    }
}

impl TryFrom<v1::SftSample> for SftSample {
    type Error = ConvertError;

    fn try_from(wire: v1::SftSample) -> Result<Self, ConvertError> {
        Ok(Self { draw: wire.draw, prompt: required(wire.prompt, "SftSample", "prompt")?.try_into()? })
    }
}

impl From<SftBatch> for v1::SftBatch {
    fn from(batch: SftBatch) -> Self {
        Self { step: batch.step.0, stage: batch.stage.0, stage_step: batch.stage_step, samples: encoded(batch.samples) }
    }
}

impl TryFrom<v1::SftBatch> for SftBatch {
    type Error = ConvertError;

    fn try_from(wire: v1::SftBatch) -> Result<Self, ConvertError> {
        Ok(Self {
            step: Step(wire.step),
            stage: StageIndex(wire.stage),
            stage_step: wire.stage_step,
            samples: all(wire.samples)?,
        })
    }
}

impl From<Work> for v1::NextWorkResponse {
    fn from(work: Work) -> Self {
        use v1::next_work_response::{CheckpointWork, Finished, Wait, Work as Wire};
        let work = match work {
            Work::Rollouts(batch) => Wire::Rollouts(batch.into()),
            Work::Examples(batch) => Wire::Examples(batch.into()),
            Work::Checkpoint { step, stage, ends_stage } => {
                Wire::Checkpoint(CheckpointWork { step: step.0, stage: stage.0, ends_stage })
            }
            Work::Wait => Wire::Wait(Wait {}),
            Work::Finished => Wire::Finished(Finished {}),
        };
        Self { work: Some(work) }
    }
}

impl TryFrom<v1::NextWorkResponse> for Work {
    type Error = ConvertError;

    fn try_from(wire: v1::NextWorkResponse) -> Result<Self, ConvertError> {
        use v1::next_work_response::Work as Wire;
        Ok(match required(wire.work, "NextWorkResponse", "work")? {
            Wire::Rollouts(batch) => Self::Rollouts(batch.try_into()?),
            Wire::Examples(batch) => Self::Examples(batch.try_into()?),
            Wire::Checkpoint(work) => {
                Self::Checkpoint { step: Step(work.step), stage: StageIndex(work.stage), ends_stage: work.ends_stage }
            }
            Wire::Wait(_) => Self::Wait,
            Wire::Finished(_) => Self::Finished,
        })
    }
}
