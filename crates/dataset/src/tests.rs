//! Tests over whole sets: every record form, every quarantine reason, and serving.

mod forms;
mod parquet_fixture;
mod parquet_forms;
mod quarantine_reasons;
mod serving;

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gradus_config::{Columns, Data, DataSource, FileSource, PromptFormat};
use gradus_types::{ContentPart, MediaHash, Prompt, PromptBody};
use image::{ImageFormat, Rgb, RgbImage};

use crate::{Error, MediaStore, Needs, OpenOptions, PromptSet};

/// A directory with pictures and data files, opened as a set.
struct Fixture {
    directory: tempfile::TempDir,
    media: Arc<MediaStore>,
}

impl Fixture {
    fn new() -> Self {
        let fixture = Self { directory: tempfile::tempdir().unwrap(), media: Arc::default() };
        fixture.write("red.png", &picture([255, 0, 0]));
        fixture.write("blue.png", &picture([0, 0, 255]));
        fixture
    }

    fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    fn data(&self, path: &Path) -> Data {
        let source = FileSource {
            paths: vec![path.to_owned()],
            image_directory: None,
            columns: Columns::default(),
            max_image_pixels: 16_000_000,
            max_records: None,
            shuffle: false,
        };
        Data { source: DataSource::Files(source), prompt: PromptFormat::default() }
    }

    fn options(&self, needs: Needs) -> OpenOptions {
        OpenOptions { name: "train".to_owned(), seed: 7, needs, media: Arc::clone(&self.media) }
    }

    /// Opens JSONL lines with every key at its default.
    fn open(&self, lines: &[&str]) -> Result<PromptSet, Error> {
        let path = self.write("set.jsonl", lines.join("\n").as_bytes());
        PromptSet::open(&self.data(&path), &self.options(Needs::Either))
    }

    /// Opens one JSONL line and returns its prompt.
    fn prompt(&self, line: &str) -> Prompt {
        self.open(&[line]).unwrap().item(0).unwrap().unwrap()
    }
}

/// A small PNG of one colour.
fn picture(colour: [u8; 3]) -> Vec<u8> {
    encoded(8, 6, colour, ImageFormat::Png)
}

fn encoded(width: u32, height: u32, colour: [u8; 3], format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    RgbImage::from_pixel(width, height, Rgb(colour)).write_to(&mut file, format).unwrap();
    file.into_inner()
}

fn red() -> MediaHash {
    MediaHash::of(&picture([255, 0, 0]))
}

fn blue() -> MediaHash {
    MediaHash::of(&picture([0, 0, 255]))
}

/// Writes a prompt's turns as text, with `[red]` and `[blue]` for the pictures.
fn shown(prompt: &Prompt) -> String {
    let PromptBody::Chat(messages) = &prompt.body else { panic!("a chat: {prompt:?}") };
    let part = |part: &ContentPart| match part {
        ContentPart::Text { text } => text.clone(),
        ContentPart::Image { hash } if *hash == red() => "[red]".to_owned(),
        ContentPart::Image { hash } if *hash == blue() => "[blue]".to_owned(),
        ContentPart::Image { hash } => format!("[{hash}]"),
    };
    let turns = messages
        .iter()
        .map(|message| format!("{}: {}", message.role.as_str(), message.content.iter().map(part).collect::<String>()));
    turns.collect::<Vec<_>>().join(" | ")
}
