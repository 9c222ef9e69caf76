//! From the file as written to the resolved run: sections are read one by one, and every fault is noted.

use std::collections::BTreeMap;

use gradus_types::near_miss;
use toml::{Table, Value};

use crate::{
    Data, DataSource, FileSource, Rl, RunConfig, Sft, Stage, StageKind, TaskSource, fault::Faults, section::read,
    written,
};

const SECTIONS: [&str; 10] =
    ["run", "model", "data", "stages", "evaluation", "coordinator", "actor", "reward_server", "learner", "telemetry"];

/// Resolves a whole file, or adds its faults.
pub(crate) fn resolve(mut file: Table, faults: &mut Faults) -> Option<RunConfig> {
    for key in file.keys().filter(|key| !SECTIONS.contains(&key.as_str())) {
        match near_miss(key, SECTIONS) {
            Some(candidate) => faults.add(key, format!("unknown section; did you mean `{candidate}`?")),
            None => faults.add(key, format!("unknown section; known are {}", SECTIONS.join(", "))),
        }
    }
    let run = required(&mut file, "run", faults);
    let model = required(&mut file, "model", faults);
    let data = data_sections(file.remove("data"), faults);
    let stages = stage_sections(file.remove("stages"), faults);
    let evaluation = match file.remove("evaluation") {
        Some(value) => read("evaluation", value, faults).map(Some),
        None => Some(None),
    };
    let coordinator = defaulted(&mut file, "coordinator", faults);
    let actor = defaulted(&mut file, "actor", faults);
    let reward_server = defaulted(&mut file, "reward_server", faults);
    let learner = defaulted(&mut file, "learner", faults);
    let telemetry = defaulted(&mut file, "telemetry", faults);
    Some(RunConfig {
        run: run?,
        model: model?,
        data: data?,
        stages: stages?,
        evaluation: evaluation?,
        coordinator: coordinator?,
        actor: actor?,
        reward_server: reward_server?,
        learner: learner?,
        telemetry: telemetry?,
    })
}

fn required<T: serde::de::DeserializeOwned>(file: &mut Table, key: &str, faults: &mut Faults) -> Option<T> {
    match file.remove(key) {
        Some(value) => read(key, value, faults),
        None => {
            faults.add(key, "the section is missing");
            None
        }
    }
}

fn defaulted<T: serde::de::DeserializeOwned + Default>(file: &mut Table, key: &str, faults: &mut Faults) -> Option<T> {
    match file.remove(key) {
        Some(value) => read(key, value, faults),
        None => Some(T::default()),
    }
}

fn data_sections(value: Option<Value>, faults: &mut Faults) -> Option<BTreeMap<String, Data>> {
    let Some(Value::Table(table)) = value else {
        faults.add("data", "at least one section `[data.NAME]` is needed");
        return None;
    };
    let mut sections = BTreeMap::new();
    let expected = table.len();
    for (name, value) in table {
        let key = format!("data.{name}");
        if let Some(data) = read(&key, value, faults).and_then(|written| resolve_data(&key, written, faults)) {
            sections.insert(name, data);
        }
    }
    (sections.len() == expected).then_some(sections)
}

fn stage_sections(value: Option<Value>, faults: &mut Faults) -> Option<Vec<Stage>> {
    let Some(Value::Array(array)) = value else {
        faults.add("stages", "at least one `[[stages]]` is needed");
        return None;
    };
    let expected = array.len();
    let mut stages = Vec::with_capacity(expected);
    for (index, value) in array.into_iter().enumerate() {
        let key = format!("stages.{index}");
        stages.extend(read(&key, value, faults).and_then(|written| resolve_stage(&key, written, faults)));
    }
    (stages.len() == expected).then_some(stages)
}

