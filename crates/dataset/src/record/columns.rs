//! Which columns hold what: the names of the run file, or else the usual ones.

use gradus_config::Columns;

use crate::quarantine::Reason;
use crate::value::Value;

const PROMPT: [&str; 6] = ["problem", "question", "prompt", "messages", "message", "conversations"];
const ANSWER: [&str; 4] = ["answer", "solution", "ground_truth", "reward_model.ground_truth"];
const IMAGES: [&str; 2] = ["images", "image"];
const TARGET: [&str; 2] = ["response", "target"];
const OTHERS: [&str; 7] = ["data_source", "datasource", "source", "rationale", "options", "choices", "difficulty"];
/// Columns of modalities that a prompt cannot carry yet.
const UNSUPPORTED: [(&str, &str); 4] =
    [("videos", "video"), ("video", "video"), ("audios", "audio"), ("audio", "audio")];

/// Lists the top-level columns that reading a record may touch, so that no other is decoded.
pub(crate) fn top_level_names(columns: &Columns) -> Vec<String> {
    let configured = [&columns.prompt, &columns.answer, &columns.images, &columns.target, &columns.source];
    let configured = configured.into_iter().flatten().flat_map(|name| [name.as_str(), head(name)]);
    let usual = PROMPT.iter().chain(&ANSWER).chain(&IMAGES).chain(&TARGET).chain(&OTHERS).map(|name| head(name));
    let unsupported = UNSUPPORTED.iter().map(|(name, _)| *name);
    configured.chain(usual).chain(unsupported).map(str::to_owned).collect()
}

fn head(name: &str) -> &str {
    name.split_once('.').map_or(name, |(head, _)| head)
}

/// Finds the question.
pub(super) fn prompt<'a>(record: &'a Value, names: &'a Columns) -> Result<(&'a str, &'a Value), Reason> {
    find(record, names.prompt.as_deref(), &PROMPT)
        .ok_or_else(|| Reason::NoPrompt { columns: looked_for(names.prompt.as_deref(), &PROMPT) })
}

/// Reads the reference answer, if there is one.
pub(super) fn answer(record: &Value, names: &Columns) -> Result<Option<String>, Reason> {
    let Some((column, mut value)) = find(record, names.answer.as_deref(), &ANSWER) else { return Ok(None) };
    if let [only] = value.elements() {
        value = only;
    }
    let answer = value.scalar(column)?.ok_or_else(|| Reason::AnswerShape { column: column.to_owned() })?;
    let answer = unwrapped(answer.trim());
    match answer.is_empty() {
        true => Err(Reason::EmptyAnswer { column: column.to_owned() }),
        false => Ok(Some(answer.to_owned())),
    }
}

/// Names the columns an answer is looked for in.
pub(crate) fn answer_columns(names: &Columns) -> String {
    looked_for(names.answer.as_deref(), &ANSWER)
}

/// Takes the answer out of the tags that some sets store it with.
fn unwrapped(answer: &str) -> &str {
    let inner = answer.strip_prefix("<answer>").and_then(|rest| rest.strip_suffix("</answer>"));
    inner.map_or(answer, str::trim)
}

/// Lists the pictures.
pub(super) fn images<'a>(record: &'a Value, names: &Columns) -> &'a [Value] {
    find(record, names.images.as_deref(), &IMAGES).map_or(&[], |(_, value)| value.elements())
}

/// Reads the text to imitate, if a column holds one.
pub(super) fn target(record: &Value, names: &Columns) -> Result<Option<String>, Reason> {
    text(record, names.target.as_deref(), &TARGET)
}

/// Reads a text that is there and not blank.
pub(super) fn text(record: &Value, name: Option<&str>, usual: &[&str]) -> Result<Option<String>, Reason> {
    let Some((column, value)) = find(record, name, usual) else { return Ok(None) };
    Ok(value.scalar(column)?.filter(|text| !text.trim().is_empty()))
}

/// Reads the texts of the options of a multiple-choice question; a column of another shape is not one.
pub(super) fn options(record: &Value) -> Result<Vec<String>, Reason> {
    let Some((column, value)) = find(record, None, &["options", "choices"]) else { return Ok(Vec::new()) };
    Ok(value.scalars(column)?.unwrap_or_default())
}

/// Reads a difficulty from 0 to 1; other scales are not comparable and left out.
pub(super) fn difficulty(record: &Value) -> Option<f64> {
    let Value::Number(number) = record.at("difficulty")? else { return None };
    number.parse().ok().filter(|difficulty| (0.0..=1.0).contains(difficulty))
}

/// Refuses records with media that a prompt cannot carry.
pub(super) fn refuse_unsupported_media(record: &Value) -> Result<(), Reason> {
    let found = UNSUPPORTED.iter().find(|(name, _)| record.at(name).is_some_and(|value| !value.elements().is_empty()));
    match found {
        Some((column, modality)) => {
            Err(Reason::UnsupportedMedia { column: (*column).to_owned(), modality: (*modality).to_owned() })
        }
        None => Ok(()),
    }
}

/// Finds the configured column, or the first of the usual ones that is there.
fn find<'a, 'n>(record: &'a Value, configured: Option<&'n str>, usual: &[&'n str]) -> Option<(&'n str, &'a Value)> {
    match configured {
        Some(name) => record.at(name).map(|value| (name, value)),
        None => usual.iter().find_map(|name| record.at(name).map(|value| (*name, value))),
    }
}

fn looked_for(configured: Option<&str>, usual: &[&str]) -> String {
    let names: Vec<String> = match configured {
        Some(name) => vec![format!("`{name}`")],
        None => usual.iter().map(|name| format!("`{name}`")).collect(),
    };
    names.join(", ")
}
