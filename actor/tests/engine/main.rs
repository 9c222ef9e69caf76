//! The engine through its handle: what callers rely on, against the model's own forward pass.

mod behaviour;
mod fixture;
mod invariance;
