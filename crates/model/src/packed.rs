//! A packed batch: groups of one prompt and several suffixes, laid out without padding and indexed once.
//!
//! The decoder computes, group after group, a prompt's tokens and then those of each suffix, all in one sequence of T tokens. The last
//! token of a suffix predicts nothing that is scored, so it is not computed. A suffix's first token is predicted by the prompt's last
//! token, which its siblings share.
//!
//! Legend: T computed tokens, R computed tokens that predict a scored one (heads), N scored tokens, n suffixes of a group with computed
//! tokens, L the longest of them.

use tch::{Device, Tensor};

use crate::{Config, Error, MediaInput, Prompt, attention, positions, vision::MediaBatch};

/// One prompt and the completions to score after it.
#[derive(Debug, Clone)]
pub struct PackedGroup<'a> {
    /// The shared prefix.
    pub prompt: &'a Prompt,
    /// The token ids of each completion; none may be empty.
    pub suffixes: Vec<&'a [u32]>,
}

/// Groups ready to be scored: tokens, pixels, positions and index tensors on the device.
#[derive(Debug)]
pub struct PackedBatch {
    /// `[T]` i64.
    pub(crate) token_ids: Tensor,
    /// `[T, 3]` f32: time, height, width.
    pub(crate) positions: Tensor,
    /// The images of all prompts, and the token of each embedding, `[M]` i64.
    pub(crate) media: Option<(MediaBatch, Tensor)>,
    pub(crate) groups: Vec<GroupLayout>,
    /// `[R]` i64: the computed tokens that predict a scored one.
    pub(crate) head_tokens: Tensor,
    /// The head that predicts each scored token, ascending.
    pub(crate) heads: Vec<i64>,
    /// The scored tokens in the order of `heads`.
    pub(crate) targets: Vec<i64>,
    /// `[N]` i64: the place in `heads` of each scored token in the order group, suffix, token.
    pub(crate) restore: Tensor,
    num_tokens: usize,
}

/// How many of the T tokens are one group's; groups follow one another.
#[derive(Debug)]
pub(crate) struct GroupLayout {
    /// Tokens of the prompt.
    pub prefix_length: i64,
    /// Computed tokens of all suffixes, which follow the prompt.
    pub num_suffix_tokens: i64,
    /// Absent when no suffix has computed tokens.
    pub suffixes: Option<SuffixLayout>,
}

/// The suffixes of a group as attention takes them: padded to the longest.
#[derive(Debug)]
pub(crate) struct SuffixLayout {
    /// n.
    pub num_suffixes: i64,
    /// `[R · L, P + L]` f32, 0 or -∞; R here counts query heads that share a key head.
    pub mask: Tensor,
    /// Absent when all suffixes have the same length.
    pub padding: Option<Padding>,
}

/// Index tensors between suffix tokens and their padded places.
#[derive(Debug)]
pub(crate) struct Padding {
    /// `[n · L]` i64: the suffix token at each padded place; padding repeats a suffix's first token and is masked.
    pub padded: Tensor,
    /// `[num_suffix_tokens]` i64: the padded place of each suffix token.
    pub unpadded: Tensor,
}

