//! The coordinator as its callers see it, in domain types: what actors ask in [`actors`], what learner ranks ask in
//! [`learners`].

mod actors;
mod learners;
mod media;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use gradus_config::RunConfig;
use gradus_runtime::{CpuPool, Shutdown};
use gradus_types::SftBatch;
use tokio::{
    sync::{Mutex, watch},
    time::Instant,
};
use tracing::warn;

pub use actors::Leased;

use crate::{
    Clock, Failure,
    bookkeeper::Bookkeeper,
    history::History,
    machine::{Control, Lose, Plan, Settings, Tick, Timestamp},
    members::{Claim, Heartbeat, Members},
    prompts::{MediaSource, Prompts},
};

/// The longest time a call may wait for a change, so that no caller sits on a dead connection.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// What a coordinator is made of.
#[derive(Debug)]
pub struct Parts {
    /// The run file.
    pub config: RunConfig,
    /// The owner of the state machine and the journal.
    pub bookkeeper: Bookkeeper,
    /// The actors that hold prompts.
    pub holders: BTreeSet<String>,
    /// The prompt sets.
    pub prompts: Prompts,
    /// The training scalars.
    pub history: History,
    /// The pool for drawing prompts and decoding payloads.
    pub cpu: CpuPool,
    /// The time of day.
    pub clock: Clock,
}

/// The coordinator. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Coordinator {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    parts: Parts,
    members: Members,
    shutdown: Shutdown,
    /// The last supervised batch that was handed out, since every rank asks for it.
    examples: Mutex<Option<Arc<SftBatch>>>,
    /// Whether the pictures of prompts that were drawn before this start have been recalled.
    has_recalled: Mutex<bool>,
}

/// What a heartbeat is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeartbeatAnswer {
    /// Whether the learner's generation is over.
    pub generation_over: bool,
    /// Whether the run is over.
    pub finished: bool,
}

impl Coordinator {
    /// Puts a coordinator together. Calls that wait return early once the shutdown is triggered.
    ///
    /// Those who held prompts when an earlier coordinator ended have the time of a silent member to be heard again.
    #[must_use]
    pub fn new(parts: Parts, shutdown: Shutdown) -> Self {
        let members = Members::new(millis(parts.config.coordinator.heartbeat_timeout_seconds));
        let now = parts.clock.now();
        parts.holders.iter().for_each(|name| members.hear(name, now));
        let inner = Inner { parts, members, shutdown, examples: Mutex::default(), has_recalled: Mutex::default() };
        Self { inner: Arc::new(inner) }
    }

    /// Returns the run file.
    #[must_use]
    pub fn config(&self) -> &RunConfig {
        &self.inner.parts.config
    }

    /// Returns the owner of the state machine.
    #[must_use]
    pub fn bookkeeper(&self) -> &Bookkeeper {
        &self.inner.parts.bookkeeper
    }

    /// Returns the training scalars.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.inner.parts.history
    }

    /// Returns the members.
    #[must_use]
    pub fn members(&self) -> &Members {
        &self.inner.members
    }

    /// Returns the pictures of all prompt sets.
    #[must_use]
    pub fn media_source(&self) -> Arc<dyn MediaSource> {
        Arc::clone(&self.inner.parts.prompts.media)
    }

    /// Returns the pool for work that would block the reactor.
    #[must_use]
    pub fn cpu(&self) -> &CpuPool {
        &self.inner.parts.cpu
    }

    /// Returns the time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.parts.clock.now()
    }

    /// Holds the run, lets it go on, or ends it.
    ///
    /// # Errors
    /// The coordinator is ending.
    pub async fn control(&self, control: Control) -> Result<(), Failure> {
        self.bookkeeper().run(control).await
    }

    /// Notes that a member is alive.
    ///
    /// # Errors
    /// The coordinator is ending.
    pub async fn heartbeat(&self, heartbeat: Heartbeat) -> Result<HeartbeatAnswer, Failure> {
        let claim = self.members().beat(&heartbeat, self.now());
        if claim == Claim::Succeeded {
            let (actor, successor) = (heartbeat.member.clone(), Some(heartbeat.incarnation.clone()));
            self.bookkeeper().run(Lose { actor, successor }).await?;
        }
        let look = |machine: &crate::machine::Machine| (machine.state().world.generation, machine.is_finished());
        let (generation, finished) = self.bookkeeper().look(look).await?;
        // What a former process of the name knows, its successor does not.
        if finished && claim != Claim::Lost {
            self.members().tell_the_end(&heartbeat.member, self.now());
        }
        let generation_over = heartbeat.generation != 0 && heartbeat.generation != generation;
        Ok(HeartbeatAnswer { generation_over, finished })
    }

    /// Ends lendings whose time is over and those of members that have gone silent.
    ///
    /// # Errors
    /// The coordinator is ending.
    pub async fn tick(&self) -> Result<(), Failure> {
        for member in self.members().sweep(self.now()) {
            warn!(member, "member has gone silent");
            self.bookkeeper().run(Lose { actor: member, successor: None }).await?;
        }
        self.bookkeeper().run(Tick).await
    }

    /// Asks again and again, whenever the state has changed, until there is an answer worth giving or the time is over.
    async fn poll<T, F>(&self, wait: Duration, mut ask: impl FnMut() -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<Answer<T>, Failure>>,
    {
        let deadline = Instant::now() + wait.min(MAX_WAIT);
        let mut changes = self.bookkeeper().changes();
        loop {
            changes.borrow_and_update();
            match ask().await? {
                Answer::Final(answer) => return Ok(answer),
                Answer::Preliminary(answer) => {
                    if !self.wait_for_change(&mut changes, deadline).await {
                        return Ok(answer);
                    }
                }
            }
        }
    }

    /// Waits for a change of the state; tells whether there was one in time.
    async fn wait_for_change(&self, changes: &mut watch::Receiver<u64>, deadline: Instant) -> bool {
        // All arms are cancel-safe.
        tokio::select! {
            changed = changes.changed() => changed.is_ok(),
            () = tokio::time::sleep_until(deadline) => false,
            () = self.inner.shutdown.triggered() => false,
        }
    }
}

/// An answer to a call that may wait for a better one.
enum Answer<T> {
    /// There is no point in waiting.
    Final(T),
    /// There may be a better one after the next change.
    Preliminary(T),
}

/// Reads the settings that may change from start to start.
#[must_use]
pub fn settings(config: &RunConfig, plan: &Plan, prompts: &Prompts) -> Settings {
    Settings {
        world_size: config.learner.world_size,
        lease_millis: millis(config.coordinator.lease_seconds),
        max_lease_attempts: config.coordinator.max_lease_attempts,
        evaluation_prompts: prompts.evaluation_sizes(plan.evaluation.as_ref()),
    }
}

fn millis(seconds: f64) -> u64 {
    (seconds * 1e3) as u64
}
