//! The tokens with a role: turn ends, padding, picture placeholders.

use std::path::Path;

use serde_json::Value;

use crate::{Error, json_file::JsonFile, tokenizer::Tokenizer};

/// The names under which a tokenizer's configuration lists tokens, and templates use them.
const NAMES: [&str; 7] = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

/// The tokens with a role in one model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RoleTokens {
    /// Any of these ends a completion.
    pub end_of_sequence: Vec<u32>,
    /// Fills places without meaning, where the model names such a token.
    pub padding: Option<u32>,
    /// Stands for the pictures, where the model takes any.
    pub picture: Option<PictureTokens>,
}

/// The tokens around and for a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PictureTokens {
    /// The id of the placeholder.
    pub placeholder_id: u32,
    /// The placeholder as text.
    pub placeholder: String,
    /// One picture as a prompt spells it: its start, one placeholder, its end.
    pub spelled: String,
}

/// Lists the special tokens that templates may use as variables.
pub(crate) fn template_variables(directory: &Path) -> Result<Vec<(String, String)>, Error> {
    let mut variables = Vec::new();
    let files =
        [JsonFile::read(directory, "tokenizer_config.json")?, JsonFile::read(directory, "special_tokens_map.json")?];
    for name in NAMES {
        let token = files.iter().flatten().find_map(|file| file.value(name).and_then(token_text));
        variables.extend(token.map(|token| (name.to_owned(), token)));
    }
    Ok(variables)
}

/// A token is listed as its text, or as an object that holds it.
fn token_text(value: &Value) -> Option<String> {
    value.as_str().or_else(|| value.get("content")?.as_str()).map(str::to_owned)
}

impl RoleTokens {
    /// Reads the roles from the model's files.
    pub(crate) fn load(directory: &Path, tokenizer: &Tokenizer) -> Result<Self, Error> {
        let config = JsonFile::read(directory, "config.json")?;
        let variables = template_variables(directory)?;
        let named = |name: &str| {
            let (_, token) = variables.iter().find(|(variable, _)| variable == name)?;
            tokenizer.token_id(token)
        };
        let mut end_of_sequence = end_of_sequence(directory, config.as_ref())?;
        if end_of_sequence.is_empty() {
            end_of_sequence.extend(named("eos_token"));
        }
        let picture = picture_tokens(config.as_ref(), tokenizer)?;
        Ok(Self { end_of_sequence, padding: named("pad_token"), picture })
    }
}

/// Reads the ids that end generation: those of `generation_config.json`, else those of `config.json`.
fn end_of_sequence(directory: &Path, config: Option<&JsonFile>) -> Result<Vec<u32>, Error> {
    let generation = JsonFile::read(directory, "generation_config.json")?;
    let text = config.and_then(|config| config.section("text_config"));
    for file in [generation.as_ref(), config, text.as_ref()].into_iter().flatten() {
        const KEY: &str = "eos_token_id";
        const EXPECTED: &str = "a token id or a list of them";
        match file.value(KEY) {
            None => {}
            Some(Value::Array(_)) => return Ok(file.get(KEY, EXPECTED)?.unwrap_or_default()),
            Some(_) => return Ok(file.get(KEY, EXPECTED)?.into_iter().collect()),
        }
    }
    Ok(Vec::new())
}

/// Finds the placeholder by its id in `config.json`, or else by its usual name; a model with neither takes no pictures.
fn picture_tokens(config: Option<&JsonFile>, tokenizer: &Tokenizer) -> Result<Option<PictureTokens>, Error> {
    let token_of = |key: &str, usual: &str| -> Result<Option<(u32, String)>, Error> {
        match config.map_or(Ok(None), |config| config.get::<u32>(key, "a token id"))? {
            Some(id) => match tokenizer.token(id) {
                Some(token) => Ok(Some((id, token))),
                None => Err(Error::UnknownToken { token: id.to_string(), key: key.to_owned() }),
            },
            None => Ok(tokenizer.token_id(usual).map(|id| (id, usual.to_owned()))),
        }
    };
    let Some((placeholder_id, placeholder)) = token_of("image_token_id", "<|image_pad|>")? else { return Ok(None) };
    let (_, start) = token_of("vision_start_token_id", "<|vision_start|>")?.unwrap_or_default();
    let (_, end) = token_of("vision_end_token_id", "<|vision_end|>")?.unwrap_or_default();
    Ok(Some(PictureTokens { placeholder_id, spelled: format!("{start}{placeholder}{end}"), placeholder }))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A tokenizer whose vocabulary is a few whole words.
    fn load(files: &[(&str, &str)]) -> Result<RoleTokens, Error> {
        let words = ["<end>", "<stop>", "<pad>", "<pic>", "<|vision_start|>"];
        let vocabulary: serde_json::Map<_, _> =
            words.iter().zip(0..).map(|(word, id)| (word.to_string(), id.into())).collect();
        let model = serde_json::json!({"type": "WordLevel", "vocab": vocabulary, "unk_token": "<end>"});
        let tokenizer = serde_json::json!({"version": "1.0", "added_tokens": [], "model": model}).to_string();
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files.iter().copied().chain([("tokenizer.json", tokenizer.as_str())]) {
            fs::write(directory.path().join(name), text).unwrap();
        }
        RoleTokens::load(directory.path(), &Tokenizer::load(directory.path())?)
    }

    #[test]
    fn the_nearest_file_that_names_turn_ends_wins() {
        let tokenizer = ("tokenizer_config.json", r#"{"eos_token": "<end>", "pad_token": {"content": "<pad>"}}"#);
        let config = ("config.json", r#"{"text_config": {"eos_token_id": 1}}"#);
        let generation = ("generation_config.json", r#"{"eos_token_id": [1, 0]}"#);
        assert_eq!(load(&[tokenizer]).unwrap().end_of_sequence, [0]);
        assert_eq!(load(&[tokenizer, config]).unwrap().end_of_sequence, [1]);
        let roles = load(&[tokenizer, config, generation]).unwrap();
        assert_eq!((roles.end_of_sequence, roles.padding), (vec![1, 0], Some(2)));
    }

    #[test]
    fn the_placeholder_is_the_one_the_model_names() {
        let picture = load(&[("config.json", r#"{"image_token_id": 3}"#)]).unwrap().picture.unwrap();
        assert_eq!((picture.placeholder_id, picture.spelled.as_str()), (3, "<|vision_start|><pic>"));
        assert_eq!(load(&[]).unwrap().picture, None);
        let error = load(&[("config.json", r#"{"image_token_id": 99}"#)]).unwrap_err().to_string();
        assert!(error.contains("`99`") && error.contains("`image_token_id`"), "{error}");
    }
}
