//! Log-probabilities and entropies of suffix tokens, computed in f32 and in chunks of tokens.
//!
//! Legend: T computed tokens, R of them heads that predict a scored token, N scored tokens, D hidden size, V vocabulary, B heads of a
//! chunk, b scored tokens of a chunk.

use tch::{Kind, Tensor};

use crate::{
    Error, PackedBatch,
    attention::{self, Heads},
    network::{Network, PlacedMedia},
    packed::SuffixLayout,
    rotary::TextRotary,
};

/// How to score a batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoreOptions {
    /// Divides the logits; the temperature the tokens were sampled at.
    pub temperature: f64,
    /// Whether to compute the entropy of each predicted distribution.
    pub with_entropy: bool,
    /// Positions whose logits are computed at a time.
    pub chunk_tokens: usize,
}

impl Default for ScoreOptions {
    fn default() -> Self {
        Self { temperature: 1.0, with_entropy: false, chunk_tokens: 2048 }
    }
}

/// The scores of a batch's N suffix tokens, in the order group, suffix, token.
#[derive(Debug)]
pub struct Scores {
    /// `[N]` f32, nats; differentiable unless computed under `tch::no_grad`.
    pub logprobs: Tensor,
    /// `[N]` f32, nats; present when asked for, never differentiable: it is a measure, and its graph would keep the logits.
    pub entropy: Option<Tensor>,
}

/// Scores a batch with a network.
pub(crate) fn score(
    network: &Network,
    rotary: &TextRotary,
    batch: &PackedBatch,
    options: ScoreOptions,
) -> Result<Scores, Error> {
    if !(options.temperature.is_finite() && options.temperature > 0.0) {
        return Err(Error::Temperature { temperature: options.temperature });
    }
    // 1. Decode all tokens.
    let placed = batch.media.as_ref().map(|(media, tokens)| PlacedMedia { media, tokens });
    let hidden = network.embed(&batch.token_ids, placed); // [T, D]
    let rotation = rotary.at(&batch.positions);
    let hidden = network.decode(hidden, &rotation, |_, heads| attend(&heads, batch)); // [T, D]
    // 2. Keep the heads.
    let finished = network.finish(&hidden.index_select(0, &batch.head_tokens)); // [R, D]
    // 3. Score in chunks of heads; the scored tokens of a chunk are contiguous in the order of heads.
    let num_heads = finished.size()[0];
    let chunk = options.chunk_tokens.max(1) as i64;
    let (mut logprobs, mut entropies) = (Vec::new(), Vec::new());
    let mut scored = 0;
    for start in (0..num_heads).step_by(chunk as usize) {
        let end = (start + chunk).min(num_heads);
        let next = batch.heads.partition_point(|&head| head < end);
        let heads: Vec<i64> = batch.heads[scored..next].iter().map(|head| head - start).collect();
        let targets = &batch.targets[scored..next];
        scored = next;
        let logits = network.logits(&finished.narrow(0, start, end - start)); // [B, V]
        let scores = score_chunk(&logits, &heads, targets, options);
        logprobs.push(scores.logprobs);
        entropies.extend(scores.entropy);
    }
    // 4. Return to the order group, suffix, token.
    let restore = |parts: &[Tensor]| Tensor::cat(parts, 0).index_select(0, &batch.restore); // [N]
    let entropy = options.with_entropy.then(|| restore(&entropies));
    Ok(Scores { logprobs: restore(&logprobs), entropy })
}

/// logits `[B, V]` f32, heads and targets of b scored tokens → logprobs and entropies `[b]` f32.
fn score_chunk(logits: &Tensor, heads: &[i64], targets: &[i64], options: ScoreOptions) -> Scores {
    let logits = if options.temperature == 1.0 { logits.shallow_clone() } else { logits / options.temperature };
    let all = logits.log_softmax(-1, Kind::Float); // [B, V]
    let vocab_size = all.size()[1];
    let cells: Vec<i64> = heads.iter().zip(targets).map(|(head, target)| head * vocab_size + target).collect();
    let cells = Tensor::from_slice(&cells).to_device(logits.device());
    let logprobs = all.view([-1]).index_select(0, &cells); // [b]
    let entropy = options.with_entropy.then(|| {
        let heads = Tensor::from_slice(heads).to_device(logits.device());
        let all = all.detach();
        let entropy = -(all.exp() * &all).sum_dim_intlist([-1i64].as_slice(), false, Kind::Float); // [B]
        entropy.index_select(0, &heads)
    });
    Scores { logprobs, entropy }
}

/// Attention of a packed batch: heads of T tokens → `[T, H · C]`.
fn attend(heads: &Heads, batch: &PackedBatch) -> Tensor {
    // One split of all groups: its backward joins their gradients, where a slice a group would pad each to T tokens.
    let lengths: Vec<i64> =
        batch.groups.iter().flat_map(|group| [group.prefix_length, group.num_suffix_tokens]).collect();
    let parts = heads.split(&lengths);
    let mut outputs = Vec::with_capacity(parts.len());
    for (group, parts) in batch.groups.iter().zip(parts.chunks(2)) {
        outputs.push(attention::causal(&parts[0]));
        if let Some(layout) = &group.suffixes {
            outputs.push(attend_suffixes(&parts[0], &parts[1], layout));
        }
    }
    Tensor::cat(&outputs, 0)
}

fn attend_suffixes(prefix: &Heads, suffixes: &Heads, layout: &SuffixLayout) -> Tensor {
    let mask = layout.mask.to_kind(suffixes.query.kind());
    let Some(padding) = &layout.padding else {
        return attention::shared_prefix(prefix, suffixes, layout.num_suffixes, &mask);
    };
    let padded = suffixes.index_select(&padding.padded); // n · L tokens
    let output = attention::shared_prefix(prefix, &padded, layout.num_suffixes, &mask);
    output.index_select(0, &padding.unpadded)
}
