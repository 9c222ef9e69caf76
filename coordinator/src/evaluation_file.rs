//! The file of an evaluation: every prompt, what the policy answered and what that earned, for people and for
//! before-and-after comparisons of the same pictures.

use std::{collections::BTreeMap, fs, path::Path};

use gradus_proto::v1;
use gradus_types::{ContentPart, Group, MediaHash, Prompt, PromptBody, Role};
use prost::Message;
use serde::Serialize;
use serde_json::json;

use crate::{
    Error,
    machine::{EvaluationResult, Location, SetResult},
    prompts::MediaSource,
    store::{PayloadReader, replace},
};

/// Prompts of each set whose pictures are kept beside the file.
const MAX_PICTURES: usize = 8;

/// One prompt with its answers.
#[derive(Debug, Serialize)]
struct Item {
    group_id: String,
    set: String,
    source: String,
    question: String,
    media: Vec<MediaHash>,
    gold: Option<String>,
    options: Vec<String>,
    completions: Vec<Completion>,
}

/// One answer.
#[derive(Debug, Serialize)]
struct Completion {
    text: String,
    num_tokens: usize,
    finish_reason: gradus_types::FinishReason,
    reward: Option<f64>,
    accuracy: Option<f64>,
    components: BTreeMap<String, f64>,
}

/// What the file is made of.
#[derive(Debug)]
pub(crate) struct Sources<'a> {
    pub result: &'a EvaluationResult,
    pub payloads: &'a PayloadReader,
    pub directory: &'a Path,
}

/// Returns the name of an evaluation's file.
#[must_use]
pub(crate) fn name(result: &EvaluationResult) -> String {
    format!("{:04}-version-{}.json", result.number, result.version)
}

/// Writes the file of an evaluation, and the pictures of its first prompts beside it.
///
/// # Errors
/// A payload cannot be read, or a file cannot be written.
pub(crate) fn write(sources: &Sources<'_>, media: &dyn MediaSource) -> Result<(), Error> {
    let (result, directory) = (sources.result, sources.directory);
    fs::create_dir_all(directory).map_err(Error::file("create", directory))?;
    let mut items = Vec::new();
    let mut num_pictured: BTreeMap<&str, usize> = BTreeMap::new();
    for &(place, location) in &result.answers {
        let Some(set) = result.sets.get(place.set).map(|set: &SetResult| set.name.as_str()) else { continue };
        let item = item(set, read_group(sources.payloads, location)?);
        let count = num_pictured.entry(set).or_default();
        if *count < MAX_PICTURES && !item.media.is_empty() {
            *count += 1;
            write_pictures(directory, &item.media, media)?;
        }
        items.push(item);
    }
    let path = directory.join(name(result));
    let content = json!({
        "number": result.number,
        "policy_version": result.version,
        "finished_at_seconds": result.finished_at.0 as f64 / 1e3,
        "sets": result.sets,
        "items": items,
    });
    let text = serde_json::to_vec_pretty(&content).map_err(|source| Error::Json {
        action: "write",
        path: path.clone(),
        source,
    })?;
    replace(&path, &path.with_extension("new"), &text)
}

fn read_group(payloads: &PayloadReader, location: Location) -> Result<Group, Error> {
    let payload = payloads.read(location)?;
    let wire = v1::Group::decode(payload.as_slice()).map_err(|source| Error::Payload { location, source })?;
    Group::try_from(wire).map_err(|source| Error::PayloadContent { location, source })
}

fn item(set: &str, group: Group) -> Item {
    let completion = |sample: &gradus_types::Sample| Completion {
        text: sample.completion.text.clone(),
        num_tokens: sample.completion.token_ids.len(),
        finish_reason: sample.completion.finish_reason,
        reward: sample.reward.total(),
        accuracy: sample.reward.component("accuracy"),
        components: match &sample.reward {
            gradus_types::Reward::Scored { components, .. } => {
                components.iter().map(|component| (component.name.clone(), component.value)).collect()
            }
            gradus_types::Reward::Unscored { .. } => BTreeMap::new(),
        },
    };
    Item {
        group_id: group.id.to_string(),
        set: set.to_owned(),
        question: question(&group.prompt),
        media: group.prompt.body.images().collect(),
        completions: group.samples.iter().map(completion).collect(),
        source: group.prompt.source,
        gold: group.prompt.reward.gold,
        options: group.prompt.reward.options,
    }
}

/// Returns the text of the last thing the user says.
fn question(prompt: &Prompt) -> String {
    let content: &[ContentPart] = match &prompt.body {
        PromptBody::Raw(content) => content,
        PromptBody::Chat(messages) => {
            let last = messages.iter().rev().find(|message| message.role == Role::User);
            last.map_or(&[], |message| &message.content)
        }
    };
    let text = |part: &ContentPart| match part {
        ContentPart::Text { text } => Some(text.clone()),
        ContentPart::Image { .. } => None,
    };
    content.iter().filter_map(text).collect::<Vec<_>>().join("\n")
}

/// Keeps pictures for people to look at. One that is gone from its prompt set is left out.
fn write_pictures(directory: &Path, hashes: &[MediaHash], media: &dyn MediaSource) -> Result<(), Error> {
    let pictures = directory.join("media");
    fs::create_dir_all(&pictures).map_err(Error::file("create", &pictures))?;
    for hash in hashes {
        let Ok(Some(encoded)) = media.media(*hash) else { continue };
        let path = pictures.join(format!("{hash}.{}", extension(&encoded)));
        if !path.exists() {
            fs::write(&path, encoded).map_err(Error::file("write", path))?;
        }
    }
    Ok(())
}

/// Tells a picture's format from its first bytes.
fn extension(encoded: &[u8]) -> &'static str {
    match encoded {
        [0x89, b'P', b'N', b'G', ..] => "png",
        [0xff, 0xd8, ..] => "jpg",
        [b'G', b'I', b'F', ..] => "gif",
        [b'B', b'M', ..] => "bmp",
        [b'R', b'I', b'F', b'F', ..] => "webp",
        _ => "bin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_named_after_their_format() {
        for (encoded, expected) in [(&b"\x89PNG\r\n"[..], "png"), (b"\xff\xd8\xff", "jpg"), (b"RIFFxxxxWEBP", "webp")] {
            assert_eq!(extension(encoded), expected);
        }
    }
}
