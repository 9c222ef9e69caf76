//! The configuration of a model: the keys of its `config.json`, read from either layout transformers writes.
//!
//! transformers 4 keeps the text keys flat beside `vision_config` (later 4.x releases repeat them in `text_config`), with
//! `rope_theta`, `rope_scaling` and `torch_dtype`; transformers 5 nests them in `text_config`, with `rope_parameters` and `dtype`.

mod read;

pub(crate) use read::VISION_ROPE_THETA;

use serde_json::Value;

use crate::Error;

/// What `config.json` says about a model. Fields carry the names of its JSON keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The text decoder.
    pub text: TextConfig,
    /// The vision tower; absent in text-only models.
    pub vision: Option<VisionConfig>,
    /// The placeholder token of an image embedding; absent in text-only models.
    pub image_token_id: Option<u32>,
    /// Whether the output head is the input embedding.
    pub tie_word_embeddings: bool,
    document: Value,
}

/// The text decoder's configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct TextConfig {
    /// Number of token ids.
    pub vocab_size: i64,
    /// Width of the residual stream.
    pub hidden_size: i64,
    /// Width inside the feed-forward blocks.
    pub intermediate_size: i64,
    /// Number of layers.
    pub num_hidden_layers: i64,
    /// Number of query heads.
    pub num_attention_heads: i64,
    /// Number of key and value heads.
    pub num_key_value_heads: i64,
    /// Longest sequence in positions.
    pub max_position_embeddings: i64,
    /// Added to the mean square inside the RMS norms.
    pub rms_norm_eps: f64,
    /// Base period of the rotary embedding.
    pub rope_theta: f64,
    /// Rotary frequencies given to time, height and width; absent in plain text models.
    pub mrope_section: Option<[i64; 3]>,
    /// Standard deviation of initial weights.
    pub initializer_range: f64,
}

/// The vision tower's configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct VisionConfig {
    /// Number of blocks.
    pub depth: i64,
    /// Width of the residual stream.
    pub hidden_size: i64,
    /// Width inside the feed-forward blocks.
    pub intermediate_size: i64,
    /// Number of attention heads.
    pub num_heads: i64,
    /// Channels of a picture.
    pub in_channels: i64,
    /// Side of a patch in pixels.
    pub patch_size: i64,
    /// Frames in a patch.
    pub temporal_patch_size: i64,
    /// Side of a merge unit in patches.
    pub spatial_merge_size: i64,
    /// Side of an attention window in pixels.
    pub window_size: i64,
    /// Width of an embedding; equals the decoder's `hidden_size`.
    pub out_hidden_size: i64,
    /// Blocks that attend over the whole image instead of a window.
    pub fullatt_block_indexes: Vec<i64>,
    /// Standard deviation of initial weights.
    pub initializer_range: f64,
}

impl Config {
    /// Reads a configuration from the text of a `config.json`, in the flat or the nested layout.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let document = serde_json::from_str(text)
            .map_err(|source| Error::Config { problems: vec![format!("it is not valid JSON ({source})")] })?;
        read::document(document)
    }

    /// Returns the JSON this configuration was read from: same layout, unknown keys preserved.
    pub fn to_json(&self) -> String {
        format!("{:#}\n", self.document)
    }

    /// Returns [`Self::to_json`] with the number type of the weights replaced wherever the document names it.
    pub fn to_json_stored_as(&self, number_type: &str) -> String {
        let mut copy = self.clone();
        for path in ["", "/text_config", "/vision_config"] {
            for key in ["torch_dtype", "dtype"] {
                if let Some(value) = copy.document.pointer_mut(&format!("{path}/{key}")) {
                    *value = Value::from(number_type);
                }
            }
        }
        copy.to_json()
    }

    /// Returns the number of embeddings an image of this grid gives: t · h · w / spatial_merge_size².
    pub fn num_embeddings(&self, grid: [u32; 3]) -> usize {
        let merge = self.vision.as_ref().map_or(1, |vision| vision.spatial_merge_size as usize);
        grid.iter().map(|&extent| extent as usize).product::<usize>() / (merge * merge)
    }
}

impl TextConfig {
    /// Returns the width of a head: hidden_size / num_attention_heads.
    pub fn head_dim(&self) -> i64 {
        self.hidden_size / self.num_attention_heads
    }

    /// Returns the number of query heads that share a key head: num_attention_heads / num_key_value_heads.
    pub fn num_query_heads_per_key_head(&self) -> i64 {
        self.num_attention_heads / self.num_key_value_heads
    }
}

impl VisionConfig {
    /// Returns the number of values of a patch: in_channels · temporal_patch_size · patch_size².
    pub fn patch_dim(&self) -> i64 {
        self.in_channels * self.temporal_patch_size * self.patch_size * self.patch_size
    }

    /// Returns the width of a head: hidden_size / num_heads.
    pub fn head_dim(&self) -> i64 {
        self.hidden_size / self.num_heads
    }

    /// Returns the number of patches in a merge unit: spatial_merge_size².
    pub fn merge_unit(&self) -> i64 {
        self.spatial_merge_size * self.spatial_merge_size
    }

    /// Returns the side of an attention window in merge units: window_size / patch_size / spatial_merge_size.
    pub fn window_units(&self) -> i64 {
        self.window_size / self.spatial_merge_size / self.patch_size
    }
}

#[cfg(test)]
mod tests;
