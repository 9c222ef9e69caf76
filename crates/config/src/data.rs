//! The `[data.NAME]` sections: where prompts come from and how they become conversations.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A named prompt set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Data {
    /// Where the prompts come from.
    #[serde(flatten)]
    pub source: DataSource,
    /// How a record becomes a conversation.
    pub prompt: PromptFormat,
}

/// Where prompts come from. The keys of exactly one source are given.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum DataSource {
    /// JSONL or Parquet files.
    Files(FileSource),
    /// Procedural tasks.
    Tasks(TaskSource),
}

/// Prompts in JSONL (`.jsonl`, `.json`) or Parquet (`.parquet`) files.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FileSource {
    /// The files, read in this order.
    pub paths: Vec<PathBuf>,
    /// The directory relative image paths start from; the file's own by default.
    pub image_directory: Option<PathBuf>,
    /// Column names; well-known ones are recognised where a key is absent.
    pub columns: Columns,
    /// Pictures above this many pixels are quarantined.
    pub max_image_pixels: u64,
    /// Records to keep, from the first one; all by default.
    pub max_records: Option<u64>,
    /// Whether draws visit the records in shuffled order, another one each epoch.
    pub shuffle: bool,
}

/// The names of the columns of a file. An absent key is recognised by the usual names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// The question: `problem`, `question`, `prompt`, `messages`, `message` or `conversations`.
    #[serde(default)]
    pub prompt: Option<String>,
    /// The reference answer: `answer`, `solution`, `ground_truth` or `reward_model.ground_truth`.
    #[serde(default)]
    pub answer: Option<String>,
    /// The pictures: `images` or `image`.
    #[serde(default)]
    pub images: Option<String>,
    /// The text to imitate in a supervised stage: `response`, `target`, or the last assistant turn.
    #[serde(default)]
    pub target: Option<String>,
    /// The name accuracy is reported by: `data_source`, `datasource` or `source`.
    #[serde(default)]
    pub source: Option<String>,
}

/// Prompts from procedural generators.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TaskSource {
    /// The tasks, drawn in proportion to their weights.
    pub tasks: Vec<TaskShare>,
    /// The side of rendered pictures, in pixels.
    pub image_size: u32,
    /// The split: training items and held-out items share no seed.
    pub split: Split,
}

/// One task of a mixture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskShare {
    /// The task's name, as `gradus data list` prints it.
    pub task: String,
    /// Its share relative to the others.
    #[serde(default = "default_weight")]
    pub weight: f64,
    /// How hard its items are, from 0 to 1: the lower and the upper end.
    #[serde(default = "default_difficulty")]
    pub difficulty: [f64; 2],
    /// How answers are given.
    #[serde(default)]
    pub answer_style: AnswerStyle,
}

/// How the answers of a generated task are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerStyle {
    /// As the letter of one of the options that the question lists.
    #[default]
    Letter,
    /// As the value itself: a number or a word.
    Free,
}

/// The part of a generator's items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Split {
    /// Items to train on.
    Train,
    /// Items that training never sees.
    HeldOut,
}

/// How a record becomes a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromptFormat {
    /// A system turn put first, where the record has none.
    #[serde(default)]
    pub system: Option<String>,
    /// A minijinja template of the user's text; `{{ content }}` is the record's question.
    #[serde(default)]
    pub user_template: Option<String>,
    /// Text the assistant's turn starts with.
    #[serde(default)]
    pub prefill: Option<String>,
    /// Whether the model's chat template renders the turns; otherwise the text goes to the tokenizer as it is.
    #[serde(default = "default_true")]
    pub chat: bool,
    /// A minijinja template of the target of a supervised stage, from `{{ rationale }}`, `{{ answer }}`, `{{ target }}` and
    /// `{{ num_images }}`.
    #[serde(default)]
    pub target_template: Option<String>,
}

impl Default for PromptFormat {
    fn default() -> Self {
        Self { system: None, user_template: None, prefill: None, chat: true, target_template: None }
    }
}

const fn default_true() -> bool {
    true
}

const fn default_weight() -> f64 {
    1.0
}

const fn default_difficulty() -> [f64; 2] {
    [0.0, 1.0]
}

impl FileSource {
    /// 16,384 patches of 28 x 28, the upper bound of Qwen2-VL's processor, are 12.8 megapixels; larger files are nearly
    /// always mistakes and cost seconds to decode.
    pub(crate) const DEFAULT_MAX_IMAGE_PIXELS: u64 = 16_000_000;
}

impl TaskSource {
    /// Three by three merged tokens of Qwen2.5-VL: enough to see a few shapes, cheap enough for a CPU.
    pub(crate) const DEFAULT_IMAGE_SIZE: u32 = 84;
}
