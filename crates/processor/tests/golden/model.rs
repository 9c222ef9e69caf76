//! The small model of `tests/golden/processor`: a tokenizer, image settings, templates and pictures.

use std::{collections::HashMap, fs, path::PathBuf, sync::Arc};

use gradus_processor::Processor;
use gradus_types::{ContentPart, MediaHash};

/// Pictures by the hash of their file.
pub type Pictures = HashMap<MediaHash, Arc<[u8]>>;

pub fn directory() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/processor"))
}

/// Loads the model with one of the chat templates.
pub fn processor(template: &str) -> Processor {
    let model = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(directory().join("model")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), model.path().join(entry.file_name())).unwrap();
    }
    let source = directory().join("templates").join(format!("{template}.jinja"));
    fs::copy(source, model.path().join("chat_template.jinja")).unwrap();
    Processor::load(model.path()).unwrap()
}

/// Reads a picture and refers to it.
pub fn picture(name: &str, pictures: &mut Pictures) -> ContentPart {
    let encoded = fs::read(directory().join("images").join(name)).unwrap();
    let hash = MediaHash::of(&encoded);
    pictures.insert(hash, encoded.into());
    ContentPart::Image { hash }
}
