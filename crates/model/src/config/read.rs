//! Reading a `config.json` document: finds each key in either layout and collects every problem.

use serde_json::{Map, Value};

use super::{Config, TextConfig, VisionConfig};
use crate::Error;

/// transformers' value of `initializer_range` where a checkpoint leaves it out.
const DEFAULT_INITIALIZER_RANGE: f64 = 0.02;

/// The base period of the vision tower's rotary embedding, which is not configurable.
pub(crate) const VISION_ROPE_THETA: f64 = 10000.0;

pub(super) fn document(document: Value) -> Result<Config, Error> {
    let mut problems = Vec::new();
    let config = read_model(&document, &mut problems);
    match config {
        Some(mut config) if problems.is_empty() => {
            config.document = document;
            Ok(config)
        }
        _ => Err(Error::Config { problems }),
    }
}

/// One JSON object and the path it stands at, reporting into the shared list of problems.
struct Section<'a> {
    path: &'static str,
    keys: &'a Map<String, Value>,
    problems: &'a mut Vec<String>,
}

fn read_model(document: &Value, problems: &mut Vec<String>) -> Option<Config> {
    let Some(root) = document.as_object() else {
        problems.push("it is not a JSON object".to_owned());
        return None;
    };
    let model_type = root.get("model_type").and_then(Value::as_str).unwrap_or("");
    let has_vision = match model_type {
        "qwen2_5_vl" => true,
        "qwen2_5_vl_text" | "qwen2" => false,
        other => {
            problems.push(format!("`model_type` is `{other}`; supported are qwen2_5_vl, qwen2_5_vl_text and qwen2"));
            return None;
        }
    };
    let (path, keys) = match root.get("text_config").and_then(Value::as_object) {
        Some(nested) => ("text_config.", nested),
        None => ("", root),
    };
    let is_tied = |keys: &Map<String, Value>| keys.get("tie_word_embeddings").and_then(Value::as_bool) == Some(true);
    let tie_word_embeddings = is_tied(root) || is_tied(keys);
    let text = read_text(&mut Section { path, keys, problems }, model_type);
    let vision = if has_vision { read_vision(root, problems) } else { None };
    let image_token_id = if has_vision {
        Section { path: "", keys: root, problems }.integer("image_token_id").map(|id| id as u32)
    } else {
        None
    };
    let config = Config { text: text?, vision, image_token_id, tie_word_embeddings, document: Value::Null };
    check_widths(&config, problems);
    Some(config)
}

fn read_text(section: &mut Section<'_>, model_type: &str) -> Option<TextConfig> {
    section.require_silu();
    if section.keys.get("use_sliding_window").and_then(Value::as_bool) == Some(true) {
        section.problem("use_sliding_window", "is `true`; sliding-window attention is not supported");
    }
    let (rope_theta, mrope_section) = read_rope(section, model_type);
    // Every key is read before the first `?`, so that all that are missing are reported.
    let (vocab_size, hidden_size) = (section.integer("vocab_size"), section.integer("hidden_size"));
    let (intermediate_size, num_hidden_layers) =
        (section.integer("intermediate_size"), section.integer("num_hidden_layers"));
    let (num_attention_heads, num_key_value_heads) =
        (section.integer("num_attention_heads"), section.integer("num_key_value_heads"));
    let (max_position_embeddings, rms_norm_eps) =
        (section.integer("max_position_embeddings"), section.number("rms_norm_eps"));
    let initializer_range = section.number_or("initializer_range", DEFAULT_INITIALIZER_RANGE);
    Some(TextConfig {
        vocab_size: vocab_size?,
        hidden_size: hidden_size?,
        intermediate_size: intermediate_size?,
        num_hidden_layers: num_hidden_layers?,
        num_attention_heads: num_attention_heads?,
        num_key_value_heads: num_key_value_heads?,
        max_position_embeddings: max_position_embeddings?,
        rms_norm_eps: rms_norm_eps?,
        rope_theta: rope_theta?,
        mrope_section,
        initializer_range: initializer_range?,
    })
}

/// Reads the rotary embedding's base and sections: `rope_parameters` of transformers 5, else `rope_theta` and `rope_scaling`.
fn read_rope(section: &mut Section<'_>, model_type: &str) -> (Option<f64>, Option<[i64; 3]>) {
    let parameters = section.keys.get("rope_parameters").and_then(Value::as_object);
    let scaling = parameters.or_else(|| section.keys.get("rope_scaling").and_then(Value::as_object));
    let theta = match parameters.and_then(|parameters| parameters.get("rope_theta")) {
        Some(theta) => theta.as_f64(),
        None => section.number("rope_theta"),
    };
    let Some(scaling) = scaling else {
        if model_type != "qwen2" {
            section.problem("rope_scaling", "is missing; its `mrope_section` is needed");
        }
        return (theta, None);
    };
    let kind = scaling.get("rope_type").or_else(|| scaling.get("type")).and_then(Value::as_str).unwrap_or("default");
    if kind != "default" && kind != "mrope" {
        section.problem("rope_scaling", &format!("has type `{kind}`; only default and mrope are supported"));
    }
    let sizes: Option<Vec<i64>> = scaling
        .get("mrope_section")
        .and_then(Value::as_array)
        .map(|sizes| sizes.iter().filter_map(Value::as_i64).collect());
    let mrope_section = sizes.and_then(|sizes| <[i64; 3]>::try_from(sizes).ok());
    if mrope_section.is_none() && model_type != "qwen2" {
        section.problem("rope_scaling", "has no `mrope_section` of three sizes");
    }
    (theta, mrope_section)
}

