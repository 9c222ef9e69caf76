//! The gated feed-forward block that decoder and vision tower share: down(silu(gate(x)) · up(x)).

use tch::Tensor;

use crate::weights::Linear;

/// A gated feed-forward block.
#[derive(Debug)]
pub(crate) struct FeedForward {
    /// Gate and up projections as one: outputs `[2 F]`.
    pub gate_up: Linear,
    /// The projection back to the residual stream's width.
    pub down: Linear,
    /// F, the width inside.
    pub inner: i64,
}

// === impl FeedForward ===

impl FeedForward {
    /// input `[T, D]` → `[T, D]`, both of the compute type.
    pub(crate) fn forward(&self, input: &Tensor) -> Tensor {
        let gate_up = self.gate_up.forward(input); // [T, 2 F]
        let gated = gate_up.narrow(1, 0, self.inner).silu() * gate_up.narrow(1, self.inner, self.inner); // [T, F]
        self.down.forward(&gated) // [T, D]
    }
}
