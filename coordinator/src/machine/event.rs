//! Everything the machine may be told. What changes its state is journaled, and replaying the journal gives the state
//! back.

use gradus_types::{Checkpoint, GroupHeader, GroupId, PublishedPolicy, Rank, Step};
use serde::{Deserialize, Serialize};

use crate::machine::{Location, Machine, Refusal, Timestamp};

/// A request with its own kind of reply.
pub trait Command: Into<Event> + Send + 'static {
    /// What the machine answers.
    type Reply: Send + 'static;

    /// Whether the answer waits until the change is on disk. A change that is lost with the machine it was made on, and
    /// made again by asking again, need not.
    const IS_DURABLE: bool = true;

    /// Decides. A refused command leaves the machine as it was.
    ///
    /// # Errors
    /// Why the command cannot be carried out.
    fn apply(&self, machine: &mut Machine, now: Timestamp) -> Result<Self::Reply, Refusal>;
}

/// Declares the union of all commands.
macro_rules! events {
    ($($name:ident),* $(,)?) => {
        /// A command of any kind, as the journal holds it.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub enum Event {
            $(
                #[doc = concat!("See [`", stringify!($name), "`].")]
                $name($name),
            )*
        }

        $(
            impl From<$name> for Event {
                fn from(command: $name) -> Self {
                    Self::$name(command)
                }
            }
        )*

        impl Machine {
            /// Applies an event and drops the answer: how a journal is replayed.
            ///
            /// # Errors
            /// Why the event cannot be carried out; an event that was journaled can.
            pub fn apply(&mut self, event: &Event, now: Timestamp) -> Result<(), Refusal> {
                match event {
                    $(Event::$name(command) => command.apply(self, now).map(drop),)*
                }
            }
        }
    };
}

events!(Open, Lend, Submit, GiveBack, Lose, Join, Next, Announce, Complete, Commit, Control, Tick);

/// The service has started, with these settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Open {
    /// The settings until the next start.
    pub settings: Settings,
}

/// What an operator may change between two starts of the same run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Learner processes of the run.
    pub world_size: u32,
    /// The time an actor has for a leased group, in milliseconds.
    pub lease_millis: u64,
    /// Failures of one prompt's lendings that may be its fault, after which it is set aside.
    pub max_lease_attempts: u32,
    /// Prompts of each evaluation set, at most what the set holds.
    pub evaluation_prompts: Vec<u64>,
}

/// An actor asks for prompts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lend {
    /// The actor's name.
    pub actor: String,
    /// Names the process: what an earlier one under the same name held is lost.
    pub incarnation: String,
    /// The most groups it takes.
    pub max_groups: u32,
}

/// An actor submits a scored group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Submit {
    /// The actor's name.
    pub actor: String,
    /// What planning needs to know of the group.
    pub header: GroupHeader,
    /// Whether there are rewards.
    pub scoring: Scoring,
    /// Where the payload was stored.
    pub location: Location,
}

/// Whether a group has rewards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scoring {
    /// At least one completion has.
    Scored,
    /// None has, and the scorer failed on the completions: that may be the prompt's fault.
    Failed,
    /// None has, because no reward server could be reached.
    Unavailable,
}

/// An actor gives a lease back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiveBack {
    /// The actor's name.
    pub actor: String,
    /// The group that was leased.
    pub group_id: GroupId,
    /// Whether the prompt is at fault and is set aside; otherwise it is lent again.
    pub quarantine: bool,
    /// Why, for people.
    pub reason: String,
}

/// An actor is gone: its lendings end at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lose {
    /// The actor's name.
    pub actor: String,
    /// Names the process that has taken its place and keeps what it was lent; none where nobody has.
    pub successor: Option<String>,
}

/// A learner rank joins the world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// The rank.
    pub rank: Rank,
    /// The world size the rank was told.
    pub world_size: u32,
    /// Names the process.
    pub incarnation: String,
    /// Where rank 0 holds the rendezvous store; empty for other ranks.
    pub store_endpoint: String,
}

/// A learner rank asks what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Next {
    /// The rank.
    pub rank: Rank,
    /// The generation it belongs to.
    pub generation: u64,
    /// The last step whose update it has applied.
    pub completed_step: Step,
    /// The last step its world has committed a checkpoint of.
    pub checkpointed_step: Step,
}

/// The learner says which policy actors shall sample from, after a start or a resume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announce {
    /// The learner's generation.
    pub generation: u64,
    /// The policy.
    pub policy: PublishedPolicy,
}

/// The learner has finished a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complete {
    /// The learner's generation.
    pub generation: u64,
    /// The step.
    pub step: Step,
    /// The policy it made.
    pub policy: PublishedPolicy,
}

/// The learner has a checkpoint safely on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// The learner's generation.
    pub generation: u64,
    /// The checkpoint.
    pub checkpoint: Checkpoint,
}

/// A person holds the run, lets it go on, or ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Control {
    /// No step is begun and nothing is lent until `Resume`.
    Pause,
    /// The run goes on.
    Resume,
    /// The run ends after the step in progress, with a checkpoint; a later start goes on from there.
    Stop,
}

/// Time has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick;
