//! The learner world: which processes train together, and what starts a new generation of them.
//!
//! | who | waits for | unblocked by |
//! |---|---|---|
//! | a rank in `Join` | every rank of the generation | the last rank's `Join` |
//! | a rank of an old generation | – | every call is refused, heartbeats say so |

use gradus_types::{Checkpoint, Step};
use serde::{Deserialize, Serialize};

use crate::machine::{Command, Effect, Join, Machine, Refusal, Timestamp};

/// The learner world of the current generation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct World {
    /// The generation, from 1; 0 before the first rank has joined.
    pub generation: u64,
    /// The process of each rank.
    pub members: Vec<Option<String>>,
    /// Where rank 0 holds the rendezvous store.
    pub store_endpoint: String,
    /// The last step this generation has completed, or the checkpoint it started from.
    pub completed_step: Step,
    /// The last step whose work was handed to a rank of this generation.
    pub handed_step: Step,
}

/// What a rank that joins is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Whether every rank has joined.
    pub complete: bool,
    /// The generation.
    pub generation: u64,
    /// Where rank 0 holds the rendezvous store.
    pub store_endpoint: String,
    /// The checkpoint to start from.
    pub checkpoint: Option<Checkpoint>,
}

impl World {
    /// Tells whether every rank has joined.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.members.is_empty() && self.members.iter().all(Option::is_some)
    }
}

impl Command for Join {
    type Reply = Joined;

    fn apply(&self, machine: &mut Machine, _now: Timestamp) -> Result<Joined, Refusal> {
        let world_size = machine.state.settings.world_size;
        if self.world_size != world_size {
            return Err(Refusal::WorldSize { rank: self.rank, given: self.world_size, expected: world_size });
        }
        if self.rank.0 >= world_size {
            return Err(Refusal::NoSuchRank { rank: self.rank, world_size });
        }
        machine.seat(self);
        let world = &machine.state.world;
        Ok(Joined {
            complete: world.is_complete(),
            generation: world.generation,
            store_endpoint: world.store_endpoint.clone(),
            checkpoint: machine.state.checkpoint.clone(),
        })
    }
}

impl Machine {
    /// Gives a process its rank's place, in a new generation if the current one is under way without it.
    fn seat(&mut self, join: &Join) {
        let rank = join.rank.0 as usize;
        let world = &self.state.world;
        if world.members.get(rank).and_then(Option::as_ref) == Some(&join.incarnation) {
            return;
        }
        if world.generation == 0 || world.is_complete() {
            self.begin_generation();
        }
        let world = &mut self.state.world;
        world.members[rank] = Some(join.incarnation.clone());
        if rank == 0 {
            world.store_endpoint.clone_from(&join.store_endpoint);
        }
        self.touch();
    }

    /// Ends the current generation and lets another one form. It starts from the last committed checkpoint.
    pub(super) fn begin_generation(&mut self) {
        let committed = self.state.committed_step();
        let generation = self.state.world.generation + 1;
        self.state.world = World {
            generation,
            members: vec![None; self.state.settings.world_size as usize],
            store_endpoint: String::new(),
            completed_step: committed,
            handed_step: committed,
        };
        self.effects.push(Effect::GenerationBegan { generation });
        self.touch();
    }

    /// Checks that a caller belongs to the current generation, and that it is under way.
    ///
    /// # Errors
    /// It does not.
    pub fn check_generation(&self, given: u64) -> Result<(), Refusal> {
        let world = &self.state.world;
        if given == world.generation && world.is_complete() {
            Ok(())
        } else {
            Err(Refusal::GenerationOver { given, current: world.generation })
        }
    }
}
