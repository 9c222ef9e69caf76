//! What the device thread owns: the policy, its optimizer and reference, and the place in the run.

use std::path::PathBuf;

use tracing::info;

use gradus_config::{Compute, RunConfig};
use gradus_model::{ComputeType, Policy, parse_device};
use gradus_types::{Checkpoint, PolicyDigest, StageIndex, Step};

use crate::{
    ActiveStage, CheckpointDirectory, Error, Ranks,
    batch::StepPosition,
    checkpoint::{CheckpointContent, CheckpointState, read_moments},
    publish::policy_digest,
};

/// One rank's training state.
#[derive(Debug)]
pub struct Trainer {
    config: RunConfig,
    ranks: Ranks,
    policy: Policy,
    stage: Option<ActiveStage>,
    /// The last step that was trained.
    position: StepPosition,
    checkpoints: CheckpointDirectory,
    /// The last checkpoint that ended a stage, relative to the run's directory; the base model if absent.
    stage_start: Option<PathBuf>,
}

/// The parts of a trainer that a step works with.
pub(crate) struct Parts<'a> {
    pub policy: &'a Policy,
    pub stage: &'a mut ActiveStage,
    pub ranks: &'a Ranks,
}

// === impl Trainer ===

impl Trainer {
    /// Loads the policy, and inside a stage the optimizer, from a committed checkpoint or else from the base model. All
    /// ranks call this at the same point.
    pub fn open(config: RunConfig, ranks: Ranks, start: Option<&Checkpoint>) -> Result<Self, Error> {
        let checkpoints = CheckpointDirectory::new(&config.run.directory, &config.checkpoint_directory());
        let directory = match start {
            Some(checkpoint) => checkpoints.resolve(&checkpoint.path),
            None => config.model.path.clone(),
        };
        let compute = match config.model.compute {
            Compute::F32 => ComputeType::F32,
            Compute::Bf16 => ComputeType::Bf16,
        };
        info!(path = %directory.display(), "loading the policy");
        let policy = Policy::load(&directory, parse_device(&config.learner.device)?, compute)?;
        let position = StepPosition { step: Step(0), stage: StageIndex(0), stage_step: 0 };
        let mut trainer = Self { config, ranks, policy, stage: None, position, checkpoints, stage_start: None };
        if let Some(checkpoint) = start {
            trainer.resume(checkpoint)?;
        }
        Ok(trainer)
    }

    /// Returns the policy.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Saves the state after the last step, on rank 0 alone; the other ranks wait until it is saved.
    pub fn checkpoint(&mut self, ends_stage: bool) -> Result<Checkpoint, Error> {
        let StepPosition { step, stage, .. } = self.position;
        let path = self.checkpoints.relative_path(step);
        let digest = policy_digest(&self.policy)?;
        if self.ranks.rank() == 0 {
            self.write_checkpoint(ends_stage, digest)?;
            self.ranks.announce_checkpoint(step.0)?;
        } else {
            self.ranks.await_checkpoint(step.0)?;
        }
        if ends_stage {
            self.stage_start = Some(path.clone());
        }
        Ok(Checkpoint { step, stage, ends_stage, path, digest })
    }

    /// Removes checkpoints that are no longer needed. What cannot be removed is logged.
    pub fn prune_checkpoints(&self) -> Result<(), Error> {
        self.checkpoints.prune(self.config.learner.keep_checkpoints);
        Ok(())
    }

    /// Waits until all ranks have come here, at the end of the run.
    pub fn part(&self) -> Result<(), Error> {
        self.ranks.barrier()
    }

    /// Goes to a step, setting its stage up if another one was under way.
    pub(crate) fn enter(&mut self, position: StepPosition) -> Result<Parts<'_>, Error> {
        if self.stage.as_ref().is_none_or(|stage| stage.index != position.stage) {
            self.enter_stage(position)?;
        }
        self.position = position;
        let stage = self.stage.as_mut().ok_or_else(|| position.wrong_stage("known"))?;
        Ok(Parts { policy: &self.policy, stage, ranks: &self.ranks })
    }

    fn enter_stage(&mut self, position: StepPosition) -> Result<(), Error> {
        // The old stage's hooks leave the parameters, and its memory is free, before the new ones come.
        self.stage = None;
        let settings = self.config.stages.get(position.stage.0 as usize);
        let settings = settings.ok_or_else(|| position.wrong_stage("known"))?;
        let start = match &self.stage_start {
            Some(checkpoint) => self.checkpoints.resolve(checkpoint),
            None => self.config.model.path.clone(),
        };
        self.stage = Some(ActiveStage::enter(position.stage, settings, &mut self.policy, &start, &self.ranks)?);
        Ok(())
    }

    fn resume(&mut self, checkpoint: &Checkpoint) -> Result<(), Error> {
        let directory = self.checkpoints.resolve(&checkpoint.path);
        let (expected, found) = (checkpoint.digest, policy_digest(&self.policy)?);
        if expected != found {
            return Err(Error::CheckpointDigest { path: directory, expected, found });
        }
        let state = CheckpointState::read(&directory)?;
        let position = StepPosition { step: state.step, stage: state.stage, stage_step: state.stage_step };
        if state.ends_stage {
            self.position = position;
            self.stage_start = Some(checkpoint.path.clone());
            return Ok(());
        }
        self.stage_start = state.stage_start;
        let moments = read_moments(&directory)?;
        self.enter(position)?.stage.optimizer.restore(state.num_updates, moments)
    }

    fn write_checkpoint(&self, ends_stage: bool, digest: PolicyDigest) -> Result<(), Error> {
        let stage = self.stage.as_ref().ok_or_else(|| self.position.wrong_stage("known"))?;
        stage.check_frozen(&self.policy)?;
        let state = CheckpointState {
            step: self.position.step,
            stage: self.position.stage,
            stage_step: self.position.stage_step,
            ends_stage,
            seed: self.config.run.seed,
            world_size: self.ranks.world_size(),
            num_updates: stage.optimizer.num_updates(),
            stage_start: self.stage_start.clone(),
            digest: digest.to_string(),
        };
        let content = CheckpointContent {
            state: &state,
            policy: &self.policy,
            optimizer: &stage.optimizer,
            model_directory: &self.config.model.path,
        };
        self.checkpoints.write(&content)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
