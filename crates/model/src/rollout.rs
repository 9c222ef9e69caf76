//! Rollout: a prompt's prefill, and decode steps over many groups at once.
//!
//! Legend: P prompt tokens, G live completions of a group, B live completions of all groups of a step, S decoded tokens of a group, H
//! query heads, K key heads, R = H / K, C channels of a head, V vocabulary.

use tch::{Device, Kind, Tensor};

use crate::{
    Config, GroupCache, Prompt, attention,
    cache::LayerCache,
    network::{Network, PlacedMedia},
    positions,
    rotary::TextRotary,
    vision::MediaBatch,
};

/// A group's cache and the token last drawn for each of its live completions.
pub(crate) type DecodeItem<'cache, 'tokens> = (&'cache mut GroupCache, &'tokens [u32]);

/// A network with what rollout needs beside it.
pub(crate) struct Rollout<'a> {
    pub network: &'a Network,
    pub rotary: &'a TextRotary,
    pub config: &'a Config,
    pub device: Device,
}

// === impl Rollout ===

impl Rollout<'_> {
    /// Computes a checked prompt → its cache and the logits `[V]` f32 after it.
    pub(crate) fn prefill(&self, prompt: &Prompt, num_completions: usize) -> (GroupCache, Tensor) {
        let positions = positions::prompt_positions(prompt, self.config);
        let token_ids: Vec<i64> = prompt.token_ids.iter().map(|&token_id| i64::from(token_id)).collect();
        let placeholders: Vec<i64> = positions.placeholders.iter().map(|&token| token as i64).collect();
        let flat: Vec<f32> = positions.tokens.iter().flatten().copied().collect();
        // 1. Embed tokens and images.
        let inputs = prompt.media.iter().map(|input| &**input);
        let media = self.config.vision.as_ref().and_then(|vision| MediaBatch::new(inputs, vision, self.device));
        let placeholders = Tensor::from_slice(&placeholders).to_device(self.device);
        let placed = media.as_ref().map(|media| PlacedMedia { media, tokens: &placeholders });
        let hidden = self.network.embed(&Tensor::from_slice(&token_ids).to_device(self.device), placed); // [P, D]
        // 2. Decode, keeping each layer's keys and values.
        let rotation = self.rotary.at(&Tensor::from_slice(&flat).view([-1, 3]).to_device(self.device));
        let mut prefix = Vec::new();
        let hidden = self.network.decode(hidden, &rotation, |_, heads| {
            let own = |tensor: &Tensor| tensor.transpose(0, 1).contiguous(); // [K, P, C]
            prefix.push((own(&heads.key), own(&heads.value)));
            attention::causal(&heads)
        });
        // 3. Logits of the last token alone.
        let last = hidden.narrow(0, token_ids.len() as i64 - 1, 1);
        let logits = self.network.logits(&self.network.finish(&last)).view([-1]); // [V]
        (GroupCache::new(prefix, num_completions, positions.next), logits)
    }

    /// Advances every live completion of checked groups by a token → logits `[B, V]` f32.
    pub(crate) fn decode(&self, groups: &mut [DecodeItem<'_, '_>]) -> Tensor {
        let (mut token_ids, mut positions) = (Vec::new(), Vec::new());
        let mut places = Vec::with_capacity(groups.len());
        for (cache, tokens) in groups.iter_mut() {
            token_ids.extend(tokens.iter().map(|&token_id| i64::from(token_id)));
            positions.extend(std::iter::repeat_n(cache.position() as f32, tokens.len()));
            places.push(cache.advance());
        }
        let rotation = self.rotary.at_text(&Tensor::from_slice(&positions).view([-1, 1]).to_device(self.device));
        let hidden = self.network.embed(&Tensor::from_slice(&token_ids).to_device(self.device), None); // [B, D]
        let num_live: Vec<i64> = groups.iter().map(|(cache, _)| cache.num_live() as i64).collect();
        let hidden = self.network.decode(hidden, &rotation, |layer, heads| {
            let outputs: Vec<Tensor> = heads
                .split(&num_live)
                .iter()
                .enumerate()
                .map(|(index, heads)| {
                    let cache = groups[index].0.layer(layer);
                    let (suffix_key, suffix_value) = cache.push(&heads.key, &heads.value, places[index]);
                    attend_group(&heads.query, cache, &suffix_key, &suffix_value)
                })
                .collect();
            Tensor::cat(&outputs, 0)
        });
        self.network.logits(&self.network.finish(&hidden)) // [B, V]
    }
}

/// query `[G, H, C]`, and decoded keys and values `[G, K, S, C]` → `[G, H · C]`. The prefix is read once for all completions: its
/// scores are a product per key head with the queries of every completion side by side.
fn attend_group(query: &Tensor, prefix: &LayerCache, suffix_key: &Tensor, suffix_value: &Tensor) -> Tensor {
    let (num_live, num_heads, channels) = query.size3().expect("queries have three dimensions");
    let (num_key_heads, prefix_length, _) = prefix.prefix_key.size3().expect("prefix keys have three dimensions");
    let (shared, suffix_length) = (num_heads / num_key_heads, suffix_key.size()[2]);
    let query = query.view([num_live, num_key_heads, shared, channels]) * (channels as f64).powf(-0.5);
    // 1. Scores of the prefix and of each completion's own tokens, side by side.
    let by_key_head = query.transpose(0, 1).reshape([num_key_heads, num_live * shared, channels]);
    let prefix_scores = by_key_head.bmm(&prefix.prefix_key.transpose(1, 2)); // [K, G · R, P]
    let suffix_scores = query.matmul(&suffix_key.transpose(2, 3)).transpose(0, 1); // [K, G, R, S]
    let suffix_scores = suffix_scores.reshape([num_key_heads, num_live * shared, suffix_length]);
    // 2. One softmax over both, in f32.
    let scores = Tensor::cat(&[prefix_scores, suffix_scores], -1); // [K, G · R, P + S]
    let weights = scores.softmax(-1, Kind::Float).to_kind(query.kind());
    // 3. Weighted values of both.
    let by_completion = |tensor: Tensor, length: i64| {
        tensor.view([num_key_heads, num_live, shared, length]).transpose(0, 1) // [G, K, R, length]
    };
    let from_prefix = by_completion(weights.narrow(-1, 0, prefix_length).bmm(&prefix.prefix_value), channels);
    let own =
        weights.narrow(-1, prefix_length, suffix_length).reshape([num_key_heads, num_live, shared, suffix_length]);
    let from_own = own.transpose(0, 1).matmul(suffix_value); // [G, K, R, C]
    (from_prefix + from_own).reshape([num_live, num_heads * channels])
}
