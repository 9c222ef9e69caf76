//! The loop of a rank: it asks the coordinator what to do, has the device do it, and on rank 0 reports what came of it.

use std::{sync::Arc, time::Instant};

use tokio::sync::watch;
use tracing::{Span, info, info_span, warn};

use gradus_algorithms::{PlanConfig, plan};
use gradus_config::{Rl, RunConfig, Sft, Stage, StageKind};
use gradus_runtime::{CpuPool, Shutdown};
use gradus_telemetry::GroupTraces;
use gradus_types::{GroupId, PolicyVersion, RolloutBatch, Scalar, SftBatch, StageIndex, Step, Work};
use gradus_weight_sync::Publisher;

use crate::{
    Error, Preparer, StepReport,
    batch::StepPosition,
    client::{Client, Progress},
    device::Device,
    heartbeat::Phase,
    media::pictures,
    metrics::Metrics,
    scalars::{StepTimes, batch_scalars, step_scalars},
};

/// How a rank's work came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The run is over.
    Finished,
    /// A signal asked this process to leave; the step in progress was completed.
    Drained,
}

/// A rank at work.
#[derive(Debug)]
pub struct Worker {
    /// The run file.
    pub config: Arc<RunConfig>,
    /// The coordinator.
    pub client: Client,
    /// The device thread.
    pub device: Device,
    /// What makes a batch ready for the device.
    pub preparer: Arc<Preparer>,
    /// Where that is done.
    pub pool: CpuPool,
    /// The weights service, on rank 0.
    pub publisher: Option<Publisher>,
    /// How far this rank has come.
    pub progress: Progress,
    /// What the heartbeat tells.
    pub phase: watch::Sender<Phase>,
    /// What operators see.
    pub metrics: Metrics,
}

/// A finished step, on its way to the coordinator.
struct Finished {
    position: StepPosition,
    report: StepReport,
    /// What the headers of the batch tell.
    batch: Vec<Scalar>,
    times: StepTimes,
    started: Instant,
}

// === impl Worker ===

impl Worker {
    /// Works until the run is over or the shutdown is asked for.
    pub async fn run(&mut self, shutdown: &Shutdown) -> Result<Ending, Error> {
        self.announce().await?;
        loop {
            self.enter_phase("waiting");
            let Some(work) = shutdown.unless_triggered(self.client.next_work(&self.progress)).await else {
                return Ok(Ending::Drained);
            };
            match work? {
                Work::Rollouts(batch) => self.train_on_rollouts(batch).await?,
                Work::Examples(batch) => self.train_on_examples(batch).await?,
                Work::Checkpoint { step, ends_stage, .. } => self.save(step, ends_stage).await?,
                Work::Wait => {}
                Work::Finished => return self.part().await,
            }
        }
    }

    /// Tells the actors on which policy the run starts or goes on.
    async fn announce(&self) -> Result<(), Error> {
        let Some(publisher) = self.publisher.clone() else { return Ok(()) };
        self.enter_phase("publishing");
        let version = PolicyVersion(self.progress.completed_step.0);
        let policy = self.device.run(move |trainer| trainer.publish(&publisher, version)).await?;
        self.client.announce(self.progress.generation, policy).await
    }

    async fn train_on_rollouts(&mut self, batch: RolloutBatch) -> Result<(), Error> {
        let started = Instant::now();
        let position = StepPosition { step: batch.step, stage: batch.stage, stage_step: batch.stage_step };
        let (stage, rl) = self.rl_stage(&position)?;
        let config = PlanConfig {
            algorithm: &rl.algorithm,
            num_stage_steps: stage.steps,
            world_size: self.config.learner.world_size as usize,
            microbatch_tokens: u64::from(stage.microbatch_tokens),
        };
        let plan = plan(&batch, self.config.run.seed, &config);
        let headers = batch_scalars(&batch, &plan);
        let planned = started.elapsed();
        self.enter_phase("fetching");
        let ids = self.preparer.groups_of(&plan, &batch);
        let _spans = self.spans_of(&ids, position.step);
        let groups = if ids.is_empty() { Vec::new() } else { self.client.groups(&self.progress, &ids).await? };
        let pictures = pictures(&self.client, groups.iter().map(|group| &group.prompt)).await?;
        let fetched = started.elapsed();
        self.enter_phase("preparing");
        let preparer = Arc::clone(&self.preparer);
        let share = self.pool.run(move || preparer.rollouts(&plan, &batch, (&groups, &pictures))).await??;
        let prepare = planned + (started.elapsed() - fetched);
        let times = StepTimes { fetch: fetched - planned, prepare, ..StepTimes::default() };
        self.enter_phase("training");
        let report = self.device.run(move |trainer| trainer.rollout_step(&share)).await?;
        self.finish(Finished { position, report, batch: headers, times, started }).await
    }

