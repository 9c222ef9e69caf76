//! Assembling the status of a run from the machine, the members and the scalars.

use std::collections::BTreeMap;

use gradus_telemetry::ScalarLine;
use gradus_types::{PolicyVersion, StageIndex, Step};

use super::{
    AccountReport, CheckpointReport, EvaluationProgress, EvaluationReport, LedgerReport, MemberReport, Resampled,
    RunReport, StageReport, Status, WorldReport,
    pace::{Evaluated, Pace, Remainder},
};
use crate::{
    Coordinator, Failure, evaluation_file,
    machine::{BatchPlan, Machine, Timestamp},
};

/// Steps that the time of a step is taken over.
const RATE_STEPS: usize = 20;

/// Quarantined prompts that are listed.
const MAX_LISTED: usize = 20;

impl Coordinator {
    /// Tells how the run stands.
    ///
    /// # Errors
    /// The coordinator is ending.
    pub async fn report(&self) -> Result<RunReport, Failure> {
        let known = self.bookkeeper().look(of_machine).await?;
        let coordinator = self.clone();
        // It goes through the scalars of all steps, of which a long run has many.
        Ok(self.cpu().run(move || coordinator.complete_report(known)).await?)
    }

    /// Adds what the run file, the members and the scalars tell.
    fn complete_report(&self, (mut report, left, mut evaluated): (RunReport, Left, Vec<Evaluated>)) -> RunReport {
        let config = self.config();
        report.name.clone_from(&config.run.name);
        report.directory = config.run.directory.display().to_string();
        report.members = self.member_reports(self.now());
        let step = Step(report.step);
        if let Some(line) = self.history().latest(step) {
            report.pad_kept_share = pad_kept_share(&line);
            report.scalars = line.values;
        }
        let stage_steps = report.stages.get(report.stage as usize).map_or(0, |stage| stage.step) as usize;
        let ends = self.history().ends_of_last(step, stage_steps.min(RATE_STEPS));
        for one in &mut evaluated {
            let step = Step(one.version.0);
            let line = self.history().latest(step).filter(|line| line.step == step);
            one.began_at_seconds = line.map(|line| line.time_seconds);
        }
        self.describe_stages(&mut report.stages, &evaluated);
        let pace = Pace::of(&ends, &evaluated);
        report.seconds_per_step = pace.seconds_per_step;
        report.time_left_seconds = pace.seconds_for(&left.of_run);
        report.stage_time_left_seconds = pace.seconds_for(&left.of_stage);
        report
    }

    /// Adds what the scalars tell of each stage.
    fn describe_stages(&self, stages: &mut [StageReport], evaluated: &[Evaluated]) {
        let mut before = Step(0);
        for stage in stages {
            let steps = before.next()..=Step(before.0 + stage.step);
            stage.seconds_per_step = Pace::of(&self.history().ends_of(steps.clone()), evaluated).seconds_per_step;
            let sum = |name| self.history().sum(name, steps.clone());
            stage.resampled = sum("pad/num_selected_samples").map(|num_selected_samples| Resampled {
                num_effective_samples: sum("pad/num_effective_samples").unwrap_or_default(),
                num_selected_samples,
            });
            before = Step(before.0 + stage.num_steps);
        }
    }

    fn member_reports(&self, now: Timestamp) -> Vec<MemberReport> {
        let report = |member: crate::Member| MemberReport {
            silent_seconds: now.millis_since(member.last_seen) as f64 / 1e3,
            name: member.name,
            phase: member.phase,
            pid: member.pid,
            is_gone: member.is_gone,
        };
        self.members().list().into_iter().map(report).collect()
    }
}

/// What is left to do.
struct Left {
    of_run: Remainder,
    of_stage: Remainder,
}

/// Tells what the machine knows; the rest is left blank.
fn of_machine(machine: &Machine) -> (RunReport, Left, Vec<Evaluated>) {
    let report = report_of(machine);
    let plan = machine.plan();
    let left = Left {
        of_run: Remainder::until(machine, plan.last_step()),
        of_stage: Remainder::until(machine, plan.last_step_of(StageIndex(report.stage))),
    };
    let evaluated = machine.state().evaluations.iter().map(|result| Evaluated {
        version: result.version,
        finished_at: result.finished_at,
        began_at_seconds: None,
    });
    (report, left, evaluated.collect())
}

