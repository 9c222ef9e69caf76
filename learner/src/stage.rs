//! What a stage sets up anew: the freeze list, the optimizer with its reducer, and the frozen reference.

use std::path::Path;

use tch::Tensor;
use tracing::info;

use gradus_c10d::GradientReducer;
use gradus_config::{Stage, StageKind};
use gradus_model::Policy;
use gradus_types::StageIndex;

use crate::{AdamW, Error, Ranks};

/// Steps between two checks that frozen parameters are what they were. A check hashes all of them.
const FROZEN_CHECK_INTERVAL: u64 = 16;

/// The stage that is under way.
#[derive(Debug)]
pub struct ActiveStage {
    /// Its position in the run file.
    pub index: StageIndex,
    /// Its settings.
    pub settings: Stage,
    /// The optimizer over its trainable parameters.
    pub optimizer: AdamW,
    /// The reduction of their gradients.
    pub reducer: GradientReducer,
    /// The policy of the stage's start, where the loss refers to it.
    pub reference: Option<Policy>,
    frozen: Vec<FrozenPart>,
}

/// Parameters that must stay as they are.
#[derive(Debug)]
struct FrozenPart {
    prefix: String,
    digest: blake3::Hash,
}

// === impl ActiveStage ===

impl ActiveStage {
    /// Sets a stage up on every rank. `start` is the checkpoint or model whose weights the stage began with.
    pub fn enter(
        index: StageIndex,
        settings: &Stage,
        policy: &mut Policy,
        start: &Path,
        ranks: &Ranks,
    ) -> Result<Self, Error> {
        let freeze = policy.freeze(&settings.freeze)?;
        let optimizer = AdamW::new(&settings.optimizer, policy.parameters());
        let trainable: Vec<Tensor> = optimizer.parameters().map(Tensor::shallow_clone).collect();
        let reducer = ranks.reducer(&trainable)?;
        let reference = match &settings.kind {
            StageKind::Rl(rl) if rl.algorithm.kl_coefficient != 0.0 => Some(load_reference(start, policy)?),
            StageKind::Rl(_) | StageKind::Sft(_) => None,
        };
        info!(
            stage = index.0,
            name = settings.name,
            num_trainable_tensors = trainable.len(),
            num_frozen_tensors = freeze.num_frozen_tensors,
            num_frozen_elements = freeze.num_frozen_elements,
            has_reference = reference.is_some(),
            "entered stage"
        );
        let part =
            |prefix: &String| Ok(FrozenPart { prefix: prefix.clone(), digest: policy.parameter_digest(prefix)? });
        let frozen = settings.freeze.iter().map(part).collect::<Result<_, Error>>()?;
        Ok(Self { index, settings: settings.clone(), optimizer, reducer, reference, frozen })
    }

    /// Checks every few steps that frozen parameters are what they were at the stage's start.
    pub fn check_frozen_now_and_then(&self, policy: &Policy, stage_step: u64) -> Result<(), Error> {
        if stage_step % FROZEN_CHECK_INTERVAL == 1 { self.check_frozen(policy) } else { Ok(()) }
    }

    /// Checks that frozen parameters are what they were at the stage's start.
    pub fn check_frozen(&self, policy: &Policy) -> Result<(), Error> {
        for part in &self.frozen {
            if policy.parameter_digest(&part.prefix)? != part.digest {
                return Err(Error::FrozenChanged { prefix: part.prefix.clone() });
            }
        }
        Ok(())
    }
}

fn load_reference(start: &Path, policy: &Policy) -> Result<Policy, Error> {
    info!(path = %start.display(), "loading the reference policy");
    Ok(Policy::load(start, policy.device(), policy.compute())?)
}
