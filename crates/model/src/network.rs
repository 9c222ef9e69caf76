//! A network: the layers of a model over one set of (cast and fused) weights, from tokens and pixels to logits.
//!
//! Legend: T packed tokens, M image embeddings among them, D hidden size, V vocabulary.

use tch::{Device, Kind, Tensor};

use crate::{
    ComputeType, Config,
    attention::Heads,
    decoder::Decoder,
    parameters::Parameters,
    rotary::Rotation,
    vision::{MediaBatch, Tower},
    weights::{Linear, Weights},
};

/// The layers of a model, ready to compute.
#[derive(Debug)]
pub(crate) struct Network {
    /// `[V, D]` f32.
    embedding: Tensor,
    tower: Option<Tower>,
    decoder: Decoder,
    head: Linear,
    kind: Kind,
}

/// Images to embed, and where their embeddings go.
pub(crate) struct PlacedMedia<'a> {
    pub media: &'a MediaBatch,
    /// `[M]` i64: the token of each embedding.
    pub tokens: &'a Tensor,
}

impl Network {
    pub(crate) fn new(parameters: &Parameters, config: &Config, compute: ComputeType, device: Device) -> Self {
        let weights = Weights { parameters, compute };
        let head = if config.tie_word_embeddings { "model.embed_tokens.weight" } else { "lm_head.weight" };
        Self {
            embedding: weights.master("model.embed_tokens.weight"),
            tower: config.vision.as_ref().map(|vision| Tower::new(&weights, vision, device)),
            decoder: Decoder::new(&weights, &config.text),
            head: Linear::new(weights.cast(head)),
            kind: compute.kind(),
        }
    }

    /// token_ids `[T]` i64, and images whose embeddings replace those of their placeholder tokens → `[T, D]` f32.
    pub(crate) fn embed(&self, token_ids: &Tensor, placed: Option<PlacedMedia<'_>>) -> Tensor {
        let (padding, by_frequency, is_sparse) = (-1, false, false);
        let tokens = Tensor::embedding(&self.embedding, token_ids, padding, by_frequency, is_sparse);
        match (&self.tower, placed) {
            (Some(tower), Some(placed)) => {
                let embeddings = tower.forward(placed.media, self.kind).to_kind(Kind::Float); // [M, D]
                tokens.index_copy(0, placed.tokens, &embeddings)
            }
            _ => tokens,
        }
    }

    /// hidden `[T, D]` f32 → `[T, D]` f32 before the final norm; see [`Decoder::forward`].
    pub(crate) fn decode(
        &self,
        hidden: Tensor,
        rotation: &Rotation,
        attend: impl FnMut(usize, Heads) -> Tensor,
    ) -> Tensor {
        self.decoder.forward(hidden, rotation, attend)
    }

    /// hidden `[T, D]` f32 before the final norm → `[T, D]` of the compute type after it, ready for [`Self::logits`].
    pub(crate) fn finish(&self, hidden: &Tensor) -> Tensor {
        self.decoder.finish(hidden)
    }

    /// finished hidden `[T, D]` → logits `[T, V]` f32.
    pub(crate) fn logits(&self, finished: &Tensor) -> Tensor {
        self.head.forward(finished).to_kind(Kind::Float)
    }
}
