//! The heartbeat: it tells the coordinator that this rank lives, and hears when its generation is over.

use std::time::Duration;

use tokio::{sync::watch, time::sleep};
use tracing::warn;

use gradus_types::Rank;

use crate::{Ending, Error, client::Client};

/// Heartbeats in the time after which a silent member counts as gone.
const BEATS_PER_TIMEOUT: f64 = 5.0;

/// What this rank is doing and in which generation; 0 before it has joined one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phase {
    /// The generation.
    pub generation: u64,
    /// In a word or two.
    pub name: &'static str,
}

/// Beats until the generation is over, which is an error, or the run is over before this rank has joined it: what is left
/// to do is done, and a world that includes this rank will not form any more.
pub async fn beat(
    client: &Client,
    rank: Rank,
    timeout_seconds: f64,
    phase: watch::Receiver<Phase>,
) -> Result<Ending, Error> {
    let interval = Duration::from_secs_f64(timeout_seconds / BEATS_PER_TIMEOUT);
    loop {
        let Phase { generation, name } = *phase.borrow();
        match client.heartbeat(rank, generation, name).await {
            Ok(pulse) if pulse.is_generation_over => return Err(Error::GenerationOver { generation }),
            Ok(pulse) if pulse.is_finished && generation == 0 => return Ok(Ending::Finished),
            Ok(_) => {}
            Err(error) => warn!(%error, "the coordinator did not hear this rank"),
        }
        sleep(interval).await;
    }
}
