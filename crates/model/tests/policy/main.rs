//! Tests of whole policies, most against what transformers computed (`tests/golden/model/make.py`).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod checkpoint;
mod fixture;
mod parity;
mod rollout;
mod sharing;
