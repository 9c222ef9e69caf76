//! A small run file and prompt sets for tests.

use std::{path::Path, sync::Arc};

use gradus_config::RunConfig;
use gradus_types::{ContentPart, MediaHash, Message, Prompt, PromptBody, PromptId, RewardSpec, Role};

use crate::prompts::{MediaSource, PromptSource, Prompts, Rejection};

/// The run of [`machine::fixture`](crate::machine::fixture), as a file.
const RUN: &str = r#"
[run]
name = "test"
seed = 7
directory = "DIRECTORY"

[model]
path = "model"
compute = "f32"

[data.train]
kind = "tasks"
split = "train"
tasks = [{ task = "colour" }]

[data.pictures]
kind = "tasks"
split = "held-out"
tasks = [{ task = "colour" }]

[data.text]
kind = "tasks"
split = "held-out"
tasks = [{ task = "arithmetic" }]

[[stages]]
name = "cold-start"
data = "train"
kind = "sft"
steps = 2
batch_samples = 4
max_tokens = 64
optimizer = { learning_rate = 1e-4 }

[[stages]]
name = "pictures"
data = "train"
kind = "rl"
steps = 4
checkpoint_interval_steps = 2
batch_prompts = 3
sampling = { num_completions = 2, temperature = 1.0, max_new_tokens = 8, max_prompt_tokens = 64 }
reward = { components = [{ name = "accuracy", kind = "answer", weight = 1.0 }] }
algorithm = {}
optimizer = { learning_rate = 1e-4 }

[[stages]]
name = "text"
data = "train"
kind = "rl"
steps = 3
batch_prompts = 3
sampling = { num_completions = 2, temperature = 1.0, max_new_tokens = 8, max_prompt_tokens = 64 }
reward = { components = [{ name = "accuracy", kind = "answer", weight = 1.0 }] }
algorithm = {}
optimizer = { learning_rate = 1e-4 }

[evaluation]
data = ["pictures", "text"]
num_prompts = 2
interval_steps = 3
max_new_tokens = 8
max_prompt_tokens = 64
reward = { components = [{ name = "accuracy", kind = "answer", weight = 1.0 }] }

[coordinator]
http = "127.0.0.1:0"

[learner]
world_size = 2
"#;

/// Makes the run file with its directory.
pub(crate) fn run_config(directory: &Path) -> RunConfig {
    let text = RUN.replace("DIRECTORY", &directory.display().to_string());
    gradus_config::parse(&text, Path::new("test.toml"), &[]).unwrap()
}

/// Prompt sets whose every prompt shows its own picture; those drawn as 13 are broken.
pub(crate) fn prompts(config: &RunConfig) -> Prompts {
    let source = |name: &str| -> Arc<dyn PromptSource> { Arc::new(Numbers { name: name.to_owned() }) };
    Prompts {
        stages: config.stages.iter().map(|stage| source(&stage.data)).collect(),
        evaluations: config
            .evaluation
            .iter()
            .flat_map(|evaluation| &evaluation.data)
            .map(|name| source(name))
            .collect(),
        media: Arc::new(Pictures),
    }
}

struct Numbers {
    name: String,
}

struct Pictures;

/// The encoded picture of a prompt.
pub(crate) fn picture(draw: u64) -> Vec<u8> {
    format!("picture {draw} ").repeat(20_000).into_bytes()
}

impl PromptSource for Numbers {
    fn prompt(&self, draw: u64) -> Result<Prompt, Rejection> {
        if draw == 13 {
            return Err(Rejection { reason: "picture is unreadable".to_owned() });
        }
        let mut question = Message::text(Role::User, format!("which picture is {draw}?"));
        question.content.push(ContentPart::Image { hash: MediaHash::of(&picture(draw)) });
        Ok(Prompt {
            id: PromptId(draw),
            source: self.name.clone(),
            body: PromptBody::Chat(vec![question]),
            prefill: None,
            target: Some(draw.to_string()),
            reward: RewardSpec { gold: Some(draw.to_string()), ..RewardSpec::default() },
            difficulty: None,
            chance: None,
        })
    }

    fn num_prompts(&self) -> Option<u64> {
        None
    }
}

impl MediaSource for Pictures {
    fn media(&self, hash: MediaHash) -> Result<Option<Vec<u8>>, Rejection> {
        Ok((0..100).map(picture).find(|picture| MediaHash::of(picture) == hash))
    }
}
