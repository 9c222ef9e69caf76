//! JSON files of a model directory, read so that a wrong value is reported with its file and key.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Error;

/// A JSON object and where it came from.
#[derive(Clone, Debug)]
pub(crate) struct JsonFile {
    path: PathBuf,
    prefix: String,
    value: Value,
}

impl JsonFile {
    /// Reads `directory/name`, or nothing if there is no such file.
    pub(crate) fn read(directory: &Path, name: &str) -> Result<Option<Self>, Error> {
        let Some((path, text)) = read_text(directory, name)? else { return Ok(None) };
        match serde_json::from_str(&text) {
            Ok(value) => Ok(Some(Self { path, prefix: String::new(), value })),
            Err(source) => Err(Error::ParseFile { path, source: Arc::new(source) }),
        }
    }

    /// Returns the object under a key, if there is one.
    pub(crate) fn section(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key).filter(|value| value.is_object())?.clone();
        Some(Self { path: self.path.clone(), prefix: format!("{}{key}.", self.prefix), value })
    }

    /// Returns the raw value under a key; JSON's null counts as absent.
    pub(crate) fn value(&self, key: &str) -> Option<&Value> {
        self.value.get(key).filter(|value| !value.is_null())
    }

    /// Reads the value under a key as `T`, if there is one.
    pub(crate) fn get<T: DeserializeOwned>(&self, key: &str, expected: &'static str) -> Result<Option<T>, Error> {
        let Some(value) = self.value(key) else { return Ok(None) };
        T::deserialize(value).map(Some).map_err(|_| self.unexpected(key, expected))
    }

    /// Makes the error for a key whose value cannot be followed.
    pub(crate) fn unexpected(&self, key: &str, expected: &'static str) -> Error {
        let value = self.value.get(key).map_or_else(|| "absent".to_owned(), Value::to_string);
        Error::Setting { path: self.path.clone(), key: format!("{}{key}", self.prefix), value, expected }
    }
}

/// Reads a text file of a directory, or nothing if there is no such file.
pub(crate) fn read_text(directory: &Path, name: &str) -> Result<Option<(PathBuf, String)>, Error> {
    let path = directory.join(name);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some((path, text))),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::ReadFile { path, source: Arc::new(source) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_value_is_reported_with_file_key_and_value() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("a.json"), r#"{"outer": {"inner": "x"}}"#).unwrap();
        let file = JsonFile::read(directory.path(), "a.json").unwrap().unwrap();
        let error = file.section("outer").unwrap().get::<u32>("inner", "a number").unwrap_err().to_string();
        assert!(error.contains("a.json") && error.contains("`outer.inner` is `\"x\"`, expected a number"), "{error}");
    }

    #[test]
    fn an_absent_file_is_nothing_and_a_broken_one_an_error() {
        let directory = tempfile::tempdir().unwrap();
        assert!(JsonFile::read(directory.path(), "a.json").unwrap().is_none());
        fs::write(directory.path().join("a.json"), "{").unwrap();
        assert!(matches!(JsonFile::read(directory.path(), "a.json"), Err(Error::ParseFile { .. })));
    }
}
