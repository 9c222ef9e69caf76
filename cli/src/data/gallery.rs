//! Prompts as files for people: JSONL that can be read back as a data set, the pictures, and a page that shows them.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};
use gradus_dataset::MediaStore;
use gradus_types::{ContentPart, Message, Prompt, PromptBody, Role};
use serde::Serialize;

/// One line of `samples.jsonl`, in the columns that data files are read by.
#[derive(Debug, Serialize)]
struct Line<'a> {
    messages: Vec<Turn>,
    images: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    options: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    difficulty: Option<f64>,
    data_source: &'a str,
}

#[derive(Debug, Serialize)]
struct Turn {
    role: &'static str,
    content: String,
}

const HEAD: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Samples</title>\n<style>\n\
    body { font: 14px/1.4 system-ui, sans-serif; margin: 1rem; display: grid; gap: 1rem;\n\
    grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); }\n\
    article { border: 1px solid #ccc; border-radius: 6px; padding: .75rem; overflow-wrap: anywhere; }\n\
    img { width: 168px; max-width: 100%; image-rendering: pixelated; border: 1px solid #eee; display: block; }\n\
    p { white-space: pre-wrap; margin: .5rem 0; }\n\
    small { color: #666; }\n\
    </style>\n";

/// Writes `samples.jsonl`, `images/` and `index.html` into a directory that has an empty `images/`.
pub(super) fn write(directory: &Path, prompts: &[Prompt], media: &MediaStore) -> Result<()> {
    let (mut lines, mut page) = (String::new(), HEAD.to_owned());
    for (index, prompt) in prompts.iter().enumerate() {
        let images = write_images(directory, index, prompt, media)?;
        let line = line(prompt, images);
        lines.push_str(&serde_json::to_string(&line).context("failed to encode a prompt as JSON")?);
        lines.push('\n');
        page.push_str(&article(index, &line));
    }
    for (name, content) in [("samples.jsonl", lines), ("index.html", page)] {
        let path = directory.join(name);
        std::fs::write(&path, content).with_context(|| format!("failed to write `{}`", path.display()))?;
    }
    Ok(())
}

/// Writes the encoded pictures as they are, named by prompt and position, and returns their relative paths.
fn write_images(directory: &Path, index: usize, prompt: &Prompt, media: &MediaStore) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for (position, hash) in prompt.body.images().enumerate() {
        let encoded = media.get(hash)?;
        let name = format!("images/{index:05}-{position}.{}", extension(&encoded));
        let path = directory.join(&name);
        std::fs::write(&path, encoded).with_context(|| format!("failed to write `{}`", path.display()))?;
        names.push(name);
    }
    Ok(names)
}

/// Names the format by the first bytes of the file.
fn extension(encoded: &[u8]) -> &'static str {
    match encoded {
        [0x89, b'P', b'N', b'G', ..] => "png",
        [0xFF, 0xD8, ..] => "jpg",
        [b'G', b'I', b'F', ..] => "gif",
        [b'R', b'I', b'F', b'F', ..] => "webp",
        _ => "bmp",
    }
}

fn line(prompt: &Prompt, images: Vec<String>) -> Line<'_> {
    let turn = |message: &Message| Turn { role: message.role.as_str(), content: text(&message.content) };
    let messages = match &prompt.body {
        PromptBody::Chat(messages) => messages.iter().map(turn).collect(),
        PromptBody::Raw(content) => vec![Turn { role: Role::User.as_str(), content: text(content) }],
    };
    Line {
        messages,
        images,
        answer: prompt.reward.gold.as_deref(),
        response: prompt.target.as_deref(),
        options: &prompt.reward.options,
        difficulty: prompt.difficulty,
        data_source: &prompt.source,
    }
}

fn text(content: &[ContentPart]) -> String {
    let piece = |part: &ContentPart| match part {
        ContentPart::Text { text } => text.clone(),
        ContentPart::Image { .. } => "<image>".to_owned(),
    };
    content.iter().map(piece).collect()
}

fn article(index: usize, line: &Line<'_>) -> String {
    let mut article = format!("<article>\n<small>{index} · {}", escaped(line.data_source));
    if let Some(difficulty) = line.difficulty {
        let _ = write!(article, " · difficulty {difficulty:.2}");
    }
    article.push_str("</small>\n");
    for image in &line.images {
        let _ = writeln!(article, "<img src=\"{image}\" alt=\"\">");
    }
    for turn in &line.messages {
        let _ = writeln!(article, "<p>{}</p>", escaped(&turn.content.replace("<image>", "")));
    }
    if let Some(answer) = line.answer {
        let _ = writeln!(article, "<p><b>{}</b></p>", escaped(answer));
    }
    if let Some(response) = line.response {
        let _ = writeln!(article, "<p><small>{}</small></p>", escaped(response));
    }
    article + "</article>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
