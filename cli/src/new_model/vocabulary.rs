//! Training a byte-level BPE tokenizer with the special tokens of the Qwen family.

use anyhow::{Result, anyhow};
use tokenizers::{
    AddedToken, DecoderWrapper, NormalizerWrapper, PostProcessorWrapper, PreTokenizerWrapper, TokenizerBuilder,
    TokenizerImpl,
    models::bpe::{BPE, BpeTrainer},
    pre_tokenizers::byte_level::ByteLevel,
};

/// The special tokens, in the order of their ids. Those of a tag are ordinary text to people, so they are not skipped when decoding.
pub const SPECIAL: [&str; 9] = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|object_ref_start|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
    "<|vision_pad|>",
];

/// The tags of reasoning and answer: one token each, part of the text.
const TAGS: [&str; 4] = ["<think>", "</think>", "<answer>", "</answer>"];

/// A byte-level BPE tokenizer.
pub type Tokenizer = TokenizerImpl<BPE, NormalizerWrapper, PreTokenizerWrapper, PostProcessorWrapper, DecoderWrapper>;

/// Trains a tokenizer of at most `size` tokens.
pub fn train(texts: &[String], size: usize) -> Result<Tokenizer> {
    let byte_level = ByteLevel::new(false, true, true);
    let mut tokenizer = TokenizerBuilder::new()
        .with_model(BPE::default())
        .with_normalizer(None::<NormalizerWrapper>)
        .with_pre_tokenizer(Some(PreTokenizerWrapper::from(byte_level)))
        .with_post_processor(None::<PostProcessorWrapper>)
        .with_decoder(Some(DecoderWrapper::from(byte_level)))
        .build()
        .map_err(|error| anyhow!("failed to set up the tokenizer: {error}"))?;
    let special = SPECIAL.map(|text| AddedToken::from(text, true)).to_vec();
    let mut trainer = BpeTrainer::builder()
        .show_progress(false)
        .vocab_size(size.saturating_sub(TAGS.len()))
        .special_tokens(special.clone())
        .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
        .build();
    tokenizer
        .train(&mut trainer, texts.iter().map(String::as_str))
        .map_err(|error| anyhow!("failed to train the tokenizer on {} texts: {error}", texts.len()))?;
    tokenizer.add_special_tokens(&special);
    tokenizer.add_tokens(&TAGS.map(|text| AddedToken::from(text, false).normalized(false)));
    Ok(tokenizer)
}
