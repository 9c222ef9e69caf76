//! The keys and values of one group: its prompt's once, and each live completion's own.
//!
//! Legend: P prompt tokens, S decoded tokens, G live completions, K key heads, C channels of a head. Tensors are of the compute type.

use tch::{Tensor, no_grad};

/// Decoded tokens a cache makes room for at a time, at least.
const BLOCK_TOKENS: i64 = 32;

/// The key and value cache of a prompt and its live completions. Made by [`crate::Policy::prefill`], advanced by
/// [`crate::Policy::decode`].
#[derive(Debug)]
pub struct GroupCache {
    layers: Vec<LayerCache>,
    num_live: i64,
    num_decoded: i64,
    capacity: i64,
    next_position: i64,
}

/// One layer's keys and values.
#[derive(Debug)]
pub(crate) struct LayerCache {
    /// `[K, P, C]`.
    pub prefix_key: Tensor,
    /// `[K, P, C]`.
    pub prefix_value: Tensor,
    /// `[G, K, capacity, C]`, filled up to S.
    suffix_key: Tensor,
    /// `[G, K, capacity, C]`, filled up to S.
    suffix_value: Tensor,
}

impl GroupCache {
    /// Opens a cache for completions of a prompt whose keys and values of each layer are given, `[K, P, C]`; `next_position` is that
    /// of the first decoded token.
    pub(crate) fn new(prefix: Vec<(Tensor, Tensor)>, num_completions: usize, next_position: i64) -> Self {
        let num_live = num_completions as i64;
        let layer = |(prefix_key, prefix_value): (Tensor, Tensor)| {
            let (num_key_heads, _, channels) = prefix_key.size3().expect("prefix keys have three dimensions");
            let empty = || {
                let shape = [num_live, num_key_heads, BLOCK_TOKENS, channels];
                Tensor::empty(shape, (prefix_key.kind(), prefix_key.device()))
            };
            let (suffix_key, suffix_value) = (empty(), empty());
            LayerCache { prefix_key, prefix_value, suffix_key, suffix_value }
        };
        let layers = prefix.into_iter().map(layer).collect();
        Self { layers, num_live, num_decoded: 0, capacity: BLOCK_TOKENS, next_position }
    }

    /// Returns the number of completions still being decoded.
    pub fn num_live(&self) -> usize {
        self.num_live as usize
    }

    /// Returns the number of tokens decoded so far in each live completion.
    pub fn num_decoded(&self) -> usize {
        self.num_decoded as usize
    }

    /// Returns the number of tokens of the prompt.
    pub fn num_prompt_tokens(&self) -> usize {
        self.layers.first().map_or(0, |layer| layer.prefix_key.size()[1] as usize)
    }

    /// Returns the bytes held on the device, unused capacity included.
    pub fn bytes(&self) -> usize {
        self.layers.iter().map(LayerCache::bytes).sum()
    }

    /// Drops the completions whose flag is false, keeping the order of the others.
    ///
    /// # Panics
    /// When the number of flags is not [`Self::num_live`].
    pub fn retain(&mut self, keep: &[bool]) {
        assert_eq!(keep.len(), self.num_live(), "retain needs one flag for each live completion");
        let kept: Vec<i64> = (0i64..).zip(keep).filter(|(_, keep)| **keep).map(|(index, _)| index).collect();
        if kept.len() == keep.len() {
            return;
        }
        self.num_live = kept.len() as i64;
        let Some(device) = self.layers.first().map(|layer| layer.suffix_key.device()) else { return };
        let kept = Tensor::from_slice(&kept).to_device(device);
        for layer in &mut self.layers {
            layer.change_suffix(|suffix| suffix.index_select(0, &kept));
        }
    }

    /// Returns the position of the token that is decoded next.
    pub(crate) fn position(&self) -> i64 {
        self.next_position + self.num_decoded
    }

    /// Makes room for one more token in every layer and returns its place. Call once a step, before any [`LayerCache::push`].
    pub(crate) fn advance(&mut self) -> i64 {
        if self.num_decoded == self.capacity {
            let added = self.capacity.max(BLOCK_TOKENS);
            self.capacity += added;
            for layer in &mut self.layers {
                layer.change_suffix(|suffix| suffix.constant_pad_nd([0, 0, 0, added]));
            }
        }
        self.num_decoded += 1;
        self.num_decoded - 1
    }

    pub(crate) fn layer(&self, index: usize) -> &LayerCache {
        &self.layers[index]
    }
}

// === impl LayerCache ===

impl LayerCache {
    /// Writes key and value `[G, K, C]` of the token at a place, and returns all decoded ones so far, `[G, K, S, C]` each.
    pub(crate) fn push(&self, key: &Tensor, value: &Tensor, place: i64) -> (Tensor, Tensor) {
        self.suffix_key.select(2, place).copy_(key);
        self.suffix_value.select(2, place).copy_(value);
        (self.suffix_key.narrow(2, 0, place + 1), self.suffix_value.narrow(2, 0, place + 1))
    }

    fn change_suffix(&mut self, change: impl Fn(&Tensor) -> Tensor) {
        no_grad(|| {
            self.suffix_key = change(&self.suffix_key);
            self.suffix_value = change(&self.suffix_value);
        });
    }

    fn bytes(&self) -> usize {
        let tensors = [&self.prefix_key, &self.prefix_value, &self.suffix_key, &self.suffix_value];
        let size_bytes = |tensor: &Tensor| tensor.numel() * tensor.kind().elt_size_in_bytes();
        tensors.into_iter().map(size_bytes).sum()
    }
}
