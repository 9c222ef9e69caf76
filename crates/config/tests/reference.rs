//! The reference page of the run file names every key there is, and none that is not.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use gradus_config::parse;

/// A run with a section of every kind; keys that are left out are written with their defaults.
const WHOLE: &str = r#"
run = { name = "whole", seed = 7, directory = "runs/whole" }
model = { path = "models/tiny", compute = "f32" }

[data.asked]
kind = "files"
paths = ["questions.jsonl"]

[data.generated]
kind = "tasks"
split = "train"
tasks = [{ task = "colour" }]

[[stages]]
name = "imitate"
kind = "sft"
data = "asked"
steps = 1
batch_samples = 1
max_tokens = 8
optimizer = { learning_rate = 1e-3 }

[[stages]]
name = "practise"
kind = "rl"
data = "generated"
steps = 1
batch_prompts = 1
optimizer = { learning_rate = 1e-4 }
sampling = { num_completions = 2, temperature = 1.0, max_new_tokens = 8, max_prompt_tokens = 8 }
reward.components = [{ name = "accuracy", kind = "answer", weight = 1.0 }]
algorithm.pad = {}

[reward_server]
reward.components = [{ name = "accuracy", kind = "answer", weight = 1.0 }]

[[reward_server.scorers]]
name = "own"
kind = "http"
url = "http://127.0.0.1:9000/score"

[evaluation]
data = ["generated"]
num_prompts = 1
max_new_tokens = 8
max_prompt_tokens = 8
reward.components = [{ name = "accuracy", kind = "answer", weight = 1.0 }]
"#;

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Collects the keys below a value; `[data]` and the sections themselves are named by headings.
fn collect(value: &Value, keys: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                keys.insert(key.clone());
                collect(value, keys);
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, keys)),
        _ => {}
    }
}

fn keys_of_the_code() -> BTreeSet<String> {
    let config = parse(WHOLE, Path::new("whole.toml"), &[]).expect("valid");
    let Value::Object(sections) = serde_json::to_value(&config).expect("a run is JSON") else {
        panic!("a run has sections")
    };
    let mut keys = BTreeSet::new();
    for (name, section) in &sections {
        match section {
            Value::Object(sets) if name == "data" => sets.values().for_each(|set| collect(set, &mut keys)),
            section => collect(section, &mut keys),
        }
    }
    keys
}

/// Reads the first column of every table.
fn keys_of_the_page() -> BTreeSet<String> {
    let page = fs::read_to_string(repository().join("docs/run-file.md")).expect("the page lies in the repository");
    let key = |line: &str| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned());
    page.lines().filter_map(key).collect()
}

#[test]
fn the_reference_names_every_key_and_no_other() {
    let (code, page) = (keys_of_the_code(), keys_of_the_page());
    let missing: Vec<_> = code.difference(&page).collect();
    let invented: Vec<_> = page.difference(&code).collect();
    assert!(missing.is_empty(), "docs/run-file.md lacks {missing:?}");
    assert!(invented.is_empty(), "docs/run-file.md names {invented:?}, which no section has");
}

#[test]
fn the_example_of_the_documentation_is_valid() {
    let path = repository().join("docs/example/run.toml");
    gradus_config::load(&path, &[]).unwrap_or_else(|error| panic!("{error}"));
}
