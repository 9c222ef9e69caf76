//! What learner ranks ask: a world to join, work, and a place for what they made.

use std::{sync::Arc, time::Duration};

use gradus_process::chain;
use gradus_types::{GroupId, Scalar, SftBatch, SftSample, StageIndex, Step, Work};
use tracing::{info, warn};

use crate::{
    Coordinator, Failure,
    coordinator::Answer,
    machine::{Announce, Assignment, Commit, Complete, Join, Joined, Ledger, Location, Machine, Next},
};

impl Coordinator {
    /// Registers a rank, and waits until the whole world of its generation has joined.
    ///
    /// # Errors
    /// The rank does not fit the world, or the coordinator is ending.
    pub async fn join_world(&self, join: Join, wait: Duration) -> Result<Joined, Failure> {
        let member = format!("learner-{}", join.rank);
        self.poll(wait, || {
            let (join, member) = (join.clone(), &member);
            async move {
                self.members().hear(member, self.now());
                let joined = self.bookkeeper().run(join).await?;
                Ok(if joined.complete { Answer::Final(joined) } else { Answer::Preliminary(joined) })
            }
        })
        .await
    }

    /// Says what a rank does next, and waits for it if need be.
    ///
    /// # Errors
    /// The rank's generation is over, its step is out of turn, a prompt set fails, or the coordinator is ending.
    pub async fn next_work(&self, next: Next, wait: Duration) -> Result<Work, Failure> {
        let member = format!("learner-{}", next.rank);
        self.poll(wait, || {
            let (next, member) = (next.clone(), &member);
            async move {
                self.members().hear(member, self.now());
                let work = self.work_of(self.bookkeeper().run(next).await?).await?;
                if work == Work::Finished {
                    self.members().tell_the_end(member, self.now());
                }
                Ok(if work == Work::Wait { Answer::Preliminary(work) } else { Answer::Final(work) })
            }
        })
        .await
    }

    async fn work_of(&self, assignment: Assignment) -> Result<Work, Failure> {
        Ok(match assignment {
            Assignment::Rollouts(batch) => Work::Rollouts(batch),
            Assignment::Examples { step, stage, stage_step, first_draw, num_samples } => {
                let blank = SftBatch { step, stage, stage_step, samples: Vec::new() };
                Work::Examples(self.examples(blank, first_draw..first_draw + num_samples).await?)
            }
            Assignment::Checkpoint { step, stage, ends_stage } => Work::Checkpoint { step, stage, ends_stage },
            Assignment::Wait => Work::Wait,
            Assignment::Finished => Work::Finished,
        })
    }

    /// Draws the examples of a step. One that cannot be used is left out, of every rank's batch alike.
    async fn examples(&self, blank: SftBatch, draws: std::ops::Range<u64>) -> Result<SftBatch, Failure> {
        let mut last = self.inner.examples.lock().await;
        if let Some(batch) = last.as_ref().filter(|batch| batch.step == blank.step) {
            return Ok(SftBatch::clone(batch));
        }
        let (prompts, stage) = (self.inner.parts.prompts.clone(), blank.stage);
        let draw = move || draws.map(|draw| (draw, prompts.example(stage, draw))).collect::<Vec<_>>();
        let mut batch = blank;
        for (draw, prompt) in self.cpu().run(draw).await? {
            match prompt {
                Ok(prompt) => batch.samples.push(SftSample { draw, prompt }),
                Err(rejection) => warn!(step = %batch.step, draw, %rejection, "example cannot be used and is left out"),
            }
        }
        *last = Some(Arc::new(batch.clone()));
        Ok(batch)
    }

    /// Finds where the payloads of groups are.
    ///
    /// # Errors
    /// The generation is over, a group is in no batch, or the coordinator is ending.
    pub async fn locate_groups(&self, generation: u64, ids: Vec<GroupId>) -> Result<Vec<(GroupId, Location)>, Failure> {
        let find = move |machine: &Machine| -> Result<Vec<(GroupId, Location)>, Failure> {
            machine.check_generation(generation)?;
            let locate = |id: GroupId| machine.location_of(id).ok_or(Failure::NoSuchGroup { group_id: id });
            ids.into_iter().map(|id| Ok((id, locate(id)?))).collect()
        };
        self.bookkeeper().look(find).await?
    }

    /// Reads the encoded form of a group.
    ///
    /// # Errors
    /// The payload cannot be read.
    pub async fn read_group(&self, group_id: GroupId, location: Location) -> Result<Vec<u8>, Failure> {
        let reader = self.bookkeeper().payloads().clone();
        let payload = self.cpu().run(move || reader.read(location)).await?;
        payload.map_err(|error| Failure::Payload { group_id, source: Box::new(error) })
    }

    /// Makes a policy the one that actors sample from.
    ///
    /// # Errors
    /// The generation is over, the version is not the world's, or the coordinator is ending.
    pub async fn announce(&self, announce: Announce) -> Result<(), Failure> {
        info!(policy_version = %announce.policy.version, endpoint = announce.policy.weights_endpoint, "policy announced");
        self.bookkeeper().run(announce).await
    }

    /// Records a finished step, its policy and its scalars.
    ///
    /// # Errors
    /// The generation is over, the step is out of turn, or the coordinator is ending.
    pub async fn complete_step(&self, complete: Complete, mut scalars: Vec<Scalar>) -> Result<(), Failure> {
        let step = complete.step;
        let look = |machine: &Machine, is_new| (is_new, machine.state().training_ledger);
        let (is_new, ledger) = self.bookkeeper().run_and_look(complete, look).await?;
        if is_new || !self.history().has(step) {
            scalars.extend(ledger_scalars(&ledger));
            self.add_scalars(step, &scalars);
        }
        Ok(())
    }

    /// Adds the scalars of a step to the history. A step that is durable is not undone for want of its scalars.
    fn add_scalars(&self, step: Step, scalars: &[Scalar]) {
        let value = |name: &str| scalars.iter().find(|scalar| scalar.name == name).map(|scalar| scalar.value);
        info!(%step, loss = value("loss/total"), reward = value("reward/mean"), "step complete");
        if let Err(error) = self.history().add(step, self.now(), scalars) {
            warn!(%step, error = chain(&error), "failed to keep the scalars of a step");
        }
    }

    /// Records a checkpoint.
    ///
    /// # Errors
    /// The generation is over, the step is out of turn, or the coordinator is ending.
    pub async fn commit_checkpoint(&self, commit: Commit) -> Result<(), Failure> {
        let (step, path) = (commit.checkpoint.step, commit.checkpoint.path.clone());
        self.bookkeeper().run(commit).await?;
        info!(%step, path = %path.display(), "checkpoint committed");
        Ok(())
    }

    /// Returns the examples that ranks may be working on: their stage and draws.
    pub(super) async fn live_examples(&self) -> Result<Option<(StageIndex, std::ops::Range<u64>)>, Failure> {
        self.bookkeeper().look(Machine::live_examples).await
    }
}

/// Tells what has become of the training groups so far.
fn ledger_scalars(ledger: &Ledger) -> impl Iterator<Item = Scalar> {
    let counts = [
        ("ledger/lent", ledger.lent),
        ("ledger/consumed", ledger.consumed),
        ("ledger/stale", ledger.stale),
        ("ledger/unscored", ledger.unscored),
        ("ledger/expired", ledger.expired),
        ("ledger/returned", ledger.returned),
        ("ledger/quarantined", ledger.quarantined),
        ("ledger/duplicates", ledger.duplicates),
    ];
    counts.into_iter().map(|(name, count)| Scalar::new(name, count as f64))
}
