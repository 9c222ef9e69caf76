//! From a record of any known form to a question, its pictures, its answer and its target.

mod columns;
mod conversation;
mod picture;

use gradus_config::Columns;
use gradus_types::Role;

use crate::quarantine::Reason;
use crate::value::Value;

pub(crate) use self::columns::{answer_columns, top_level_names};
pub(crate) use self::conversation::{PLACEHOLDER, Part, Turn};
pub(crate) use self::picture::{Failure, PictureReader};

/// What a record says, with its pictures still as values.
#[derive(Debug)]
pub(crate) struct Draft {
    /// The turns up to the question; every [`Part::Image`] has its value.
    pub turns: Vec<Turn>,
    pub gold: Option<String>,
    pub target: Option<String>,
    pub rationale: Option<String>,
    pub source: Option<String>,
    pub options: Vec<String>,
    pub difficulty: Option<f64>,
}

impl Draft {
    /// Counts the pictures of all turns.
    pub fn num_images(&self) -> usize {
        let parts = self.turns.iter().flat_map(|turn| &turn.parts);
        parts.filter(|part| matches!(part, Part::Image(_))).count()
    }

    /// Reads a record.
    pub fn read(record: &Value, names: &Columns) -> Result<Self, Reason> {
        if !matches!(record, Value::Record(_)) {
            return Err(Reason::NotAnObject);
        }
        columns::refuse_unsupported_media(record)?;
        let (column, prompt) = columns::prompt(record, names)?;
        let mut turns = conversation::read(prompt, column)?;
        let last_words = take_last_assistant_turn(&mut turns);
        if turns.last().is_none_or(|turn| turn.role != Role::User) {
            let message = "the last turn before the answer is not the user's".to_owned();
            return Err(Reason::Conversation { column: column.to_owned(), message });
        }
        conversation::bind_images(&mut turns, columns::images(record, names))?;
        if turns.iter().all(|turn| turn.role == Role::System || turn.is_blank()) {
            return Err(Reason::EmptyPrompt);
        }
        Ok(Self {
            turns,
            gold: columns::answer(record, names)?,
            target: columns::target(record, names)?.or(last_words),
            rationale: columns::text(record, None, &["rationale"])?,
            source: columns::text(record, names.source.as_deref(), &["data_source", "datasource", "source"])?,
            options: columns::options(record)?,
            difficulty: columns::difficulty(record),
        })
    }
}

fn take_last_assistant_turn(turns: &mut Vec<Turn>) -> Option<String> {
    turns.pop_if(|turn| turn.role == Role::Assistant).map(|turn| turn.text())
}
