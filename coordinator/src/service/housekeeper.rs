//! The housekeeper: does what follows from the machine's decisions outside of it, and tells people about them.

use gradus_process::chain;
use gradus_runtime::Shutdown;
use tracing::{error, info, warn};

use crate::{
    Coordinator, Error, evaluation_file,
    machine::{Effect, EvaluationResult, Machine},
    store::RunDirectory,
};

/// Follows the machine until the shutdown, and leaves nothing undone that was decided before it.
///
/// # Errors
/// The file of an evaluation cannot be written, or the coordinator is ending.
pub(super) async fn keep_house(coordinator: &Coordinator, shutdown: &Shutdown) -> Result<(), Error> {
    let mut changes = coordinator.bookkeeper().changes();
    // A crash may have come between the end of an evaluation and its file.
    let num_finished = coordinator.bookkeeper().look(|machine| machine.state().evaluations.len()).await?;
    for number in 0..num_finished as u64 {
        write_evaluation(coordinator, number).await?;
    }
    loop {
        let is_last = shutdown.is_triggered();
        for effect in coordinator.bookkeeper().take_effects().await? {
            follow(coordinator, effect).await?;
        }
        if is_last {
            return Ok(());
        }
        // A shutdown or the bookkeeper's end brings about the last round.
        let _ = shutdown.unless_triggered(changes.changed()).await;
    }
}

async fn follow(coordinator: &Coordinator, effect: Effect) -> Result<(), Error> {
    match effect {
        Effect::BatchComposed { step } => info!(%step, "batch complete"),
        Effect::EvaluationFinished { number } => write_evaluation(coordinator, number).await?,
        Effect::PromptQuarantined { group_id, reason } => warn!(%group_id, reason, "prompt set aside"),
        Effect::StepDiverged { step } => {
            warn!(%step, "a repeated step has made other weights than the first time: sampling or training is not deterministic here");
        }
        Effect::GenerationBegan { generation } => info!(generation, "a learner world is forming"),
        // The book has deleted them.
        Effect::SegmentsReleased { .. } => {}
    }
    Ok(())
}

/// Writes the file of an evaluation unless it is there, and then lets go of its payloads.
async fn write_evaluation(coordinator: &Coordinator, number: u64) -> Result<(), Error> {
    let find = move |machine: &Machine| machine.state().evaluations.get(number as usize).cloned();
    let Some(result) = coordinator.bookkeeper().look(find).await? else { return Ok(()) };
    let directory = RunDirectory::evaluations_in(&coordinator.config().run.directory);
    if directory.join(evaluation_file::name(&result)).exists() {
        return Ok(coordinator.bookkeeper().forget_evaluation(number).await?);
    }
    report(&result);
    let (payloads, media) = (coordinator.bookkeeper().payloads().clone(), coordinator.media_source());
    let files = directory.clone();
    let write = move || {
        let sources = evaluation_file::Sources { result: &result, payloads: &payloads, directory: &files };
        evaluation_file::write(&sources, media.as_ref())
    };
    match coordinator.cpu().run(write).await? {
        Ok(()) => Ok(coordinator.bookkeeper().forget_evaluation(number).await?),
        // The disk takes no more, and the journal would be next. The answers are kept for the next start.
        Err(Error::File { action, path, source }) if path.starts_with(&directory) => {
            Err(Error::File { action, path, source })
        }
        // An answer that cannot be read back is no reason to end the run.
        Err(failure) => {
            error!(number, error = chain(&failure), "failed to write an evaluation's file; the next start tries again");
            Ok(())
        }
    }
}

fn report(result: &EvaluationResult) {
    for set in &result.sets {
        let measure = &set.overall;
        info!(
            policy_version = %result.version,
            set = set.name,
            num_prompts = measure.num_prompts,
            accuracy = measure.accuracy,
            accuracy_low = measure.accuracy_low,
            accuracy_high = measure.accuracy_high,
            mean_tokens = measure.mean_tokens,
            "evaluation complete"
        );
    }
}
