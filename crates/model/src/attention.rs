//! Attention over packed tokens: inside a prefix, from suffixes to a shared prefix, and inside vision segments.
//!
//! Legend: P prefix tokens, n suffixes, L padded suffix length, H query heads, K key heads, R = H / K query heads that share a key
//! head, C channels of a head. Tensors are of the compute type; softmax runs in f32 inside libtorch's fused kernel.

use tch::{Kind, Tensor};

/// Queries, keys and values of the same tokens, positions already applied.
#[derive(Debug)]
pub(crate) struct Heads {
    /// `[T, H, C]`.
    pub query: Tensor,
    /// `[T, K, C]`.
    pub key: Tensor,
    /// `[T, K, C]`.
    pub value: Tensor,
}

/// Causal self-attention of one sequence. heads of T = P tokens → `[P, H · C]`.
pub(crate) fn causal(heads: &Heads) -> Tensor {
    let (num_tokens, num_heads, channels) = three(&heads.query);
    let num_key_heads = heads.key.size()[1];
    let shared = num_heads / num_key_heads;
    let query = heads.query.view([num_tokens, num_key_heads, shared, channels]).permute([1, 2, 0, 3]); // [K, R, P, C]
    // A key head is repeated for its query heads by a stride of zero, not by copying.
    let expand = |tensor: &Tensor| {
        tensor.transpose(0, 1).unsqueeze(1).expand([num_key_heads, shared, num_tokens, channels], false)
    };
    let (key, value) = (expand(&heads.key), expand(&heads.value)); // [K, R, P, C]
    let output = fused(&query, &key, &value, Masking::Causal); // [K, R, P, C]
    output.permute([2, 0, 1, 3]).reshape([num_tokens, num_heads * channels])
}

/// Attention of n padded suffixes to a prefix they share and to themselves. prefix: keys and values of P tokens; suffixes: heads of
/// T = n · L tokens; mask `[R · L, P + L]` from [`suffix_mask`] → `[n · L, H · C]`.
pub(crate) fn shared_prefix(prefix: &Heads, suffixes: &Heads, num_suffixes: i64, mask: &Tensor) -> Tensor {
    let (num_tokens, num_heads, channels) = three(&suffixes.query);
    let (prefix_length, num_key_heads, _) = three(&prefix.key);
    let (length, shared) = (num_tokens / num_suffixes, num_heads / num_key_heads);
    // Query heads that share a key head are laid along the query's token axis, so that keys need no repeating.
    let query = suffixes.query.view([num_suffixes, length, num_key_heads, shared, channels]);
    let query = query.permute([0, 2, 3, 1, 4]).reshape([num_suffixes, num_key_heads, shared * length, channels]);
    let join = |prefix: &Tensor, own: &Tensor| {
        let prefix = prefix.unsqueeze(0).expand([num_suffixes, prefix_length, num_key_heads, channels], false);
        let own = own.view([num_suffixes, length, num_key_heads, channels]);
        Tensor::cat(&[prefix, own], 1).transpose(1, 2) // [n, K, P + L, C]
    };
    let (key, value) = (join(&prefix.key, &suffixes.key), join(&prefix.value, &suffixes.value));
    let output = fused(&query, &key, &value, Masking::Added(mask)); // [n, K, R · L, C]
    let output = output.view([num_suffixes, num_key_heads, shared, length, channels]);
    output.permute([0, 3, 1, 2, 4]).reshape([num_tokens, num_heads * channels])
}

/// The mask of [`shared_prefix`]: everything of the prefix, and a suffix's own past → `[R · L, P + L]` f32, 0 or -∞. Padding stands
/// after the tokens of a suffix, so that causality hides it too.
pub(crate) fn suffix_mask(prefix_length: i64, length: i64, shared: i64) -> Tensor {
    let options = (Kind::Float, tch::Device::Cpu);
    let future = Tensor::full([length, length], f64::NEG_INFINITY, options).triu(1);
    Tensor::cat(&[Tensor::zeros([length, prefix_length], options), future], 1).repeat([shared, 1])
}

/// Full self-attention inside each of several segments of equal length. heads `[S · length, H, C]` each → `[S · length, H · C]`.
pub(crate) fn segments(heads: &Heads, length: i64) -> Tensor {
    let (num_tokens, num_heads, channels) = three(&heads.query);
    let split = |tensor: &Tensor| tensor.reshape([-1, length, num_heads, channels]).transpose(1, 2); // [S, H, length, C]
    let output = fused(&split(&heads.query), &split(&heads.key), &split(&heads.value), Masking::None);
    output.transpose(1, 2).reshape([num_tokens, num_heads * channels])
}

enum Masking<'a> {
    None,
    Causal,
    Added(&'a Tensor),
}

fn fused(query: &Tensor, key: &Tensor, value: &Tensor, masking: Masking<'_>) -> Tensor {
    let (mask, is_causal) = match masking {
        Masking::None => (None, false),
        Masking::Causal => (None, true),
        Masking::Added(mask) => (Some(mask), false),
    };
    let (dropout, scale, repeats_keys) = (0.0, None, false);
    Tensor::scaled_dot_product_attention(query, key, value, mask, dropout, is_causal, scale, repeats_keys)
}

fn three(tensor: &Tensor) -> (i64, i64, i64) {
    tensor.size3().expect("heads have three dimensions")
}

// === impl Heads ===

impl Heads {
    /// Splits the tokens into consecutive runs, sharing storage.
    pub(crate) fn split(&self, lengths: &[i64]) -> Vec<Self> {
        let split = |tensor: &Tensor| tensor.split_with_sizes(lengths, 0);
        let parts = split(&self.query).into_iter().zip(split(&self.key)).zip(split(&self.value));
        parts.map(|((query, key), value)| Self { query, key, value }).collect()
    }

    /// Returns the tokens of an index `[t]` i64.
    pub(crate) fn index_select(&self, index: &Tensor) -> Self {
        let select = |tensor: &Tensor| tensor.index_select(0, index);
        Self { query: select(&self.query), key: select(&self.key), value: select(&self.value) }
    }
}