fn read_vision(root: &Map<String, Value>, problems: &mut Vec<String>) -> Option<VisionConfig> {
    let Some(keys) = root.get("vision_config").and_then(Value::as_object) else {
        problems.push("`vision_config` is missing".to_owned());
        return None;
    };
    let section = &mut Section { path: "vision_config.", keys, problems };
    section.require_silu();
    let theta = keys.get("rope_parameters").and_then(|rope| rope.get("rope_theta")).and_then(Value::as_f64);
    if theta.is_some_and(|theta| theta != VISION_ROPE_THETA) {
        section.problem("rope_parameters", "has a `rope_theta` other than 10000");
    }
    let fullatt_block_indexes = section.integers("fullatt_block_indexes");
    let (depth, hidden_size) = (section.integer("depth"), section.integer("hidden_size"));
    let (intermediate_size, num_heads) = (section.integer("intermediate_size"), section.integer("num_heads"));
    let (patch_size, window_size) = (section.integer("patch_size"), section.integer("window_size"));
    let (spatial_merge_size, out_hidden_size) =
        (section.integer("spatial_merge_size"), section.integer("out_hidden_size"));
    let (in_channels, temporal_patch_size) =
        (section.integer_or("in_channels", 3), section.integer_or("temporal_patch_size", 2));
    let initializer_range = section.number_or("initializer_range", DEFAULT_INITIALIZER_RANGE);
    Some(VisionConfig {
        depth: depth?,
        hidden_size: hidden_size?,
        intermediate_size: intermediate_size?,
        num_heads: num_heads?,
        in_channels: in_channels?,
        patch_size: patch_size?,
        temporal_patch_size: temporal_patch_size?,
        spatial_merge_size: spatial_merge_size?,
        window_size: window_size?,
        out_hidden_size: out_hidden_size?,
        fullatt_block_indexes: fullatt_block_indexes?,
        initializer_range: initializer_range?,
    })
}

fn check_widths(config: &Config, problems: &mut Vec<String>) {
    let text = &config.text;
    let mut require = |holds: bool, problem: String| {
        if !holds {
            problems.push(problem);
        }
    };
    let (hidden, heads, key_heads) = (text.hidden_size, text.num_attention_heads, text.num_key_value_heads);
    require(hidden % heads == 0, format!("`hidden_size` {hidden} is not a multiple of `num_attention_heads` {heads}"));
    require(
        heads % key_heads == 0,
        format!("`num_attention_heads` {heads} is not a multiple of `num_key_value_heads` {key_heads}"),
    );
    if let Some(sections) = text.mrope_section {
        let (sum, half) = (sections.iter().sum::<i64>(), text.head_dim() / 2);
        require(sum == half, format!("`mrope_section` {sections:?} sums to {sum}, not to half a head's width, {half}"));
    }
    let Some(vision) = &config.vision else { return };
    let (width, heads) = (vision.hidden_size, vision.num_heads);
    require(
        width % heads == 0 && (width / heads) % 4 == 0,
        format!("`vision_config.hidden_size` {width} over `num_heads` {heads} is not a multiple of 4"),
    );
    require(
        vision.out_hidden_size == hidden,
        format!("`vision_config.out_hidden_size` {} differs from `hidden_size` {hidden}", vision.out_hidden_size),
    );
    require(
        vision.window_units() > 0,
        format!("`vision_config.window_size` {} is smaller than a merge unit", vision.window_size),
    );
}

// === impl Section ===

impl Section<'_> {
    fn problem(&mut self, key: &str, what: &str) {
        self.problems.push(format!("`{}{key}` {what}", self.path));
    }

    fn require_silu(&mut self) {
        if let Some(activation) = self.keys.get("hidden_act").and_then(Value::as_str).filter(|&name| name != "silu") {
            self.problem("hidden_act", &format!("is `{activation}`; only silu is supported"));
        }
    }

    /// Reads a positive integer that must be present.
    fn integer(&mut self, key: &str) -> Option<i64> {
        match self.keys.get(key) {
            None => {
                self.problem(key, "is missing");
                None
            }
            Some(value) => self.positive(key, value),
        }
    }

    fn integer_or(&mut self, key: &str, default: i64) -> Option<i64> {
        match self.keys.get(key) {
            None => Some(default),
            Some(value) => self.positive(key, value),
        }
    }

    fn positive(&mut self, key: &str, value: &Value) -> Option<i64> {
        let integer = value.as_i64().filter(|&integer| integer > 0);
        if integer.is_none() {
            self.problem(key, &format!("is `{value}`, not a positive integer"));
        }
        integer
    }

    fn number(&mut self, key: &str) -> Option<f64> {
        let number = self.keys.get(key).and_then(Value::as_f64);
        if number.is_none() {
            self.problem(key, "is missing or not a number");
        }
        number
    }

    fn number_or(&mut self, key: &str, default: f64) -> Option<f64> {
        if self.keys.contains_key(key) { self.number(key) } else { Some(default) }
    }

    fn integers(&mut self, key: &str) -> Option<Vec<i64>> {
        let values = self.keys.get(key).and_then(Value::as_array);
        let integers = values.and_then(|values| values.iter().map(Value::as_i64).collect());
        if integers.is_none() {
            self.problem(key, "is missing or not a list of integers");
        }
        integers
    }
}
