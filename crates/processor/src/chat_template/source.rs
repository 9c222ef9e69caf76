//! Where a model directory keeps its chat template.

use std::path::Path;

use serde_json::Value;

use crate::{
    Error,
    json_file::{JsonFile, read_text},
};

/// Finds the template: `chat_template.jinja`, else `chat_template.json`, else the key of `tokenizer_config.json`.
pub(crate) fn load(directory: &Path) -> Result<Option<String>, Error> {
    if let Some((_, source)) = read_text(directory, "chat_template.jinja")? {
        return Ok(Some(source));
    }
    for name in ["chat_template.json", "tokenizer_config.json"] {
        let Some(file) = JsonFile::read(directory, name)? else { continue };
        if let Some(value) = file.value("chat_template") {
            return from_value(value).map(Some).ok_or_else(|| file.unexpected("chat_template", EXPECTED));
        }
    }
    Ok(None)
}

const EXPECTED: &str = "a template, or a list of named templates with one called `default`";

/// Reads one template, or the `default` of a list of `{"name", "template"}`.
fn from_value(value: &Value) -> Option<String> {
    let named = |entry: &&Value| entry.get("name").and_then(Value::as_str) == Some("default");
    let template = match value {
        Value::Array(entries) => entries.iter().find(named)?.get("template")?,
        single => single,
    };
    template.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_nearest_of_three_places_wins() {
        let directory = tempfile::tempdir().unwrap();
        let found = || load(directory.path()).unwrap();
        assert_eq!(found(), None);
        let list = r#"{"chat_template": [{"name": "rag", "template": "x"}, {"name": "default", "template": "third"}]}"#;
        let files = [
            ("tokenizer_config.json", list, "third"),
            ("chat_template.json", r#"{"chat_template": "second"}"#, "second"),
            ("chat_template.jinja", "first", "first"),
        ];
        for (name, text, expected) in files {
            fs::write(directory.path().join(name), text).unwrap();
            assert_eq!(found().as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_list_without_a_default_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("tokenizer_config.json"), r#"{"chat_template": []}"#).unwrap();
        assert!(matches!(load(directory.path()), Err(Error::Setting { .. })));
    }
}