fn resolve_data(key: &str, written: written::Data, faults: &mut Faults) -> Option<Data> {
    let mut keys = KindKeys { key, kind: "", faults };
    let source = match written.kind {
        written::DataKind::Files => {
            keys.kind = "files";
            keys.refuse("tasks", written.tasks.is_some());
            keys.refuse("image_size", written.image_size.is_some());
            keys.refuse("split", written.split.is_some());
            DataSource::Files(FileSource {
                paths: keys.need("paths", written.paths)?,
                image_directory: written.image_directory,
                columns: written.columns.unwrap_or_default(),
                max_image_pixels: written.max_image_pixels.unwrap_or(FileSource::DEFAULT_MAX_IMAGE_PIXELS),
                max_records: written.max_records,
                shuffle: written.shuffle.unwrap_or(true),
            })
        }
        written::DataKind::Tasks => {
            keys.kind = "tasks";
            keys.refuse("paths", written.paths.is_some());
            keys.refuse("image_directory", written.image_directory.is_some());
            keys.refuse("columns", written.columns.is_some());
            keys.refuse("max_image_pixels", written.max_image_pixels.is_some());
            keys.refuse("max_records", written.max_records.is_some());
            keys.refuse("shuffle", written.shuffle.is_some());
            let tasks = keys.need("tasks", written.tasks);
            let split = keys.need("split", written.split);
            DataSource::Tasks(TaskSource {
                tasks: tasks?,
                split: split?,
                image_size: written.image_size.unwrap_or(TaskSource::DEFAULT_IMAGE_SIZE),
            })
        }
    };
    Some(Data { source, prompt: written.prompt })
}

fn resolve_stage(key: &str, written: written::Stage, faults: &mut Faults) -> Option<Stage> {
    let mut keys = KindKeys { key, kind: "", faults };
    let kind = match written.kind {
        written::StageKind::Sft => {
            keys.kind = "sft";
            keys.refuse("batch_prompts", written.batch_prompts.is_some());
            keys.refuse("sampling", written.sampling.is_some());
            keys.refuse("reward", written.reward.is_some());
            keys.refuse("algorithm", written.algorithm.is_some());
            keys.refuse("max_staleness_versions", written.max_staleness_versions.is_some());
            let batch_samples = keys.need("batch_samples", written.batch_samples);
            let max_tokens = keys.need("max_tokens", written.max_tokens);
            StageKind::Sft(Sft {
                batch_samples: batch_samples?,
                max_tokens: max_tokens?,
                answer_weight: written.answer_weight.unwrap_or(1.0),
            })
        }
        written::StageKind::Rl => {
            keys.kind = "rl";
            keys.refuse("batch_samples", written.batch_samples.is_some());
            keys.refuse("max_tokens", written.max_tokens.is_some());
            keys.refuse("answer_weight", written.answer_weight.is_some());
            let batch_prompts = keys.need("batch_prompts", written.batch_prompts);
            let sampling = keys.need("sampling", written.sampling);
            let reward = keys.need("reward", written.reward);
            let algorithm = keys.need("algorithm", written.algorithm);
            StageKind::Rl(Box::new(Rl {
                batch_prompts: batch_prompts?,
                sampling: sampling?,
                reward: reward?,
                algorithm: algorithm?,
                max_staleness_versions: written.max_staleness_versions.unwrap_or(0),
            }))
        }
    };
    Some(Stage {
        name: written.name,
        data: written.data,
        steps: written.steps,
        freeze: written.freeze,
        optimizer: written.optimizer,
        checkpoint_interval_steps: written.checkpoint_interval_steps,
        microbatch_tokens: written.microbatch_tokens,
        kind,
    })
}

/// Checks which keys go with the `kind` of a section.
struct KindKeys<'a> {
    key: &'a str,
    kind: &'static str,
    faults: &'a mut Faults,
}

impl KindKeys<'_> {
    fn need<T>(&mut self, name: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.faults.add(format!("{}.{name}", self.key), format!("missing; kind `{}` needs it", self.kind));
        }
        value
    }

    fn refuse(&mut self, name: &str, given: bool) {
        if given {
            self.faults.add(format!("{}.{name}", self.key), format!("does not go with kind `{}`", self.kind));
        }
    }
}
