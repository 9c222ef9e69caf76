//! The nouns every part of Gradus shares: ids, prompts, media references, rollouts, rewards and batches.
//!
//! Plain data only: no I/O, no async, no tensors, no protobuf. Wire messages are converted to these types at the edge of
//! each service and go no further.
//!
//! ```
//! use gradus_types::{GroupId, StageIndex};
//!
//! let group = GroupId::train(StageIndex(1), 42);
//! assert_eq!(group.to_string(), "train-1-42");
//! ```

mod batch;
mod id;
mod media;
mod near_miss;
mod policy;
mod prompt;
pub mod random;
mod reward;
mod rollout;

pub use batch::{RolloutBatch, SftBatch, SftSample, Work};
pub use id::{GroupId, PolicyVersion, PromptId, Purpose, Rank, StageIndex, Step};
pub use media::{MediaHash, ParseMediaHashError};
pub use near_miss::near_miss;
pub use policy::{Checkpoint, PolicyDigest, PublishedPolicy, Scalar};
pub use prompt::{ContentPart, Message, Prompt, PromptBody, Role};
pub use reward::{ComponentScore, Reward, RewardComponent, RewardSpec, UnscoredReason};
pub use rollout::{
    Admission, Completion, FinishReason, Group, GroupHeader, Lease, Sample, SampleHeader, SamplingParameters,
};