    async fn train_on_examples(&mut self, batch: SftBatch) -> Result<(), Error> {
        let started = Instant::now();
        let position = StepPosition { step: batch.step, stage: batch.stage, stage_step: batch.stage_step };
        let (stage, sft) = self.sft_stage(&position)?;
        let (sft, microbatch_tokens) = (sft.clone(), stage.microbatch_tokens);
        self.enter_phase("fetching");
        let pictures = pictures(&self.client, self.preparer.samples_of(&batch).map(|sample| &sample.prompt)).await?;
        let fetch = started.elapsed();
        self.enter_phase("preparing");
        let preparer = Arc::clone(&self.preparer);
        let prepare = move || preparer.examples(&batch, &sft, (microbatch_tokens, &pictures));
        let share = self.pool.run(prepare).await?;
        let times = StepTimes { fetch, prepare: started.elapsed() - fetch, ..StepTimes::default() };
        self.enter_phase("training");
        let report = self.device.run(move |trainer| trainer.example_step(&share)).await?;
        self.finish(Finished { position, report, batch: Vec::new(), times, started }).await
    }

    /// Notes a finished step. Rank 0 publishes the new policy and reports it with the step's scalars.
    async fn finish(&mut self, mut finished: Finished) -> Result<(), Error> {
        let position = finished.position;
        self.progress.completed_step = position.step;
        self.metrics.finish(position.step, finished.started.elapsed());
        let Some(publisher) = self.publisher.clone() else { return Ok(()) };
        self.enter_phase("publishing");
        let trained = Instant::now();
        let version = PolicyVersion(position.step.0);
        let policy = self.device.run(move |trainer| trainer.publish(&publisher, version)).await?;
        finished.times.publish = trained.elapsed();
        finished.times.step = finished.started.elapsed();
        let stage = self.stage(&position, "known")?;
        let mut scalars = step_scalars(&finished.report, &finished.times, (stage, position.stage_step));
        scalars.append(&mut finished.batch);
        log_step(&position, &scalars);
        self.client.complete_step(&self.progress, scalars, policy).await
    }

    /// Takes part in the checkpoint of the last step. Rank 0 commits it.
    async fn save(&mut self, step: Step, ends_stage: bool) -> Result<(), Error> {
        self.enter_phase("saving");
        let checkpoint = self.device.run(move |trainer| trainer.checkpoint(ends_stage)).await?;
        if self.publisher.is_some() {
            self.client.commit_checkpoint(self.progress.generation, checkpoint).await?;
            self.device.run(|trainer| trainer.prune_checkpoints()).await?;
        }
        self.progress.checkpointed_step = step;
        Ok(())
    }

    /// Waits for the other ranks at the end of the run, since rank 0 holds the store that they may still need. The run is
    /// over whatever becomes of them.
    async fn part(&self) -> Result<Ending, Error> {
        self.enter_phase("leaving");
        if let Err(error) = self.device.run(|trainer| trainer.part()).await {
            warn!(%error, "left before the other ranks");
        }
        Ok(Ending::Finished)
    }

    fn rl_stage(&self, position: &StepPosition) -> Result<(&Stage, &Rl), Error> {
        let stage = self.stage(position, "reinforcement-learning")?;
        match &stage.kind {
            StageKind::Rl(rl) => Ok((stage, rl)),
            StageKind::Sft(_) => Err(position.wrong_stage("reinforcement-learning")),
        }
    }

    fn sft_stage(&self, position: &StepPosition) -> Result<(&Stage, &Sft), Error> {
        let stage = self.stage(position, "supervised")?;
        match &stage.kind {
            StageKind::Sft(sft) => Ok((stage, sft)),
            StageKind::Rl(_) => Err(position.wrong_stage("supervised")),
        }
    }

    fn stage(&self, position: &StepPosition, expected: &'static str) -> Result<&Stage, Error> {
        let StageIndex(index) = position.stage;
        self.config.stages.get(index as usize).ok_or_else(|| position.wrong_stage(expected))
    }

    /// Opens a span for each group, in the trace that began with its lease.
    fn spans_of(&self, ids: &[GroupId], step: Step) -> Vec<Span> {
        let (traces, rank) = (GroupTraces::of(&self.config.run), self.config.learner.rank);
        let span = |&group_id: &GroupId| traces.join(info_span!("train", %group_id, step = step.0, rank), group_id);
        ids.iter().map(span).collect()
    }

    fn enter_phase(&self, name: &'static str) {
        self.phase.send_replace(Phase { generation: self.progress.generation, name });
    }
}

fn log_step(position: &StepPosition, scalars: &[Scalar]) {
    let value = |name: &str| scalars.iter().find(|scalar| scalar.name == name).map(|scalar| scalar.value);
    info!(
        step = position.step.0,
        stage = position.stage.0,
        policy_version = position.step.0,
        loss = value("loss/total"),
        reward = value("reward/mean"),
        gradient_norm = value("optim/gradient_norm"),
        num_updates = value("optim/num_updates"),
        zero_variance = value("group/zero_variance_frac"),
        logprob_gap_max = value("rollout/logprob_gap_max"),
        seconds = value("time/step"),
        "finished step"
    );
}
