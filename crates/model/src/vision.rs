//! The vision tower of Qwen2.5-VL: patches in, embeddings of merge units out.

mod layout;
mod tower;
mod windows;

pub(crate) use layout::MediaBatch;
pub(crate) use tower::Tower;
