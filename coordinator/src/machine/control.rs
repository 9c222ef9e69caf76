//! What operators do: they start the coordinator, hold a run, let it go on, or end it.

use crate::machine::{Command, Control, Machine, Open, Refusal, Timestamp};

impl Command for Open {
    type Reply = ();

    /// A start of the coordinator gives every lending its full time again, since actors could not submit meanwhile. It
    /// lets a run that was stopped go on, once the stop has come to its end.
    fn apply(&self, machine: &mut Machine, now: Timestamp) -> Result<(), Refusal> {
        let state = &mut machine.state;
        let world_size_changed = state.world.generation > 0 && state.settings.world_size != self.settings.world_size;
        state.settings = self.settings.clone();
        state.counters.openings += 1;
        if state.stop_after.is_some_and(|step| state.committed_step() >= step) {
            state.stop_after = None;
        }
        let deadline = now.after(state.settings.lease_millis);
        if let Some(pool) = &mut state.pool {
            pool.series.extend_deadlines(deadline);
        }
        if let Some(active) = &mut state.evaluation {
            active.series.extend_deadlines(deadline);
        }
        if world_size_changed {
            machine.begin_generation();
        }
        machine.touch();
        Ok(())
    }
}

impl Command for Control {
    type Reply = ();

    fn apply(&self, machine: &mut Machine, _now: Timestamp) -> Result<(), Refusal> {
        let state = &mut machine.state;
        let (paused, stop_after) = (state.paused, state.stop_after);
        match self {
            Self::Pause => state.paused = true,
            Self::Resume => state.paused = false,
            Self::Stop => {
                let step = state.world.handed_step.max(state.world.completed_step);
                state.stop_after.get_or_insert(step);
                state.paused = false;
            }
        }
        if (paused, stop_after) != (state.paused, state.stop_after) {
            machine.touch();
        }
        Ok(())
    }
}