fn report_of(machine: &Machine) -> RunReport {
    let (plan, state) = (machine.plan(), machine.state());
    let step = state.world.completed_step;
    let last_stage = StageIndex(plan.stages.len().saturating_sub(1) as u32);
    RunReport {
        name: String::new(),
        directory: String::new(),
        status: status(machine),
        step: step.0,
        num_steps: plan.last_step().0,
        stage: plan.stage_of(step.next()).unwrap_or(last_stage).0,
        stages: stages(machine, step),
        policy_version: state.policy_version().map(|version| version.0),
        seconds_per_step: None,
        time_left_seconds: None,
        stage_time_left_seconds: None,
        zero_variance_share: state.last_batch.and_then(|batch| batch.zero_variance_share()),
        pad_kept_share: None,
        last_batch: state.last_batch,
        evaluation: evaluation_progress(machine),
        evaluations: evaluations(machine),
        ledger: ledger(machine),
        world: world(machine),
        counters: state.counters,
        checkpoint: checkpoint(machine),
        quarantined: quarantined(machine),
        members: Vec::new(),
        scalars: BTreeMap::new(),
    }
}

fn status(machine: &Machine) -> Status {
    let state = machine.state();
    if machine.is_finished() {
        Status::Finished
    } else if state.stop_after.is_some() {
        Status::Stopping
    } else if state.paused {
        Status::Paused
    } else if !state.world.is_complete() {
        Status::Waiting
    } else if state.evaluation.as_ref().is_some_and(|active| Some(active.version) == state.policy_version()) {
        Status::Evaluating
    } else {
        Status::Running
    }
}

fn stages(machine: &Machine, step: Step) -> Vec<StageReport> {
    let (plan, state) = (machine.plan(), machine.state());
    let evaluation_of = |step: Step| {
        let result = state.evaluations.iter().find(|result| result.version == PolicyVersion(step.0))?;
        Some(result.number)
    };
    let report = |(index, stage): (usize, &crate::machine::StagePlan)| {
        let index = StageIndex(index as u32);
        let (before, last) = (plan.step_before(index), plan.last_step_of(index));
        StageReport {
            name: stage.name.clone(),
            kind: match stage.batch {
                BatchPlan::Examples { .. } => "sft",
                BatchPlan::Rollouts(_) => "rl",
            },
            num_steps: stage.num_steps,
            step: step.0.clamp(before.0, last.0) - before.0,
            batches: state.stage_statistics.get(&index).copied(),
            seconds_per_step: None,
            resampled: None,
            start_evaluation: evaluation_of(before),
            end_evaluation: evaluation_of(last),
        }
    };
    plan.stages.iter().enumerate().map(report).collect()
}

fn evaluation_progress(machine: &Machine) -> Option<EvaluationProgress> {
    let active = machine.state().evaluation.as_ref()?;
    let (num_done, num_prompts) = active.progress();
    Some(EvaluationProgress { number: active.number, policy_version: active.version.0, num_done, num_prompts })
}

fn evaluations(machine: &Machine) -> Vec<EvaluationReport> {
    let plan = machine.plan();
    let report = |result: &crate::machine::EvaluationResult| {
        let step = Step(result.version.0);
        let starts = plan.stage_of(step.next()).filter(|&stage| plan.step_before(stage) == step);
        EvaluationReport {
            number: result.number,
            policy_version: result.version.0,
            ends_stage: plan.stage_of(step).filter(|_| plan.ends_stage(step)).map(|stage| stage.0),
            starts_stage: starts.map(|stage| stage.0),
            finished_at_seconds: result.finished_at.0 as f64 / 1e3,
            sets: result.sets.clone(),
            file: format!("evaluations/{}", evaluation_file::name(result)),
        }
    };
    machine.state().evaluations.iter().map(report).collect()
}

fn ledger(machine: &Machine) -> LedgerReport {
    let state = machine.state();
    let imbalance = state.check_ledger().err();
    LedgerReport {
        training: AccountReport { ledger: state.training_ledger, live: state.live_training() },
        evaluation: AccountReport { ledger: state.evaluation_ledger, live: state.live_evaluation() },
        balances: imbalance.is_none(),
        imbalance: imbalance.map(|imbalance| imbalance.to_string()),
    }
}

fn world(machine: &Machine) -> WorldReport {
    let state = machine.state();
    WorldReport {
        generation: state.world.generation,
        num_joined: state.world.members.iter().flatten().count() as u64,
        world_size: u64::from(state.settings.world_size),
    }
}

fn checkpoint(machine: &Machine) -> Option<CheckpointReport> {
    let checkpoint = machine.state().checkpoint.as_ref()?;
    Some(CheckpointReport {
        step: checkpoint.step.0,
        ends_stage: checkpoint.ends_stage,
        path: checkpoint.path.display().to_string(),
        digest: checkpoint.digest.to_string(),
    })
}

fn quarantined(machine: &Machine) -> BTreeMap<String, String> {
    let last = machine.state().quarantined.iter().rev().take(MAX_LISTED);
    last.map(|(id, reason)| (id.to_string(), reason.clone())).collect()
}

fn pad_kept_share(line: &ScalarLine) -> Option<f64> {
    let num_selected = line.values.get("pad/num_selected_samples")?;
    let num_effective = line.values.get("pad/num_effective_samples").filter(|&&number| number > 0.0)?;
    Some(num_selected / num_effective)
}