impl PackedBatch {
    /// Checks and lays out groups for a model on a device. Every prompt is checked before anything is computed.
    pub fn new(groups: &[PackedGroup<'_>], config: &Config, device: Device) -> Result<Self, Error> {
        check(groups, config)?;
        let mut builder = Builder::default();
        let mut layouts = Vec::with_capacity(groups.len());
        for group in groups {
            layouts.push(builder.push(group, config, device));
        }
        let media: Vec<&MediaInput> =
            groups.iter().flat_map(|group| group.prompt.media.iter().map(|input| &**input)).collect();
        let media = config.vision.as_ref().and_then(|vision| MediaBatch::new(media.iter().copied(), vision, device));
        let (heads, targets, restore) = builder.sorted_targets();
        Ok(Self {
            token_ids: Tensor::from_slice(&builder.token_ids).to_device(device),
            positions: Tensor::from_slice(&builder.positions).view([-1, 3]).to_device(device),
            media: media.map(|media| (media, Tensor::from_slice(&builder.placeholders).to_device(device))),
            groups: layouts,
            head_tokens: Tensor::from_slice(&builder.head_tokens).to_device(device),
            heads,
            targets,
            restore: Tensor::from_slice(&restore).to_device(device),
            num_tokens: builder.token_ids.len(),
        })
    }

    /// Returns the number of tokens the decoder computes: every prompt once, and every suffix without its last token.
    pub fn num_tokens(&self) -> usize {
        self.num_tokens
    }

    /// Returns the number of tokens that are scored, which is the number of suffix tokens.
    pub fn num_scored_tokens(&self) -> usize {
        self.targets.len()
    }
}

fn check(groups: &[PackedGroup<'_>], config: &Config) -> Result<(), Error> {
    if groups.iter().all(|group| group.suffixes.is_empty()) {
        return Err(Error::Empty { what: "the packed batch" });
    }
    let vocab_size = config.text.vocab_size;
    for (index, group) in groups.iter().enumerate() {
        group.prompt.check(config)?;
        for (suffix, token_ids) in group.suffixes.iter().enumerate() {
            if token_ids.is_empty() {
                return Err(Error::EmptySuffix { group: index, suffix });
            }
            if let Some(&token_id) = token_ids.iter().find(|&&token_id| i64::from(token_id) >= vocab_size) {
                return Err(Error::TokenOutOfRange { token_id, vocab_size });
            }
        }
    }
    Ok(())
}

#[derive(Default)]
struct Builder {
    token_ids: Vec<i64>,
    positions: Vec<f32>,
    placeholders: Vec<i64>,
    head_tokens: Vec<i64>,
    /// Head and target of each scored token, in the order group, suffix, token.
    scored: Vec<(i64, i64)>,
}

// === impl Builder ===

impl Builder {
    fn push(&mut self, group: &PackedGroup<'_>, config: &Config, device: Device) -> GroupLayout {
        let start = self.token_ids.len() as i64;
        let prefix_length = group.prompt.token_ids.len() as i64;
        let positions = positions::prompt_positions(group.prompt, config);
        self.token_ids.extend(group.prompt.token_ids.iter().map(|&token_id| i64::from(token_id)));
        self.positions.extend(positions.tokens.iter().flatten());
        self.placeholders.extend(positions.placeholders.iter().map(|&token| start + token as i64));
        let shared_head = self.push_head(start + prefix_length - 1);
        for suffix in &group.suffixes {
            self.push_suffix(suffix, shared_head, positions.next);
        }
        let num_suffix_tokens = self.token_ids.len() as i64 - start - prefix_length;
        let lengths: Vec<i64> =
            group.suffixes.iter().map(|suffix| suffix.len() as i64 - 1).filter(|&length| length > 0).collect();
        let suffixes = SuffixLayout::new(&lengths, prefix_length, config, device);
        GroupLayout { prefix_length, num_suffix_tokens, suffixes }
    }

    fn push_suffix(&mut self, suffix: &[u32], shared_head: i64, first_position: i64) {
        let mut head = shared_head;
        for (index, &token_id) in suffix.iter().enumerate() {
            self.scored.push((head, i64::from(token_id)));
            if index + 1 < suffix.len() {
                head = self.push_head(self.token_ids.len() as i64);
                self.token_ids.push(i64::from(token_id));
                self.positions.extend([(first_position + index as i64) as f32; 3]);
            }
        }
    }

    fn push_head(&mut self, token: i64) -> i64 {
        self.head_tokens.push(token);
        self.head_tokens.len() as i64 - 1
    }

    /// Returns heads and targets sorted by head, and the place of each scored token among them.
    fn sorted_targets(&self) -> (Vec<i64>, Vec<i64>, Vec<i64>) {
        let mut order: Vec<usize> = (0..self.scored.len()).collect();
        order.sort_by_key(|&index| self.scored[index].0);
        let mut restore = vec![0; order.len()];
        for (place, &index) in order.iter().enumerate() {
            restore[index] = place as i64;
        }
        let (heads, targets) = order.iter().map(|&index| self.scored[index]).unzip();
        (heads, targets, restore)
    }
}

// === impl SuffixLayout ===

impl SuffixLayout {
    fn new(lengths: &[i64], prefix_length: i64, config: &Config, device: Device) -> Option<Self> {
        let longest = *lengths.iter().max()?;
        let shared = config.text.num_query_heads_per_key_head();
        let is_ragged = lengths.iter().any(|&length| length != longest);
        Some(Self {
            num_suffixes: lengths.len() as i64,
            mask: attention::suffix_mask(prefix_length, longest, shared).to_device(device),
            padding: is_ragged.then(|| Padding::new(lengths, longest, device)),
        })
    }
}

// === impl Padding ===

impl Padding {
    fn new(lengths: &[i64], longest: i64, device: Device) -> Self {
        let (mut padded, mut unpadded) = (Vec::new(), Vec::new());
        let mut first = 0;
        for &length in lengths {
            unpadded.extend((0..length).map(|token| padded.len() as i64 + token));
            padded.extend((0..longest).map(|place| if place < length { first + place } else { first }));
            first += length;
        }
        let index = |values: &[i64]| Tensor::from_slice(values).to_device(device);
        Self { padded: index(&padded), unpadded: index(&unpadded) }
    }
}

#[cfg(test)]
mod tests;
