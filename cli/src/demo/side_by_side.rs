//! Held-out pictures with the answers before and after training.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use gradus_config::RunConfig;
use serde::Deserialize;

use super::picture;
use crate::{
    api::{EvaluationReport, RunReport},
    terminal::{is_terminal, say},
};

/// Pictures that are shown.
const NUM_PICTURES: usize = 3;
/// Columns of a picture on the terminal.
const COLUMNS: u32 = 28;

#[derive(Debug, Deserialize)]
struct Evaluation {
    items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
struct Item {
    group_id: String,
    question: String,
    media: Vec<String>,
    gold: Option<String>,
    completions: Vec<Completion>,
}

#[derive(Debug, Deserialize)]
struct Completion {
    text: String,
    accuracy: Option<f64>,
}

/// Prints pictures of the first and last evaluation side by side with their answers: first those that were learned.
pub fn show(config: &RunConfig, report: &RunReport) -> Result<()> {
    let [Some(first), Some(last)] = [report.evaluations.first(), report.evaluations.last()] else { return Ok(()) };
    let directory = &config.run.directory;
    let (before, after) = (read(directory, first)?, read(directory, last)?);
    let media = directory.join("evaluations/media");
    let mut pairs: Vec<(&Item, &Item)> = before.items.iter().filter_map(|item| pair(item, &after, &media)).collect();
    // A stable sort: the learned ones first, otherwise in order.
    pairs.sort_by_key(|(before, after)| is_right(before) || !is_right(after));
    for (before, after) in pairs.into_iter().take(NUM_PICTURES) {
        show_pair(before, after, &media)?;
    }
    Ok(())
}

fn read(directory: &Path, evaluation: &EvaluationReport) -> Result<Evaluation> {
    let path = directory.join(&evaluation.file);
    let text = fs::read_to_string(&path).with_context(|| format!("failed to read evaluation `{}`", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("failed to read evaluation `{}`", path.display()))
}

/// Finds an item's answers after training, where its picture was kept.
fn pair<'a>(item: &'a Item, after: &'a Evaluation, media: &Path) -> Option<(&'a Item, &'a Item)> {
    let picture = item.media.first()?;
    let place = place(&item.group_id);
    let other = after.items.iter().find(|other| self::place(&other.group_id) == place)?;
    media.join(format!("{picture}.png")).is_file().then_some((item, other))
}

/// Returns the part of a group id that is the same in every evaluation: `evaluate-3-77` is item 77.
fn place(group_id: &str) -> &str {
    group_id.rsplit('-').next().unwrap_or(group_id)
}

fn is_right(item: &Item) -> bool {
    item.completions.first().is_some_and(|completion| completion.accuracy == Some(1.0))
}

fn show_pair(before: &Item, after: &Item, media: &Path) -> Result<()> {
    let path = media.join(format!("{}.png", before.media[0]));
    let mut lines: Vec<String> = before.question.lines().map(str::to_owned).collect();
    lines.push(format!("right answer: {}", before.gold.as_deref().unwrap_or("unknown")));
    lines.push(String::new());
    for (label, item) in [("before", before), ("after ", after)] {
        let mark = if is_right(item) { "✔" } else { "✘" };
        let text = item.completions.first().map_or("", |completion| completion.text.trim());
        lines.push(format!("{label} {mark} {text}"));
    }
    if !is_terminal() {
        say(path.display());
        lines.iter().for_each(say);
        say("");
        return Ok(());
    }
    let picture = image::open(&path).with_context(|| format!("failed to open picture `{}`", path.display()))?;
    let rows = picture::render(&picture.to_rgb8(), COLUMNS);
    let blank = " ".repeat(COLUMNS as usize);
    for line in 0..rows.len().max(lines.len()) {
        let row = rows.get(line).map_or(blank.as_str(), String::as_str);
        say(format!("{row}   {}", lines.get(line).map_or("", String::as_str)));
    }
    say("");
    Ok(())
}
