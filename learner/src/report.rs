//! What a step reports from the device thread: scalars reduced over ranks, and where its time went.

use std::time::Duration;

use gradus_types::Scalar;

use crate::update::UpdateReport;

/// The outcome of a step, the same on every rank but for the times.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepReport {
    /// Scalars by name, reduced over ranks.
    pub scalars: Vec<Scalar>,
    /// Tokens that all ranks' passes computed.
    pub num_tokens: f64,
}

/// The updates of a step together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct UpdateTotals {
    num_updates: u32,
    num_skipped: u32,
    gradient_norms: f64,
    forward_backward: Duration,
    reduce: Duration,
    optimizer: Duration,
}

// === impl UpdateTotals ===

impl UpdateTotals {
    pub(crate) fn add(&mut self, update: &UpdateReport) {
        self.num_updates += 1;
        self.num_skipped += u32::from(update.is_skipped);
        self.gradient_norms += update.gradient_norm;
        self.forward_backward += update.forward_backward;
        self.reduce += update.reduce;
        self.optimizer += update.optimizer;
    }

    /// Appends what the updates came to.
    pub(crate) fn report(&self, report: &mut StepReport) {
        if self.num_updates > 0 {
            let mean_norm = self.gradient_norms / f64::from(self.num_updates);
            report.scalars.push(Scalar::new("optim/gradient_norm", mean_norm));
        }
        report.scalars.extend([
            Scalar::new("optim/num_updates", f64::from(self.num_updates)),
            Scalar::new("optim/skipped", f64::from(self.num_skipped)),
            Scalar::new("time/forward_backward", self.forward_backward.as_secs_f64()),
            Scalar::new("time/reduce", self.reduce.as_secs_f64()),
            Scalar::new("time/optimizer", self.optimizer.as_secs_f64()),
        ]);
    }
}
