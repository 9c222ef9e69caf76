//! A prompt as people write it in a line of JSON: `messages` or `prompt`, with `images`.
//!
//! Messages have the form of chat APIs: content is a text, or a list of `{"type": "text", "text": …}` and `{"type":
//! "image"}` items. A picture's path stands in its item (`image`, `path` or `url`) or in the line's list `images`, whose
//! entries go to the items without one and to the markers (`<image>`) in user texts, in reading order. Without either they are
//! shown before the first user text. A raw prompt may hold markers, or the model's own placeholders.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, bail, ensure};
use gradus_processor::ImageMarkers;
use gradus_types::{ContentPart, MediaHash, Message, PromptBody, Role};
use serde::Deserialize;

/// The prompt of a line, as written. Other keys are ignored.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct PromptLine {
    messages: Option<Vec<MessageLine>>,
    prompt: Option<String>,
    #[serde(default)]
    images: Vec<PathBuf>,
}

#[derive(Clone, Debug, Deserialize)]
struct MessageLine {
    role: Role,
    content: ContentLine,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum ContentLine {
    Text(String),
    Items(Vec<Item>),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Item {
    Text {
        text: String,
    },
    Image {
        #[serde(alias = "path", alias = "url")]
        image: Option<PathBuf>,
    },
}

/// Encoded pictures by their hash.
pub type Pictures = HashMap<MediaHash, Arc<[u8]>>;

/// How the pictures of a line are found and placed.
#[derive(Clone, Debug)]
pub struct PictureRule {
    /// Where relative paths start, unless they exist from the working directory.
    pub directory: PathBuf,
    /// Where the line's list of pictures goes.
    pub markers: ImageMarkers,
    /// One picture as the model's own prompts spell it.
    pub spelled: Option<String>,
}

impl PromptLine {
    /// Tells whether the line has a prompt at all.
    pub fn is_present(&self) -> bool {
        self.messages.is_some() || self.prompt.is_some()
    }

    /// Reads the pictures of the line's own list, in order.
    pub fn read_images(&self, rule: &PictureRule) -> Result<(Vec<MediaHash>, Pictures)> {
        let mut pictures = Pictures::new();
        let hashes = self.images.iter().map(|path| rule.read(path, &mut pictures)).collect::<Result<_>>()?;
        Ok((hashes, pictures))
    }

    /// Reads the pictures and puts them in their places.
    pub fn resolve(self, rule: &PictureRule) -> Result<(PromptBody, Pictures)> {
        let (hashes, mut pictures) = self.read_images(rule)?;
        let body = match (self.messages, self.prompt) {
            (Some(messages), None) => {
                ensure!(!messages.is_empty(), "`messages` is empty; give at least one");
                let messages = messages.into_iter().map(|message| message.resolve(rule, &mut pictures));
                PromptBody::Chat(rule.markers.place(messages.collect::<Result<_>>()?, &hashes)?)
            }
            (None, Some(prompt)) => PromptBody::Raw(rule.markers_of(&prompt).place_in_text(&prompt, &hashes)?),
            (Some(_), Some(_)) => bail!("the line has both `messages` and `prompt`; give one of them"),
            (None, None) => bail!("the line has neither `messages` nor `prompt`; give one of them"),
        };
        Ok((body, pictures))
    }
}

impl MessageLine {
    fn resolve(self, rule: &PictureRule, pictures: &mut Pictures) -> Result<Message> {
        let items = match self.content {
            ContentLine::Text(text) => vec![Item::Text { text }],
            ContentLine::Items(items) => items,
        };
        let mut content = Vec::with_capacity(items.len());
        for item in items {
            content.push(match item {
                Item::Text { text } => ContentPart::Text { text },
                Item::Image { image: Some(path) } => ContentPart::Image { hash: rule.read(&path, pictures)? },
                Item::Image { image: None } => ContentPart::Text { text: rule.markers.marker.clone() },
            });
        }
        Ok(Message { role: self.role, content })
    }
}

impl PictureRule {
    /// A raw prompt that spells pictures as the model does has its pictures there.
    fn markers_of(&self, prompt: &str) -> ImageMarkers {
        match &self.spelled {
            Some(spelled) if prompt.contains(spelled) => {
                ImageMarkers { marker: spelled.clone(), unmarked: self.markers.unmarked }
            }
            _ => self.markers.clone(),
        }
    }

    fn read(&self, path: &Path, pictures: &mut Pictures) -> Result<MediaHash> {
        let beside = self.directory.join(path);
        let found = if beside.exists() { beside.as_path() } else { path };
        let encoded = fs::read(found).with_context(|| format!("failed to read picture `{}`", path.display()))?;
        let hash = MediaHash::of(&encoded);
        pictures.insert(hash, encoded.into());
        Ok(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Resolves a line beside two files, `a` and `b`, and describes what came out.
    fn resolve(line: &str) -> Result<String> {
        let directory = tempfile::tempdir().unwrap();
        for name in ["a", "b"] {
            fs::write(directory.path().join(name), name).unwrap();
        }
        let rule = PictureRule {
            directory: directory.path().to_owned(),
            markers: ImageMarkers::default(),
            spelled: Some("<start><pad><end>".to_owned()),
        };
        let (body, pictures) = serde_json::from_str::<PromptLine>(line)?.resolve(&rule)?;
        let part = |part: &ContentPart| match part {
            ContentPart::Text { text } => text.clone(),
            ContentPart::Image { hash } => format!("[{}]", String::from_utf8_lossy(&pictures[hash])),
        };
        Ok(match &body {
            PromptBody::Raw(content) => content.iter().map(part).collect(),
            PromptBody::Chat(messages) => {
                let turn = |message: &Message| message.content.iter().map(part).collect::<String>();
                messages.iter().map(turn).collect::<Vec<_>>().join("|")
            }
        })
    }

    fn check(line: &str, expected: &str) {
        assert_eq!(resolve(line).unwrap(), expected, "{line}");
    }

    #[test]
    fn pictures_go_to_items_and_markers_in_reading_order() {
        check(r#"{"messages": [{"role": "user", "content": "x <image> y"}], "images": ["a"]}"#, "x [a] y");
        check(r#"{"messages": [{"role": "user", "content": "x"}], "images": ["a", "b"]}"#, "[a][b]x");
        let items = r#"[{"type": "image", "path": "b"}, {"type": "text", "text": "x"}, {"type": "image"}]"#;
        check(&format!(r#"{{"messages": [{{"role": "user", "content": {items}}}], "images": ["a"]}}"#), "[b]x[a]");
        check(r#"{"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]}"#, "s|u");
    }

    #[test]
    fn a_raw_prompt_may_spell_pictures_as_the_model_does() {
        check(r#"{"prompt": "x <image>", "images": ["a"]}"#, "x [a]");
        check(r#"{"prompt": "x <start><pad><end> <image>", "images": ["a"]}"#, "x [a] <image>");
    }

    #[test]
    fn a_bad_line_says_what_is_wrong() {
        let complaint = |line| format!("{:#}", resolve(line).unwrap_err());
        assert!(complaint("{}").contains("neither `messages` nor `prompt`"));
        assert!(complaint(r#"{"prompt": "x", "messages": []}"#).contains("both"));
        assert!(complaint(r#"{"prompt": "x", "images": ["none.png"]}"#).contains("`none.png`"));
        assert!(complaint(r#"{"prompt": "<image>"}"#).contains("1 markers"));
        assert!(complaint(r#"{"messages": [{"role": "tool", "content": "x"}]}"#).contains("tool"));
    }
}
