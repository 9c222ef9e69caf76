//! The text decoder of Qwen2 and Qwen2.5: pre-norm layers of grouped-query attention and a gated feed-forward block.
//!
//! Legend: T packed tokens of any number of sequences, D hidden size, H query heads, K key heads, C channels of a head. The
//! residual stream is f32, the inputs of products are of the compute type.
//!
//! Everything but attention works on tokens alone, so nothing is padded; which token sees which is the caller's `attend`.

use tch::Tensor;

use crate::{
    TextConfig,
    attention::Heads,
    feed_forward::FeedForward,
    rotary::Rotation,
    weights::{Linear, RmsNorm, Weights},
};

/// A stack of layers and the final norm.
#[derive(Debug)]
pub(crate) struct Decoder {
    layers: Vec<Layer>,
    norm: RmsNorm,
}

#[derive(Debug)]
struct Layer {
    input_norm: RmsNorm,
    /// Query, key and value projections as one: `[(H + 2 K) · C, D]`.
    qkv: Linear,
    output: Linear,
    feed_forward_norm: RmsNorm,
    feed_forward: FeedForward,
    num_heads: i64,
    num_key_heads: i64,
    head_dim: i64,
}

impl Decoder {
    pub(crate) fn new(weights: &Weights<'_>, config: &TextConfig) -> Self {
        let layers = (0..config.num_hidden_layers).map(|layer| Layer::new(weights, config, layer)).collect();
        Self { layers, norm: weights.norm("model.norm", config.rms_norm_eps) }
    }

    /// hidden `[T, D]` f32 → `[T, D]` f32 before the final norm. `attend` is called once a layer with its index and the heads of all T tokens,
    /// and returns `[T, H · C]`.
    pub(crate) fn forward(
        &self,
        hidden: Tensor,
        rotation: &Rotation,
        mut attend: impl FnMut(usize, Heads) -> Tensor,
    ) -> Tensor {
        let mut hidden = hidden;
        for (index, layer) in self.layers.iter().enumerate() {
            hidden = layer.forward(&hidden, rotation, |heads| attend(index, heads));
        }
        hidden
    }

    /// hidden `[T, D]` f32 → `[T, D]` of the compute type: the final norm, applied only to tokens whose logits are wanted.
    pub(crate) fn finish(&self, hidden: &Tensor) -> Tensor {
        self.norm.forward(hidden)
    }
}

// === impl Layer ===

impl Layer {
    fn new(weights: &Weights<'_>, config: &TextConfig, index: i64) -> Self {
        let module = |name: &str| format!("model.layers.{index}.{name}");
        let attention = |name: &str| module(&format!("self_attn.{name}_proj"));
        let feed_forward = |name: &str| module(&format!("mlp.{name}_proj"));
        Self {
            input_norm: weights.norm(&module("input_layernorm"), config.rms_norm_eps),
            qkv: weights.biased_linear(&[attention("q"), attention("k"), attention("v")]),
            output: weights.linear(&[attention("o")]),
            feed_forward_norm: weights.norm(&module("post_attention_layernorm"), config.rms_norm_eps),
            feed_forward: FeedForward {
                gate_up: weights.linear(&[feed_forward("gate"), feed_forward("up")]),
                down: weights.linear(&[feed_forward("down")]),
            },
            num_heads: config.num_attention_heads,
            num_key_heads: config.num_key_value_heads,
            head_dim: config.head_dim(),
        }
    }

    fn forward(&self, hidden: &Tensor, rotation: &Rotation, attend: impl FnOnce(Heads) -> Tensor) -> Tensor {
        // 1. Attention.
        let heads = self.heads(&self.input_norm.forward(hidden), rotation);
        let hidden = hidden + self.output.forward(&attend(heads));
        // 2. Feed-forward.
        &hidden + self.feed_forward.forward(&self.feed_forward_norm.forward(&hidden)) // [T, D]
    }

    fn heads(&self, normed: &Tensor, rotation: &Rotation) -> Heads {
        let num_rotated = self.num_heads + self.num_key_heads;
        let qkv = self.qkv.forward(normed).view([-1, num_rotated + self.num_key_heads, self.head_dim]); // [T, H + 2 K, C]
        let [unrotated, value] = split(&qkv, [num_rotated, self.num_key_heads]);
        let [query, key] = split(&rotation.apply(&unrotated), [self.num_heads, self.num_key_heads]);
        Heads { query, key, value }
    }
}

/// heads `[T, h, C]` → parts of the given numbers of heads. Its backward joins the gradients of the parts without padding them.
fn split<const N: usize>(heads: &Tensor, sizes: [i64; N]) -> [Tensor; N] {
    heads.split_with_sizes(sizes, 1).try_into().expect("a split has as many parts as sizes")
}
