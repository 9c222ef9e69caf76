//! The gated feed-forward block that decoder and vision tower share: down(silu(gate(x)) · up(x)).
//!
//! Legend: T tokens, D width of the residual stream, F width inside.

use tch::Tensor;

use crate::weights::Linear;

/// A gated feed-forward block.
#[derive(Debug)]
pub(crate) struct FeedForward {
    /// Gate and up projections as one: outputs `[2 F]`.
    pub gate_up: Linear,
    /// The projection back to the residual stream's width.
    pub down: Linear,
}

// === impl FeedForward ===

impl FeedForward {
    /// input `[T, D]` → `[T, D]`, both of the compute type.
    pub(crate) fn forward(&self, input: &Tensor) -> Tensor {
        // Splitting, unlike narrowing twice, has a backward that joins the two gradients instead of padding and adding them.
        let gate_up = self.gate_up.forward(input).chunk(2, 1); // two of [T, F]
        let gated = gate_up[0].silu() * &gate_up[1]; // [T, F]
        self.down.forward(&gated) // [T, D]
    }
}
