//! The tower itself: patch embedding, blocks of window or full attention, and the merger into the decoder's width.
//!
//! Legend: N patches of all images, U merge units, M patches in a unit, E tower width, h heads, C channels of a head, K values of a
//! patch, D the decoder's width. The residual stream is f32, the inputs of products are of the
//! compute type.

use tch::{Device, Kind, Tensor};

use super::layout::{MediaBatch, Segments};
use crate::{
    VisionConfig,
    attention::{self, Heads},
    config::VISION_ROPE_THETA,
    feed_forward::FeedForward,
    rotary::{self, Rotation},
    weights::{Linear, RmsNorm, Weights},
};

/// The epsilon of every norm in the tower, fixed in transformers' implementation.
const NORM_EPSILON: f64 = 1e-6;

/// The vision tower of one network.
#[derive(Debug)]
pub(crate) struct Tower {
    /// The 3-D convolution whose stride is its kernel, so a product: `[E, K]`.
    patch_embedding: Linear,
    blocks: Vec<Block>,
    merger: Merger,
    /// `[C / 4]` f32, for rows and for columns.
    inverse_frequencies: Tensor,
}

#[derive(Debug)]
struct Block {
    attention_norm: RmsNorm,
    qkv: Linear,
    output: Linear,
    feed_forward_norm: RmsNorm,
    feed_forward: FeedForward,
    num_heads: i64,
    is_full: bool,
}

#[derive(Debug)]
struct Merger {
    norm: RmsNorm,
    inner: Linear,
    output: Linear,
    merged_width: i64,
}

impl Tower {
    pub(crate) fn new(weights: &Weights<'_>, config: &VisionConfig, device: Device) -> Self {
        let kernel = weights.cast("visual.patch_embed.proj.weight").view([config.hidden_size, config.patch_dim()]);
        let merged = |index: i64| weights.biased_linear(&[format!("visual.merger.mlp.{index}")]);
        Self {
            patch_embedding: Linear::new(kernel),
            blocks: (0..config.depth).map(|index| Block::new(weights, config, index)).collect(),
            merger: Merger {
                norm: weights.norm("visual.merger.ln_q", NORM_EPSILON),
                inner: merged(0),
                output: merged(2),
                merged_width: config.hidden_size * config.merge_unit(),
            },
            inverse_frequencies: rotary::inverse_frequencies(config.head_dim() / 2, VISION_ROPE_THETA, device),
        }
    }

    /// Embeds every image of a batch → `[U, D]` in the order of their placeholder tokens.
    pub(crate) fn forward(&self, media: &MediaBatch, compute: Kind) -> Tensor {
        // 1. Embed patches.
        let mut hidden = self.patch_embedding.forward(&media.pixels.to_kind(compute)).to_kind(Kind::Float); // [N, E]
        // 2. Rotate by row in the first quarter of a head's channels and by column in the second, and again in the other half.
        let angles = media.positions.unsqueeze(2) * &self.inverse_frequencies; // [N, 2, C / 4]
        let rotation = Rotation::new(&angles.flatten(1, 2));
        // 3. Blocks, in windowed order.
        for block in &self.blocks {
            let segments = if block.is_full { &media.frames } else { &media.windows };
            hidden = block.forward(&hidden, &rotation, segments); // [N, E]
        }
        // 4. Merge units, and undo the windowed order.
        self.merger.forward(&hidden).index_select(0, &media.restore) // [U, D]
    }
}

// === impl Block ===

impl Block {
    fn new(weights: &Weights<'_>, config: &VisionConfig, index: i64) -> Self {
        let module = |name: &str| format!("visual.blocks.{index}.{name}");
        Self {
            attention_norm: weights.norm(&module("norm1"), NORM_EPSILON),
            qkv: weights.biased_linear(&[module("attn.qkv")]),
            output: weights.biased_linear(&[module("attn.proj")]),
            feed_forward_norm: weights.norm(&module("norm2"), NORM_EPSILON),
            feed_forward: FeedForward {
                gate_up: weights.biased_linear(&[module("mlp.gate_proj"), module("mlp.up_proj")]),
                down: weights.biased_linear(&[module("mlp.down_proj")]),
            },
            num_heads: config.num_heads,
            is_full: config.fullatt_block_indexes.contains(&index),
        }
    }

    fn forward(&self, hidden: &Tensor, rotation: &Rotation, segments: &Segments) -> Tensor {
        let (num_patches, width) = hidden.size2().expect("hidden states have two dimensions");
        let (heads, channels) = (self.num_heads, width / self.num_heads);
        // 1. Attention.
        let qkv = self.qkv.forward(&self.attention_norm.forward(hidden)).view([num_patches, 3 * heads, channels]);
        let parts = qkv.split_with_sizes([2 * heads, heads], 1);
        let qkv = Tensor::cat(&[&rotation.apply(&parts[0]), &parts[1]], 1); // [N, 3 h, C]
        let attended = segments.map(&qkv, |rows, length| {
            let parts = rows.chunk(3, 1);
            let [query, key, value] = parts.try_into().expect("three chunks were asked for");
            attention::segments(&Heads { query, key, value }, length)
        });
        let hidden = hidden + self.output.forward(&attended);
        // 2. Feed-forward.
        &hidden + self.feed_forward.forward(&self.feed_forward_norm.forward(&hidden)) // [N, E]
    }
}

// === impl Merger ===

impl Merger {
    /// hidden `[N, E]` → `[U, D]`: the patches of a unit side by side through a two-layer perceptron.
    fn forward(&self, hidden: &Tensor) -> Tensor {
        let merged = self.norm.forward(hidden).view([-1, self.merged_width]); // [U, M · E]
        self.output.forward(&self.inner.forward(&merged).gelu("none")) // [U, D]
    }
}
