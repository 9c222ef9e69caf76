//! The files beside the weights: tokenizer, chat template, image settings and stop tokens, in Hugging Face's layout.

use std::{fs, path::Path};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::{Value, json};

use super::vocabulary::{SPECIAL, Tokenizer};

/// ChatML with pictures, as Qwen2.5-VL writes it, without a system turn of its own.
const CHAT_TEMPLATE: &str = include_str!("chat_template.jinja");

/// The keys of `config.json` that hold a special token's id.
const TOKEN_KEYS: [(&str, &str); 7] = [
    ("bos_token_id", "<|endoftext|>"),
    ("eos_token_id", "<|im_end|>"),
    ("vision_start_token_id", "<|vision_start|>"),
    ("vision_end_token_id", "<|vision_end|>"),
    ("vision_token_id", "<|vision_pad|>"),
    ("image_token_id", "<|image_pad|>"),
    ("video_token_id", "<|video_pad|>"),
];

/// Vocabularies are padded to a multiple of this, for aligned matrix products.
const VOCABULARY_MULTIPLE: usize = 64;

/// Sets the vocabulary and the special token ids of an architecture to a tokenizer's.
pub fn with_tokenizer(architecture: &str, tokenizer: &Tokenizer) -> Result<String> {
    let mut config: Value = serde_json::from_str(architecture).context("failed to read it as JSON")?;
    let keys = config.as_object_mut().context("it is no JSON object")?;
    keys.insert("vocab_size".into(), json!(tokenizer.get_vocab_size(true).next_multiple_of(VOCABULARY_MULTIPLE)));
    for (key, token) in TOKEN_KEYS {
        let id = tokenizer.token_to_id(token).with_context(|| format!("the tokenizer has no `{token}`"))?;
        keys.insert(key.into(), json!(id));
    }
    Ok(config.to_string())
}

/// Writes everything but the weights and their configuration.
pub fn write(directory: &Path, tokenizer: &Tokenizer) -> Result<()> {
    let id = |token: &str| tokenizer.token_to_id(token).with_context(|| format!("the tokenizer has no `{token}`"));
    let text = tokenizer.to_string(true).map_err(|error| anyhow!("failed to write out the tokenizer: {error}"))?;
    ensure!(!text.is_empty(), "the tokenizer wrote nothing");
    let (end, stop) = (id("<|endoftext|>")?, id("<|im_end|>")?);
    let files = [
        ("tokenizer.json", text),
        ("chat_template.jinja", CHAT_TEMPLATE.to_owned()),
        ("tokenizer_config.json", pretty(&tokenizer_settings())?),
        (
            "generation_config.json",
            pretty(&json!({ "bos_token_id": end, "eos_token_id": [stop, end], "pad_token_id": end }))?,
        ),
        ("preprocessor_config.json", pretty(&image_settings())?),
    ];
    for (name, content) in files {
        let path = directory.join(name);
        fs::write(&path, content).with_context(|| format!("failed to write `{}`", path.display()))?;
    }
    Ok(())
}

fn pretty(value: &Value) -> Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

fn tokenizer_settings() -> Value {
    json!({
        "tokenizer_class": "Qwen2Tokenizer",
        "bos_token": null,
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "unk_token": null,
        "add_prefix_space": false,
        "additional_special_tokens": SPECIAL,
        "model_max_length": 2048,
    })
}

/// The settings of Qwen2-VL's image processor, with bounds that leave small pictures as they are.
fn image_settings() -> Value {
    json!({
        "image_processor_type": "Qwen2VLImageProcessor",
        "processor_class": "Qwen2_5_VLProcessor",
        "do_resize": true,
        "do_rescale": true,
        "do_normalize": true,
        "do_convert_rgb": true,
        "rescale_factor": 1.0 / 255.0,
        "resample": 3,
        "image_mean": [0.481_454_66, 0.457_827_5, 0.408_210_73],
        "image_std": [0.268_629_54, 0.261_302_58, 0.275_777_11],
        "min_pixels": 56 * 56,
        "max_pixels": 448 * 448,
        "patch_size": 14,
        "temporal_patch_size": 2,
        "merge_size": 2,
    })
}
